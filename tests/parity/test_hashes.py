"""Hashes of integers written as strings: whether they have one digit or as many as there can be."""
import numpy as np
import pytest
import tensorflow as tf

import parity

LIMITS = {dtype: np.iinfo(dtype) for dtype in ("int64", "int32", "uint8", "int16")}


def numbers(dtype):
    """Numbers of every length, and the limits."""
    powers = [sign * 10**i + step for i in range(20) for sign in (1, -1) for step in (-1, 0, 1, 7)]
    inside = [n for n in powers + [LIMITS[dtype].min, LIMITS[dtype].max] if LIMITS[dtype].min <= n <= LIMITS[dtype].max]
    return np.array(inside, dtype).reshape(-1, 1)


HASHES = {
    "fast": lambda x: tf.strings.to_hash_bucket_fast(tf.strings.as_string(x), 2**62 + 1),
    "few": lambda x: tf.strings.to_hash_bucket_fast(tf.identity(tf.strings.as_string(x)), 10),
    "strong": lambda x: tf.strings.to_hash_bucket_strong(tf.strings.as_string(x), 2**62 + 1, [133, -137]),
    "layer": lambda x: tf.keras.layers.Hashing(num_bins=1000)(x),
}


@pytest.mark.parametrize("shape", ["known", "unknown"])
@pytest.mark.parametrize("dtype", LIMITS)
@pytest.mark.parametrize("name", HASHES)
def test_hash_of_integers(name, dtype, shape, tmp_path):
    x, function = numbers(dtype), HASHES[name]
    graph, out = tmp_path / "graph.pb", tmp_path / "out.onnx"
    spec = tf.TensorSpec(x.shape if shape == "known" else [None, 1], tf.as_dtype(dtype))
    inputs, outputs = parity.freeze(function, [spec], graph)
    for opset in (18, parity.OPSETS[-1]):
        parity.convert(graph, out, "--opset", opset, "--inputs", ",".join(inputs), "--outputs", ",".join(outputs))
        expected = np.asarray(function(tf.constant(x)))
        parity.assert_same(expected, parity.run_onnx(out, {inputs[0]: x})[outputs[0]], 0, 0)


def test_other_strings_are_refused(tmp_path):
    graph, out = tmp_path / "graph.pb", tmp_path / "out.onnx"
    spec = tf.TensorSpec([None], tf.uint64)
    inputs, outputs = parity.freeze(lambda x: tf.strings.to_hash_bucket_fast(tf.strings.as_string(x), 10), [spec], graph)
    with pytest.raises(parity.Refused, match="bytes ONNX cannot read"):
        parity.convert(graph, out, "--inputs", ",".join(inputs), "--outputs", ",".join(outputs))
