"""Control flow, tensor lists and TensorArrays: as functions (TF2) and as frames and switches (TF1), with static and unknown dims, at
the lowest and the highest opset."""
import numpy as np
import pytest
import tensorflow as tf

from graphs import Cases, f32, i32

CASES = Cases()
case = CASES.case


def loop(condition, body, *variables, **options):
    return tf.while_loop(condition, body, variables, **options)


# ---- conditionals

@case((f32(3, 4),), (-np.abs(f32(3, 4)),))
def cond(x):
    return tf.cond(tf.reduce_sum(x) > 0.0, lambda: x * 2.0, lambda: x - 1.0)


@case((f32(3, 4),), (-np.abs(f32(3, 4)),))
def cond_of_constants(x):
    return tf.cond(tf.reduce_sum(x) > 0.0, lambda: tf.constant(1.0), lambda: tf.constant(2.0))


@case((f32(3, 4),), (-np.abs(f32(3, 4)),))
def cond_with_several_results(x):
    a, b, c = tf.cond(tf.reduce_sum(x) > 0.0, lambda: (x, x + 1.0, tf.shape(x)[0]), lambda: (-x, x * 3.0, tf.constant(7)))
    return a + b, c


@case((f32(3, 4),), (-np.abs(f32(3, 4)),))
def cond_passes_through(x):
    return tf.cond(tf.reduce_sum(x) > 0.0, lambda: x, lambda: tf.zeros_like(x)) + 1.0


@case((f32(3), np.float32(0.5)), (f32(3), np.float32(-0.5)), (f32(3), np.float32(-3.0)))
def cond_nested(x, p):
    return tf.cond(p > 0.0, lambda: tf.cond(p > 1.0, lambda: x, lambda: x * 10.0),
                   lambda: tf.cond(p < -1.0, lambda: -x, lambda: x - p))


@case((f32(3), np.float32(0.5)), (f32(3), np.float32(-0.5)))
def conds_on_one_predicate_in_a_chain(x, p):
    y = tf.cond(p > 0.0, lambda: x + 1.0, lambda: x - 1.0)
    z = tf.cond(p > 0.0, lambda: y * 2.0, lambda: y * 3.0)
    return tf.cond(p > 0.0, lambda: z + x, lambda: z - x)


@case((f32(3), np.float32(0.5)), (f32(3), np.float32(-0.5)))
def cond_in_outer_scope_values(x, p):
    scaled = x * p
    return tf.cond(p > 0.0, lambda: scaled + tf.reduce_sum(x), lambda: tf.concat([scaled, x], 0))


@case((f32(2, 2), i32(0)), (f32(2, 2), i32(1)), (f32(2, 2), i32(2)), (f32(2, 2), i32(9)))
def switch_case(x, index):
    return tf.switch_case(index, [lambda: x, lambda: x * 2.0, lambda: tf.transpose(x)], default=lambda: -x)


@case((f32(2, 2), i32(0)), (f32(2, 2), i32(1)), (f32(2, 2), i32(5)))
def case_by_predicates(x, index):
    return tf.case([(tf.equal(index, 0), lambda: x + 1.0), (tf.equal(index, 1), lambda: x * 2.0)], default=lambda: -x)


@case((f32(2, 3),))
def cond_with_known_predicate(x):
    training = tf.constant(False)
    return tf.cond(training, lambda: x * 100.0, lambda: x + 1.0)


# ---- loops over tensors

@case((f32(3, 4), i32(5)), (f32(3, 4), i32(0)))
def count_up(x, n):
    return loop(lambda i, a: i < n, lambda i, a: (i + 1, a + x), tf.constant(0), tf.zeros_like(x))


@case((f32(3),), (f32(3) * 100,))
def until_large(x):
    return loop(lambda a: tf.reduce_sum(tf.abs(a)) < 100.0, lambda a: (a * 1.5,), x)


@case((f32(3), i32(4)), (f32(3), i32(0)))
def several_dtypes(x, n):
    return loop(lambda i, a, b, c: tf.logical_and(i < tf.cast(n, tf.int64), c),
                lambda i, a, b, c: (i + 1, a * 2.0, b + tf.cast(i, tf.float64), tf.reduce_sum(a) < 50.0),
                tf.constant(0, tf.int64), x, tf.constant(0.0, tf.float64), tf.constant(True))


@case((f32(3, 2), i32(4)), (f32(3, 2), i32(0)))
def swaps(x, n):
    return loop(lambda i, a, b: i < n, lambda i, a, b: (i + 1, b, a + b), 0, x, -x)


@case((f32(2, 3), i32(3)), (f32(2, 3), i32(0)))
def growing_shape(x, n):
    return loop(lambda i, a: i < n, lambda i, a: (i + 1, tf.concat([a, x], 0)), 0, x,
                shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, None])))


@case((f32(3), i32(4)), (f32(3), i32(0)))
def hands_on_some(x, n):
    return loop(lambda i, a, b: i < n, lambda i, a, b: (i + 1, a, b + a), 0, x, x * 0.0)


@case((f32(3), i32(10)), (f32(3), i32(2)))
def maximum_iterations(x, n):
    return tf.while_loop(lambda i, a: i < n, lambda i, a: (i + 1, a + 1.0), (0, x), maximum_iterations=5)


@case((f32(3), i32(3)), (f32(3), i32(0)))
def nested_loops(x, n):
    def outer(i, a):
        _, b = loop(lambda j, b: j < i, lambda j, b: (j + 1, b + tf.cast(j, tf.float32)), 0, a)
        return i + 1, b * 2.0
    return loop(lambda i, a: i < n, outer, 0, x)


@case((f32(4), i32(6)), (f32(4), i32(0)))
def cond_in_loop(x, n):
    def body(i, a):
        return i + 1, tf.cond(tf.equal(i % 2, 0), lambda: a + x, lambda: a * 0.5)
    return loop(lambda i, a: i < n, body, 0, x)


@case((f32(4), i32(3)), (f32(4), i32(-1)))
def loop_in_cond(x, n):
    return tf.cond(n > 0, lambda: loop(lambda i, a: i < n, lambda i, a: (i + 1, a + x), 0, x)[1], lambda: -x)


@case((f32(4), i32(3)), (f32(4), i32(0)))
def loop_after_loop(x, n):
    _, a = loop(lambda i, a: i < n, lambda i, a: (i + 1, a + 1.0), 0, x)
    _, b = loop(lambda i, b: i < n, lambda i, b: (i + 1, b * 2.0), 0, a)
    return b


@case((f32(3), i32(7)), (f32(3), i32(100)))
def break_by_flag(x, n):
    def body(i, done, a):
        a = a + x
        return i + 1, tf.reduce_max(a) > 5.0, a
    return loop(lambda i, done, a: tf.logical_and(i < n, tf.logical_not(done)), body, 0, tf.constant(False), x)


@case((f32(3), i32(9), i32(2)), (f32(3), i32(1), i32(1)))
def counts_by_a_step(x, n, start):
    return loop(lambda i, a: i < n, lambda i, a: (i + 3, a + tf.cast(i, tf.float32)), start, x)


@case((f32(3), i32(5)), (f32(3), i32(0)))
def counts_down(x, n):
    return loop(lambda i, a: i > 0, lambda i, a: (i - 1, a + tf.cast(i, tf.float32)), n, x)


@case((i32(84, 36), i32(30, 45)))
def euclid(a, b):
    return loop(lambda a, b: tf.reduce_any(b > 0),
                lambda a, b: (tf.where(b > 0, b, a), tf.where(b > 0, a % tf.maximum(b, 1), b)), a, b)


@case((f32(5, 2),), (f32(1, 2),))
def bound_by_a_shape(x):
    return loop(lambda i, a: i < tf.shape(x)[0], lambda i, a: (i + 1, a + x[i]), 0, tf.zeros([2]))


# ---- lists

@case((f32(5, 3),), (f32(1, 3),))
def map_fn(x):
    return tf.map_fn(lambda row: row * 2.0 + tf.reduce_sum(row), x)


@case((f32(5, 3), f32(5)))
def map_fn_of_two(x, y):
    return tf.map_fn(lambda pair: pair[0] * pair[1], (x, y), fn_output_signature=tf.float32)


@case((f32(5, 3),))
def map_fn_with_two_results(x):
    return tf.map_fn(lambda row: (tf.reduce_max(row), tf.argmax(row)), x, fn_output_signature=(tf.float32, tf.int64))


@case((f32(5, 3), f32(5, 3)), (f32(1, 3), f32(1, 3)))
def map_fn_of_complex(re, im):
    return tf.map_fn(lambda row: row * tf.complex(0.5, 2.0) + tf.reduce_sum(row), tf.complex(re, im))


@case((f32(3, 4), i32(5)), (f32(3, 4), i32(0)))
def array_of_complex(x, n):
    z = tf.complex(x, 2.0 * x)
    array = tf.TensorArray(tf.complex64, 0, dynamic_size=True, element_shape=[3, 4])
    step = lambda i, z, a: (i + 1, z * tf.complex(0.0, 1.0), a.write(i, z))
    _, last, array = tf.while_loop(lambda i, *_: i < n, step, (0, z, array))
    return last, array.stack(), array.size()


@case((f32(4, 8), ))
def spectra_in_a_loop(x):
    frames = tf.TensorArray(tf.complex64, tf.shape(x)[0], clear_after_read=False)
    fill = lambda i, a: (i + 1, a.write(i, tf.signal.rfft(x[i])))
    frames = tf.while_loop(lambda i, _: i < tf.shape(x)[0], fill, (0, frames))[1]
    return tf.abs(frames.gather([2, 0])), tf.abs(frames.stack())


@case((f32(4, 3),))
def map_fn_nested(x):
    return tf.map_fn(lambda row: tf.map_fn(lambda item: item * item, row), x)


@case((f32(5, 3),), (f32(1, 3),))
def scan(x):
    return tf.scan(lambda a, row: a * 0.5 + row, x)


@case((f32(5, 3),))
def scan_reverse(x):
    return tf.scan(lambda a, row: a + row, x, initializer=tf.ones([3]), reverse=True)


@case((f32(5, 3),))
def folds(x):
    return tf.foldl(lambda a, row: a + row, x), tf.foldr(lambda a, row: a * 0.5 + row, x)


@case((f32(3), i32(4)))
def array_written_in_order(x, n):
    array = tf.TensorArray(tf.float32, size=n, element_shape=[None])
    _, array = loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, x * tf.cast(i, tf.float32))), 0, array)
    return array.stack()


@case((f32(3), i32(4)))
def array_written_backwards(x, n):
    array = tf.TensorArray(tf.float32, size=n, element_shape=[3])
    _, array = loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(n - 1 - i, x * tf.cast(i, tf.float32))), 0, array)
    return array.stack()


@case((f32(3), i32(4)))
def array_written_counting_down(x, n):
    array = tf.TensorArray(tf.float32, size=n, element_shape=[3])
    _, array = loop(lambda i, a: i >= 0, lambda i, a: (i - 1, a.write(i, x * tf.cast(i, tf.float32))), n - 1, array)
    return array.stack()


@case((f32(3), i32(4)))
def array_written_at_an_offset(x, n):
    array = tf.TensorArray(tf.float32, size=n + 2, element_shape=[3])
    array = array.write(0, x).write(n + 1, -x)
    _, array = loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i + 1, x * tf.cast(i, tf.float32))), 0, array)
    return array.stack()


@case((f32(3), i32(5)), (f32(3), i32(1)))
def dynamic_array(x, n):
    array = tf.TensorArray(tf.float32, size=0, dynamic_size=True, element_shape=[3])
    _, array = loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(i, x + tf.cast(i, tf.float32))), 0, array)
    return array.stack(), array.size()


@case((f32(3), i32(5)))
def dynamic_array_until(x, n):
    array = tf.TensorArray(tf.float32, size=1, dynamic_size=True, clear_after_read=False, element_shape=[3])
    array = array.write(0, x)
    def body(i, v, a):
        v = v * 1.5
        return i + 1, v, a.write(i, v)
    return loop(lambda i, v, a: tf.logical_and(tf.reduce_max(v) < 9.0, i < n), body, 1, x, array)[2].stack()


@case((f32(3), i32(5)))
def array_read_and_written(x, n):
    array = tf.TensorArray(tf.float32, size=n + 1, clear_after_read=False, element_shape=[3]).write(0, x)
    def body(i, a):
        return i + 1, a.write(i, a.read(i - 1) * 0.5 + 1.0)
    return loop(lambda i, a: i <= n, body, 1, array)[1].stack()


@case((f32(3), i32(6)))
def array_written_in_a_cond(x, n):
    array = tf.TensorArray(tf.float32, size=n, element_shape=[3])
    def body(i, a):
        return i + 1, tf.cond(tf.equal(i % 2, 0), lambda: a.write(i, x), lambda: a.write(i, -x * tf.cast(i, tf.float32)))
    return loop(lambda i, a: i < n, body, 0, array)[1].stack()


@case((f32(4, 3),))
def array_unstacked_and_gathered(x):
    array = tf.TensorArray(tf.float32, size=4, clear_after_read=False).unstack(x)
    return array.gather([2, 0, 2]), array.read(1), array.concat()


@case((f32(6, 3),))
def array_split_and_read(x):
    array = tf.TensorArray(tf.float32, size=3, infer_shape=False, clear_after_read=False).split(x, [1, 3, 2])
    return array.read(1), array.concat(), array.size()


@case((f32(6, 3), i32(2, 0, 1)))
def array_scattered(x, places):
    array = tf.TensorArray(tf.float32, size=3, element_shape=[3]).scatter(places, x[:3])
    return array.stack()


@case((f32(3), i32(4)))
def items_of_different_shapes(x, n):
    array = tf.TensorArray(tf.float32, size=n, infer_shape=False, element_shape=[None])
    def body(i, a):
        return i + 1, a.write(i, tf.tile(x, [i + 1]))
    return loop(lambda i, a: i < n, body, 0, array)[1].concat()


@case((f32(3), i32(2)))
def first_items_of_a_grown_array(x, n):
    array = tf.TensorArray(tf.float32, size=n, dynamic_size=True, clear_after_read=False, element_shape=[3])
    def body(i, total, a):
        a = a.write(i, x + tf.cast(i, tf.float32))
        return i + 1, total + a.read(i), a
    _, total, array = loop(lambda i, t, a: i < 3 * n, body, 0, x, array)
    return total, array.gather(tf.range(n)), array.size(), array.stack()


@case((f32(3), np.float32(1)), (f32(3), np.float32(-1)))
def array_grown_in_a_branch(x, p):
    array = tf.TensorArray(tf.float32, size=2, dynamic_size=True, clear_after_read=False, element_shape=[3]).unstack([x, -x])
    array = tf.cond(p > 0.0, lambda: array, lambda: array.write(2, x * 2.0))
    return array.stack(), array.size(), array.gather(tf.range(2))


@case((f32(3), i32(4)), (f32(3), i32(0)), forms=("functions",))
def array_written_at_one_place(x, n):
    """TensorFlow refuses to write an item of a TF1 TensorArray twice."""
    array = tf.TensorArray(tf.float32, size=2, element_shape=[3])
    _, array = loop(lambda i, a: i < n, lambda i, a: (i + 1, a.write(1, x * tf.cast(i, tf.float32))), 0, array)
    return array.stack()


@case((np.array([["a", "b"], ["c", "d"], ["e", "f"]]), i32(1)))
def rows_of_strings(x, i):
    array = tf.TensorArray(tf.string, size=3, clear_after_read=False).unstack(x)
    return array.read(i), array.gather(tf.stack([i, i - 1])), tf.map_fn(lambda row: row[::-1], x)


@case((f32(4, 5), i32(3)))
def greedy_decoding(table, n):
    array = tf.TensorArray(tf.int32, size=n, element_shape=[])
    def body(i, token, a):
        token = tf.argmax(table[token % 4] + tf.cast(i, tf.float32) * table[(token + i) % 4], output_type=tf.int32)
        return i + 1, token, a.write(i, token)
    return loop(lambda i, token, a: i < n, body, 0, 0, array)[2].stack()


@case((f32(3, 6), i32(3)))
def beam_search(scores, n):
    def body(i, best, paths):
        total = best[:, None] + scores * tf.cast(i + 1, tf.float32)
        best, index = tf.math.top_k(tf.reshape(total, [-1]), k=3)
        paths = tf.concat([tf.gather(paths, index // 6), (index % 6)[:, None]], 1)
        return i + 1, best, paths
    return loop(lambda i, b, p: i < n, body, 0, tf.zeros([3]), tf.zeros([3, 0], tf.int32),
                shape_invariants=(tf.TensorShape([]), tf.TensorShape([3]), tf.TensorShape([3, None])))


@case((f32(6, 2),), (f32(3, 2),))
def grown_array_at_computed_places(x):
    rows = tf.shape(x)[0]
    out = tf.TensorArray(tf.float32, 0, dynamic_size=True)
    return loop(lambda i, o: i < rows, lambda i, o: (i + 2, o.write(i // 2, x[i])), 0, out)[1].stack()


@case((f32(6, 2),), (f32(3, 2),))
def rows_chosen_in_a_loop(x):
    rows = tf.shape(x)[0]

    def body(i, count, out):
        keep = x[i, 0] > 0.0
        return i + 1, count + tf.cast(keep, tf.int32), tf.cond(keep, lambda: out.write(count, x[i]), lambda: out)
    return loop(lambda i, *_: i < rows, body, 0, 0, tf.TensorArray(tf.float32, 0, dynamic_size=True, element_shape=[2]))[2].stack()


@case((f32(3, 4),))
def complex_variable(x):
    start = tf.complex(x, x * 0.5)
    return tf.abs(loop(lambda i, a: i < 5, lambda i, a: (i + 1, a * a * 0.1 + start), 0, start)[1])


@case((f32(5, 3), i32(5)))
def loop_in_map_fn(x, n):
    return tf.map_fn(lambda row: loop(lambda i, a: i < n, lambda i, a: (i + 1, a + row), 0, row)[1], x)


@case((f32(7), i32(0, 3, 3, 7)), (f32(2), i32(0, 1, 2)))
def map_fn_over_ragged(values, splits):
    ragged = tf.RaggedTensor.from_row_splits(values, splits, validate=False)
    return tf.map_fn(lambda row: tf.reduce_sum(row) * 2.0, ragged, fn_output_signature=tf.float32)


@case((f32(7), i32(0, 3, 3, 7)), (f32(2), i32(0, 1, 2)))
def map_fn_ragged_to_ragged(values, splits):
    ragged = tf.RaggedTensor.from_row_splits(values, splits, validate=False)
    doubled = tf.map_fn(lambda row: tf.concat([row, row * 2.0], 0), ragged,
                        fn_output_signature=tf.RaggedTensorSpec([None], tf.float32, row_splits_dtype=tf.int32))
    return doubled.values, doubled.row_splits


@case((f32(3), i32(1), i32(7), i32(2)), (f32(3), i32(9), i32(2), i32(-3)), (f32(3), i32(1), i32(1), i32(1)))
def raw_for(x, start, limit, delta):
    @tf.function(input_signature=[tf.TensorSpec([], tf.int32), tf.TensorSpec([None])])
    def body(i, a):
        return a * 1.5 + tf.cast(i, tf.float32)
    return tf.raw_ops.For(start=start, limit=limit, delta=delta, input=[x], body=body.get_concrete_function())[0]


@pytest.mark.parametrize("dims", ["static", "unknown"])
@pytest.mark.parametrize("name,form", CASES.in_forms())
def test_control_flow(name, form, dims, tmp_path):
    CASES.check(name, form, dims == "unknown", tmp_path)
