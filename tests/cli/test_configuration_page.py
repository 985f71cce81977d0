"""The examples of docs/configuration.md: files load, commands print what the page says, mappings give the nodes that it shows."""
import re
import shlex
import shutil

import onnx
import pytest
from onnx import numpy_helper

from configuration import schema_errors
from conftest import ROOT
from graphs import FLOAT, node, placeholder

PAGE = (ROOT / "docs" / "configuration.md").read_text()
BLOCKS = [(language, words.split(), text) for language, words, text in re.findall(r"^```(\w+)([^\n]*)\n(.*?)^```$", PAGE, re.M | re.S)]
DT_INT32 = "type: DT_INT32"


def scalar_const(name, value):
    return node(name, "Const", dtype=DT_INT32, value=f"tensor {{ dtype: DT_INT32 tensor_shape {{ }} int_val: {value} }}")


# The TensorFlow nodes that a file's example is about.
MODELS = {
    "attributes.yaml": placeholder() + node("pad", "MyPad", "x", T=FLOAT, kind='s: "REFLECT"', rate="f: 0.25", axis="i: 1", depth="i: 3")
    + node("y", "Abs", "pad", T=FLOAT),
    "blur.yaml": placeholder("image") + placeholder("weights") + scalar_const("s", 3)
    + node("blur", "MyBlur", "image", "weights", "s", T=FLOAT, radius="i: 4") + node("y", "Abs", "blur", T=FLOAT),
    "body.yaml": placeholder() + node("y", "LeakyRelu", "x", T=FLOAT),
    "declared.yaml": placeholder() + node("scale", "Scale", "x", T=FLOAT) + node("y", "Abs", "scale", T=FLOAT),
    "sharpen.yaml": placeholder() + node("sharp", "MySharpen", "x", T=FLOAT) + node("y", "Abs", "sharp", T=FLOAT),
    "nodes.yaml": placeholder() + node("encoder/probs", "Softmax", "x", T=FLOAT) + node("block/fast_gelu", "Erf", "encoder/probs", T=FLOAT)
    + node("y", "Identity", "block/fast_gelu", T=FLOAT),
}


def configuration(text):
    return text if text.startswith("flowport:") else "flowport: 1\n" + text


def value_text(value):
    if isinstance(value, bytes):
        return f'"{value.decode()}"'
    if isinstance(value, (list, tuple)) or hasattr(value, "extend"):
        return "[" + ", ".join(value_text(item) for item in value) + "]"
    return f"{value:.6g}"


def nodes_text(model):
    """The main graph as ONNX text, constants in place, inner values called t0, t1, ..."""
    names = {value.name: value.name.removesuffix(":0") for value in [*model.graph.input, *model.graph.output]}
    for constant in model.graph.initializer:
        array = numpy_helper.to_array(constant)
        kind = onnx.TensorProto.DataType.Name(constant.data_type).lower()
        names[constant.name] = f"{kind} {value_text(array.tolist())}"
    inner = [output for made in model.graph.node for output in made.output if output not in names]
    names.update({output: f"t{i}" for i, output in enumerate(inner)})
    lines = []
    for made in model.graph.node:
        op = f"{made.domain}.{made.op_type}" if made.domain else made.op_type
        attributes = ", ".join(f"{a.name} = {value_text(onnx.helper.get_attribute_value(a))}" for a in sorted(made.attribute, key=lambda a: a.name))
        attributes = f"<{attributes}> " if attributes else ""
        outputs = ", ".join(names[output] for output in made.output)
        lines.append(f"{outputs} = {op} {attributes}({', '.join(names[i] for i in made.input)})")
    return "\n".join(lines) + "\n"


@pytest.fixture
def folder(tmp_path):
    """A copy of examples/custom-op with the files of the page."""
    shutil.copytree(ROOT / "examples" / "custom-op", tmp_path, dirs_exist_ok=True)
    for language, words, text in BLOCKS:
        if language == "yaml" and words:
            (tmp_path / words[0]).write_text(configuration(text))
    return tmp_path


FILES = [(words, text) for language, words, text in BLOCKS if language == "yaml"]


@pytest.mark.parametrize("words, text", FILES, ids=[words[0] if words else f"fragment{i}" for i, (words, _) in enumerate(FILES)])
def test_files_load(flowport, tmp_path, words, text):
    (tmp_path / "f.yaml").write_text(configuration(text))
    done = flowport("config", "--config", "f.yaml")
    assert done.returncode == (5 if "fails" in words else 0), done.stderr
    if words[:1] != ["wrong.yaml"]:
        assert schema_errors(configuration(text)) == []


COMMANDS = [text for language, _, text in BLOCKS if language == "console"]


@pytest.mark.parametrize("text", COMMANDS, ids=[text.splitlines()[0][2:] for text in COMMANDS])
def test_commands_print_what_the_page_says(flowport, folder, text):
    command, _, expected = text.partition("\n")
    program, *arguments = shlex.split(command.removeprefix("$ "))
    assert program == "flowport"
    done = flowport(*arguments, cwd=folder)
    pattern = re.escape(expected).replace(r"\.\.\.", ".*")
    assert re.fullmatch(pattern, done.stdout + done.stderr, re.S), done.stdout + done.stderr


RESULTS = [(words[0], text) for language, words, text in BLOCKS if language == "onnx"]


@pytest.mark.parametrize("name, expected", RESULTS, ids=[name for name, _ in RESULTS])
def test_mappings_give_what_the_page_says(flowport, folder, name, expected):
    (folder / "model.pbtxt").write_text(MODELS[name])
    done = flowport("convert", "model.pbtxt", "--config", name, "--outputs", "y:0", "-o", "y.onnx", "--no-optimize", cwd=folder)
    assert done.returncode == 0, done.stderr
    assert nodes_text(onnx.load(folder / "y.onnx")) == expected


def test_the_page_has_examples_of_each_sort():
    assert len(FILES) > 8 and len(COMMANDS) > 3 and len(RESULTS) == len(MODELS)
