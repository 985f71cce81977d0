"""Models that are broken or cannot be said in ONNX: a clear message, the right exit status, no file."""
import shutil

import pytest

from conftest import ROOT
from graphs import FLOAT, INT32, RESOURCE, call, function, library, node, placeholder

FUZZ_INPUTS = ROOT / "tests" / "fuzz" / "inputs" / "read_model"


@pytest.fixture
def convert(flowport, tmp_path):
    """Converts a graph given as text; gives exit status and message, after checking that a failure left nothing."""

    def run(text, *flags):
        (tmp_path / "g.pbtxt").write_text(text)
        done = flowport("convert", "g.pbtxt", "-o", "out.onnx", *flags)
        if done.returncode != 0:
            assert sorted(p.name for p in tmp_path.iterdir()) == ["g.pbtxt"]
        return done.returncode, done.stderr

    return run


def test_missing_file(flowport):
    done = flowport("convert", "nowhere", "-o", "out.onnx")
    assert done.returncode == 2
    assert "nowhere" in done.stderr


def test_folder_that_is_no_saved_model(flowport, tmp_path):
    (tmp_path / "folder").mkdir()
    done = flowport("convert", "folder", "-o", "out.onnx")
    assert done.returncode == 2
    assert "saved_model.pb" in done.stderr


@pytest.mark.parametrize("file", ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"])
def test_truncated(flowport, digits, tmp_path, file):
    shutil.copytree(digits, tmp_path / "m")
    whole = (tmp_path / "m" / file).read_bytes()
    for size in (0, 1, len(whole) // 3, len(whole) // 2):
        (tmp_path / "m" / file).write_bytes(whole[:size])
        done = flowport("convert", "m", "-o", "out.onnx")
        assert done.returncode == 2, (size, done.stderr)
        assert done.stderr.startswith("error: ")
        assert not (tmp_path / "out.onnx").exists()


LIES = ["footer_past_the_end", "block_past_the_end", "offset_past_the_end", "offset_overflows", "size_is_not_that_of_the_shape",
        "shape_overflows", "no_such_shard", "negative_shard"]


@pytest.mark.parametrize("lie", ["good", *LIES])
def test_index_that_lies(flowport, tmp_path, lie):
    """The inputs of the fuzz target, as files: a SavedModel, its index and a shard, the first two with their sizes before them."""
    content = (FUZZ_INPUTS / f"checkpoint_{lie}").read_bytes()[1:]
    (tmp_path / "m" / "variables").mkdir(parents=True)
    for name in ("saved_model.pb", "variables/variables.index"):
        size = int.from_bytes(content[:2], "big")
        (tmp_path / "m" / name).write_bytes(content[2:2 + size])
        content = content[2 + size:]
    (tmp_path / "m" / "variables" / "variables.data-00000-of-00001").write_bytes(content)
    done = flowport("convert", "m", "--outputs", "v:0", "-o", "out.onnx")
    assert (tmp_path / "out.onnx").exists() == (lie == "good")
    if lie == "good":
        assert done.returncode == 0, done.stderr
    else:
        assert done.returncode == 2
        assert "variables" in done.stderr


def test_missing_shard(flowport, digits, tmp_path):
    shutil.copytree(digits, tmp_path / "m")
    (tmp_path / "m" / "variables" / "variables.data-00000-of-00001").unlink()
    done = flowport("convert", "m", "-o", "out.onnx")
    assert done.returncode == 2
    assert "variables.data-00000-of-00001" in done.stderr


def test_wrong_tag_and_signature(flowport, digits):
    done = flowport("convert", digits, "-o", "out.onnx", "--tag", "serv")
    assert done.returncode == 2 and "serve" in done.stderr
    done = flowport("convert", digits, "-o", "out.onnx", "--signature", "serving_defualt")
    assert done.returncode == 1 and "serving_default" in done.stderr


def test_wrong_tensor_is_met_with_a_near_one(convert):
    text = placeholder() + node("logits", "Relu", "x", T=FLOAT)
    status, message = convert(text, "--outputs", "logit:0")
    assert status == 1 and "logits" in message
    status, message = convert(text, "--outputs", "logits:3")
    assert status == 1 and "output 3" in message
    status, message = convert(text, "--inputs", "xx:0", "--outputs", "logits:0")
    assert status == 1 and "xx:0" in message
    status, message = convert(text, "--outputs", "logits:0", "--shape", "y=1,4")
    assert status == 1 and "'y'" in message
    status, message = convert(text, "--outputs", "logits:0", "--shape", "x=1,5")
    assert status == 1 and "dim 1" in message


def test_input_that_is_not_fed(convert):
    text = placeholder("a") + placeholder("b") + node("y", "AddV2", "a", "b", T=FLOAT)
    status, message = convert(text, "--inputs", "a:0", "--outputs", "y:0")
    assert status == 1 and "b" in message


def test_unknown_ops_are_told_in_one_list(convert):
    text = placeholder() + node("p", "Frobnicate", "x") + node("q", "Frobnicate", "p") + node("y", "Gizmo", "q")
    status, message = convert(text, "--outputs", "y:0")
    assert status == 3
    assert "Frobnicate (2 nodes)" in message and "Gizmo (1 node)" in message


def test_cycle(convert):
    text = placeholder() + node("a", "AddV2", "x", "b", T=FLOAT) + node("b", "Relu", "a", T=FLOAT)
    status, message = convert(text, "--outputs", "b:0")
    assert status == 2 and "cycle" in message


def test_function_that_calls_itself(convert):
    text = placeholder() + call("y", "f", "x") + library(function("f", call("again", "f", "a"), "again:output:0"))
    status, message = convert(text, "--outputs", "y:0")
    assert status == 2 and "'f' calls itself" in message


def test_functions_that_call_each_other(convert):
    text = placeholder() + call("y", "f", "x") + library(function("f", call("c", "g", "a"), "c:output:0"),
                                                        function("g", call("c", "f", "a"), "c:output:0"))
    status, message = convert(text, "--outputs", "y:0")
    assert status == 2 and "calls itself" in message


def test_missing_function(convert):
    text = placeholder() + call("y", "bodi", "x") + library(function("body", node("r", "Relu", "a", T=FLOAT), "r:activations:0"))
    status, message = convert(text, "--outputs", "y:0")
    assert status == 2 and "bodi" in message and "body" in message


def test_missing_input_node(convert):
    status, message = convert(placeholder() + node("y", "Relu", "z", T=FLOAT), "--outputs", "y:0")
    assert status == 2 and "'z'" in message


def test_missing_variable(convert):
    text = node("v", "VarHandleOp", dtype=FLOAT, shape="shape { dim { size: 4 } }") + node("y", "ReadVariableOp", "v", dtype=FLOAT)
    status, message = convert(text, "--outputs", "y:0")
    assert status == 2 and "v" in message


def assignment():
    return (placeholder() + node("v", "VarHandleOp", dtype=FLOAT, shape="shape { dim { size: 4 } }") +
            node("one", "Const", dtype=FLOAT, value="tensor { dtype: DT_FLOAT tensor_shape { } float_val: 1 }") +
            node("assign", "AssignAddVariableOp", "v", "one", dtype=FLOAT))


def test_assignment_on_which_an_output_depends_by_control(convert):
    text = assignment() + node("y", "Relu", "x", "^assign", T=FLOAT) + node("read", "ReadVariableOp", "v", dtype=FLOAT)
    status, message = convert(text, "--outputs", "y:0,read:0")
    assert status != 0 and "AssignAddVariableOp" in message


def test_assignment_of_what_nothing_reads(convert):
    assert convert(assignment() + node("y", "Relu", "x", "^assign", T=FLOAT), "--outputs", "y:0")[0] == 0


def test_assignment_on_which_no_output_depends(convert):
    assert convert(assignment() + node("y", "Relu", "x", T=FLOAT), "--outputs", "y:0")[0] == 0


def test_text_graph_with_a_mistake_has_its_place(convert):
    status, message = convert("node {\n  name: \"x\"\n  opp: \"Relu\"\n}\n}", "--outputs", "x:0")
    assert status == 2 and "g.pbtxt" in message and ":5" in message


def test_dtype_that_onnx_lacks(convert):
    text = node("x", "Placeholder", dtype="type: DT_QINT32", shape="shape { }") + node("y", "Identity", "x", T="type: DT_QINT32")
    status, message = convert(text, "--outputs", "y:0")
    assert status == 3 and "qint32" in message


def test_torn_loop_of_tf1(convert):
    text = placeholder() + node("e", "Enter", "x", T=FLOAT, frame_name='s: "f"') + node("y", "Exit", "e", T=FLOAT)
    status, message = convert(text, "--outputs", "y:0")
    assert status == 2 and "no part of a complete loop" in message


# ---- lists and constants without elements ----------------------------------------------------------------------------


def no_numbers(name="none"):
    return node(name, "Const", dtype=INT32, value="tensor { dtype: DT_INT32 tensor_shape { dim { size: 0 } } }")


EMPTY_AXIS = {
    "ArgMax": node("y", "ArgMax", "x", "none", T=FLOAT, Tidx=INT32, output_type="type: DT_INT64"),
    "ConcatV2": node("y", "ConcatV2", "x", "x", "none", N="i: 2", T=FLOAT, Tidx=INT32),
    "Cumprod": node("y", "Cumprod", "x", "none", T=FLOAT, Tidx=INT32),
    "GatherV2": node("index", "Const", dtype=INT32, value="tensor { dtype: DT_INT32 tensor_shape { } int_val: 1 }")
    + node("y", "GatherV2", "x", "index", "none", Tparams=FLOAT, Tindices=INT32, Taxis=INT32),
    "Split": node("y", "Split", "none", "x", num_split="i: 2", T=FLOAT),
}


@pytest.mark.parametrize("op", EMPTY_AXIS)
def test_an_axis_without_elements(convert, op):
    status, message = convert(placeholder() + no_numbers() + EMPTY_AXIS[op], "--outputs", "y:0")
    assert status == 2, message
    assert "should be one integer, and has 0 elements" in message


EMPTY_LIST = {
    "ConcatV2": node("axis", "Const", dtype=INT32, value="tensor { dtype: DT_INT32 tensor_shape { } int_val: 0 }")
    + node("y", "ConcatV2", "axis", N="i: 0", T=FLOAT, Tidx=INT32),
    "Pack": node("y", "Pack", N="i: 0", T=FLOAT, axis="i: 0"),
    "StringJoin": node("y", "StringJoin", N="i: 0"),
}


@pytest.mark.parametrize("op", EMPTY_LIST)
def test_a_list_without_inputs(convert, op):
    status, message = convert(placeholder() + EMPTY_LIST[op], "--outputs", "y:0", "--opset", "20")
    assert status == 2, message
    assert "at least" in message
