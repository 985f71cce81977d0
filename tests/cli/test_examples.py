"""The folders of examples/, used as their pages say."""
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


@pytest.fixture
def custom_op(tmp_path):
    """A copy of examples/custom-op in which the commands of its page were run; gives the last one's words."""
    page = (EXAMPLES / "custom-op" / "README.md").read_text()
    for file in (EXAMPLES / "custom-op").iterdir():
        shutil.copy(file, tmp_path)
    commands = [shlex.split(line.replace("../../build/flowport", FLOWPORT).replace("../..", str(ROOT))) for line in re.findall(r"^    (.+)$", page, re.M)]
    for command in commands:
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return commands[-1]


def test_custom_op(custom_op, tmp_path):
    session = onnxruntime.InferenceSession(str(tmp_path / "cube.onnx"), providers=["CPUExecutionProvider"])
    x = np.linspace(-2, 2, 8, dtype=np.float32).reshape(2, 4)
    np.testing.assert_allclose(session.run(["y:0"], {"x": x})[0], x**3 / 2, rtol=1e-6)


def test_custom_op_without_plugin_and_mapping(flowport, custom_op):
    bare = [part for part in custom_op[1:] if part not in ("--plugin", "./flowport_cube.so", "--config", "halve.yaml")]
    done = flowport(*[part.replace("cube.onnx", "bare.onnx") for part in bare])
    assert done.returncode == 3
    assert "Cube (1 node)" in done.stderr and "Halve (1 node)" in done.stderr


def test_plugin_and_mapping_are_as_short_as_the_readme_says():
    assert len((EXAMPLES / "custom-op" / "cube.cpp").read_text().splitlines()) <= 20
    assert len((EXAMPLES / "custom-op" / "halve.yaml").read_text().splitlines()) == 3


def test_digits(flowport, digits, tmp_path):
    assert flowport("convert", digits, "-o", "digits.onnx").returncode == 0
    done = subprocess.run([sys.executable, EXAMPLES / "digits" / "compare.py", tmp_path / "digits.onnx"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
