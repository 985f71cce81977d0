"""Plugins that were built with an older header, or with a newer one, convert models in this host."""
import json
import pathlib

import numpy
import onnx
import onnx.reference
import pytest

from conftest import FLOWPORT
from graphs import FLOAT, node, placeholder

FIXTURES = pathlib.Path(FLOWPORT).parent / "tests" / "plugins"
SHAPE = "tensor { dtype: DT_INT64 tensor_shape { dim { size: 2 } } int64_val: 4 int64_val: -1 }"
GRAPH = (
    placeholder()
    + node("a", "FrozenScale", "x", T=FLOAT, scale="f: 2")
    + node("b", "FrozenScale", "a", T=FLOAT, scale="f: 3")
    + node("shape", "Const", dtype="type: DT_INT64", value=SHAPE)
    + node("c", "AddN", "b", "b", "b", T=FLOAT, N="i: 3")
    + node("y", "FrozenSum", "b", "c", "shape", T=FLOAT)
)


def converted(flowport, name, tmp_path):
    (tmp_path / "graph.pbtxt").write_text(GRAPH)
    plugin = FIXTURES / f"flowport_{name}.so"
    done = flowport("convert", "graph.pbtxt", "--outputs", "y:0", "-o", f"{name}.onnx", "--plugin", plugin)
    assert done.returncode == 0, done.stderr
    return onnx.load(tmp_path / f"{name}.onnx")


def test_frozen(flowport, tmp_path):
    """Every function of the host of ABI 1.0."""
    models = [converted(flowport, name, tmp_path) for name in ("frozen_1_0", "frozen_1_2", "frozen_newest")]
    # The plugins' names are in the nodes; else the models are the same.
    ops, *others = [[(each.op_type, list(each.input), list(each.output)) for each in model.graph.node] for model in models]
    assert len(others) == 2 and all(other == ops for other in others)
    assert [op for op, _, _ in ops].count("Sum") == 2 and "If" in [op for op, _, _ in ops]
    run = onnx.reference.ReferenceEvaluator(models[0]).run
    for x in (numpy.ones((2, 4), numpy.float32), -numpy.ones((2, 4), numpy.float32)):
        (y,) = run(None, {"x": x})
        numpy.testing.assert_array_equal(y, numpy.full((4, 2), -24, numpy.float32))


@pytest.mark.parametrize("name", ["frozen_1_0", "frozen_1_2", "frozen_newest", "reuses_memory"])
def test_they_pass_their_check(flowport, name):
    done = flowport("plugin", "check", FIXTURES / f"flowport_{name}.so", "--json")
    assert done.returncode == 0, done.stdout + done.stderr
    assert json.loads(done.stdout)["ok"]


# ---- memory on either side -------------------------------------------------------------------------------------------


def convert_with(flowport, tmp_path, op):
    (tmp_path / "graph.pbtxt").write_text(placeholder() + node("y", op, "x", T=FLOAT))
    plugin = FIXTURES / "flowport_reuses_memory.so"
    return flowport("convert", "graph.pbtxt", "--outputs", "y:0", "-o", "out.onnx", "--plugin", plugin)


@pytest.mark.parametrize("op", ["Reuses", "ReusesAndNotes"])
def test_the_host_keeps_no_view_of_a_plugins_memory(flowport, tmp_path, op):
    done = convert_with(flowport, tmp_path, op)
    assert done.returncode == 0, done.stderr
    assert ("a note that is gone by now" in done.stdout + done.stderr) == (op == "ReusesAndNotes")
    x = numpy.array([[-1, 0, 1, 2]], numpy.float32)
    (y,) = onnx.reference.ReferenceEvaluator(onnx.load(tmp_path / "out.onnx")).run(None, {"x": x})
    numpy.testing.assert_array_equal(y, numpy.array([[-0.5, 0, 2, 4]], numpy.float32))


def test_the_host_keeps_no_view_of_why_it_was_refused(flowport, tmp_path):
    done = convert_with(flowport, tmp_path, "ReusesAndRefuses")
    assert done.returncode == 3
    assert "words that are gone by now" in done.stderr and "a way out" in done.stderr
