"""Lookup tables in SavedModels: filled by tensors, by a vocabulary file, or from the checkpoint."""
import numpy as np
import pytest
import tensorflow as tf

import parity

WORDS = np.array([["a", "zz"], ["c", "b"]])
INTS = np.array([[0, 2], [5, -1]])


def static(key_dtype, value_dtype, keys, values, default):
    """A table with these keys and values."""

    def build(module, _):
        filled = tf.lookup.KeyValueTensorInitializer(tf.constant(keys, key_dtype), tf.constant(values, value_dtype))
        module.table = tf.lookup.StaticHashTable(filled, tf.constant(default, value_dtype))
        return module.table

    return build


def vocabulary(key_index, value_index, value_dtype, default, **options):
    """A table from the columns of a file."""

    def build(module, folder):
        path = folder / "words.txt"
        path.write_bytes(b"a x 1.5\r\nb y 2\nc z 3\n")
        filled = tf.lookup.TextFileInitializer(str(path), tf.string, key_index, value_dtype, value_index, delimiter=" ", **options)
        module.table = tf.lookup.StaticHashTable(filled, default)
        return module.table

    return build


def mutable(key_dtype, keys, values, default):
    """A table whose content is in the checkpoint."""

    def build(module, _):
        module.table = tf.lookup.experimental.MutableHashTable(key_dtype, tf.constant(default).dtype, default)
        module.table.insert(tf.constant(keys, key_dtype), tf.constant(values))
        return module.table

    return build


LINE, NUMBER = tf.lookup.TextFileIndex.WHOLE_LINE, tf.lookup.TextFileIndex.LINE_NUMBER
TABLES = {
    "string_to_int64": (static("string", "int64", ["a", "b", "c"], [7, 8, 9], -1), WORDS),
    "string_to_int32": (static("string", "int32", ["a", "b", "c"], [7, 8, 9], -1), WORDS),
    "string_to_float": (static("string", "float32", ["a", "b", "c"], [7, 8.5, 9], -1), WORDS),
    "string_to_double": (static("string", "float64", ["a", "b", "c"], [0.1, 0.2, 0.3], -1), WORDS),
    "string_to_bool": (static("string", "bool", ["a", "b", "c"], [True, False, True], False), WORDS),
    "string_to_string": (static("string", "string", ["a", "b", "c"], ["x", "y", "z"], "?"), WORDS),
    "int64_to_string": (static("int64", "string", [0, 20, 5], ["x", "y", "z"], "?"), INTS),
    "int64_to_int64": (static("int64", "int64", [0, 20, 5], [4, 5, 6], -7), INTS),
    "int32_to_int32": (static("int32", "int32", [0, 20, 5], [4, 5, 6], -7), INTS.astype("int32")),
    "dense_int64_to_string": (static("int64", "string", [0, 2, 1], ["x", "y", "z"], "?"), INTS),
    "lines": (vocabulary(LINE, NUMBER, "int64", -1), np.array(["b y 2", "b"])),
    "columns": (vocabulary(0, 2, "float32", -1.0), np.array(["c", "x"])),
    "first_lines": (vocabulary(0, NUMBER, "int64", -1, vocab_size=2), np.array(["b", "c"])),
    "mutable": (mutable("string", ["q", "r"], [5, 6], -1), np.array(["r", "x"])),
    "of_vectors": (mutable("int64", [3, 9], [[1.0, 2.0], [3.0, 4.0]], [0.0, -1.0]), np.array([9, 3, 4])),
}


def save(build, spec, folder):
    module = tf.Module()
    table = build(module, folder)

    @tf.function(input_signature=[spec])
    def serve(x):
        return {"found": table.lookup(x), "size": table.size()}

    tf.saved_model.save(module, folder / "model", signatures=serve)
    return serve


@pytest.mark.parametrize("name", TABLES)
def test_table(name, tmp_path):
    build, keys = TABLES[name]
    tensor = tf.constant(keys)
    serve = save(build, tf.TensorSpec([None] * keys.ndim, tensor.dtype, "x"), tmp_path)
    expected = {key: value.numpy() for key, value in serve(tensor).items()}
    for opset in parity.OPSETS:
        out = tmp_path / f"{opset}.onnx"
        parity.convert(tmp_path / "model", out, "--opset", opset)
        actual = parity.run_onnx(out, {"x": keys})
        assert actual.keys() == expected.keys()
        for key, value in expected.items():
            parity.assert_same(np.asarray(value, str) if value.dtype == object else value, actual[key])


def test_default_of_the_run_time(tmp_path):
    module = tf.Module()
    table = static("string", "int64", ["a", "b"], [7, 8], -1)(module, tmp_path)

    @tf.function(input_signature=[tf.TensorSpec([None], "string", "x"), tf.TensorSpec([], "int64", "default")])
    def serve(x, default):
        return tf.raw_ops.LookupTableFindV2(table_handle=table.resource_handle, keys=x, default_value=default)

    tf.saved_model.save(module, tmp_path / "model", signatures=serve)
    parity.convert(tmp_path / "model", tmp_path / "model.onnx")
    actual = parity.run_onnx(tmp_path / "model.onnx", {"x": np.array(["b", "q"]), "default": np.array(33)})
    assert list(actual.values())[0].tolist() == [8, 33]


def test_missing_vocabulary_file_is_told(tmp_path):
    save(TABLES["lines"][0], tf.TensorSpec([None], "string", "x"), tmp_path)
    (tmp_path / "model" / "assets" / "words.txt").unlink()
    with pytest.raises(AssertionError, match="words.txt"):
        parity.convert(tmp_path / "model", tmp_path / "model.onnx")


def test_frozen_graph_does_not_have_the_content(tmp_path):
    graph = tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder("string", [None], "x")
        handle = tf.raw_ops.HashTableV2(key_dtype="string", value_dtype="int64", shared_name="words")
        tf.raw_ops.LookupTableFindV2(table_handle=handle, keys=x, default_value=tf.constant(-1, "int64"), name="y")
    (tmp_path / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
    with pytest.raises(parity.Refused, match="does not say what is in the table"):
        parity.convert(tmp_path / "graph.pb", tmp_path / "model.onnx", "--outputs", "y:0")
