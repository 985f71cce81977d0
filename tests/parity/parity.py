"""TensorFlow against ONNX Runtime: convert with the program, run both, compare."""
import os
import subprocess

import numpy as np
import onnxruntime as ort
import tensorflow as tf

FLOWPORT = os.environ.get("FLOWPORT", "flowport")
OPSETS = (13, 21, 28)  # lowest, default, highest


class Refused(Exception):
    """The program said that it cannot convert the model (exit status 3); the text is what it said."""


def convert(model, out, *flags):
    """Converts `model` to `out`. Raises Refused for exit status 3, AssertionError for any other failure."""
    done = subprocess.run([FLOWPORT, "convert", str(model), "-o", str(out), "--quiet", *map(str, flags)],
                          capture_output=True, text=True, timeout=120, check=False)
    if done.returncode == 3:
        assert not os.path.exists(out), "a file was written although an op was refused"
        raise Refused(done.stderr)
    assert done.returncode == 0, f"exit status {done.returncode}\n{done.stderr}"


def session(path):
    options = ort.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    return ort.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def as_real(array):
    """What an ONNX model has for a complex array: a real one with a last dim of 2."""
    array = np.asarray(array)
    if array.dtype.kind != "c":
        return array
    return np.stack([array.real, array.imag], -1)


def _as_text(array):
    """ONNX Runtime would take the text "b'x'" for bytes."""
    return np.vectorize(lambda s: s.decode() if isinstance(s, bytes) else s, otypes=[object])(array)


def run_onnx(path, feeds):
    """Outputs by name. Feeds that the model does not have (pruned inputs stay inputs) are an error of the test."""
    runtime = session(path)
    names = [output.name for output in runtime.get_outputs()]
    feeds = {name: as_real(value) for name, value in feeds.items()}
    feeds = {name: _as_text(value) if value.dtype.kind in "SUO" else value for name, value in feeds.items()}
    return dict(zip(names, runtime.run(names, feeds)))


def assert_same(expected, actual, rtol=1e-4, atol=1e-5, of_range=False):
    """Equal dtype, shape and values; `of_range` takes atol as a share of the expected values' range (deep random nets)."""
    expected = as_real(expected)
    actual = np.asarray(actual)
    if expected.dtype.kind in "SUO":
        decode = np.vectorize(lambda s: s if isinstance(s, bytes) else str(s).encode(), otypes=[object])
        assert actual.shape == expected.shape, f"shape {actual.shape}, TensorFlow has {expected.shape}"
        if expected.size:
            np.testing.assert_array_equal(decode(actual), decode(expected))
        return
    assert actual.dtype == expected.dtype, f"dtype {actual.dtype}, TensorFlow has {expected.dtype}"
    assert actual.shape == expected.shape, f"shape {actual.shape}, TensorFlow has {expected.shape}"
    if expected.dtype.kind == "f" or expected.dtype.name == "bfloat16":
        if of_range and expected.size:
            atol = max(atol, 1e-4 * float(np.ptp(expected)))
        np.testing.assert_allclose(actual.astype(np.float64), expected.astype(np.float64), rtol=rtol, atol=atol, equal_nan=True)
    else:
        np.testing.assert_array_equal(actual, expected)


def freeze(function, specs, path):
    """Writes the graph of `function` with placeholders of `specs`; gives the names of its inputs and outputs."""
    concrete = tf.function(function).get_concrete_function(*specs)
    graph = concrete.graph.as_graph_def()
    with open(path, "wb") as file:
        file.write(graph.SerializeToString())
    outputs = [tensor.name for tensor in tf.nest.flatten(concrete.outputs)]
    return [tensor.name for tensor in concrete.inputs], outputs


def check_frozen(build, feeds, shapes, tmp_path):
    """Freezes the TF1 graph that `build` makes from placeholders of `shapes`, and compares its outputs at the lowest and the highest
    opset. Gives the written models."""
    tf1 = tf.compat.v1
    with tf.Graph().as_default() as graph:
        tf1.set_random_seed(3)
        inputs = [tf1.placeholder(f.dtype, shape) for f, shape in zip(feeds, shapes)]
        outputs = [tf1.identity(t, name=f"result{i}") for i, t in enumerate(tf.nest.flatten(build(*inputs)))]
        with tf1.Session() as session:
            session.run(tf1.global_variables_initializer())
            expected = session.run(outputs, dict(zip(inputs, feeds)))
            frozen = tf1.graph_util.convert_variables_to_constants(session, graph.as_graph_def(), [t.op.name for t in outputs])
    path = tmp_path / "graph.pb"
    path.write_bytes(frozen.SerializeToString())
    written = []
    for opset in (OPSETS[0], OPSETS[-1]):
        out = tmp_path / f"{opset}.onnx"
        convert(path, out, "--opset", opset, "--inputs", ",".join(t.name for t in inputs), "--outputs", ",".join(t.name for t in outputs))
        actual = run_onnx(out, {t.name: f for t, f in zip(inputs, feeds)})
        for tensor, want in zip(outputs, expected):
            assert_same(want, actual[tensor.name], 1e-4, 1e-5)
        written.append(out)
    return written
