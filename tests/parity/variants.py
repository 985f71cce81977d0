"""Variants in TensorFlow graphs: ragged tensors and lists as items of lists."""
import numpy as np
import tensorflow as tf

from graphs import f32

raw = tf.raw_ops
VARIANT = tf.variant


def splits(*values):
    return np.array(values, np.int32)


def ragged(values, *nested):
    return tf.RaggedTensor.from_nested_row_splits(values, nested, validate=False)


def parts(tensor):
    return [*tensor.nested_row_splits, tensor.flat_values]


def spec(dims, dtype=tf.float32, ragged_rank=None, row_splits_dtype=tf.int32):
    return tf.RaggedTensorSpec(dims, dtype, ragged_rank=ragged_rank, row_splits_dtype=row_splits_dtype)


def to_variant(tensor, batched):
    return raw.RaggedTensorToVariant(rt_nested_splits=tensor.nested_row_splits, rt_dense_values=tensor.flat_values, batched_input=batched)


def from_variant(variant, rank, dtype=tf.float32, row_splits_dtype=tf.int32, of=-1):
    return tf.nest.flatten(raw.RaggedTensorFromVariant(encoded_ragged=variant, input_ragged_rank=of, output_ragged_rank=rank,
                                                       Tvalues=dtype, Tsplits=row_splits_dtype))


def list_of_lists(count=0):
    return raw.TensorListReserve(element_shape=tf.constant([], tf.int32), num_elements=count, element_dtype=VARIANT)


# Two and three ragged dims: rows that are empty at each depth, one row, no values; and no rows at all.
TWO = ((f32(12), splits(0, 2, 2, 5), splits(0, 3, 3, 5, 11, 12)), (f32(4), splits(0, 2), splits(0, 0, 4)),
       (f32(0), splits(0, 0, 1), splits(0, 0)))
THREE = ((f32(9), splits(0, 2, 3), splits(0, 1, 1, 3), splits(0, 4, 4, 9)), (f32(2), splits(0, 0, 1), splits(0, 2), splits(0, 2, 2)))
NONE = (f32(0), splits(0), splits(0))
