"""Every op of the support table, alone, against TensorFlow: static shapes, unknown dims and unknown rank, at the lowest, the
default and the highest opset."""
import importlib
import pathlib
import subprocess

import numpy as np
import pytest
import tensorflow as tf

import cases
import parity

for _file in sorted((pathlib.Path(__file__).parent / "cases").glob("[a-z]*.py")):
    importlib.import_module(f"cases.{_file.stem}")

# Rows for ops that TensorFlow has no raw op or no CPU kernel for, or that no graph of its own can hold: each with its reason.
_XLA = "XLA's own op: nothing but identity without its compiler, or without a CPU kernel"
_DEBUG = "put in by TensorFlow's debugger only"
_CUDNN = "has a GPU kernel only: test_cudnn_rnn compares with its formula"
_DEPRECATED = "TensorFlow makes no new node of it"
WITHOUT_CASE = {
    "_EagerConst": "made by the eager runtime only",
    "_MklFusedMish": "made by TensorFlow's optimizer only",
    "_MklLayerNorm": "made by TensorFlow's optimizer only",
    "_MklSwish": "made by TensorFlow's optimizer only",
    "CheckPinned": "needs a GPU",
    "Dequantize": "its input has a quantized type: test_quantized",
    "QuantizeV2": "its output has a quantized type: test_quantized",
    "ResourceGather": "reads a variable: the embeddings of test_models",
    "ResourceGatherNd": "reads a variable",
    **dict.fromkeys(["CudnnRNN", "CudnnRNNV2", "CudnnRNNV3"], _CUDNN),
    **dict.fromkeys(["DebugGradientIdentity", "DebugIdentity", "DebugIdentityV2", "DebugIdentityV3"], _DEBUG),
    **dict.fromkeys(["BatchCholesky", "BatchFFT", "BatchFFT2D", "BatchFFT3D", "BatchIFFT", "BatchIFFT2D", "BatchIFFT3D",
                     "BatchMatrixBandPart", "BatchMatrixDeterminant", "BatchMatrixDiag", "BatchMatrixDiagPart", "BatchMatrixInverse",
                     "BatchMatrixSetDiag", "BatchMatrixSolve", "BatchMatrixTriangularSolve", "Conv3DBackpropInput", "TopK"],
                    _DEPRECATED),
    **dict.fromkeys(["XlaAllReduce", "XlaClusterOutput", "XlaDynamicSlice", "XlaDynamicUpdateSlice", "XlaEinsum", "XlaReduceScatter",
                     "XlaRemoveDynamicDimensionSize", "XlaReplicaId", "XlaSetBound", "XlaSharding", "XlaSpmdFullToShardShape",
                     "XlaSpmdShardToFullShape"], _XLA),
}


def _registered():
    """The ops that plugins and mappings convert; what the core runs itself is tested in test_control_flow and its like."""
    text = subprocess.run([parity.FLOWPORT, "ops", "--opset", "28"], capture_output=True, text=True, check=True).stdout
    rows = [line.split() for line in text.splitlines()[:-1]]
    return {row[0] for row in rows if row[-1] != "core"}


def _feeds(case):
    found = []
    for value in case.args.values():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, cases.Feed):
                found.append(item)
    return found


def _function(case):
    """The raw op as a function of its fed tensors."""

    def call(*fed):
        fed = iter(fed)

        def tensor(item):
            if isinstance(item, cases.Feed):
                return next(fed)
            return tf.constant(item.value) if isinstance(item, cases.Const) else item

        args = {name: [tensor(i) for i in value] if isinstance(value, list) else tensor(value) for name, value in case.args.items()}
        return getattr(tf.raw_ops, case.op)(**args)

    return call


def _spec(array, kind):
    shape = {"static": list(array.shape), "dynamic": [None] * array.ndim, "unknown": None}[kind]
    return tf.TensorSpec(shape, tf.as_dtype(array.dtype))


@pytest.mark.parametrize("kind", ["static", "dynamic", "unknown"])
@pytest.mark.parametrize("case", cases.ALL, ids=lambda case: case.id)
def test_op(case, kind, tmp_path):
    feeds = _feeds(case)
    function = _function(case)
    arrays = [item.value for item in feeds]
    expected = [np.asarray(t) for t in tf.nest.flatten(tf.function(function)(*map(tf.constant, arrays)))]
    graph = tmp_path / "graph.pb"
    try:
        inputs, outputs = parity.freeze(function, [_spec(a, kind) for a in arrays], graph)
        outputs = outputs[: case.options.get("outputs")]
    except ValueError:
        if kind == "static":
            raise
        pytest.skip("TensorFlow itself wants to know more of the shapes")
    options = case.options
    for opset in parity.OPSETS:
        out = tmp_path / f"{opset}.onnx"
        flags = ["--opset", opset, "--outputs", ",".join(outputs)] + (["--inputs", ",".join(inputs)] if inputs else [])
        expected_text = options.get("refused")
        converts_at = options.get("opsets", parity.OPSETS)
        if kind != "static":
            expected_text = expected_text or options.get("dynamic")
            converts_at = options.get("dynamic_opsets", converts_at)
        expects_refusal = expected_text is not None or opset not in converts_at
        try:
            parity.convert(graph, out, *flags)
        except parity.Refused as refused:
            if kind == "unknown" and not expects_refusal:
                continue  # a clear refusal is an answer where nothing is known of the shape
            assert expects_refusal, str(refused)
            assert (expected_text or "") in str(refused)
            continue
        assert not expects_refusal or kind == "unknown", f"converts at opset {opset}, which the case does not expect"
        actual = parity.run_onnx(out, dict(zip(inputs, arrays)))
        for name, value in zip(outputs, expected):
            if options.get("no_value"):
                value = parity.as_real(value)
                assert actual[name].shape == value.shape and actual[name].dtype == value.dtype
            else:
                parity.assert_same(value, actual[name], options.get("rtol", 1e-4), options.get("atol", 1e-5))


def test_every_handler_has_a_case():
    assert _registered() - {case.op for case in cases.ALL} - set(WITHOUT_CASE) == set()


def test_every_case_has_a_handler():
    assert {case.op for case in cases.ALL if not case.options.get("refused")} - _registered() == set()
