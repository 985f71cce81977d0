"""Tensors of TensorFlow's quantized types, which exist between two ops only: quantized, cast and dequantized."""
import numpy as np
import pytest
import tensorflow as tf

import parity

X = np.concatenate([np.random.default_rng(0).uniform(-4, 4, 500), np.linspace(-3, 3, 401)]).astype("float32")


@pytest.mark.parametrize("low, high", [(-1.0, 1.5), (0.5, 2.0), (-3.0, -1.0), (0.0, 0.0)])
@pytest.mark.parametrize("mode, round_mode", [("MIN_COMBINED", "HALF_AWAY_FROM_ZERO"), ("SCALED", "HALF_AWAY_FROM_ZERO"), ("SCALED", "HALF_TO_EVEN")])
@pytest.mark.parametrize("dtype", ["quint8", "qint8", "quint16", "qint16"])
def test_quantized(dtype, mode, round_mode, low, high, tmp_path):
    def function(x):
        q, least, most = tf.raw_ops.QuantizeV2(input=x, min_range=low, max_range=high, T=dtype, mode=mode, round_mode=round_mode)
        return tf.cast(q, tf.int32), least, most, tf.raw_ops.Dequantize(input=q, min_range=least, max_range=most, mode=mode)

    graph, out = tmp_path / "graph.pb", tmp_path / "out.onnx"
    inputs, outputs = parity.freeze(function, [tf.TensorSpec([None], tf.float32)], graph)
    parity.convert(graph, out, "--opset", 13, "--inputs", inputs[0], "--outputs", ",".join(outputs))
    actual = parity.run_onnx(out, {inputs[0]: X})
    for name, expected in zip(outputs, tf.nest.flatten(function(tf.constant(X)))):
        parity.assert_same(expected.numpy(), actual[name], rtol=1e-6, atol=1e-6)
