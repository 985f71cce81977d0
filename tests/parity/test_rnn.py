"""Recurrent layers of Keras against TensorFlow, with the nodes that they should become."""
import keras
import numpy as np
import pytest
import tensorflow as tf
import tf_keras
from keras import layers

import parity
from recurrent import INPUTS, NODE, TIME, UNITS, check_model, data, nodes_of, one

OPTIONS = [
    ({}, 1),
    ({"return_sequences": True}, 1),
    ({"return_state": True, "return_sequences": True}, 1),
    ({"return_state": True}, 1),
    ({"go_backwards": True, "return_sequences": True}, 1),
    ({"go_backwards": True}, 1),
    ({"activation": "relu", "return_sequences": True}, 1),
    ({"activation": "elu"}, 1),
    ({"activation": "gelu"}, 0),
    ({"use_bias": False}, 1),
]


@pytest.mark.parametrize("options,recognized", OPTIONS, ids=lambda o: "-".join(o) if isinstance(o, dict) else str(o))
@pytest.mark.parametrize("kind", NODE)
def test_layer(kind, options, recognized, tmp_path):
    check_model(one(kind, **options), [data()], tmp_path, {NODE[kind]: recognized, "Loop": 1 - recognized})


@keras.saving.register_keras_serializable()
def keras_2_hard_sigmoid(x):
    return tf.clip_by_value(x * 0.2 + 0.5, 0.0, 1.0)


ACTIVATIONS = ["elu", "hard_sigmoid", keras_2_hard_sigmoid, "leaky_relu", "linear", "relu", "softplus", "softsign"]


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda a: getattr(a, "__name__", a))
@pytest.mark.parametrize("kind", ["LSTM", "GRU"])
def test_activations(kind, activation, bidirectional, tmp_path):
    """Those that ONNX's ops know, with their numbers, as activation and as recurrent activation; in Bidirectional, other ones
    backwards."""
    x = keras.Input((None, INPUTS))
    make = getattr(layers, kind)
    layer = make(UNITS, activation=activation, recurrent_activation="hard_sigmoid", return_sequences=True)
    if bidirectional:
        gates = "sigmoid" if activation == "linear" else activation
        other = make(UNITS, recurrent_activation=gates, activation="leaky_relu", return_sequences=True, go_backwards=True)
        layer = layers.Bidirectional(layer, backward_layer=other)
    check_model(keras.Model(x, layer(x)), [data()], tmp_path, {kind: 1, "Loop": 0})


@pytest.mark.parametrize("activation", ACTIVATIONS, ids=lambda a: getattr(a, "__name__", a))
def test_activations_of_simple_rnn(activation, tmp_path):
    check_model(one("SimpleRNN", activation=activation), [data()], tmp_path, {"RNN": 1, "Loop": 0})


@pytest.mark.parametrize("least,most", [(0.1, 1.0), (0.0, 0.9), (-1.0, 1.0)])
def test_clip_that_is_no_hard_sigmoid(least, most, tmp_path):
    x = keras.Input((None, INPUTS))
    gates = layers.Lambda(lambda v: tf.clip_by_value(v * 0.2 + 0.5, least, most))
    y = layers.RNN(layers.LSTMCell(UNITS, recurrent_activation=gates), return_sequences=True)(x)
    check_model(keras.Model(x, y), [data()], tmp_path, {"LSTM": 0, "Loop": 1})


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
def test_dropout(kind, tmp_path):
    """Inference moves the states of random generators on, and uses none of their numbers."""
    check_model(one(kind, dropout=0.3, recurrent_dropout=0.2, return_sequences=True), [data()], tmp_path, {NODE[kind]: 1, "Loop": 0})


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


@pytest.mark.parametrize("options", [{}, {"return_sequences": True, "return_state": True}, {"go_backwards": True}], ids="-".join)
def test_conv_lstm(options, tmp_path):
    x = keras.Input((None, 6, 6, 2))
    y = layers.ConvLSTM2D(3, 3, padding="same", bias_initializer="random_normal", **options)(x)
    fed = np.random.default_rng(1).standard_normal((2, TIME, 6, 6, 2)).astype(np.float32)
    check_model(keras.Model(x, y), [fed], tmp_path, {"Loop": 1})
