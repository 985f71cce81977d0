"""Recurrent cells in loops that are written by hand, with the nodes that they should become."""
import numpy as np
import pytest
import tensorflow as tf

import parity
from recurrent import INPUTS, UNITS, data, nodes_of


def by_hand(kind, batch_major, write):
    """A cell in a loop that autograph makes: a step is x[t] or x[:, t]."""
    rng = np.random.default_rng(6)
    gates = {"LSTM": 4, "GRU": 3, "GRU reset before": 3, "RNN": 1}[kind]
    w, r, b = (rng.standard_normal(shape).astype(np.float32) for shape in ((INPUTS, gates * UNITS), (UNITS, gates * UNITS), gates * UNITS))

    def cell(x, h, c):
        if kind == "RNN":
            return tf.tanh(x @ w + h @ r + b), c
        if kind == "GRU":
            (zx, rx, nx), (zh, rh, nh) = tf.split(x @ w + b, 3, 1), tf.split(h @ r, 3, 1)
            z = tf.sigmoid(zx + zh)
            return z * h + (1.0 - z) * tf.tanh(nx + tf.sigmoid(rx + rh) * nh), c
        if kind == "GRU reset before":
            zx, rx, nx = tf.split(x @ w + b, 3, 1)
            z = tf.sigmoid(zx + h @ r[:, :UNITS])
            reset = tf.sigmoid(rx + h @ r[:, UNITS:2 * UNITS])
            return (1.0 - z) * tf.tanh(nx + (reset * h) @ r[:, 2 * UNITS:]) + z * h, c
        i, f, g, o = tf.split(x @ w + h @ r + b, 4, 1)
        c = tf.sigmoid(f) * c + tf.sigmoid(i) * tf.tanh(g)
        return tf.sigmoid(o) * tf.tanh(c), c

    def call(x):
        time = tf.shape(x)[1 if batch_major else 0]
        h = c = tf.zeros([tf.shape(x)[0 if batch_major else 1], UNITS])
        steps = tf.TensorArray(tf.float32, time)
        for t in tf.range(time):
            h, c = cell(x[:, t] if batch_major else x[t], h, c)
            if write:
                steps = steps.write(t, h)
        return steps.stack() if write else h

    return call


@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize("batch_major", [False, True])
@pytest.mark.parametrize("kind", ["LSTM", "GRU", "GRU reset before", "RNN"])
def test_loop_by_hand(kind, batch_major, write, tmp_path):
    call = by_hand(kind, batch_major, write)
    inputs, outputs = parity.freeze(call, [tf.TensorSpec([None, None, INPUTS])], tmp_path / "graph.pb")
    for opset in (parity.OPSETS[0], parity.OPSETS[-1]):
        out = tmp_path / f"{opset}.onnx"
        parity.convert(tmp_path / "graph.pb", out, "--opset", opset, "--inputs", inputs[0], "--outputs", outputs[0])
        parity.assert_same(tf.function(call)(data()), parity.run_onnx(out, {inputs[0]: data()})[outputs[0]])
        assert (nodes_of(out)[kind.split()[0]], nodes_of(out)["Loop"]) == (1, 0)


def test_columns_of_another_loop(tmp_path):
    """Where no cell is found the loop takes its columns as it did."""
    def call(x):
        total = tf.zeros([tf.shape(x)[0], INPUTS])
        for t in tf.range(tf.shape(x)[1]):
            total = tf.sin(total + x[:, t])
        return total

    inputs, outputs = parity.freeze(call, [tf.TensorSpec([None, None, INPUTS])], tmp_path / "graph.pb")
    out = tmp_path / "out.onnx"
    parity.convert(tmp_path / "graph.pb", out, "--inputs", inputs[0], "--outputs", outputs[0])
    parity.assert_same(tf.function(call)(data()), parity.run_onnx(out, {inputs[0]: data()})[outputs[0]])
    assert (nodes_of(out)["Transpose"], nodes_of(out)["Loop"]) == (0, 1)
