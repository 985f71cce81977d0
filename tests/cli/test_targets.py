"""The targets that come with the program: each takes a model within its limits and refuses one that breaks them."""
import re
import subprocess

import numpy as np
import onnx
import openvino
import pytest

from conftest import DIGITS, FLOWPORT, ROOT
from graphs import FLOAT, function, library, node, placeholder

ONE = 'tensor { dtype: DT_FLOAT tensor_shape {} float_val: 1 }'
WITHIN = placeholder() + node("one", "Const", dtype=FLOAT, value=ONE) + node("sum", "AddV2", "x", "one", T=FLOAT) + node("y", "Relu", "sum", T=FLOAT)

# What a target breaks on: an op that it does not have, or an element type for which none can stand in.
MAPPING = """flowport: 1
ops:
  Determinant: { optional: true, body: "y = Det(x0)" }
  Normalized: { optional: true, body: "y = MeanVarianceNormalization <axes: ints = [1]> (x0)" }
  Summed: { optional: true, body: "y = CumSum(x0, 0)" }
"""
SQUARE = node("x", "Placeholder", dtype=FLOAT, shape="shape { dim { size: 2 } dim { size: 4 } dim { size: 4 } }")
UINT64 = node("x", "Placeholder", dtype="type: DT_UINT64", shape="shape { dim { size: 3 } }")


def targets():
    listed = subprocess.run([FLOWPORT, "target", "list"], capture_output=True, text=True, timeout=60, check=True).stdout
    return [line.split()[0] for line in listed.splitlines()[1:]]


SHIPPED = [target for target in targets() if not target.startswith("onnx-")]
ONNXRUNTIME = [target for target in SHIPPED if re.fullmatch(r"onnxruntime-1\.\d+", target)]


def breaking(target):
    """A graph, and the ONNX op that the target refuses in it."""
    if target.startswith(("tensorrt", "openvino", "opencv-4", "onnxruntime-web-webgl")):
        return SQUARE + node("y", "Determinant", "x"), "Det"
    if target.startswith("opencv"):
        return SQUARE + node("y", "Normalized", "x"), "MeanVarianceNormalization"
    return UINT64 + node("y", "Summed", "x"), "CumSum"


def test_every_family_is_there():
    for family in ("tensorrt-10", "directml", "openvino-2026", "opencv-4", "opencv-5", "onnxruntime-web-wasm",
                   "onnxruntime-web-webgpu", "onnxruntime-web-webgl"):
        assert family in SHIPPED
    assert ONNXRUNTIME == [f"onnxruntime-1.{minor}" for minor in range(8, 8 + len(ONNXRUNTIME))] and len(ONNXRUNTIME) >= 25


@pytest.mark.parametrize("target", SHIPPED)
def test_a_model_within_the_limits(flowport, tmp_path, target):
    (tmp_path / "g.pbtxt").write_text(WITHIN)
    done = flowport("convert", "g.pbtxt", "-o", "m.onnx", "--target", target, "--shape", "x=2,4")
    assert done.returncode == 0, done.stderr
    shown = flowport("target", "show", "--target", target).stdout
    model = onnx.load(tmp_path / "m.onnx")
    assert f"IR      {model.ir_version}\n" in shown
    assert [f"opset   ai.onnx {i.version}\n" in shown for i in model.opset_import if not i.domain] == [True]
    assert re.search(r"^  source  \S", shown, re.M)


@pytest.mark.parametrize("target", SHIPPED)
def test_a_model_beyond_the_limits(flowport, tmp_path, target):
    graph, op = breaking(target)
    (tmp_path / "g.pbtxt").write_text(graph)
    (tmp_path / "ops.yaml").write_text(MAPPING)
    for command in (["convert", "g.pbtxt", "-o", "m.onnx"], ["check", "g.pbtxt"]):
        done = flowport(*command, "--outputs", "y:0", "--config", "ops.yaml", "--target", target)
        assert done.returncode == 3, done.stderr
        assert op in done.stderr and target in done.stderr and re.search(r"\(1 node\)\n    at    y\n", done.stderr), done.stderr
        assert "next" in done.stderr
    assert not (tmp_path / "m.onnx").exists()


# (opset, IR) by release: ONNX Runtime's table of versions.
VERSIONS = {"1.8": (14, 7), "1.9": (15, 8), "1.11": (16, 8), "1.12": (17, 8), "1.14": (18, 8), "1.16": (19, 9), "1.17": (20, 9), "1.20": (21, 10)}


@pytest.mark.parametrize("release", VERSIONS)
def test_onnxruntime_versions(flowport, digits, tmp_path, release):
    done = flowport("convert", digits, "-o", "m.onnx", "--target", f"onnxruntime-{release}")
    assert done.returncode == 0, done.stderr
    model = onnx.load(tmp_path / "m.onnx")
    assert (model.opset_import[0].version, model.ir_version) == VERSIONS[release]


def branch(name, op):
    return function(name, node("w", op, "a", T=FLOAT), "w:y:0" if op == "Neg" else "w:activations:0")


def conditional(name, predicate):
    return node(
        name, "StatelessIf", predicate, "x", Tcond="type: DT_BOOL", Tin="list { type: DT_FLOAT }", Tout="list { type: DT_FLOAT }",
        then_branch='func { name: "then" }', else_branch='func { name: "else" }',
    )


def test_all_nodes_are_listed_at_once(flowport, tmp_path):
    predicate = node("p", "Placeholder", dtype="type: DT_BOOL", shape="shape { }")
    graph = placeholder() + predicate + conditional("first", "p") + conditional("second", "p")
    graph += node("y", "AddV2", "first", "second", T=FLOAT) + library(branch("then", "Relu"), branch("else", "Neg"))
    (tmp_path / "g.pbtxt").write_text(graph)
    (tmp_path / "device.yaml").write_text(
        "flowport: 1\ntargets:\n  device:\n    parent: onnx-21\n    control_flow: false\n    max_rank: 1\n    dynamic_shapes: false\n"
    )
    done = flowport("convert", "g.pbtxt", "-o", "m.onnx", "--outputs", "y:0", "--config", "device.yaml", "--target", "device")
    assert done.returncode == 3
    assert "ONNX If (2 nodes)" in done.stderr and "it has no control flow" in done.stderr
    assert "ONNX Relu (2 nodes)" in done.stderr and "tensors of rank 1 at most, this one has rank 2" in done.stderr
    assert "ONNX input (1 node)\n    at    x\n" in done.stderr and "--shape" in done.stderr
    checked = flowport("check", "g.pbtxt", "--outputs", "y:0", "--config", "device.yaml", "--target", "device")
    assert (checked.returncode, checked.stderr) == (3, done.stderr.replace("FAILED: nothing was written\n", ""))


def test_the_next_row_gets_its_turn(flowport, tmp_path):
    (tmp_path / "g.pbtxt").write_text(placeholder() + node("y", "Relu", "x", T=FLOAT))
    (tmp_path / "ops.yaml").write_text(
        "flowport: 1\ntargets:\n  device:\n    parent: onnx-21\n    deny:\n      - { op: Celu, reason: the device has none }\n"
        'ops:\n  Relu: { body: "activations = Celu(x0)" }\n'
    )
    assert flowport("convert", "g.pbtxt", "-o", "m.onnx", "--config", "ops.yaml", "--target", "device").returncode == 0
    assert [n.op_type for n in onnx.load(tmp_path / "m.onnx").graph.node] == ["Relu"]


def test_passes_make_no_op_that_the_target_denies(flowport, tmp_path):
    number = lambda name, value: node(name, "Const", dtype=FLOAT, value=f"tensor {{ dtype: DT_FLOAT tensor_shape {{}} float_val: {value} }}")
    graph = placeholder() + number("root", 0.70710678) + number("one", 1) + number("half", 0.5)
    graph += node("a", "Mul", "x", "root", T=FLOAT) + node("e", "Erf", "a", T=FLOAT) + node("s", "AddV2", "e", "one", T=FLOAT)
    graph += node("h", "Mul", "x", "half", T=FLOAT) + node("y", "Mul", "h", "s", T=FLOAT)
    (tmp_path / "g.pbtxt").write_text(graph)
    (tmp_path / "device.yaml").write_text(
        "flowport: 1\ntargets:\n  device:\n    parent: onnx-21\n    deny:\n      - { op: Gelu, reason: the device has none }\n"
    )
    ops = {}
    for target in ("onnx-21", "device"):
        assert flowport("convert", "g.pbtxt", "-o", "m.onnx", "--config", "device.yaml", "--target", target).returncode == 0
        ops[target] = [n.op_type for n in onnx.load(tmp_path / "m.onnx").graph.node]
    assert ops["onnx-21"] == ["Gelu"]
    assert "Erf" in ops["device"]


def test_openvino_runs_digits(flowport, tmp_path):
    assert flowport("convert", DIGITS, "-o", "m.onnx", "--target", "openvino-2026").returncode == 0
    sample = np.load(ROOT / "examples" / "digits" / "sample.npz")
    compiled = openvino.Core().compile_model(str(tmp_path / "m.onnx"), "CPU", {"INFERENCE_PRECISION_HINT": "f32"})
    np.testing.assert_allclose(compiled([sample["image"]])[0], sample["probabilities"], atol=1e-5)


def test_the_page_has_the_list(flowport):
    page = (ROOT / "docs" / "targets.md").read_text()
    assert flowport("target", "list").stdout in page
