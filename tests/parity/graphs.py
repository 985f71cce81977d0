"""Graphs with control flow, in both of TensorFlow's forms: as functions (While, If; TensorList) and as TF1's frames (Enter, Switch;
TensorArrayV3)."""
import contextlib

import numpy as np
import pytest
import tensorflow as tf

import parity

v1 = tf.compat.v1
FORMS = ("functions", "frames")


class Cases(dict):
    """Functions of tensors and what they are fed with, by the function's name."""

    def case(self, *feeds, forms=FORMS):
        """Registers a function; each item of `feeds` is one list of feeds, of the same ranks and dtypes."""
        def register(function):
            assert function.__name__ not in self
            self[function.__name__] = (function, [tuple(map(np.asarray, feed)) for feed in feeds], forms)
            return function
        return register

    def in_forms(self):
        """Name and form of each case, as parameters of a test."""
        return [(name, form) for name, (_, _, forms) in self.items() for form in forms]

    def check(self, name, form, dynamic, folder):
        """Compares with TensorFlow at the lowest and the highest opset. Gives the written models."""
        function, feeds, _ = self[name]
        graph = folder / "graph.pb"
        inputs, outputs, expected = build(function, feeds, form, dynamic, graph)
        written = []
        for opset in (parity.OPSETS[0], parity.OPSETS[-1]):
            written.append(folder / f"{opset}.onnx")
            parity.convert(graph, written[-1], "--inputs", ",".join(inputs), "--outputs", ",".join(outputs), "--opset", opset)
            for feed, wanted in zip(feeds, expected):
                result = parity.run_onnx(written[-1], dict(zip(inputs, feed)))
                for output, value in zip(outputs, wanted):
                    parity.assert_same(value, result[output])
        return written


def f32(*shape):
    count = int(np.prod(shape))
    return (np.sin(np.arange(count, dtype=np.float64)).reshape(shape) * 2).astype(np.float32)


def i32(*values):
    return np.array(values if len(values) > 1 else values[0], np.int32)


@contextlib.contextmanager
def control_flow_v1():
    v1.disable_control_flow_v2()
    try:
        yield
    finally:
        v1.enable_control_flow_v2()


def check_refused(build, text, folder):
    """The program refuses the graph of `build`, a function of one float [4, 3], with words that the pattern `text` fits."""
    inputs, outputs = parity.freeze(build, [tf.TensorSpec([4, 3])], folder / "graph.pb")
    with pytest.raises(parity.Refused, match="(?s)" + text):
        parity.convert(folder / "graph.pb", folder / "out.onnx", "--inputs", ",".join(inputs), "--outputs", ",".join(outputs))


def spec_of(arrays, dynamic):
    first = arrays[0]
    same = all(other.shape == first.shape for other in arrays)
    return [None] * first.ndim if dynamic or not same else list(first.shape)


def build(function, feeds, form, dynamic, path):
    """Writes the graph; gives the names of inputs and outputs and what TensorFlow says for each feed."""
    shapes = [spec_of([feed[i] for feed in feeds], dynamic) for i in range(len(feeds[0]))]
    dtypes = [tf.string if item.dtype.kind == "U" else item.dtype for item in feeds[0]]
    if form == "functions":
        specs = [tf.TensorSpec(shape, dtype) for shape, dtype in zip(shapes, dtypes)]
        inputs, outputs = parity.freeze(function, specs, path)
        call = tf.function(function)
        return inputs, outputs, [[t.numpy() for t in tf.nest.flatten(call(*map(tf.constant, feed)))] for feed in feeds]
    with control_flow_v1(), tf.Graph().as_default() as graph:
        fed = [v1.placeholder(dtype, shape) for shape, dtype in zip(shapes, dtypes)]
        results = [tf.identity(item) for item in tf.nest.flatten(function(*fed))]
        path.write_bytes(graph.as_graph_def().SerializeToString())
        with v1.Session(graph=graph) as session:
            expected = [session.run(results, dict(zip(fed, feed))) for feed in feeds]
    return [item.name for item in fed], [item.name for item in results], expected
