"""Each plugin of examples/plugins is built with the SDK, converts a model, and ONNX Runtime gives the numbers it should."""

import os
import pathlib
import shutil
import subprocess

import numpy
import onnx
import onnx.reference
import onnxruntime
import pytest

from conftest import FLOWPORT, ROOT

EXAMPLES = ROOT / "examples/plugins"
X = numpy.array([[1.0, -2.0, 0.5, 3.0], [0.0, 4.0, -1.5, 2.5]], numpy.float32)


def run(*command):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def build(source, folder, compiler=None, *flags):
    is_c = source.suffix == ".c"
    compiler = compiler or ("cc" if is_c else "c++")
    plugin = folder / f"flowport_{source.stem}.so"
    warnings = ["-Wall", "-Wextra", "-Wconversion", "-Wshadow", "-Werror"]
    run(compiler, "-std=c11" if is_c else "-std=c++20", "-O0", "-shared", "-fPIC", "-fvisibility=hidden", *warnings, *flags,
        f"-I{ROOT}/sdk/include", source, f"-Wl,--version-script={ROOT}/sdk/flowport.map", "-o", plugin)  # fmt: skip
    return plugin


def value(attribute):
    """An attribute's value as GraphDef text: a DT_ name, a number, a string, a list of these, or text in a tuple."""
    if isinstance(attribute, tuple):
        return attribute[0]
    if isinstance(attribute, bool):
        return f"b: {str(attribute).lower()}"
    if isinstance(attribute, list):
        return "list { " + " ".join(value(item) for item in attribute) + " }"
    if isinstance(attribute, str):
        return f"type: {attribute}" if attribute.startswith("DT_") else f's: "{attribute}"'
    return f"f: {attribute}" if isinstance(attribute, float) else f"i: {attribute}"


def node(name, op, *inputs, **attributes):
    attrs = "".join(f' attr {{ key: "{key}" value {{ {value(item)} }} }}' for key, item in attributes.items())
    return f'node {{ name: "{name}" op: "{op}"' + "".join(f' input: "{i}"' for i in inputs) + attrs + " }\n"


def placeholder(name="x", dtype="DT_FLOAT", dims=(-1, 4)):
    return node(name, "Placeholder", dtype=dtype, shape=("shape {" + "".join(f" dim {{ size: {d} }}" for d in dims) + " }",))


def number(name, what, dtype="DT_INT32"):
    field = {"DT_INT32": "int_val", "DT_INT64": "int64_val"}[dtype]
    return node(name, "Const", dtype=dtype, value=(f"tensor {{ dtype: {dtype} tensor_shape {{ }} {field}: {what} }}",))


def convert(folder, graph, plugin, *options, outputs="y:0", program=FLOWPORT):
    (folder / "graph.pbtxt").write_text(graph)
    told = run(program, "convert", folder / "graph.pbtxt", "--outputs", outputs, "--plugin", plugin, *options, "-o",
               folder / "model.onnx")  # fmt: skip
    return onnx.load(folder / "model.onnx"), told


def evaluate(model, **feeds):
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, {f"{name}:0" if any(i.name == f"{name}:0" for i in session.get_inputs()) else name: feed
                              for name, feed in feeds.items()})  # fmt: skip


def swish(x):
    return x / (1 + numpy.exp(-x))


TABLE = "tensor { dtype: DT_FLOAT tensor_shape { dim { size: 3 } } float_val: 5 float_val: 6 float_val: 7 }"
MIX = dict(T="DT_FLOAT", times=2, offset=0.5, negate=True, mode="half", perm=[1, 0], factors=[2.0, 3.0], steps=["Abs", "Neg"],
           shape=("shape { dim { size: 2 } dim { size: -1 } }",), through=["DT_DOUBLE"], out_type="DT_FLOAT")  # fmt: skip
CASES = [
    ("family.cpp", placeholder() + node("y", "MyHardSwish", "x", T="DT_FLOAT"), {"x": X}, X * numpy.clip(X + 3, 0, 6) / 6),
    ("family.cpp", placeholder() + node("y", "MySquaredRelu", "x", T="DT_FLOAT"), {"x": X}, numpy.maximum(X, 0) ** 2),
    ("declining.cpp", placeholder() + node("y", "MyGram", "x", T="DT_FLOAT"), {"x": X}, X.T @ X),
    ("declining.cpp", placeholder(dims=(-1, 2, 4)) + node("y", "MyGram", "x", T="DT_FLOAT"), {"x": X[None]}, (X.T @ X)[None]),
    ("constant_inputs.cpp", placeholder() + number("by", 1) + node("y", "MyRotate", "x", "by", T="DT_FLOAT"), {"x": X},
     numpy.roll(X, -1, -1)),
    ("attributes.cpp", placeholder() + node("y", "MyMix", "x", **MIX), {"x": X},
     -numpy.abs(-(X * 2 + 0.5) * 0.5).T.reshape(2, -1) * 6),
    ("attributes.cpp", placeholder("i", "DT_INT64", (-1,)) + node("y", "MyTable", "i", table=(TABLE,)),
     {"i": numpy.array([2, 0], numpy.int64)}, numpy.array([7, 5], numpy.float32)),
    ("functions.cpp", placeholder() + node("y", "MyApply", "x", T="DT_FLOAT", f=('func { name: "swish" }',)), {"x": X}, swish(X)),
    ("outputs.cpp", placeholder() + node("y", "MyTopTwo", "x", T="DT_FLOAT"), {"x": X}, -numpy.sort(-X, -1)[:, :2]),
    ("bodies.cpp", placeholder() + placeholder("n", "DT_INT64", ()) + node("y", "MyPower", "x", "n", T="DT_FLOAT"),
     {"x": X, "n": numpy.array(3, numpy.int64)}, X**3),
    ("bodies.cpp", placeholder() + placeholder("flag", "DT_BOOL", ()) + node("y", "MyChoose", "flag", "x", T="DT_FLOAT"),
     {"x": X, "flag": numpy.array(False)}, -X),
    ("complex_numbers.cpp", placeholder("z", "DT_COMPLEX64", (2,)) + node("y", "MyPower2", "z", T="DT_COMPLEX64"), {"z": X[:, :2]},
     (X[:, :2] ** 2).sum(-1)),
    ("complex_numbers.cpp", placeholder() + node("y", "MyTwice", "x", T="DT_FLOAT"), {"x": X}, 2 * X),
    ("declared_op.cpp", placeholder() + placeholder("w", "DT_FLOAT", ()) + node("y", "MyWeigh", "x", "x", "w", N=2),
     {"x": X, "w": numpy.array(3, numpy.float32)}, 6 * X**2),
    ("plain_c.c", placeholder() + node("y", "MySign", "x", T="DT_FLOAT"), {"x": X}, numpy.sign(X)),
]  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """Gives a plugin by its source's name, built once."""
    folder, plugins = tmp_path_factory.mktemp("examples"), {}

    def get(name):
        if name not in plugins:
            plugins[name] = build(EXAMPLES / name, folder)
        return plugins[name]

    return get


@pytest.mark.parametrize("source, graph, feeds, wanted", CASES, ids=[f"{c[0]}-{i}" for i, c in enumerate(CASES)])
def test_numbers(built, tmp_path, source, graph, feeds, wanted):
    model, _ = convert(tmp_path, graph, built(source))
    numpy.testing.assert_allclose(evaluate(model, **feeds)[0], wanted, rtol=1e-5)


@pytest.mark.parametrize("source", sorted(path.name for path in EXAMPLES.iterdir() if path.suffix in (".c", ".cpp")))
def test_keeps_the_rules(built, source):
    told = run(FLOWPORT, "plugin", "check", built(source))
    assert "P-0" not in told, told


def test_a_row_that_declines_hands_on(built, tmp_path):
    _, told = convert(tmp_path, placeholder(dims=(-1, 2, 4)) + node("y", "MyGram", "x", T="DT_FLOAT"), built("declining.cpp"),
                      "--report", tmp_path / "report.json")  # fmt: skip
    ops = [n.op_type for n in onnx.load(tmp_path / "model.onnx").graph.node]
    assert "MatMul" in ops and "Einsum" not in ops


def test_both_outputs(built, tmp_path):
    graph = placeholder() + node("y", "MyTopTwo", "x", T="DT_FLOAT")
    graph += node("a", "Identity", "y", T="DT_FLOAT") + node("b", "Identity", "y:1", T="DT_INT64")
    model, _ = convert(tmp_path, graph, built("outputs.cpp"), outputs="a:0,b:0")
    _, places = evaluate(model, x=X)
    numpy.testing.assert_array_equal(places, numpy.argsort(-X, -1)[:, :2])


def test_a_plugin_says_what_it_cannot_convert(built, tmp_path):
    (tmp_path / "graph.pbtxt").write_text(placeholder() + node("y", "MyApply", "x", f=('func { name: "other" }',)))
    done = subprocess.run([FLOWPORT, "convert", tmp_path / "graph.pbtxt", "--outputs", "y:0", "--plugin", built("functions.cpp"),
                           "-o", tmp_path / "m.onnx"], capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 3
    assert "MyApply of the function other" in done.stderr and "use swish or gauss" in done.stderr


def test_custom_domain(built, tmp_path):
    graph = placeholder() + node("y", "MyBlur", "x", T="DT_FLOAT", sigma=0.5)
    model, told = convert(tmp_path, graph, built("custom_domain.cpp"))
    assert [(n.domain, n.op_type) for n in model.graph.node] == [("com.example", "Blur")]
    assert ("com.example", 1) in [(o.domain, o.version) for o in model.opset_import]
    assert "libexample_blur.so" in told

    class Blur(onnx.reference.op_run.OpRun):
        op_domain = "com.example"

        def _run(self, x, sigma=None):
            return (x * sigma,)

    reference = onnx.reference.ReferenceEvaluator(model, new_ops=[Blur])
    numpy.testing.assert_allclose(reference.run(None, {model.graph.input[0].name: X})[0], X * 0.5)


def test_what_a_plugin_declares(built, tmp_path):
    """Arguments by name, the attribute's default, the types of outputs; shown without running any of the plugin's code."""
    plugin = built("declared_op.cpp")
    declaration = ("MyWeigh(pieces: N * T, weight: float) -> (total: T, heaviest: T); "
                   "N: int >= 1, T: {float} = DT_FLOAT, power: float = 2.0")  # fmt: skip
    assert declaration in run(FLOWPORT, "plugin", "inspect", plugin)
    assert declaration in run(FLOWPORT, "explain", "MyWeigh", "--plugin", plugin)
    (tmp_path / "other.yaml").write_text('flowport: 1\ntf_ops: { MyWeigh: { inputs: ["x: float"] } }\n')
    done = subprocess.run([FLOWPORT, "explain", "MyWeigh", "--plugin", plugin, "--config", tmp_path / "other.yaml"],
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert done.returncode == 5
    assert "[P-036]" in done.stderr and "other.yaml:2:11' declares MyWeigh(x: float) -> ()" in done.stderr


def test_target(built, tmp_path):
    graph = placeholder() + node("y", "Relu", "x", T="DT_FLOAT")
    model, _ = convert(tmp_path, graph, built("target.cpp"), "--target", "example-edge")
    assert (model.ir_version, model.opset_import[0].version) == (8, 18)
    numpy.testing.assert_array_equal(evaluate(model, x=X)[0], numpy.maximum(X, 0))


def test_rewrite(built, tmp_path):
    keras = pytest.importorskip("keras")
    layer = keras.layers.SimpleRNN(3, activation=None, return_sequences=True, bias_initializer="random_normal")
    keras.Sequential([keras.Input((5, 4)), layer]).export(str(tmp_path / "saved"), verbose=False)
    run(FLOWPORT, "convert", tmp_path / "saved", "--plugin", built("rewrite.cpp"), "-o", tmp_path / "model.onnx")
    model = onnx.load(tmp_path / "model.onnx")
    ops = [n.op_type for n in model.graph.node]
    assert "RNN" in ops and "Loop" not in ops

    x = numpy.random.default_rng(1).normal(size=(2, 5, 4)).astype(numpy.float32)
    w, r, b = layer.get_weights()
    state, states = numpy.zeros((2, 3), numpy.float32), []
    for t in range(5):
        state = x[:, t] @ w + state @ r + b
        states.append(state)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    (got,) = session.run(None, {session.get_inputs()[0].name: x})
    numpy.testing.assert_allclose(got, numpy.stack(states, 1), rtol=1e-4, atol=1e-5)


# FLOWPORT_CLANG is the program as clang built it; FLOWPORT the one that the tests are of, which GCC builds.
@pytest.mark.parametrize("host", ["FLOWPORT", "FLOWPORT_CLANG"])
@pytest.mark.parametrize("compiler", ["g++", "clang++"])
def test_compilers_mix(tmp_path, host, compiler):
    if shutil.which(compiler) is None:
        pytest.skip(f"no {compiler} here")
    program = FLOWPORT if host == "FLOWPORT" else os.environ.get(host)
    if program is None:
        pytest.skip(f"no {host} here")
    plugin = build(EXAMPLES / "bodies.cpp", tmp_path, compiler)
    graph = placeholder() + placeholder("flag", "DT_BOOL", ()) + node("y", "MyChoose", "flag", "x", T="DT_FLOAT")
    model, _ = convert(tmp_path, graph, plugin, program=program)
    numpy.testing.assert_allclose(evaluate(model, x=X, flag=numpy.array(True))[0], X * 10)


def test_every_example_has_a_test():
    text = pathlib.Path(__file__).read_text()
    assert [path.name for path in EXAMPLES.iterdir() if path.suffix in (".c", ".cpp") and f'"{path.name}"' not in text] == []
