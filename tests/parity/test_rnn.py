"""Recurrent layers of Keras 3 and TF1 against TensorFlow, with the nodes that they should become."""
import collections
import importlib

import keras
import numpy as np
import onnx
import pytest
import tensorflow as tf
import tf_keras
from keras import layers

import parity

UNITS, TIME, INPUTS = 4, 5, 3
NODE = {"LSTM": "LSTM", "GRU": "GRU", "SimpleRNN": "RNN"}


def nodes_of(path):
    """Nodes by op, those of bodies included."""
    counts = collections.Counter()

    def count(graph):
        for node in graph.node:
            counts[node.op_type] += 1
            for attribute in node.attribute:
                if attribute.type == onnx.AttributeProto.GRAPH:
                    count(attribute.g)

    count(onnx.load(path).graph)
    return counts


def export(model, folder):
    if isinstance(model, keras.Model):
        model.export(folder, verbose=False)
    else:
        tf.saved_model.save(model, folder)


def check_model(model, feeds, tmp_path, nodes, rtol=1e-4, atol=1e-5):
    """Compares at the lowest and the highest opset; `nodes` says how many nodes of some ops there must be."""
    saved = tmp_path / "model"
    export(model, saved)
    expected = [np.asarray(t) for t in tf.nest.flatten(model(feeds if len(feeds) > 1 else feeds[0], training=False))]
    for opset in (parity.OPSETS[0], parity.OPSETS[-1]):
        out = tmp_path / f"{opset}.onnx"
        parity.convert(saved, out, "--opset", opset)
        session = parity.session(out)
        names = [i.name for i in session.get_inputs()]
        assert len(names) == len(feeds)
        actual = session.run(None, dict(zip(sorted(names), feeds)))
        assert len(actual) == len(expected)
        for want, have in zip(expected, actual):
            parity.assert_same(want, have, rtol, atol)
        counts = nodes_of(out)
        assert {op: counts[op] for op in nodes} == nodes


def data(batch=2, time=TIME, inputs=INPUTS, seed=0):
    return np.random.default_rng(seed).standard_normal((batch, time, inputs)).astype(np.float32)


def one(kind, batch=None, time=TIME, **options):
    """A model of one layer whose weights, biases included, are random."""
    keras.utils.set_random_seed(11)
    options.setdefault("bias_initializer", "random_normal")
    layer = getattr(layers, kind)(UNITS, **options)
    x = keras.Input((time, INPUTS), batch_size=batch)
    return keras.Model(x, layer(x))


OPTIONS = [
    ({}, 1),
    ({"return_sequences": True}, 1),
    ({"return_state": True, "return_sequences": True}, 1),
    ({"return_state": True}, 1),
    ({"go_backwards": True, "return_sequences": True}, 1),
    ({"go_backwards": True}, 1),
    ({"activation": "relu", "return_sequences": True}, 1),
    ({"activation": "elu"}, 0),
    ({"use_bias": False}, 1),
]


@pytest.mark.parametrize("options,recognized", OPTIONS, ids=lambda o: "-".join(o) if isinstance(o, dict) else str(o))
@pytest.mark.parametrize("kind", NODE)
def test_layer(kind, options, recognized, tmp_path):
    check_model(one(kind, **options), [data()], tmp_path, {NODE[kind]: recognized, "Loop": 1 - recognized})


@pytest.mark.parametrize("batch,time", [(2, TIME), (None, None), (2, None)])
@pytest.mark.parametrize("kind", NODE)
def test_dims(kind, batch, time, tmp_path):
    check_model(one(kind, batch, time, return_sequences=True), [data()], tmp_path, {NODE[kind]: 1, "Loop": 0})


def test_gru_reset_before(tmp_path):
    check_model(one("GRU", reset_after=False, return_sequences=True), [data()], tmp_path, {"GRU": 1, "Loop": 0})


@pytest.mark.parametrize("kind", NODE)
def test_unrolled(kind, tmp_path):
    check_model(one(kind, unroll=True, return_sequences=True), [data()], tmp_path, {"Loop": 0})


@pytest.mark.parametrize("kind", NODE)
def test_initial_state(kind, tmp_path):
    states = [keras.Input((UNITS,), name=f"state{i}") for i in range(2 if kind == "LSTM" else 1)]
    x = keras.Input((TIME, INPUTS), name="sequence")
    layer = getattr(layers, kind)(UNITS, return_sequences=True, return_state=True)
    model = keras.Model([x, *states], layer(x, initial_state=states))
    feeds = [data(), *np.random.default_rng(5).standard_normal((len(states), 2, UNITS)).astype(np.float32)]
    check_model(model, feeds, tmp_path, {NODE[kind]: 1, "Loop": 0})


@pytest.mark.parametrize("kind", NODE)
def test_stacked(kind, tmp_path):
    x = keras.Input((None, INPUTS))
    y = getattr(layers, kind)(UNITS, return_sequences=True)(x)
    check_model(keras.Model(x, getattr(layers, kind)(UNITS + 1)(y)), [data()], tmp_path, {NODE[kind]: 2, "Loop": 0})


@pytest.mark.parametrize("kind", NODE)
def test_stacked_cells(kind, tmp_path):
    cell = getattr(layers, kind + "Cell")
    x = keras.Input((TIME, INPUTS))
    y = layers.RNN([cell(UNITS), cell(UNITS + 1)], return_sequences=True)(x)
    check_model(keras.Model(x, y), [data()], tmp_path, {NODE[kind]: 2, "Loop": 0})


@pytest.mark.parametrize("kind,sequences,merge", [*((kind, s, "concat") for kind in NODE for s in (False, True)), ("LSTM", True, "sum")])
def test_bidirectional(kind, sequences, merge, tmp_path):
    x = keras.Input((TIME, INPUTS))
    layer = getattr(layers, kind)(UNITS, return_sequences=sequences, bias_initializer="random_normal")
    check_model(keras.Model(x, layers.Bidirectional(layer, merge_mode=merge)(x)), [data()], tmp_path, {NODE[kind]: 1, "Loop": 0})


def masks(time=TIME, seed=9):
    """Lanes: whole, an end, a beginning and an end, holes, nothing, random ones."""
    rows = np.ones((8, time), bool)
    rows[1, time // 2:] = False
    rows[2, :time // 3] = rows[2, -1:] = False
    rows[3, 1::2] = False
    rows[4] = False
    rows[5:] = np.random.default_rng(seed).random((3, time)) < 0.5
    return rows


def masked_data(time=TIME):
    rows = masks(time)
    return data(len(rows), time) * rows[..., None].astype(np.float32)


MASKED = [
    {},
    {"return_sequences": True},
    {"return_sequences": True, "return_state": True},
    {"return_sequences": True, "zero_output_for_mask": True},
    {"go_backwards": True},
    {"go_backwards": True, "return_sequences": True},
]


@pytest.mark.parametrize("options", MASKED, ids="-".join)
@pytest.mark.parametrize("kind", NODE)
def test_mask(kind, options, tmp_path):
    """Masks with holes, which sequence_lens alone cannot say."""
    x = keras.Input((None, INPUTS))
    y = getattr(layers, kind)(UNITS, bias_initializer="random_normal", **options)(layers.Masking()(x))
    check_model(keras.Model(x, y), [masked_data()], tmp_path, {NODE[kind]: 1, "Loop": 0})


@pytest.mark.parametrize("batch,time", [(8, TIME), (8, None), (None, TIME), (8, 1)])
@pytest.mark.parametrize("kind", NODE)
def test_mask_dims(kind, batch, time, tmp_path):
    x = keras.Input((time, INPUTS), batch_size=batch)
    y = layers.Bidirectional(getattr(layers, kind)(UNITS, return_sequences=True))(layers.Masking()(x))
    check_model(keras.Model(x, y), [masked_data(time or TIME)], tmp_path, {NODE[kind]: 1, "Loop": 0})


@pytest.mark.parametrize("sequences,merge", [(False, "concat"), (True, "concat"), (True, "ave")])
@pytest.mark.parametrize("kind", NODE)
def test_bidirectional_mask(kind, sequences, merge, tmp_path):
    """Embedding's mask through two layers."""
    words = keras.Input((None,), dtype="int32")
    x = layers.Embedding(10, INPUTS, mask_zero=True)(words)
    for each in (True, sequences):
        layer = getattr(layers, kind)(UNITS, return_sequences=each, bias_initializer="random_normal")
        x = layers.Bidirectional(layer, merge_mode=merge)(x)
    fed = np.random.default_rng(2).integers(1, 10, (8, TIME)).astype(np.int32) * masks()
    check_model(keras.Model(words, x), [fed.astype(np.int32)], tmp_path, {NODE[kind]: 2, "Loop": 0})


@pytest.mark.parametrize("kind", NODE)
def test_mask_initial_state(kind, tmp_path):
    """Before a lane's first step its output is zero, its state is not."""
    states = [keras.Input((UNITS,), name=f"state{i}") for i in range(2 if kind == "LSTM" else 1)]
    x = keras.Input((None, INPUTS), name="a_sequence")
    layer = getattr(layers, kind)(UNITS, return_sequences=True, return_state=True)
    model = keras.Model([x, *states], layer(layers.Masking()(x), initial_state=states))
    feeds = [masked_data(), *np.random.default_rng(5).standard_normal((len(states), 8, UNITS)).astype(np.float32)]
    check_model(model, feeds, tmp_path, {NODE[kind]: 1, "Loop": 0})


@pytest.mark.parametrize("kind", NODE)
def test_mask_as_input(kind, tmp_path):
    mask = keras.Input((None,), dtype="bool", name="a_mask")
    x = keras.Input((None, INPUTS), name="sequence")
    y = layers.Bidirectional(getattr(layers, kind)(UNITS, return_sequences=True))(x, mask=mask)
    check_model(keras.Model([mask, x], y), [masks(), data(8)], tmp_path, {NODE[kind]: 1, "Loop": 0})


@pytest.mark.parametrize("kind", NODE)
def test_mask_stacked_cells(kind, tmp_path):
    cell = getattr(layers, kind + "Cell")
    x = keras.Input((None, INPUTS))
    y = layers.RNN([cell(UNITS), cell(UNITS + 1)], return_sequences=True)(layers.Masking()(x))
    check_model(keras.Model(x, y), [masked_data()], tmp_path, {NODE[kind]: 2, "Loop": 0})


@pytest.mark.parametrize("kind", NODE)
def test_stateful(kind, tmp_path):
    """What a call leaves for the next one cannot be kept by an ONNX model: the assignment is named."""
    x = keras.Input((TIME, INPUTS), batch_size=2)
    keras.Model(x, getattr(layers, kind)(UNITS, stateful=True)(x)).export(tmp_path / "model", verbose=False)
    with pytest.raises(parity.Refused, match="AssignVariableOp"):
        parity.convert(tmp_path / "model", tmp_path / "out.onnx")


class Primed(tf.Module):
    """States in variables that are only read."""
    def __init__(self, kind):
        super().__init__()
        rng = np.random.default_rng(3)
        self.states = [tf.Variable(rng.standard_normal((2, UNITS)).astype(np.float32)) for _ in range(2 if kind == "LSTM" else 1)]
        self.layer = getattr(layers, kind)(UNITS, return_sequences=True)

    @tf.function(input_signature=[tf.TensorSpec([2, None, INPUTS])])
    def __call__(self, x):
        return self.layer(x, initial_state=[tf.convert_to_tensor(s) for s in self.states])


@pytest.mark.parametrize("kind", NODE)
def test_states_in_variables(kind, tmp_path):
    model = Primed(kind)
    model(data())
    tf.saved_model.save(model, tmp_path / "model")
    out = tmp_path / "out.onnx"
    parity.convert(tmp_path / "model", out)
    session = parity.session(out)
    parity.assert_same(model(data()), session.run(None, {session.get_inputs()[0].name: data()})[0])
    counts = nodes_of(out)
    assert (counts[NODE[kind]], counts["Loop"]) == (1, 0)


KERAS_2 = [{"return_sequences": True}, {}, {"return_sequences": True, "zero_output_for_mask": True}, {"return_state": True, "go_backwards": True}]


@pytest.mark.parametrize("options", KERAS_2, ids=lambda o: "-".join(o) or "last")
@pytest.mark.parametrize("kind", NODE)
@pytest.mark.parametrize("bidirectional", [False, True])
def test_keras_2(kind, bidirectional, options, tmp_path):
    if bidirectional and "go_backwards" in options:
        pytest.skip("Keras 2 wants a forward layer there")
    old = tf_keras.layers
    layer = getattr(old, kind)(UNITS, bias_initializer="random_normal", **options)
    x = tf_keras.Input((None, INPUTS))
    y = (old.Bidirectional(layer) if bidirectional else layer)(old.Masking()(x))
    check_model(tf_keras.Model(x, y), [masked_data()], tmp_path, {NODE[kind]: 1, "Loop": 0})


def test_custom_cell(tmp_path):
    """What is no cell of ONNX's stays a loop, and the cell beside it comes out of it."""
    class Damped(keras.layers.Layer):
        state_size = output_size = UNITS

        def build(self, shape):
            self.kernel = self.add_weight(shape=(shape[-1], UNITS), name="kernel")

        def call(self, x, states):
            h = 0.5 * states[0] + keras.ops.sin(x @ self.kernel)
            return h, [h]

    x = keras.Input((TIME, INPUTS))
    y = layers.RNN([layers.GRUCell(UNITS), Damped()], return_sequences=True)(x)
    check_model(keras.Model(x, y), [data()], tmp_path, {"GRU": 1, "Loop": 1})


@pytest.mark.parametrize("op,peephole,clip,wanted", [("BlockLSTM", False, -1.0, 1), ("BlockLSTMV2", True, 0.0, 1), ("BlockLSTM", False, 0.2, 0)])
def test_block_lstm(op, peephole, clip, wanted, tmp_path):
    """Where nothing but the output is used it is one node, unless the cell state is clipped."""
    rng = np.random.default_rng(4)
    weights = {name: rng.standard_normal(shape).astype(np.float32) for name, shape in
               {"w": (INPUTS + UNITS, 4 * UNITS), "wci": UNITS, "wcf": UNITS, "wco": UNITS, "b": 4 * UNITS}.items()}

    def call(x):
        zeros = tf.zeros([tf.shape(x)[1], UNITS])
        return getattr(tf.raw_ops, op)(seq_len_max=tf.shape(x, tf.int64)[0], x=x, cs_prev=zeros, h_prev=zeros, cell_clip=clip,
                                       use_peephole=peephole, **weights).h

    graph = tmp_path / "graph.pb"
    inputs, outputs = parity.freeze(call, [tf.TensorSpec([None, None, INPUTS])], graph)
    out = tmp_path / "out.onnx"
    parity.convert(graph, out, "--inputs", ",".join(inputs), "--outputs", ",".join(outputs))
    parity.assert_same(call(data()), parity.run_onnx(out, {inputs[0]: data()})[outputs[0]])
    assert (nodes_of(out)["LSTM"], nodes_of(out)["Loop"]) == (wanted, 1 - wanted)


def test_no_time(tmp_path):
    model = one("LSTM", None, None, return_sequences=True, return_state=True)
    saved = tmp_path / "model"
    model.export(saved, verbose=False)
    out = tmp_path / "out.onnx"
    parity.convert(saved, out)
    y, h, c = parity.session(out).run(None, {parity.session(out).get_inputs()[0].name: data(2, 0)})
    assert y.shape == (2, 0, UNITS) and not h.any() and not c.any()


# ---- TF1

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


@pytest.mark.parametrize("options", [{}, {"return_sequences": True, "return_state": True}, {"go_backwards": True}], ids="-".join)
def test_conv_lstm(options, tmp_path):
    x = keras.Input((None, 6, 6, 2))
    y = layers.ConvLSTM2D(3, 3, padding="same", bias_initializer="random_normal", **options)(x)
    fed = np.random.default_rng(1).standard_normal((2, TIME, 6, 6, 2)).astype(np.float32)
    check_model(keras.Model(x, y), [fed], tmp_path, {"Loop": 1})


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
