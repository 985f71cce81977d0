"""Variants: ragged tensors in loops, lists of ragged tensors, lists of lists, and batches of lists."""
import numpy as np
import pytest
import tensorflow as tf

from graphs import Cases, f32, i32
from test_list_ops import ANY, empty, get, length, push, put, repeat, reserve, shape, stack

CASES = Cases()
raw = tf.raw_ops
VARIANT = tf.variant


def functions(*feeds):
    return CASES.case(*feeds, forms=("functions",))


def both(*feeds):
    return CASES.case(*feeds)


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


# Two and three ragged dims: rows that are empty at each depth, one row, no rows.
TWO = ((f32(12), splits(0, 2, 2, 5), splits(0, 3, 3, 5, 11, 12)), (f32(4), splits(0, 2), splits(0, 0, 4)),
       (f32(0), splits(0, 0, 1), splits(0, 0)))
THREE = ((f32(9), splits(0, 2, 3), splits(0, 1, 1, 3), splits(0, 4, 4, 9)), (f32(2), splits(0, 0, 1), splits(0, 2), splits(0, 2, 2)))


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


# ---- lists of lists

def list_of_lists(count=0):
    return raw.TensorListReserve(element_shape=shape(), num_elements=count, element_dtype=VARIANT)


@functions((f32(4, 3), i32(2)), (f32(4, 3), i32(0)))
def lists_of_uniform_lists(x, n):
    inner = push(empty(3), x[0], x[1])
    outer = put(put(list_of_lists(2), 0, inner), 1, push(inner, x[2]))
    first, second = get(outer, 0, dtype=VARIANT), get(outer, 1, dtype=VARIANT)
    chosen = get(outer, tf.minimum(n, 1), dtype=VARIANT)
    changed = put(outer, 1, push(second, x[3]))
    return (stack(first, 3), stack(second, 3), length(second), get(second, 2, 3), stack(chosen, 3), length(outer),
            stack(get(changed, 1, dtype=VARIANT), 3), stack(get(changed, 0, dtype=VARIANT), 3))


@functions((f32(4, 3), i32(3)), (f32(4, 3), i32(1)))
def lists_of_uniform_lists_in_loops(x, n):
    """Each list is longer than the one before."""
    def outer(i, lists):
        return put(lists, i, repeat(i + 1, lambda j, t: (push(t, x[j] + tf.cast(i, tf.float32)),), empty(3))[0]),
    lists, = repeat(n, outer, list_of_lists(n))

    def read(i, total, count):
        items = get(lists, i, dtype=VARIANT)
        return total * 0.5 + tf.reduce_sum(stack(items, 3), 0), count + length(items)
    return [*repeat(n, read, tf.zeros([3]), 0), stack(get(lists, n - 1, dtype=VARIANT), 3)]


@functions((f32(4, 3), i32(3)), (f32(4, 3), i32(1)), (f32(4, 3), i32(0)))
def lists_of_ragged_lists_in_loops(x, n):
    concat = lambda items: raw.TensorListConcatV2(input_handle=items, element_shape=shape(-1, 3), leading_dims=tf.constant([], tf.int64),
                                                  element_dtype=tf.float32)

    def outer(i, lists):
        return put(lists, i, repeat(i + 1, lambda j, t: (push(t, x[:j]),), empty(-1, 3))[0]),
    lists, = repeat(n, outer, list_of_lists(n))

    def read(i, total, count):
        items = get(lists, i, dtype=VARIANT)
        values, lengths = concat(items)
        return total * 0.5 + tf.reduce_sum(values, 0), count + length(items) + tf.size(lengths)
    return repeat(n, read, tf.zeros([3]), 0)


@functions((f32(4, 3), i32(3)), (f32(4, 3), i32(1)))
def lists_changed_within_a_list(x, n):
    """Each round pushes to the lists that are there."""
    outer = put(put(list_of_lists(2), 0, push(empty(3), x[0])), 1, push(empty(3), x[1], x[2]))

    def body(i, lists):
        lists = put(lists, 0, push(get(lists, 0, dtype=VARIANT), x[3] * tf.cast(i, tf.float32)))
        return put(lists, 1, push(get(lists, 1, dtype=VARIANT), x[0])),
    lists, = repeat(n, body, outer)
    return [stack(get(lists, i, dtype=VARIANT), 3) for i in range(2)]


@functions(*TWO)
def lists_of_lists_of_ragged_tensors(values, a, b):
    rows = raw.TensorListFromTensor(tensor=to_variant(ragged(values, a, b), True), element_shape=shape())
    lists = push(raw.EmptyTensorList(element_shape=shape(), max_num_elements=-1, element_dtype=VARIANT), rows, rows)
    inner = get(lists, 1, dtype=VARIANT)
    return from_variant(stack(inner, dtype=VARIANT), 2) + from_variant(get(inner, 0, dtype=VARIANT), 1) + [length(inner)]


@functions((f32(4, 3), np.array(True)), (f32(4, 3), np.array(False)))
def lists_of_lists_through_a_cond(x, p):
    start = push(raw.EmptyTensorList(element_shape=shape(), max_num_elements=-1, element_dtype=VARIANT), push(empty(3), x[0]))
    lists = tf.cond(p, lambda: push(start, push(empty(3), x[1], x[2])), lambda: start)
    rest, last = raw.TensorListPopBack(input_handle=lists, element_shape=shape(), element_dtype=VARIANT)
    return stack(last, 3), length(lists), length(rest)


# ---- batches of lists

def push_batch(lists, tensor):
    return raw.TensorListPushBackBatch(input_handles=lists, tensor=tensor)


@functions((f32(4, 3),))
def push_back_batch(x):
    lists = push_batch(push_batch(tf.stack([empty(3) for _ in range(4)]), x), x * 2.0)
    return [stack(items, 3) for items in tf.unstack(lists, 4)] + [tf.shape(lists)]


@functions((f32(2, 3), f32(2, 3)))
def push_back_batch_of_different_lengths(x, y):
    lists = push_batch(tf.stack([push(empty(3), x[0]), empty(3)]), y)
    return stack(lists[0], 3), stack(lists[1], 3), length(lists[0]), length(lists[1])


@functions((f32(4, 3), i32(2)), (f32(4, 3), i32(0)))
def push_back_batch_in_a_loop(x, n):
    """One list, so many times; each round pushes to all."""
    start = tf.tile(tf.reshape(empty(3), [1]), [4])
    lists, = repeat(n, lambda i, t: (push_batch(t, x + tf.cast(i, tf.float32)),), start)
    return [stack(items, 3) for items in tf.unstack(lists, 4)]


@functions((f32(4, 3), i32(4)), )
def push_back_batch_of_unknown_size(x, n):
    lists = push_batch(tf.tile(tf.reshape(push(empty(3), x[0]), [1]), tf.reshape(n, [1])), x)
    filled = push_batch(tf.fill(tf.reshape(n, [1]), empty(3)), x)
    return stack(lists[n - 1], 3), stack(lists[0], 3), stack(filled[n - 2], 3), tf.shape(lists)


# ---- vectorized_map

@functions((f32(4, 3),), (f32(1, 3),))
def vectorized_map_of_map_fn(x):
    return tf.vectorized_map(lambda row: tf.map_fn(lambda v: v * v + 1.0, row), x)


@functions((f32(4, 3),), (f32(1, 3),))
def vectorized_map_of_scan(x):
    return tf.vectorized_map(lambda row: tf.scan(lambda total, v: total * 0.5 + v, row), x)


@functions((f32(4, 3),), (f32(1, 3),))
def vectorized_map_until(x):
    """Rows are put into lists of which nothing tells the rank of the items."""
    step = lambda row: lambda i, a: (i + 1, a + tf.abs(row) + 0.1)
    return tf.vectorized_map(lambda row: tf.while_loop(lambda i, a: tf.reduce_sum(a) < 20.0, step(row), (0, row)), x)


@functions((f32(5, 2), i32(2)), (f32(5, 2), i32(0)))
def rows_scattered_in_a_loop(x, n):
    """Into a list of items of unknown rank."""
    def body(i, items):
        return raw.TensorListScatterIntoExistingList(input_handle=items, tensor=x[2 * i:2 * i + 2] * 2.0, indices=tf.range(2 * i, 2 * i + 2)),
    start = raw.TensorListReserve(element_shape=ANY, num_elements=5, element_dtype=tf.float32)
    items, = repeat(n, body, start)
    return stack(put(items, 4, x[4]), 2)


@pytest.mark.parametrize("dims", ["static", "unknown"])
@pytest.mark.parametrize("name,form", CASES.in_forms())
def test_nested_lists(name, form, dims, tmp_path):
    CASES.check(name, form, dims == "unknown", tmp_path)
