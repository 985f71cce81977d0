#!/usr/bin/env python3
"""Writes the models under data/ that the TensorFlow room's tests read.

    python tests/unit/tensorflow/make_fixtures.py

Needs a pip-installed TensorFlow. What the tests expect of each model stands in the test files.
"""

import os
import pathlib
import shutil

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

v1 = tf.compat.v1
DATA = pathlib.Path(__file__).resolve().parent / "data"


def clean(name: str) -> str:
    folder = DATA / name
    shutil.rmtree(folder, ignore_errors=True)
    return str(folder)


class Dense(tf.Module):
    """Two variables of one name, a variable that only the signature "count" uses, a function that calls another."""

    def __init__(self):
        super().__init__()
        self.kernel = tf.Variable(np.arange(6, dtype=np.float32).reshape(2, 3), name="weight")
        self.bias = tf.Variable(np.array([10, 20, 30], np.float32), name="weight")
        self.steps = tf.Variable(7, dtype=tf.int64, name="steps")

    @tf.function
    def activation(self, x):
        first, second = tf.split(x, [1, 2], axis=1)
        return tf.nn.relu(tf.concat([second, first], axis=1))

    @tf.function(input_signature=[tf.TensorSpec([None, 2], tf.float32, "x")])
    def serve(self, x):
        return {"y": self.activation(x @ self.kernel + self.bias)}

    @tf.function(input_signature=[tf.TensorSpec([], tf.int64, "by")])
    def count(self, by):
        return {"steps": self.steps.assign_add(by)}


class Words(tf.Module):
    """A table that is filled from an asset."""

    def __init__(self, vocabulary: str):
        super().__init__()
        self.table = tf.lookup.StaticHashTable(
            tf.lookup.TextFileInitializer(vocabulary, tf.string, tf.lookup.TextFileIndex.WHOLE_LINE,
                                          tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER), -1)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "word")])
    def serve(self, word):
        return {"id": self.table.lookup(word)}


class Counts(tf.Module):
    """A table whose content is in the checkpoint."""

    def __init__(self):
        super().__init__()
        self.table = tf.lookup.experimental.MutableHashTable(tf.string, tf.int64, -1)
        self.table.insert(["a", "b"], tf.constant([3, 5], tf.int64))

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, "word")])
    def serve(self, word):
        return {"id": self.table.lookup(word)}


def save(module: tf.Module, name: str, signatures: dict) -> None:
    options = tf.saved_model.SaveOptions(save_debug_info=False)
    tf.saved_model.save(module, clean(name), signatures=signatures, options=options)
    (DATA / name / "fingerprint.pb").unlink(missing_ok=True)
    file = DATA / name / "saved_model.pb"
    model = saved_model_pb2.SavedModel.FromString(file.read_bytes())
    model.meta_graphs[0].ClearField("object_graph_def")  # large, and not read
    file.write_bytes(model.SerializeToString(deterministic=True))


def make_tf2() -> None:
    module = Dense()
    save(module, "tf2", {"serving_default": module.serve, "count": module.count})
    vocabulary = pathlib.Path("words.txt")  # a relative path: it stands in the names of the table's nodes
    vocabulary.write_text("red\ngreen\nblue\n")
    module = Words(str(vocabulary))
    save(module, "words", {"serving_default": module.serve})
    vocabulary.unlink()
    module = Counts()
    save(module, "counts", {"serving_default": module.serve})


def make_tf1() -> None:
    builder = v1.saved_model.Builder(clean("tf1"))
    with tf.Graph().as_default(), v1.Session() as session:
        x = v1.placeholder(tf.float32, [None, 2], "x")
        w = v1.get_variable("w", initializer=np.array([[1.0], [2.0]], np.float32), use_resource=False)
        y = tf.matmul(x, w, name="y")
        sparse = v1.sparse_placeholder(tf.float32, [None, 2], name="s")
        total = tf.sparse.reduce_sum(sparse, name="total")
        session.run(v1.global_variables_initializer())
        dense_signature = v1.saved_model.predict_signature_def({"b": x}, {"a": y})
        sparse_signature = v1.saved_model.build_signature_def(
            {"s": v1.saved_model.build_tensor_info(sparse)}, {"total": v1.saved_model.build_tensor_info(total)}, "predict")
        builder.add_meta_graph_and_variables(session, ["serve"], {"dense": dense_signature, "sparse": sparse_signature},
                                             main_op=tf.no_op("fill"), strip_default_attrs=True)
    with tf.Graph().as_default(), v1.Session():
        x = v1.placeholder(tf.float32, [None, 2], "x")
        w = v1.get_variable("w", [2, 1], use_resource=False)
        y = tf.add(tf.matmul(x, w), 1.0, name="y_train")
        builder.add_meta_graph(["train", "gpu"], {"dense": v1.saved_model.predict_signature_def({"b": x}, {"a": y})})
    builder.save()


def counting(shape: list[int]):
    """Initializer of a partitioned variable: 0, 1, 2, ... over the whole."""
    whole = np.arange(np.prod(shape)).reshape(shape)

    def part(shape, dtype, partition_info):
        begin = partition_info.var_offset
        return tf.constant(whole[begin[0]:begin[0] + shape[0], begin[1]:begin[1] + shape[1]], dtype)

    return part


def make_checkpoint() -> None:
    """Two shards; "table" is saved in three slices of its rows, "blocks" in two of its columns."""
    clean("checkpoint")
    (DATA / "checkpoint").mkdir()
    with tf.Graph().as_default(), v1.Session(config=v1.ConfigProto(device_count={"CPU": 2})) as session:
        with tf.device("/cpu:0"):
            table = v1.get_variable("table", [5, 2], initializer=counting([5, 2]), use_resource=True,
                                    partitioner=v1.fixed_size_partitioner(3))
            half = v1.get_variable("half", initializer=tf.constant([1.5, -2.0], tf.bfloat16), use_resource=True)
        with tf.device("/cpu:1"):
            blocks = v1.get_variable("blocks", [2, 4], tf.int32, counting([2, 4]), use_resource=False,
                                     partitioner=v1.fixed_size_partitioner(2, axis=1))
            names = v1.get_variable("names", initializer=tf.constant(["", "one", "x" * 200]), use_resource=False)
        tf.identity(tf.convert_to_tensor(table), "whole_table")
        session.run(v1.global_variables_initializer())
        saver = v1.train.Saver([*table, half, *blocks, names], sharded=True)
        saver.save(session, str(DATA / "checkpoint" / "model"))
    (DATA / "checkpoint" / "checkpoint").unlink()


if __name__ == "__main__":
    DATA.mkdir(exist_ok=True)
    os.chdir(DATA)
    make_tf2()
    make_tf1()
    make_checkpoint()
