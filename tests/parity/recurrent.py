"""What the tests of recurrent layers share: models of one layer, what they are fed with, and which nodes they become."""
import collections

import keras
import numpy as np
import onnx
import tensorflow as tf
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
