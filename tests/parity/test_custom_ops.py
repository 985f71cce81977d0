"""Ops that TensorFlow does not know, in models that say of them what they say: the nodes' own attributes, the ops that consume their
outputs, the definitions that a SavedModel lists, the declaration in a mapping. No kernel of theirs is loaded anywhere."""
import json
import pathlib
import subprocess

import numpy as np
import onnx
import pytest
from google.protobuf import text_format
from tensorflow.core.framework import graph_pb2
from tensorflow.core.protobuf import saved_model_pb2

import parity

X = """node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } }
  attr { key: "shape" value { shape { dim { size: -1 } dim { size: 4 } } } } }
"""
T = 'attr { key: "T" value { type: DT_FLOAT } }'
VALUE = np.arange(-4, 4, dtype=np.float32).reshape(2, 4)


def node(name, op, inputs="", attrs=""):
    listed = " ".join(f'input: "{each}"' for each in inputs.split())
    return f'node {{ name: "{name}" op: "{op}" {listed} {attrs} }}\n'


def types(name, *listed):
    return f'attr {{ key: "{name}" value {{ list {{ {" ".join(f"type: {each}" for each in listed)} }} }} }}'


def graph_def(text, path):
    path.write_bytes(text_format.Parse(text, graph_pb2.GraphDef()).SerializeToString())
    return path


def saved_model(text, ops, outputs, path):
    """A SavedModel of one input x and of `outputs` (name: (tensor, type)), whose list of ops is `ops`."""
    model = saved_model_pb2.SavedModel(saved_model_schema_version=1)
    meta = model.meta_graphs.add()
    meta.meta_info_def.tags.append("serve")
    text_format.Parse(text, meta.graph_def)
    text_format.Parse(ops, meta.meta_info_def.stripped_op_list)
    signature = meta.signature_def["serving_default"]
    text_format.Parse('name: "x:0" dtype: DT_FLOAT tensor_shape { dim { size: -1 } dim { size: 4 } }', signature.inputs["x"])
    for name, (tensor, dtype) in outputs.items():
        text_format.Parse(f'name: "{tensor}" dtype: {dtype} tensor_shape {{ unknown_rank: true }}', signature.outputs[name])
    path.mkdir()
    (path / "saved_model.pb").write_bytes(model.SerializeToString())
    return path


def convert(model, mapping, tmp_path, *flags):
    config = tmp_path / "ops.yaml"
    config.write_text("flowport: 1\nops:\n" + mapping)
    out = tmp_path / "out.onnx"
    parity.convert(model, out, "--config", config, *flags)
    return out


def output_types(path):
    """Element type by output, as the file states it."""
    return {each.name: onnx.TensorProto.DataType.Name(each.type.tensor_type.elem_type) for each in onnx.load(path).graph.output}


CUSTOM = "  {op}: {{ to: com.me::{op}@1, {more}runtime: {{ library: libme.so }} }}\n"


def custom(op, more=""):
    return CUSTOM.format(op=op, more=more)


def test_the_type_of_an_output_comes_from_the_nodes_type(tmp_path):
    out = convert(graph_def(X + node("y", "Foo", "x", T), tmp_path / "g.pb"), custom("Foo"), tmp_path, "--outputs", "y:0")
    assert output_types(out) == {"y:0": "FLOAT"}
    assert [(each.domain, each.version) for each in onnx.load(out).opset_import] == [("", 21), ("com.me", 1)]


def test_a_declaration_gives_names_types_and_defaults(tmp_path):
    declared = """tf_ops:
  Foo: { inputs: ["x: T"], outputs: ["y: T", "count: int64"], attrs: ["T: {float, double}", "by: float = 3"] }
"""
    mapping = "  Foo: { to: com.me::Foo, inputs: [x], outputs: 2, attrs: { by: by }, runtime: { library: libme.so } }\n"
    out = convert(graph_def(X + node("y", "Foo", "x", T), tmp_path / "g.pb"), mapping + declared, tmp_path, "--outputs", "y:0,y:1")
    assert output_types(out) == {"y:0": "FLOAT", "y:1": "INT64"}
    (foo,) = onnx.load(out).graph.node
    assert [(each.name, onnx.helper.get_attribute_value(each)) for each in foo.attribute] == [("by", 3.0)]


def test_a_list_output_that_is_declared_is_not_for_mappings(tmp_path):
    declared = 'tf_ops: { Foo: { inputs: ["x: T"], outputs: ["y: N * T"], attrs: ["T: type", "N: int"] } }\n'
    with pytest.raises(AssertionError, match="has a list output"):
        convert(graph_def(X + node("y", "Foo", "x", T), tmp_path / "g.pb"), custom("Foo") + declared, tmp_path, "--outputs", "y:0")


def test_the_models_own_list_comes_before_a_declaration(tmp_path):
    ops = 'op { name: "Foo" input_arg { name: "x" type_attr: "T" } output_arg { name: "y" type: DT_INT32 } attr { name: "T" type: "type" } }'
    model = saved_model(X + node("y", "Foo", "x", T), ops, {"y": ("y:0", "DT_INT32")}, tmp_path / "saved")
    declared = 'tf_ops: { Foo: { inputs: ["x: T"], outputs: ["y: T"], attrs: ["T: type"] } }\n'
    out = convert(model, custom("Foo") + declared, tmp_path)
    assert output_types(out) == {"y": "INT32"}


@pytest.mark.parametrize("name", ["output_types", "Tout"])
def test_the_types_of_outputs_come_from_a_list_of_types(name, tmp_path):
    text = X + node("y", "Foo", "x", T + types(name, "DT_INT64", "DT_STRING", "DT_BOOL"))
    out = convert(graph_def(text, tmp_path / "g.pb"), custom("Foo", "outputs: 3, "), tmp_path, "--outputs", "y:0,y:1,y:2")
    assert output_types(out) == {"y:0": "INT64", "y:1": "STRING", "y:2": "BOOL"}


def test_who_consumes_an_output_knows_its_type_better_than_an_attribute(tmp_path):
    cast = 'attr { key: "SrcT" value { type: DT_INT64 } } attr { key: "DstT" value { type: DT_INT32 } }'
    text = X + node("y", "Foo", "x", T) + node("z", "Cast", "y", cast)
    out = convert(graph_def(text, tmp_path / "g.pb"), custom("Foo"), tmp_path, "--outputs", "y:0,z:0")
    assert output_types(out) == {"y:0": "INT64", "z:0": "INT32"}


def test_a_mapping_states_the_types_of_outputs(tmp_path):
    text = X + node("y", "Foo", "x", T)
    out = convert(graph_def(text, tmp_path / "g.pb"), custom("Foo", "outputs: [T, int64], "), tmp_path, "--outputs", "y:0,y:1")
    assert output_types(out) == {"y:0": "FLOAT", "y:1": "INT64"}


def test_what_a_mapping_computes_is_right_though_the_nodes_type_says_otherwise(tmp_path):
    text = X + node("y", "Count", "x", T)
    out = convert(graph_def(text, tmp_path / "g.pb"), '  Count: { body: "y0 = Size(x0)" }\n', tmp_path, "--outputs", "y:0")
    assert parity.run_onnx(out, {"x": VALUE})["y:0"] == 8


def test_an_output_whose_type_nobody_says_is_refused(tmp_path):
    model = graph_def(X + node("y", "Foo", "x"), tmp_path / "g.pb")
    with pytest.raises(parity.Refused) as refused:
        convert(model, custom("Foo"), tmp_path, "--outputs", "y:0")
    assert "nothing says what element type output 'y:0' has" in str(refused.value)
    assert "outputs: [float]" in str(refused.value) and "SavedModel" in str(refused.value)


TWO = '  Two: { body: "y0 = Neg(x0)\\n y1 = Abs(x0)", outputs: [y0, y1] }\n'


@pytest.mark.parametrize("use", ["asked for", "consumed"])
def test_an_op_has_as_many_outputs_as_are_used(use, tmp_path):
    text = X + node("y", "Two", "x", T)
    wanted = "y:1"
    if use == "consumed":
        text += node("z", "Identity", "y:1", T)
        wanted = "z:0"
    out = convert(graph_def(text, tmp_path / "g.pb"), TWO, tmp_path, "--outputs", wanted)
    np.testing.assert_array_equal(parity.run_onnx(out, {"x": VALUE})[wanted], np.abs(VALUE))


def test_more_outputs_than_are_given_are_refused(tmp_path):
    model = graph_def(X + node("y", "Two", "x", T), tmp_path / "g.pb")
    with pytest.raises(parity.Refused, match="handler does not give"):
        convert(model, TWO, tmp_path, "--outputs", "y:2")


OPS = """op { name: "Peaks" input_arg { name: "x" type_attr: "T" } output_arg { name: "values" type_attr: "T" }
  output_arg { name: "places" type: DT_INT64 } attr { name: "T" type: "type" } attr { name: "top" type: "int" default_value { i: 2 } } }
op { name: "Cut" input_arg { name: "parts" type_attr: "T" number_attr: "M" } output_arg { name: "out" type_attr: "T" number_attr: "N" }
  output_arg { name: "rest" type_list_attr: "Trest" } attr { name: "T" type: "type" } attr { name: "N" type: "int" }
  attr { name: "M" type: "int" } attr { name: "Trest" type: "list(type)" } }
"""


def test_a_saved_models_list_of_ops_tells_arity_types_and_defaults(tmp_path):
    model = saved_model(X + node("y", "Peaks", "x", T), OPS, {"v": ("y:0", "DT_FLOAT"), "p": ("y:1", "DT_INT64")}, tmp_path / "m")
    mapping = '  Peaks: { to: com.me::Peaks@1, outputs: 2, attrs: { top: top }, runtime: { library: libme.so } }\n'
    out = convert(model, mapping, tmp_path)
    assert output_types(out) == {"v": "FLOAT", "p": "INT64"}
    only, = onnx.load(out).graph.node
    assert (only.domain, [(each.name, each.i) for each in only.attribute]) == ("com.me", [("top", 2)])


def test_a_saved_models_list_of_ops_tells_list_outputs(tmp_path):
    attrs = T + 'attr { key: "M" value { i: 2 } } attr { key: "N" value { i: 2 } }' + types("Trest", "DT_INT32", "DT_BOOL")
    text = X + node("y", "Cut", "x x", attrs)
    outputs = {"a": ("y:0", "DT_FLOAT"), "b": ("y:1", "DT_FLOAT"), "c": ("y:2", "DT_INT32"), "d": ("y:3", "DT_BOOL")}
    out = convert(saved_model(text, OPS, outputs, tmp_path / "m"), custom("Cut", "outputs: 4, "), tmp_path)
    assert output_types(out) == {"a": "FLOAT", "b": "FLOAT", "c": "INT32", "d": "BOOL"}
    with pytest.raises(AssertionError, match="there is no output 4"):
        convert(tmp_path / "m", custom("Cut", "outputs: 4, "), tmp_path, "--outputs", "y:4")


def test_a_signature_tells_the_types_of_outputs(tmp_path):
    model = saved_model(X + node("y", "Foo", "x"), "", {"y": ("y:0", "DT_INT32")}, tmp_path / "m")
    assert output_types(convert(model, custom("Foo"), tmp_path)) == {"y": "INT32"}


def in_function(body, ret, result="DT_FLOAT"):
    """A main graph that calls a function of these nodes."""
    called = types("Tin", "DT_FLOAT") + types("Tout", result) + 'attr { key: "f" value { func { name: "f" } } }'
    text = X + node("call", "PartitionedCall", "x", called)
    return text + f"""library {{ function {{ signature {{ name: "f" input_arg {{ name: "a" type: DT_FLOAT }}
      output_arg {{ name: "r" type: {result} }} }} {body.replace("node {", "node_def {")} ret {{ key: "r" value: "{ret}" }} }} }}"""


def test_in_a_function_the_list_of_ops_tells_which_output_is_meant(tmp_path):
    text = in_function(node("y", "Peaks", "a", T), "y:places:0", "DT_INT64")
    model = saved_model(text, OPS, {"p": ("call:0", "DT_INT64")}, tmp_path / "m")
    out = convert(model, custom("Peaks", "outputs: 2, "), tmp_path)
    assert output_types(out) == {"p": "INT64"}
    only, = onnx.load(out).graph.node
    assert only.output[1] == "p"


def test_in_a_function_without_definitions_one_named_output_is_the_op(tmp_path):
    model = graph_def(in_function(node("y", "Half", "a", T), "y:out:0"), tmp_path / "g.pb")
    out = convert(model, '  Half: { body: "y0 = Mul(x0, 0.5)" }\n', tmp_path, "--outputs", "call:0")
    np.testing.assert_array_equal(parity.run_onnx(out, {"x": VALUE})["call:0"], VALUE / 2)
    out = convert(model, custom("Half"), tmp_path, "--outputs", "call:0")
    assert output_types(out) == {"call:0": "FLOAT"}


def test_in_a_function_without_definitions_two_named_outputs_are_ambiguous(tmp_path):
    body = node("y", "Two", "a", T) + node("z", "AddV2", "y:low:0 y:high:0", T)
    model = graph_def(in_function(body, "z:z:0"), tmp_path / "g.pb")
    with pytest.raises(AssertionError) as failed:
        convert(model, TWO, tmp_path, "--outputs", "call:0")
    assert "which of its outputs is meant cannot be told" in str(failed.value) and "SavedModel" in str(failed.value)


def test_custom_ops_never_land_in_the_default_domain(tmp_path):
    model = graph_def(X + node("y", "Foo", "x", T), tmp_path / "g.pb")
    for mapping in ("  Foo: { to: Foo, runtime: { library: libme.so } }\n", '  Foo: { to: "ai.onnx::Foo@1", runtime: { library: libme.so } }\n',
                    '  Foo: { body: "y0 = Foo(x0)" }\n', "  Foo: Foo\n"):
        with pytest.raises(AssertionError, match="exit status 5"):
            convert(model, mapping, tmp_path, "--outputs", "y:0")


PLUGIN = r"""
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>
using namespace flowport;
// TF:   Two(x: T) -> low: T, high: T
void two(const Node& node) {
  node.bind(0, -node.input(0));
  node.bind(1, node.emit("Abs", {node.input(0)}));
}
// TF:   Foo(x: T) -> y: int64
void foo(const Node& node) {
  const Value y = node.emit(node.attr<std::string>("as", "Foo"), {node.input(0)}, {}, node.attr<std::string>("domain", "com.me"));
  node.set_type(y, {DType::kInt64, node.input(0).dims()});
  node.bind(y);
}
constexpr Handler kHandlers[] = {handler<two>("Two"), handler<foo>("Foo")};
constexpr flowport_schema kSchemas[] = {{"com.me", "Foo", 3, 1, 1, 1, 1, 0, {}, "libfoo.so", "load it"}};
FLOWPORT_PLUGIN({.id = "com.me.ops", .version = "1", .summary = "s", .license = "Apache-2.0"}, kHandlers, {}, kSchemas)
"""


@pytest.fixture(scope="module")
def plugin(tmp_path_factory):
    folder = tmp_path_factory.mktemp("plugin")
    (folder / "ops.cpp").write_text(PLUGIN)
    include = pathlib.Path(__file__).parents[2] / "sdk" / "include"
    subprocess.run(["c++", "-std=c++20", "-shared", "-fPIC", "-fvisibility=hidden", "-I", include, folder / "ops.cpp", "-o",
                    folder / "flowport_ops.so"], check=True)
    return folder / "flowport_ops.so"


def test_a_plugin_says_what_the_graph_does_not(plugin, tmp_path):
    model = graph_def(X + node("y", "Foo", "x", T) + node("z", "Two", "x", T), tmp_path / "g.pb")
    out = tmp_path / "out.onnx"
    parity.convert(model, out, "--plugin", plugin, "--outputs", "y:0,z:1", "--report", tmp_path / "report.json")
    assert output_types(out) == {"y:0": "INT64", "z:1": "FLOAT"}
    assert [(each.domain, each.version) for each in onnx.load(out).opset_import] == [("", 21), ("com.me", 3)]
    needs = json.loads((tmp_path / "report.json").read_text())["conversion"]["runtime_needs"]
    assert needs == [{"domain": "com.me", "version": 3, "op": "Foo", "library": "libfoo.so", "registration": "load it"}]
    with pytest.raises(parity.Refused, match="handler does not give"):
        parity.convert(model, tmp_path / "more.onnx", "--plugin", plugin, "--outputs", "z:2")


@pytest.mark.parametrize("domain", ["", "ai.onnx", "ai.onnx.ml", "com.other"])
def test_a_plugin_cannot_emit_an_op_that_nobody_declared(domain, plugin, tmp_path):
    attrs = T + f'attr {{ key: "domain" value {{ s: "{domain}" }} }}'
    model = graph_def(X + node("y", "Foo", "x", attrs), tmp_path / "g.pb")
    with pytest.raises(AssertionError, match="exit status 5"):
        parity.convert(model, tmp_path / "out.onnx", "--plugin", plugin, "--outputs", "y:0")
    assert not (tmp_path / "out.onnx").exists()
