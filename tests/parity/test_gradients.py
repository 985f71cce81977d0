"""Gradients that a model computes when it runs, through control flow v2: what the forward pass keeps for them is in lists and
optionals."""
import numpy as np
import pytest
import tensorflow as tf

from graphs import Cases, f32

raw = tf.raw_ops
GRADIENTS = Cases()


def case(*feeds):
    return GRADIENTS.case(*feeds, forms=("functions",))


def gradient(function, x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = function(x)
    return tape.gradient(y, x)


@case([f32(6, 4)])
def of_a_while(x):
    return gradient(lambda x: tf.while_loop(lambda i, a: i < 4, lambda i, a: (i + 1, tf.tanh(a * 1.5) + x), (0, x))[1], x)


@case([f32(6, 4)], [f32(3, 4)])
def of_a_while_over_rows(x):
    rows = tf.shape(x)[0]
    return gradient(lambda x: tf.while_loop(lambda i, a: i < rows, lambda i, a: (i + 1, tf.sin(a) * x[i] + a), (0, x))[1], x)


@case([f32(6, 4)], [f32(2, 4)])
def of_map_fn(x):
    return gradient(lambda x: tf.map_fn(lambda row: tf.exp(row) * row, x), x)


@case([f32(6, 4)], [f32(2, 4)])
def of_scan(x):
    return gradient(lambda x: tf.scan(lambda a, row: tf.tanh(a + row), x, tf.ones([4])), x)


@case([f32(6, 4)], [-f32(6, 4)])
def of_a_cond(x):
    return gradient(lambda x: tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * x * x, lambda: tf.exp(x)), x)


@case([f32(6, 4)])
def of_a_cond_in_a_while(x):
    def body(i, a):
        return i + 1, tf.cond(tf.reduce_sum(a) > 0.0, lambda: a * x, lambda: tf.tanh(a))
    return gradient(lambda x: tf.while_loop(lambda i, a: i < 3, body, (0, x))[1], x)


@case([f32(4, 3)], [f32(2, 3)])
def batch_jacobian(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        y = tf.tanh(x) * x
    return tape.batch_jacobian(y, x)


@case([f32(3)])
def hessian(x):
    with tf.GradientTape() as tape:
        tape.watch(x)
        slope = gradient(lambda x: tf.reduce_sum(x * x * x), x)
    return tape.jacobian(slope, x)


@case([f32(3), np.True_], [f32(3), np.False_])
def optionals(x, is_there):
    optional = tf.cond(is_there, lambda: raw.OptionalFromValue(components=[x]), raw.OptionalNone)
    has_value = raw.OptionalHasValue(optional=optional)
    value = tf.cond(has_value, lambda: raw.OptionalGetValue(optional=optional, output_types=[tf.float32], output_shapes=[x.shape])[0],
                    lambda: x * 2.0)
    return has_value, value


@case([f32(4, 3)])
def sums_and_zeros_of_lists(x):
    rows = raw.TensorListFromTensor(tensor=x, element_shape=[3])
    blank = raw.TensorListReserve(element_shape=[3], num_elements=4, element_dtype=tf.float32)
    some = raw.TensorListSetItem(input_handle=blank, index=1, item=x[0])
    sums = raw.AddN(inputs=[rows, some, rows]), raw.AddN(inputs=[blank, rows]), raw.AddN(inputs=[some, some])
    zeros = raw.ZerosLike(x=rows), raw.ZerosLike(x=blank), raw.ZerosLike(x=some)
    return [raw.TensorListStack(input_handle=each, element_shape=[3], element_dtype=tf.float32) for each in sums + zeros]


@pytest.mark.parametrize("dynamic", [False, True], ids=["static", "dynamic"])
@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients(name, dynamic, tmp_path):
    GRADIENTS.check(name, "functions", dynamic, tmp_path)
