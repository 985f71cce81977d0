"""Commands, options, help, exit status 1 and 5."""
import json
import re

import pytest

from graphs import FLOAT, node, placeholder

COMMANDS = ["convert", "inspect", "check", "ops", "explain", "plugin", "target", "config"]


def test_help_lists_every_command(flowport):
    done = flowport("--help")
    assert done.returncode == 0
    assert [c for c in COMMANDS if not re.search(rf"^  {c} ", done.stdout, re.M)] == []


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(flowport, command):
    done = flowport(command, "--help")
    assert done.returncode == 0
    assert done.stdout.startswith(f"usage: flowport {command}")


def test_version_tells_abi_onnx_opsets_and_plugins(flowport):
    done = flowport("--version")
    assert done.returncode == 0
    for text in ("flowport ", "plugin ABI 1.", "onnx 1.", "opsets 13 to 28 (default 21)", "org.flowport.nn"):
        assert text in done.stdout


def test_nothing_to_do(flowport):
    assert flowport().returncode == 1


def test_unknown_command_is_met_with_a_near_one(flowport):
    done = flowport("convrt")
    assert done.returncode == 1
    assert "convert" in done.stderr


def test_unknown_option_is_met_with_a_near_one(flowport, digits):
    done = flowport("convert", digits, "-o", "out.onnx", "--opsett", 18)
    assert done.returncode == 1
    assert "--opset" in done.stderr


@pytest.mark.parametrize("arguments, text", [
    (["convert"], "model"),
    (["convert", "m"], "-o"),
    (["convert", "m", "-o", "x.onnx", "--external-data", "often"], "often"),
    (["convert", "m", "-o", "x.onnx", "--shape", "x"], "--shape"),
    (["convert", "m", "-o", "x.onnx", "--shape", "x=-1,2"], "name"),
    (["convert", "m", "extra", "-o", "x.onnx"], "too many"),
    (["plugin", "lists"], "list"),
    (["target", "shew"], "show"),
])
def test_wrong_usage(flowport, arguments, text):
    done = flowport(*arguments)
    assert done.returncode == 1
    assert text in done.stderr


def test_unknown_opset(flowport, digits, tmp_path):
    done = flowport("convert", digits, "-o", "out.onnx", "--opset", 12)
    assert done.returncode in (1, 5)
    assert "onnx-13" in done.stderr
    assert not (tmp_path / "out.onnx").exists()


def test_two_tellings_of_the_opset(flowport, digits):
    done = flowport("convert", digits, "-o", "out.onnx", "--opset", 18, "--target", "onnx-17")
    assert done.returncode == 1
    assert "17" in done.stderr and "18" in done.stderr


def test_ops_explain_target(flowport):
    assert re.search(r"^Conv2D +opset .*org.flowport.nn", flowport("ops").stdout, re.M)
    explained = flowport("explain", "BatchToSpaceND").stdout
    assert explained.index("org.flowport.nn") < explained.index("org.flowport.tensor")
    assert flowport("explain", "Conv2").returncode == 3


def test_what_the_core_runs_is_listed_and_explained(flowport):
    ops = flowport("ops").stdout
    assert "\nTensorListStack " in ops and "\nWhile " in ops and "SymbolicGradient" not in ops
    assert "+ core" in flowport("explain", "While").stdout
    for op, why in (("TensorArrayGradV3", "the gradient of a TensorArray"), ("AssignVariableOp", "no variables to write")):
        refused = flowport("explain", op)
        assert refused.returncode == 3 and why in refused.stderr
    assert "onnx-28" in flowport("target", "list").stdout
    assert "IR      8" in flowport("target", "show", "--opset", 17).stdout


def test_plugin_that_is_missing(flowport, digits):
    done = flowport("convert", digits, "-o", "out.onnx", "--plugin", "none.so")
    assert done.returncode == 5
    assert "none.so" in done.stderr


def test_config_with_a_mistake_has_its_place(flowport, digits, tmp_path):
    (tmp_path / "c.yaml").write_text("flowport: 1\nop:\n  Relu: Relu\n")
    done = flowport("convert", digits, "-o", "out.onnx", "--config", "c.yaml")
    assert done.returncode == 5
    assert "c.yaml:2:1" in done.stderr and "ops" in done.stderr


def test_inspect_gives_flags_that_can_be_pasted(flowport, digits, tmp_path):
    done = flowport("inspect", digits)
    assert done.returncode == 0
    assert "serving_default" in done.stdout and "image: float32[?,8,8,1]" in done.stdout
    (tmp_path / "g.pbtxt").write_text(placeholder() + node("y", "Relu", "x", T=FLOAT))
    flags = re.search(r"--inputs \S+ --outputs \S+", flowport("inspect", "g.pbtxt").stdout).group().split()
    assert flowport("convert", "g.pbtxt", "-o", "out.onnx", *flags).returncode == 0


def test_check_writes_nothing(flowport, digits, tmp_path):
    done = flowport("check", digits)
    assert done.returncode == 0 and "OK" in done.stdout
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "g.pbtxt").write_text(placeholder() + node("y", "NoSuchOp", "x"))
    assert flowport("check", "g.pbtxt", "--outputs", "y:0").returncode == 3


def test_report(flowport, digits, tmp_path):
    assert flowport("convert", digits, "-o", "out.onnx", "--report", "r.json").returncode == 0
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["model"]["signature"] == "serving_default"
    assert report["target"]["opsets"] == {"": 21} or report["target"]["opsets"]["ai.onnx"] == 21
    assert any(h["op"] == "Conv2D" and "org.flowport.nn" in h["handler"] for h in report["conversion"]["handlers"])
    (tmp_path / "g.pbtxt").write_text(placeholder() + node("y", "NoSuchOp", "x"))
    assert flowport("convert", "g.pbtxt", "--outputs", "y:0", "-o", "no.onnx", "--report", "r.json").returncode == 3
    assert json.loads((tmp_path / "r.json").read_text())["unsupported"][0]["op"] == "NoSuchOp"


def test_same_input_same_bytes(flowport, digits, tmp_path):
    for name in ("a.onnx", "b.onnx"):
        assert flowport("convert", digits, "-o", name).returncode == 0
    assert (tmp_path / "a.onnx").read_bytes() == (tmp_path / "b.onnx").read_bytes()


def test_provenance_can_be_left_out(flowport, digits, tmp_path):
    flowport("convert", digits, "-o", "with.onnx")
    flowport("convert", digits, "-o", "without.onnx", "--no-provenance")
    assert b"flowport.tf_node" in (tmp_path / "with.onnx").read_bytes()
    assert b"flowport.tf_node" not in (tmp_path / "without.onnx").read_bytes()


def test_external_data(flowport, digits, tmp_path):
    assert flowport("convert", digits, "-o", "out.onnx", "--external-data", "always").returncode == 0
    assert (tmp_path / "out.onnx.data").stat().st_size > 0
