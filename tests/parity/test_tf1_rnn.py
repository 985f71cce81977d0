"""TF1's dynamic_rnn, static_rnn and kin against TensorFlow, with the nodes that they should become."""
import importlib

import numpy as np
import pytest
import tensorflow as tf

import parity
from recurrent import INPUTS, TIME, UNITS, data, nodes_of

TF1 = tf.compat.v1
# Keras 3 hides TF1's cells.
cells = importlib.import_module("tensorflow.python.keras.layers.legacy_rnn.rnn_cell_impl")
CELLS = {
    "LSTM": lambda: cells.LSTMCell(UNITS, initializer=TF1.random_normal_initializer(seed=1), forget_bias=0.6),
    "BasicLSTM": lambda: cells.BasicLSTMCell(UNITS),
    "Peepholes": lambda: cells.LSTMCell(UNITS, use_peepholes=True, initializer=TF1.random_normal_initializer(seed=2)),
    "Clip": lambda: cells.LSTMCell(UNITS, cell_clip=0.1),
    "Projection": lambda: cells.LSTMCell(UNITS, num_proj=2),
    "GRU": lambda: cells.GRUCell(UNITS),
    "Basic": lambda: cells.BasicRNNCell(UNITS),
    "Multi": lambda: cells.MultiRNNCell([cells.LSTMCell(UNITS), cells.LSTMCell(UNITS + 1)]),
}
WANTED = {"LSTM": {"LSTM": 1, "Loop": 0}, "BasicLSTM": {"LSTM": 1, "Loop": 0}, "Peepholes": {"LSTM": 1, "Loop": 0}, "Clip": {"Loop": 1},
          "Projection": {"Loop": 1}, "GRU": {"GRU": 1, "Loop": 0}, "Basic": {"RNN": 1, "Loop": 0}, "Multi": {"LSTM": 2, "Loop": 0}}


def check_tf1(build, feeds, tmp_path, nodes):
    shapes = [[None] * f.ndim if f.ndim < 3 else [None, None, f.shape[2]] for f in feeds]
    for out in parity.check_frozen(build, feeds, shapes, tmp_path):
        counts = nodes_of(out)
        assert {op: counts[op] for op in nodes} == nodes


@pytest.fixture(params=["frames", "while"])
def control_flow(request):
    """TF1's Enter and Exit, or functions."""
    (TF1.disable_control_flow_v2 if request.param == "frames" else TF1.enable_control_flow_v2)()
    yield request.param
    TF1.enable_control_flow_v2()


@pytest.mark.parametrize("cell", CELLS)
def test_dynamic_rnn(cell, control_flow, tmp_path):
    check_tf1(lambda x: TF1.nn.dynamic_rnn(CELLS[cell](), x, dtype=tf.float32), [data()], tmp_path, WANTED[cell])


@pytest.mark.parametrize("lengths", [[5, 2, 0], [0, 0, 0], [3, 1, 2]], ids=str)
@pytest.mark.parametrize("cell", ["LSTM", "GRU", "Basic", "Multi", "Projection"])
def test_sequence_length(cell, lengths, tmp_path):
    def build(x, n):
        return TF1.nn.dynamic_rnn(CELLS[cell](), x, sequence_length=n, dtype=tf.float32)

    check_tf1(build, [data(3), np.array(lengths, np.int32)], tmp_path, WANTED[cell])


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("cell", ["LSTM", "GRU"])
def test_bidirectional_dynamic_rnn(cell, masked, control_flow, tmp_path):
    def build(x, *n):
        return TF1.nn.bidirectional_dynamic_rnn(CELLS[cell](), CELLS[cell](), x, dtype=tf.float32,
                                                sequence_length=n[0] if n else None)

    feeds = [data(3)] + ([np.array([5, 2, 4], np.int32)] if masked else [])
    check_tf1(build, feeds, tmp_path, WANTED[cell])


def test_initial_state_of_lanes(tmp_path):
    """A lane without steps keeps its state, which is not zero."""
    def build(x, n, h):
        return TF1.nn.dynamic_rnn(CELLS["GRU"](), x, sequence_length=n, initial_state=tf.ensure_shape(h, [None, UNITS]))

    feeds = [data(3), np.array([0, 2, 5], np.int64), np.random.default_rng(3).standard_normal((3, UNITS)).astype(np.float32)]
    check_tf1(build, feeds, tmp_path, WANTED["GRU"])


@pytest.mark.parametrize("cell", ["LSTM", "GRU", "Basic"])
def test_time_major(cell, tmp_path):
    check_tf1(lambda x: TF1.nn.dynamic_rnn(CELLS[cell](), x, dtype=tf.float32, time_major=True), [data()], tmp_path, WANTED[cell])


@pytest.mark.parametrize("cell", CELLS)
def test_static_rnn(cell, tmp_path):
    """Unrolled: one cell after the other, and no loop."""
    def build(x):
        return TF1.nn.static_rnn(CELLS[cell](), tf.unstack(tf.ensure_shape(x, [None, TIME, INPUTS]), axis=1), dtype=tf.float32)

    check_tf1(build, [data()], tmp_path, {"Loop": 0})
