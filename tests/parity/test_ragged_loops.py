"""Ragged tensors as variants: in loops, in lists, in branches."""
import numpy as np
import pytest
import tensorflow as tf

from graphs import Cases, f32, i32
from test_list_ops import ANY, get, length, push, put, repeat, shape, stack
from variants import NONE, THREE, TWO, VARIANT, from_variant, list_of_lists, parts, ragged, spec, splits, to_variant

raw = tf.raw_ops
CASES = Cases()


def functions(*feeds):
    return CASES.case(*feeds, forms=("functions",))


def both(*feeds):
    return CASES.case(*feeds)


# ---- map_fn

@both(*TWO)
def map_fn_over_two_ragged_dims(values, a, b):
    return tf.map_fn(lambda row: tf.reduce_sum(row.values) + tf.cast(row.nrows(), tf.float32), ragged(values, a, b),
                     fn_output_signature=tf.float32)


@both(*THREE)
def map_fn_over_three_ragged_dims(values, a, b, c):
    def sizes(row):
        return tf.stack([row.nrows(), row.values.nrows(), tf.size(row.flat_values)]), tf.reduce_sum(row.flat_values)
    return tf.map_fn(sizes, ragged(values, a, b, c), fn_output_signature=(tf.int32, tf.float32))


@both(*TWO)
def map_fn_of_two_ragged_dims_to_two(values, a, b):
    return parts(tf.map_fn(lambda row: row.with_values(tf.concat([row.values, row.values[:1]], 0)[:tf.size(row.values)] * 2.0),
                           ragged(values, a, b), fn_output_signature=spec([None, None])))


@both(*THREE)
def map_fn_of_three_ragged_dims_to_three(values, a, b, c):
    return parts(tf.map_fn(lambda row: row * 2.0, ragged(values, a, b, c), fn_output_signature=spec([None, None, None])))


@both(*TWO)
def map_fn_of_two_ragged_dims_to_one(values, a, b):
    return parts(tf.map_fn(lambda row: tf.reduce_sum(row, 1), ragged(values, a, b), fn_output_signature=spec([None])))


@both((f32(4), i32(3, 0, 2)), (f32(4), i32(1, 1, 1)))
def map_fn_of_a_tensor_to_two_ragged_dims(x, counts):
    def rows(n):
        return tf.RaggedTensor.from_row_lengths(tf.tile(x[:2], [n]), tf.fill([n], 2), validate=False)
    return parts(tf.map_fn(rows, counts, fn_output_signature=spec([None, None])))


@both((f32(12, 3), splits(0, 2, 2, 5), splits(0, 3, 3, 5, 11, 12)), (f32(4, 3), splits(0, 2), splits(0, 0, 4)))
def map_fn_over_ragged_with_uniform_inner_dims(values, a, b):
    return parts(tf.map_fn(lambda row: row.with_values(row.values + 1.0), ragged(values, a, b),
                           fn_output_signature=spec([None, None, 3], ragged_rank=1)))


@both((f32(12), np.array([0, 2, 2, 5]), np.array([0, 3, 3, 5, 11, 12])))
def map_fn_with_long_splits(values, a, b):
    return parts(tf.map_fn(lambda row: row * 2.0, ragged(values, a, b),
                           fn_output_signature=spec([None, None], row_splits_dtype=tf.int64)))


@both((i32(7, 1, 2, 4, 5), splits(0, 1, 1, 3), splits(0, 2, 2, 5)))
def map_fn_over_ragged_texts(numbers, a, b):
    return parts(tf.map_fn(lambda row: row.with_values(tf.concat([row.values[1:], row.values[:1]], 0)), ragged(tf.as_string(numbers), a, b),
                           fn_output_signature=spec([None, None], tf.string)))


@both((f32(12), splits(0, 2, 2, 5), splits(0, 3, 3, 5, 11, 12)))
def map_fn_with_known_splits(values, a, b):
    known = ragged(values, tf.constant([0, 2, 2, 5]), tf.constant([0, 3, 3, 5, 11, 12]))
    return parts(tf.map_fn(lambda row: row * 2.0, known, fn_output_signature=spec([None, None]))) + [a, b]


@both(*TWO)
def map_fn_in_map_fn_over_ragged(values, a, b):
    def inner(row):
        return tf.map_fn(lambda v: tf.concat([v, v], 0), row, fn_output_signature=spec([None]))
    return parts(tf.map_fn(inner, ragged(values, a, b), fn_output_signature=spec([None, None])))


@both(*TWO)
def map_fn_over_ragged_and_dense(values, a, b):
    tensor = ragged(values, a, b)
    scales = tf.range(tf.cast(tensor.nrows(), tf.float32))
    return parts(tf.map_fn(lambda both: both[0] * both[1], (tensor, scales), fn_output_signature=spec([None, None])))


@both(NONE, TWO[0])
def map_fn_of_no_rows(values, a, b):
    tensor = ragged(values, a, b)
    return (parts(tf.map_fn(lambda row: row * 2.0, tensor, fn_output_signature=spec([None, None]))) +
            [tf.map_fn(lambda row: tf.reduce_sum(row.values), tensor, fn_output_signature=tf.float32)])


@both((f32(0), splits(0), splits(0), splits(0)), THREE[0])
def map_fn_of_no_rows_of_three_ragged_dims(values, a, b, c):
    return parts(tf.map_fn(lambda row: row * 2.0, ragged(values, a, b, c), fn_output_signature=spec([None, None, None])))


@both((i32(0, 0),), (np.zeros([0], np.int32),), (i32(2, 3),))
def map_fn_to_rows_that_are_empty(counts):
    def rows(n):
        return tf.RaggedTensor.from_row_lengths(tf.fill([2 * n], 1.5), tf.fill([n], 2), validate=False)
    return parts(tf.map_fn(rows, counts, fn_output_signature=spec([None, None])))


@both((f32(12), splits(0, 2, 2, 5), splits(0, 3, 3, 5, 11, 12)))
def map_fn_with_results_of_every_kind(values, a, b):
    results = tf.map_fn(lambda row: (row * 2.0, tf.reduce_sum(row, 1), tf.reduce_sum(row.values), row.values > 0.0), ragged(values, a, b),
                        fn_output_signature=(spec([None, None]), spec([None]), tf.float32, spec([None], tf.bool)))
    return parts(results[0]) + parts(results[1]) + [results[2]] + parts(results[3])


@both((f32(9), splits(0, 2, 3), splits(0, 1, 1, 3), splits(0, 4, 4, 9)))
def map_fn_three_deep_over_ragged(values, a, b, c):
    def inner(row):
        return tf.map_fn(lambda items: items * 2.0, row, fn_output_signature=spec([None]))

    def outer(rows):
        return tf.map_fn(inner, rows, fn_output_signature=spec([None, None]))
    return parts(tf.map_fn(outer, ragged(values, a, b, c), fn_output_signature=spec([None, None, None])))


# ---- other loops and branches

@functions(*TWO)
def ragged_list_in_a_while_loop(values, a, b):
    """Written backwards, and read again while the loop runs."""
    rows = raw.TensorListFromTensor(tensor=to_variant(ragged(values, a, b), True), element_shape=shape(), )
    n = length(rows)

    def body(i, items, total):
        row = get(rows, n - 1 - i, dtype=VARIANT)
        items = put(items, n - 1 - i, row)
        back = from_variant(get(items, n - 1 - i, dtype=VARIANT), 1)
        return items, total * 0.5 + tf.reduce_sum(back[1])
    items, total = repeat(n, body, raw.TensorListReserve(element_shape=shape(), num_elements=n, element_dtype=VARIANT), 0.0)
    return from_variant(stack(items, dtype=VARIANT), 2) + [total]


@functions(*TWO)
def ragged_pushed_and_popped_in_a_loop(values, a, b):
    rows = raw.TensorListFromTensor(tensor=to_variant(ragged(values, a, b), True), element_shape=shape())
    items, = repeat(length(rows), lambda i, t: (push(t, get(rows, i, dtype=VARIANT), get(rows, i, dtype=VARIANT)),),
                    raw.EmptyTensorList(element_shape=shape(), max_num_elements=-1, element_dtype=VARIANT))

    def pop(i, t, total):
        t, row = raw.TensorListPopBack(input_handle=t, element_shape=shape(), element_dtype=VARIANT)
        return t, total * 0.5 + tf.reduce_sum(from_variant(row, 1)[1])
    rest, total = repeat(length(rows), pop, items, 0.0)
    return from_variant(stack(items, dtype=VARIANT), 2) + [total, length(rest)] + from_variant(stack(rest, dtype=VARIANT), 2)


@functions(*[(*feed, np.array(flag)) for feed in TWO for flag in (False, True)])
def ragged_through_a_cond(values, a, b, p):
    tensor = ragged(values, a, b)
    rows = raw.TensorListFromTensor(tensor=to_variant(tensor, True), element_shape=shape())
    chosen = tf.cond(p, lambda: push(rows, to_variant(tensor.values, False)), lambda: rows)
    variant = tf.cond(p, lambda: to_variant(tensor.values, False), lambda: to_variant(tensor.values[:1], False))
    return from_variant(stack(chosen, dtype=VARIANT), 2) + from_variant(variant, 1)


@functions(*TWO)
def ragged_written_in_a_cond(values, a, b):
    rows = raw.TensorListFromTensor(tensor=to_variant(ragged(values, a, b), True), element_shape=shape())
    start = raw.EmptyTensorList(element_shape=shape(), max_num_elements=-1, element_dtype=VARIANT)
    items, = repeat(length(rows), lambda i, t: (tf.cond(i != 1, lambda: push(t, get(rows, i, dtype=VARIANT)), lambda: t),), start)
    return from_variant(stack(items, dtype=VARIANT), 2) + [length(items)]


@functions(*TWO)
def ragged_through_functions(values, a, b):
    @tf.function
    def double(items, i):
        row = from_variant(get(items, i, dtype=VARIANT), 1)
        return put(items, i, to_variant(ragged(row[1] * 2.0, row[0]), False))
    rows = raw.TensorListFromTensor(tensor=to_variant(ragged(values, a, b), True), element_shape=shape())
    items, = repeat(length(rows), lambda i, t: (double(t, i),), rows)
    return from_variant(stack(items, dtype=VARIANT), 2)


@functions(*TWO)
def scan_over_ragged(values, a, b):
    return tf.scan(lambda total, i: total * 0.5 + tf.reduce_sum(ragged(values, a, b)[i].values), tf.range(tf.size(a) - 1), initializer=1.0)


@functions(*TWO)
def ragged_as_a_loop_variable(values, a, b):
    """A single variant, that grows."""
    def body(i, variant):
        row = from_variant(variant, 1)
        grown = tf.concat([ragged(row[1], row[0]), ragged(tf.fill([i], 1.5), tf.stack([0, i]))], 0)
        return to_variant(grown, False),
    return from_variant(repeat(tf.size(a), body, to_variant(ragged(values, b), False))[0], 1)


@functions(*TWO)
def ragged_pushed_by_an_inner_loop(values, a, b):
    rows = raw.TensorListFromTensor(tensor=to_variant(ragged(values, a, b), True), element_shape=shape())
    n = length(rows)

    def outer(i, t):
        return repeat(n, lambda j, l: (push(l, get(rows, (i + j) % n, dtype=VARIANT)),), t)
    items, = repeat(2, outer, raw.EmptyTensorList(element_shape=shape(), max_num_elements=-1, element_dtype=VARIANT))
    return from_variant(stack(items, dtype=VARIANT), 2) + [length(items)]


@functions(*TWO)
def ragged_list_that_grows(values, a, b):
    rows = raw.TensorListFromTensor(tensor=to_variant(ragged(values, a, b), True), element_shape=shape())
    n = length(rows)
    grow = lambda t, at, i: (put(t, at, get(rows, i, dtype=VARIANT), resize_if_index_out_of_bounds=True),)
    items, = repeat(n, lambda i, t: grow(t, i, i), list_of_lists())
    more, = repeat(n, lambda i, t: grow(t, length(t), i), list_of_lists())
    return from_variant(stack(items, dtype=VARIANT), 2) + from_variant(stack(more, dtype=VARIANT), 2)


# ---- variants outside of loops

@functions(*TWO)
def variants_of_every_kind(values, a, b):
    tensor = ragged(values, a, b)
    single, rows = to_variant(tensor, False), to_variant(tensor, True)
    return from_variant(single, 2, of=2) + from_variant(rows, 2, of=1) + [tf.shape(rows), tf.shape(single)]


@functions(*THREE)
def variants_of_three_ragged_dims(values, a, b, c):
    tensor = ragged(values, a, b, c)
    return from_variant(to_variant(tensor, False), 3) + from_variant(to_variant(tensor, True), 3, of=2)


@functions(*TWO[:2])
def variants_packed_and_taken_apart(values, a, b):
    tensor = ragged(values, a, b)
    single = to_variant(tensor.values, False)
    vector = tf.stack([single, to_variant(tensor.values[:1], False), single])
    first, second, third = tf.unstack(vector, 3)
    return (from_variant(vector, 2) + from_variant(first, 1) + from_variant(second, 1) + from_variant(third, 1) +
            from_variant(vector[-1], 1) + from_variant(vector[1:], 2) + from_variant(tf.gather(vector, [2, 1, 1]), 2))


@functions((*TWO[0], i32(2, 0)), (*TWO[1], i32(0, 0)))
def variants_gathered_at_places_of_the_run_time(values, a, b, places):
    rows = to_variant(ragged(values, a, b), True)
    return from_variant(tf.gather(rows, places), 2) + from_variant(tf.gather(rows, places[0]), 1) + from_variant(rows[places[0]], 1)


@functions(*TWO[:2])
def matrix_of_variants(values, a, b):
    """Two vectors in one: TensorFlow makes the outermost dim a ragged one."""
    rows = to_variant(ragged(values, a, b), True)
    return from_variant(tf.stack([rows, rows]), 3)


@functions(*TWO)
def list_of_vectors_of_variants(values, a, b):
    rows = to_variant(ragged(values, a, b), True)
    items = push(raw.EmptyTensorList(element_shape=shape(ANY), max_num_elements=-1, element_dtype=VARIANT), rows, rows)
    joined, counts = raw.TensorListConcatV2(input_handle=items, element_shape=shape(ANY), leading_dims=tf.constant([], tf.int64),
                                            element_dtype=VARIANT)
    return from_variant(joined, 2) + [counts] + from_variant(get(items, 1, ANY, dtype=VARIANT), 2)


@functions(*TWO)
def list_ops_on_ragged_items(values, a, b):
    rows = raw.TensorListFromTensor(tensor=to_variant(ragged(values, a, b), True), element_shape=shape())
    one = to_variant(ragged(values, b), False)
    twice = raw.TensorListConcatLists(input_a=rows, input_b=push(raw.EmptyTensorList(
        element_shape=shape(), max_num_elements=-1, element_dtype=VARIANT), one), element_dtype=VARIANT)
    rest, last = raw.TensorListPopBack(input_handle=twice, element_shape=shape(), element_dtype=VARIANT)
    known = push(put(raw.TensorListReserve(element_shape=shape(), num_elements=1, element_dtype=VARIANT), 0, one), one)
    return (from_variant(stack(twice, dtype=VARIANT), 2) + from_variant(last, 1) + [length(rest), length(known)] +
            from_variant(stack(known, dtype=VARIANT), 2) + from_variant(get(known, 1, dtype=VARIANT), 1))


@pytest.mark.parametrize("dims", ["static", "unknown"])
@pytest.mark.parametrize("name,form", CASES.in_forms())
def test_ragged_loops(name, form, dims, tmp_path):
    CASES.check(name, form, dims == "unknown", tmp_path)
