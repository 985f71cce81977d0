"""CudnnRNN and its kin against their formulas in NumPy: TensorFlow has no CPU kernel for them."""
import itertools

import numpy as np
import pytest
import tensorflow as tf

import parity

LAYERS, TIME, BATCH, INPUTS, UNITS = 2, 7, 3, 5, 6


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _step(mode, w, r, bw, br, x, h, c):
    """cuDNN's cells; gates lie as i f g o (LSTM) and r z n (GRU)."""
    gates = [(x @ wi.T + bi, h @ ri.T + ci) for wi, ri, bi, ci in zip(w, r, bw, br)]
    if mode == "lstm":
        i, f, g, o = (a + b for a, b in gates)
        c = _sigmoid(f) * c + _sigmoid(i) * np.tanh(g)
        return _sigmoid(o) * np.tanh(c), c
    if mode == "gru":
        reset, update = (_sigmoid(a + b) for a, b in gates[:2])
        new = np.tanh(gates[2][0] + reset * gates[2][1])
        return (1 - update) * new + update * h, c
    z = sum(gates[0])
    return (np.tanh(z) if mode == "rnn_tanh" else np.maximum(z, 0)), c


def _layer(mode, weights, x, h, c, lengths, backward):
    y = np.zeros(x.shape[:2] + h.shape[1:], np.float64)
    h, c = h.copy(), c.copy()
    for lane in range(x.shape[1]):
        times = range(lengths[lane])
        for t in reversed(times) if backward else times:
            h[lane], c[lane] = _step(mode, *weights, x[t, lane], h[lane], c[lane])
            y[t, lane] = h[lane]
    return y, h, c


def _cudnn(mode, directions, params, x, h, c, lengths):
    gates = {"lstm": 4, "gru": 3}.get(mode, 1)
    matrices, biases, at, width = [], [], 0, x.shape[2]

    def take(*dims):
        nonlocal at
        at += int(np.prod(dims))
        return params[at - int(np.prod(dims)):at].reshape(dims)

    for _ in range(LAYERS):
        matrices += [(take(gates, UNITS, width), take(gates, UNITS, UNITS)) for _ in range(directions)]
        width = UNITS * directions
    for _ in range(LAYERS * directions):
        biases.append((take(gates, UNITS), take(gates, UNITS)))
    assert at == params.size
    last_h, last_c = [], []
    for layer in range(LAYERS):
        outputs = []
        for direction in range(directions):
            k = layer * directions + direction
            y, hk, ck = _layer(mode, matrices[k] + biases[k], x, h[k], c[k], lengths, direction == 1)
            outputs.append(y)
            last_h.append(hk)
            last_c.append(ck)
        x = np.concatenate(outputs, 2)
    return x, np.stack(last_h), np.stack(last_c)


def _params_size(mode, directions):
    gates = {"lstm": 4, "gru": 3}.get(mode, 1)
    widths = [INPUTS] + [UNITS * directions] * (LAYERS - 1)
    return sum(directions * gates * UNITS * (width + UNITS + 2) for width in widths)


CASES = [*itertools.product(["CudnnRNN", "CudnnRNNV2", "CudnnRNNV3"], ["lstm", "gru", "rnn_tanh", "rnn_relu"], [1, 2], [True]),
         ("CudnnRNNV3", "lstm", 2, False), ("CudnnRNNV3", "gru", 1, False)]


@pytest.mark.parametrize("op,mode,directions,time_major", CASES)
def test_cudnn_rnn(op, mode, directions, time_major, tmp_path):
    rng = np.random.default_rng(7)
    x = rng.standard_normal((TIME, BATCH, INPUTS))
    h, c = rng.standard_normal((2, LAYERS * directions, BATCH, UNITS))
    params = rng.uniform(-0.7, 0.7, _params_size(mode, directions))
    lengths = np.array([7, 1, 3] if op == "CudnnRNNV3" else [TIME] * BATCH, np.int32)
    order = (lambda v: v) if time_major else (lambda v: np.swapaxes(v, 0, 1))
    feeds = [order(v).astype(np.float32) for v in (x, h, c)]

    def call(x, h, c, *lengths):
        more = {"sequence_lengths": lengths[0], "time_major": time_major, "num_proj": 0} if lengths else {}
        out = getattr(tf.raw_ops, op)(input=x, input_h=h, input_c=c, params=tf.constant(params.astype(np.float32)), rnn_mode=mode,
                                      direction="bidirectional" if directions == 2 else "unidirectional", is_training=False, **more)
        return out[:3] if mode == "lstm" else out[:2]

    specs = [tf.TensorSpec([None if n in (TIME, BATCH) else n for n in f.shape], tf.float32) for f in feeds]
    if op == "CudnnRNNV3":
        feeds.append(lengths)
        specs.append(tf.TensorSpec([None], tf.int32))
    graph = tmp_path / "graph.pb"
    inputs, outputs = parity.freeze(call, specs, graph)
    expected = [order(v).astype(np.float32) for v in _cudnn(mode, directions, params, x, h, c, lengths)]
    for opset in parity.OPSETS:
        out = tmp_path / f"{opset}.onnx"
        parity.convert(graph, out, "--opset", opset, "--outputs", ",".join(outputs), "--inputs", ",".join(inputs))
        actual = parity.run_onnx(out, dict(zip(inputs, feeds)))
        for name, value in zip(outputs, expected):
            parity.assert_same(value, actual[name], 1e-4, 1e-5)


@pytest.mark.parametrize("options,text", [({"is_training": True, "dropout": 0.3}, "dropout"), ({"input_mode": "skip_input"}, "skip_input")])
def test_refused(options, text, tmp_path):
    def call(x, h):
        options.setdefault("is_training", False)
        return tf.raw_ops.CudnnRNN(input=x, input_h=h, input_c=h, params=tf.zeros([10]), rnn_mode="gru", **options)[0]

    graph = tmp_path / "graph.pb"
    _, outputs = parity.freeze(call, [tf.TensorSpec([4, 3, 5]), tf.TensorSpec([1, 3, 6])], graph)
    with pytest.raises(parity.Refused, match=text):
        parity.convert(graph, tmp_path / "out.onnx", "--outputs", ",".join(outputs))
