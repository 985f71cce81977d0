"""Sequence to sequence as users write it, with TF1's and TF2's means: raw_rnn, attention, greedy decoding and beam search over cells."""
import importlib

import numpy as np
import pytest
import tensorflow as tf

import parity

TF1 = tf.compat.v1
# Keras 3 hides TF1's cells.
cells = importlib.import_module("tensorflow.python.keras.layers.legacy_rnn.rnn_cell_impl")
UNITS, TIME, INPUTS, WORDS = 4, 5, 3, 7
CELLS = {"LSTM": cells.LSTMCell, "GRU": cells.GRUCell}


def data(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape).astype(np.float32)


@pytest.fixture(params=["frames", "while"])
def control_flow(request):
    """TF1's Enter and Exit, or functions."""
    (TF1.disable_control_flow_v2 if request.param == "frames" else TF1.enable_control_flow_v2)()
    yield request.param
    TF1.enable_control_flow_v2()


def check(build, feeds, tmp_path, dynamic=True):
    shapes = [[None] * min(f.ndim, 2) + list(f.shape[2:]) if dynamic else f.shape for f in feeds]
    parity.check_frozen(build, feeds, shapes, tmp_path)


def dense(x, units, name):
    with TF1.variable_scope(name, reuse=TF1.AUTO_REUSE):
        kernel = TF1.get_variable("kernel", [x.shape[-1], units], initializer=TF1.random_normal_initializer(seed=5))
        return tf.tensordot(x, kernel, 1)


@pytest.mark.parametrize("kind", CELLS)
def test_raw_rnn(kind, control_flow, tmp_path):
    """A loop that feeds its output to itself where the input has ended."""
    def build(x, lengths):
        steps = TF1.TensorArray(tf.float32, tf.shape(x)[1]).unstack(tf.transpose(x, [1, 0, 2]))
        cell = CELLS[kind](UNITS)

        def step(time, output, state, _):
            first = state is None
            state = cell.zero_state(tf.shape(x)[0], tf.float32) if first else state
            done = time >= lengths
            following = tf.cond(tf.reduce_all(done), lambda: tf.zeros([tf.shape(x)[0], INPUTS]), lambda: steps.read(time))
            following = tf.ensure_shape(following, [None, INPUTS])
            return done, following, state, output, None

        outputs, state, _ = TF1.nn.raw_rnn(cell, step)
        return outputs.stack(), state

    check(build, [data(3, TIME, INPUTS), np.array([5, 2, 4], np.int32)], tmp_path)


def attend(query, memory):
    scores = tf.reduce_sum(dense(memory, UNITS, "memory") * tf.expand_dims(dense(query, UNITS, "query"), 1), -1)
    weights = tf.nn.softmax(scores)
    return tf.reduce_sum(tf.expand_dims(weights, -1) * memory, 1), weights


class AttentionCell(cells.RNNCell):
    """What tf.contrib's AttentionWrapper does: the context is part of the state and of the cell's input."""
    def __init__(self, cell, memory):
        super().__init__()
        self.cell, self.memory = cell, memory

    @property
    def state_size(self):
        return self.cell.state_size, self.memory.shape[-1]

    @property
    def output_size(self):
        return UNITS

    def call(self, x, state):
        inner, context = state
        output, inner = self.cell(tf.concat([x, context], 1), inner)
        context, _ = attend(output, self.memory)
        return tf.tanh(dense(tf.concat([output, context], 1), UNITS, "out")), (inner, context)


@pytest.mark.parametrize("lengths", [False, True])
@pytest.mark.parametrize("kind", CELLS)
def test_attention_wrapper(kind, lengths, control_flow, tmp_path):
    def build(x, y, *n):
        memory, state = TF1.nn.dynamic_rnn(CELLS[kind](UNITS), x, dtype=tf.float32, scope="encoder")
        cell = AttentionCell(CELLS[kind](UNITS), memory)
        start = state, tf.zeros([tf.shape(y)[0], UNITS])
        return TF1.nn.dynamic_rnn(cell, y, sequence_length=n[0] if n else None, initial_state=start, scope="decoder")

    feeds = [data(3, TIME, INPUTS), data(3, 4, INPUTS, seed=1)] + ([np.array([4, 0, 2], np.int32)] if lengths else [])
    check(build, feeds, tmp_path)


@pytest.mark.parametrize("dynamic", [False, True])
@pytest.mark.parametrize("kind", CELLS)
def test_greedy_decoding(kind, dynamic, control_flow, tmp_path):
    """Until every lane has said the end, or for 9 steps."""
    def build(x):
        _, state = TF1.nn.dynamic_rnn(CELLS[kind](UNITS), x, dtype=tf.float32, scope="encoder")
        cell = CELLS[kind](UNITS)
        table = TF1.get_variable("table", [WORDS, INPUTS], initializer=TF1.random_normal_initializer(seed=8))
        batch = tf.shape(x)[0]

        def step(time, words, state, done, said):
            output, state = cell(tf.nn.embedding_lookup(table, words), state)
            words = tf.argmax(dense(output, WORDS, "vocabulary"), -1, output_type=tf.int32)
            words = tf.where(done, tf.zeros_like(words), words)
            return time + 1, words, state, done | tf.equal(words, 2), said.write(time, words)

        said = TF1.TensorArray(tf.int32, 0, dynamic_size=True)
        start = 0, tf.ones([batch], tf.int32), state, tf.zeros([batch], tf.bool), said
        result = TF1.while_loop(lambda t, w, s, done, *_: (t < 9) & ~tf.reduce_all(done), step, start)
        return result[0], tf.transpose(result[4].stack())

    check(build, [data(3, TIME, INPUTS)], tmp_path, dynamic)


def test_beam_search(control_flow, tmp_path):
    """Beams as more lanes, their states gathered by parents; traced back at the end."""
    beams, steps = 3, 4

    def build(x):
        _, state = TF1.nn.dynamic_rnn(CELLS["LSTM"](UNITS), x, dtype=tf.float32, scope="encoder")
        cell = CELLS["LSTM"](UNITS)
        table = TF1.get_variable("table", [WORDS, INPUTS], initializer=TF1.random_normal_initializer(seed=8))
        batch = tf.shape(x)[0]
        state = tf.nest.map_structure(lambda s: tf.repeat(s, beams, 0), state)

        def step(time, words, state, scores, said, parents):
            output, state = cell(tf.nn.embedding_lookup(table, tf.reshape(words, [-1])), state)
            logs = tf.reshape(tf.nn.log_softmax(dense(output, WORDS, "vocabulary")), [batch, beams, WORDS])
            scores, best = tf.math.top_k(tf.reshape(scores[:, :, None] + logs, [batch, beams * WORDS]), beams)
            parent, words = best // WORDS, best % WORDS
            rows = tf.reshape(parent + tf.range(batch)[:, None] * beams, [-1])
            state = tf.nest.map_structure(lambda s: tf.ensure_shape(tf.gather(s, rows), [None, UNITS]), state)
            return time + 1, words, state, scores, said.write(time, words), parents.write(time, parent)

        scores = tf.tile(tf.constant([[0.0] + [-1e9] * (beams - 1)]), [batch, 1])
        start = (0, tf.ones([batch, beams], tf.int32), state, scores, TF1.TensorArray(tf.int32, steps), TF1.TensorArray(tf.int32, steps))
        invariants = (tf.TensorShape([]), tf.TensorShape([None, beams]), tf.nest.map_structure(lambda s: tf.TensorShape([None, UNITS]), state),
                      tf.TensorShape([None, beams]), None, None)
        end = TF1.while_loop(lambda t, *_: t < steps, step, start, shape_invariants=invariants[:4] + (tf.TensorShape(None),) * 2)
        said, parents = end[4].stack(), end[5].stack()

        def back(time, beam, path):
            path = path.write(time, tf.gather(said[time], beam, batch_dims=1))
            return time - 1, tf.gather(parents[time], beam, batch_dims=1), path

        beam = tf.tile(tf.range(beams)[None], [batch, 1])
        path = TF1.while_loop(lambda t, *_: t >= 0, back, (steps - 1, beam, TF1.TensorArray(tf.int32, steps)),
                              shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, beams]), tf.TensorShape(None)))[2]
        return path.stack(), end[3]

    check(build, [data(2, TIME, INPUTS)], tmp_path)


class Seq2Seq(tf.Module):
    """TF2: a loop that autograph makes, with a break, attention over the encoder's outputs."""
    def __init__(self):
        super().__init__()
        normal = lambda *shape, seed: tf.Variable(tf.random.stateless_normal(shape, [seed, 1]))
        self.w, self.r, self.b = normal(INPUTS, 3 * UNITS, seed=1), normal(UNITS, 3 * UNITS, seed=2), normal(3 * UNITS, seed=3)
        self.table, self.out = normal(WORDS, INPUTS, seed=4), normal(2 * UNITS, WORDS, seed=5)

    def cell(self, x, h):
        z, r, _ = tf.split(tf.sigmoid(x @ self.w + h @ self.r + self.b), 3, 1)
        g = tf.tanh((x @ self.w)[:, 2 * UNITS:] + (r * h) @ self.r[:, 2 * UNITS:] + self.b[2 * UNITS:])
        return z * h + (1.0 - z) * g

    @tf.function(input_signature=[tf.TensorSpec([None, None, INPUTS])])
    def __call__(self, x):
        h = tf.zeros([tf.shape(x)[0], UNITS])
        memory = tf.TensorArray(tf.float32, tf.shape(x)[1])
        for i in tf.range(tf.shape(x)[1]):
            h = self.cell(x[:, i], h)
            memory = memory.write(i, h)
        memory = tf.transpose(memory.stack(), [1, 0, 2])
        words, said = tf.ones([tf.shape(x)[0]], tf.int32), tf.TensorArray(tf.int32, 0, dynamic_size=True)
        for i in tf.range(8):
            h = self.cell(tf.gather(self.table, words), h)
            weights = tf.nn.softmax(tf.linalg.matvec(memory, h))
            context = tf.linalg.matvec(memory, weights, transpose_a=True)
            words = tf.argmax(tf.concat([h, context], 1) @ self.out, -1, tf.int32)
            said = said.write(i, words)
            if tf.reduce_all(words == 2):
                break
        return said.stack(), h


def test_seq2seq_by_autograph(tmp_path):
    model = Seq2Seq()
    tf.saved_model.save(model, tmp_path / "model")
    feed = data(3, TIME, INPUTS)
    expected = [t.numpy() for t in model(feed)]
    for opset in (parity.OPSETS[0], parity.OPSETS[-1]):
        out = tmp_path / f"{opset}.onnx"
        parity.convert(tmp_path / "model", out, "--opset", opset)
        session = parity.session(out)
        for want, have in zip(expected, session.run(None, {session.get_inputs()[0].name: feed})):
            parity.assert_same(want, have)
