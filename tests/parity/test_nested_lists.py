"""Lists of lists, batches of lists, and lists of which nothing tells the rank of the items."""
import numpy as np
import pytest
import tensorflow as tf

from graphs import Cases, check_refused, f32, i32
from test_list_ops import ANY, empty, get, length, push, put, repeat, reserve, shape, stack
from variants import TWO, VARIANT, from_variant, list_of_lists, ragged, to_variant

raw = tf.raw_ops
CASES = Cases()


def functions(*feeds):
    return CASES.case(*feeds, forms=("functions",))


# ---- lists of lists

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


@functions((f32(4, 3), i32(3)), (f32(4, 3), i32(1)))
def lists_of_lists_of_scalars(x, n):
    scalars = tf.constant([], tf.int32)

    def total_of(items):
        return tf.reduce_sum(raw.TensorListStack(input_handle=items, element_shape=scalars, element_dtype=tf.float32))
    lists, = repeat(n, lambda i, l: (put(l, i, repeat(i + 1, lambda j, t: (push(t, x[j, 0]),), empty())[0]),), list_of_lists(n))
    return repeat(n, lambda i, total: (total * 0.5 + total_of(get(lists, i, dtype=VARIANT)),), 0.0)


@functions((f32(4, 3), i32(3)), (f32(4, 3), i32(1)))
def lists_of_lists_with_items_not_set(x, n):
    lists, = repeat(n, lambda i, l: (put(l, i, put(reserve(3, 3), i, x[i])),), list_of_lists(n))
    first = get(lists, 0, dtype=VARIANT)
    return stack(get(lists, n - 1, dtype=VARIANT), 3), get(first, 0, 3), get(first, 1, 3)


@functions((f32(4, 3), i32(3)), (f32(4, 3), i32(1)))
def list_of_lists_resized(x, n):
    lists = raw.TensorListResize(input_handle=push(list_of_lists(), push(empty(3), x[0])), size=n)
    return length(lists), stack(get(lists, 0, dtype=VARIANT), 3)


@functions((f32(6, 3), i32(3)), (f32(6, 3), i32(2)))
def list_of_lists_written_by_an_inner_loop(x, n):
    def outer(i, lists):
        return repeat(n, lambda j, l: (put(l, i * n + j, push(empty(3), x[j], x[i])),), lists)
    lists, = repeat(n, outer, list_of_lists(n * n))
    return stack(get(lists, n * n - 1, dtype=VARIANT), 3), length(lists)


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


@functions((f32(4, 2), i32(3)), (f32(4, 2), i32(1)))
def push_back_batch_of_different_lengths_in_a_loop(x, n):
    start = tf.stack([push(empty(2), x[0]), empty(2), empty(2)])
    lists, = repeat(n, lambda i, t: (push_batch(t, x[:3] + tf.cast(i, tf.float32)),), start)
    return [stack(items, 2) for items in tf.unstack(lists, 3)]


@functions((f32(2, 2),))
def push_back_batch_to_ragged_lists(x):
    items = push(empty(-1), x[0], x[0][:1])
    lists = push_batch(tf.stack([items, items]), x)
    return [raw.TensorListConcatV2(input_handle=each, element_shape=shape(-1), leading_dims=tf.constant([], tf.int64),
                                   element_dtype=tf.float32) for each in tf.unstack(lists, 2)]


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


@functions((f32(4, 3), i32(1, 2, 3, 2)), (f32(2, 3), i32(0, 3)))
def vectorized_map_of_arrays_of_different_lengths(x, counts):
    """TensorFlow keeps a list of lists, of which each round writes some."""
    def row(args):
        values, count = args
        array = tf.TensorArray(tf.float32, 3, element_shape=[])
        return tf.while_loop(lambda i, _: i < count, lambda i, a: (i + 1, a.write(i, values[i] * 2.0)), (0, array))[1].stack()
    return tf.vectorized_map(row, (x, counts))


@functions((f32(5, 2), i32(2)), (f32(5, 2), i32(0)))
def rows_scattered_in_a_loop(x, n):
    """Into a list of items of unknown rank."""
    def body(i, items):
        return raw.TensorListScatterIntoExistingList(input_handle=items, tensor=x[2 * i:2 * i + 2] * 2.0, indices=tf.range(2 * i, 2 * i + 2)),
    start = raw.TensorListReserve(element_shape=ANY, num_elements=5, element_dtype=tf.float32)
    items, = repeat(n, body, start)
    return stack(put(items, 4, x[4]), 2)


@functions((f32(4, 2), i32(3)), (f32(4, 2), i32(1)))
def rows_scattered_and_joined(x, n):
    """Items of unknown rank that differ."""
    def body(i, items):
        return raw.TensorListScatterIntoExistingList(input_handle=items, tensor=tf.stack([x[:i + 1], x[:i + 1] * 2.0]),
                                                     indices=[2 * i, 2 * i + 1]),
    items, = repeat(n, body, raw.TensorListReserve(element_shape=ANY, num_elements=2 * n, element_dtype=tf.float32))
    return raw.TensorListConcatV2(input_handle=items, element_shape=shape(-1, 2), leading_dims=tf.constant([], tf.int64),
                                  element_dtype=tf.float32)


@functions((f32(3), i32(3)), (f32(3), i32(1)))
def items_of_unknown_rank_read_again(x, n):
    def body(i, items):
        items = put(items, i, x * tf.cast(i, tf.float32))
        return put(items, i + 1, get(items, i) + 1.0),
    items, = repeat(n, body, raw.TensorListReserve(element_shape=ANY, num_elements=n + 1, element_dtype=tf.float32))
    return stack(items, 3)


@functions((f32(3), i32(3)), (f32(3), i32(1)))
def items_of_unknown_rank_that_grow_before_they_are_set(x, n):
    def body(i, items, y):
        y = tf.concat([y, y[:1]], 0)
        return i + 1, tf.cond(tf.equal(i, n - 1), lambda: put(items, 0, y), lambda: items), y
    start = raw.TensorListReserve(element_shape=ANY, num_elements=1, element_dtype=tf.float32)
    _, items, y = tf.while_loop(lambda i, *_: i < n, body, (0, start, x),
                                shape_invariants=(tf.TensorShape([]), tf.TensorShape(None), tf.TensorShape([None])))
    return stack(items), y


@pytest.mark.parametrize("dims", ["static", "unknown"])
@pytest.mark.parametrize("name,form", CASES.in_forms())
def test_nested_lists(name, form, dims, tmp_path):
    CASES.check(name, form, dims == "unknown", tmp_path)


# ---- what cannot be said

def items_that_differ_in_two_dims(x):
    lists = push(list_of_lists(), push(empty(-1, -1), x, x[:1, :2]))
    return get(get(lists, 0, dtype=VARIANT), 1, -1, -1)


def variants_at_places_of_the_run_time(x):
    rows = to_variant(tf.RaggedTensor.from_row_lengths(x, [1, 3]), True)
    items = raw.TensorListScatterV2(tensor=rows, indices=tf.cast(x[0, :2], tf.int32), element_shape=shape(), num_elements=-1)
    return from_variant(stack(items, dtype=VARIANT), 1)


def reshaped_variants(x):
    rows = to_variant(tf.RaggedTensor.from_row_lengths(x, [1, 3]), True)
    return from_variant(tf.reshape(rows, [1, 2]), 2)


def read_before_it_is_written(x):
    def body(i, items):
        return put(items, i, push(get(items, i, dtype=VARIANT), x)),
    return stack(get(repeat(tf.size(x), body, list_of_lists(9))[0], 0, dtype=VARIANT), 4, 3)


REFUSED = [
    (items_that_differ_in_two_dims, "TensorListPushBack .*different dims behind the first one"),
    (variants_at_places_of_the_run_time, "TensorListScatterV2 .*at places that only the run time knows"),
    (reshaped_variants, "Reshape .*in a way that ONNX cannot say"),
    (read_before_it_is_written, "While .*read before anything is written to it"),
]


@pytest.mark.parametrize("build,text", REFUSED, ids=lambda v: getattr(v, "__name__", ""))
def test_refused(build, text, tmp_path):
    check_refused(build, text, tmp_path)
