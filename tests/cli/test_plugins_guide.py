"""docs/plugins.md: its plugins are built, its fragments compiled, and its commands run, in the order of the page."""
import os
import pathlib
import re
import shutil
import subprocess

import numpy as np
import onnxruntime
import pytest

from conftest import FLOWPORT, ROOT

BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", (ROOT / "docs" / "plugins.md").read_text(), re.M | re.S)
NAME = re.compile(r"^(?://|#|/\*) (\w+\.\w+)")
COMMANDS = [text for language, text in BLOCKS if language == "sh"]
FILES = {match[1]: text for language, text in BLOCKS if language != "sh" and (match := NAME.match(text))}
FRAGMENTS = [text for language, text in BLOCKS if language == "cpp" and not NAME.match(text)]
WARNINGS = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
WARNINGS += ["-Wno-missing-field-initializers", "-Wno-unused-function", "-Wno-unused-const-variable", "-Wno-unused-variable"]
SDK = f"""Name: flowport-sdk
Description: the headers of the source tree
Version: 1
sdkdir={ROOT}/sdk
Cflags: -std=c++20 -I{ROOT}/sdk/include
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The reader's folder, after every command of the page."""
    folder = tmp_path_factory.mktemp("guide")
    for name, text in FILES.items():
        (folder / name).write_text(text)
    (folder / "flowport-sdk.pc").write_text(SDK)
    (folder / "home").mkdir(mode=0o700)
    environment = {name: value for name, value in os.environ.items() if name not in ("XDG_DATA_HOME", "FLOWPORT_PLUGIN_PATH")}
    environment |= {
        "HOME": str(folder / "home"),
        "PATH": f"{pathlib.Path(FLOWPORT).resolve().parent}:{environment['PATH']}",
        "PKG_CONFIG_PATH": str(folder),
    }
    for commands in COMMANDS:
        done = subprocess.run(["sh", "-ec", commands], cwd=folder, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{commands}\n{done.stdout}{done.stderr}"
    return folder


def test_commands(folder):
    x = np.linspace(-2, 2, 8, dtype=np.float32).reshape(2, 4)
    session = onnxruntime.InferenceSession(str(folder / "cube.onnx"), providers=["CPUExecutionProvider"])
    np.testing.assert_allclose(session.run(["y:0"], {session.get_inputs()[0].name: x})[0], x**3, rtol=1e-6)
    assert "flowport_cube.so" in (folder / "steps.txt").read_text()
    assert "com.example.cube" in (folder / "plugins.lock").read_text()


@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_fragments_compile(tmp_path, compiler):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} here")
    source = tmp_path / "fragments.cpp"
    includes = "#include <flowport/complex.hpp>\n#include <flowport/plugin.hpp>\n"
    source.write_text(includes + "namespace {\nusing namespace flowport;\n" + "\n".join(FRAGMENTS) + "}\n")
    command = [compiler, "-std=c++20", "-fsyntax-only", *WARNINGS, f"-I{ROOT}/sdk/include", source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_the_page_has_what_is_tested():
    assert {"cube.cpp", "cube_test.cpp", "square.c", "graph.pbtxt"} <= FILES.keys()
    assert len(FRAGMENTS) >= 9 and len(COMMANDS) >= 6
