"""Decompositions whose vectors are determined up to their sign only: what is made of them must be TensorFlow's."""
import numpy as np
import pytest
import tensorflow as tf

import parity

RANDOM = np.random.default_rng(11).uniform(-1.0, 1.0, (2, 5, 3))
POOR = np.stack([np.outer([1.0, 2.0, 3.0, 4.0], [1.0, -1.0, 2.0]), np.zeros((4, 3))])  # ranks 1 and 0


def recomposed(full):
    def function(x):
        s, u, v = tf.linalg.svd(x, full_matrices=full)
        count = tf.shape(s)[-1]
        again = tf.matmul(u[..., :count] * s[..., tf.newaxis, :], v[..., :count], adjoint_b=True)
        return again, tf.matmul(u, u, adjoint_a=True), tf.matmul(v, v, adjoint_a=True)

    return function


def from_eigenvectors(x):
    e, v = tf.linalg.eigh(x)
    return e, tf.matmul(v * e[..., tf.newaxis, :], v, adjoint_b=True), tf.matmul(v, v, adjoint_a=True)


@pytest.mark.parametrize("shape", ["known", "unknown"])
@pytest.mark.parametrize("function, x", [
    (recomposed(False), RANDOM),
    (recomposed(True), RANDOM),
    (recomposed(True), RANDOM.swapaxes(1, 2)),
    (recomposed(False), POOR),
    (recomposed(True), POOR),
    (tf.linalg.pinv, RANDOM),
    (tf.linalg.pinv, POOR[:1]),
    (from_eigenvectors, RANDOM @ RANDOM.swapaxes(1, 2)),
    (from_eigenvectors, np.array([[0.0, 1.0], [1.0, 0.0]])),
])
def test_decomposition(function, x, shape, tmp_path):
    graph, out = tmp_path / "graph.pb", tmp_path / "out.onnx"
    spec = tf.TensorSpec(x.shape if shape == "known" else [None] * x.ndim, tf.float64)
    inputs, outputs = parity.freeze(function, [spec], graph)
    parity.convert(graph, out, "--opset", 18, "--inputs", inputs[0], "--outputs", ",".join(outputs))
    actual = parity.run_onnx(out, {inputs[0]: x})
    for name, expected in zip(outputs, tf.nest.flatten(function(tf.constant(x)))):
        parity.assert_same(expected.numpy(), actual[name], rtol=1e-9, atol=1e-9)
