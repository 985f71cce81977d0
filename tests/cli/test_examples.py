"""The folders of examples/, used as their pages say."""
import json
import re
import shlex
import shutil
import subprocess
import sys

import numpy as np
import onnxruntime
import pytest

from conftest import FLOWPORT, ROOT

EXAMPLES = ROOT / "examples"


def commands_of(page):
    """The commands of examples/custom-op/README.md, as lists; what the page shows of their output is left out."""
    lines = re.findall(r"^    (\S.*)$", page, re.M)
    return [shlex.split(line) for line in lines if not line.startswith("To run ")]


@pytest.fixture(scope="module")
def custom_op(tmp_path_factory):
    """A copy of examples/custom-op in which the commands of its page were run, in order; gives the folder, what each program
    said, and the command for the model without kernels. Commands of cargo, and those that need what it builds, are left out
    where there is none."""
    folder = tmp_path_factory.mktemp("custom-op")
    made = shutil.ignore_patterns("*.so", "*.onnx", "*.npz", "saved_model", "target", "Cargo.lock", "__pycache__")
    shutil.copytree(EXAMPLES / "custom-op", folder, ignore=made, dirs_exist_ok=True)
    words = {"../../build/flowport": FLOWPORT, "../../sdk/include": str(ROOT / "sdk" / "include"), "python3": sys.executable}
    said, bare = {}, None
    for command in commands_of((folder / "README.md").read_text()):
        if shutil.which("cargo") is None and any("cargo" in word or "target/" in word for word in command):
            continue
        command = [words.get(word, word) for word in command]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=500, check=False)
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        said[command[-1]] = done.stdout
        if "graph.pbtxt" in command:
            bare = command
    return folder, said, bare


def test_custom_op(custom_op):
    folder, _, _ = custom_op
    session = onnxruntime.InferenceSession(str(folder / "cube.onnx"), providers=["CPUExecutionProvider"])
    x = np.linspace(-2, 2, 8, dtype=np.float32).reshape(2, 4)
    np.testing.assert_allclose(session.run(["y:0"], {"x": x})[0], x**3 / 2, rtol=1e-6)


def test_custom_op_without_plugin_and_mapping(flowport, custom_op):
    folder, _, command = custom_op
    bare = [part for part in command[1:] if part not in ("--plugin", "./flowport_cube.so", "--config", "halve.yaml")]
    done = flowport(*[part.replace("cube.onnx", "bare.onnx") for part in bare], cwd=folder)
    assert done.returncode == 3
    assert "Cube (1 node)" in done.stderr and "Halve (1 node)" in done.stderr


def test_custom_op_with_a_kernel_of_its_own(custom_op):
    """Numbers of TensorFlow's kernels: Cube by ONNX ops from the plugin in C, Collatz by the op of a custom domain."""
    _, said, _ = custom_op
    assert said["collatz.onnx"].endswith("equal to TensorFlow in onnx.reference\n")
    if "target/release/libcollatz.so" not in said:
        pytest.skip("no cargo: the library of kernels for ONNX Runtime was not built")
    assert said["target/release/libcollatz.so"].endswith("equal to TensorFlow in ONNX Runtime\n")


def test_custom_op_tells_what_the_run_time_needs(flowport, custom_op):
    folder, _, _ = custom_op
    done = flowport("convert", "saved_model", "--plugin", "./flowport_cube_c.so", "--config", "collatz.yaml", "-o", "again.onnx",
                    "--report", "report.json", cwd=folder)
    page = (folder / "README.md").read_text()
    shown = re.search(r"^    (To run .*\n(?:     .+\n)+)", page, re.M).group(1)
    assert re.sub(r"^    ", "", shown, flags=re.M) in done.stdout
    assert json.loads((folder / "report.json").read_text())["conversion"]["runtime_needs"] == [{
        "domain": "com.example", "version": 1, "op": "Collatz", "library": "libcollatz.so",
        "registration": 'SessionOptions.register_custom_ops_library("libcollatz.so")'}]


def test_standard_ops_need_nothing(flowport, digits, tmp_path):
    done = flowport("convert", digits, "-o", "digits.onnx", "--report", "report.json")
    assert "To run" not in done.stdout
    assert json.loads((tmp_path / "report.json").read_text())["conversion"]["runtime_needs"] == []


def test_plugin_and_mapping_are_as_short_as_the_readme_says():
    assert len((EXAMPLES / "custom-op" / "cube.cpp").read_text().splitlines()) <= 20
    assert len((EXAMPLES / "custom-op" / "halve.yaml").read_text().splitlines()) == 3


def test_digits(flowport, digits, tmp_path):
    assert flowport("convert", digits, "-o", "digits.onnx").returncode == 0
    done = subprocess.run([sys.executable, EXAMPLES / "digits" / "compare.py", tmp_path / "digits.onnx"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
