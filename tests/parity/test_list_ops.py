"""Every op of tensor lists and of TF1's TensorArrays, as raw ops: items set and not, shapes known and not, outside and inside of loops."""
import pytest
import tensorflow as tf

from graphs import Cases, f32, i32

CASES = Cases()
case = CASES.case
raw = tf.raw_ops


def functions(*feeds):
    return case(*feeds, forms=("functions",))


def frames(*feeds):
    return case(*feeds, forms=("frames",))


def shape(*dims):
    return tf.constant(dims, tf.int32, shape=[len(dims)])


ANY = -1


def reserve(count, *dims, dtype=tf.float32):
    return raw.TensorListReserve(element_shape=shape(*dims), num_elements=count, element_dtype=dtype)


def empty(*dims, dtype=tf.float32, most=-1):
    return raw.EmptyTensorList(element_shape=shape(*dims), max_num_elements=most, element_dtype=dtype)


def push(items, *tensors):
    for tensor in tensors:
        items = raw.TensorListPushBack(input_handle=items, tensor=tensor)
    return items


def stack(items, *dims, dtype=tf.float32, count=-1):
    return raw.TensorListStack(input_handle=items, element_shape=shape(*dims) if dims else ANY, element_dtype=dtype, num_elements=count)


def get(items, index, *dims, dtype=tf.float32):
    return raw.TensorListGetItem(input_handle=items, index=index, element_shape=shape(*dims) if dims else ANY, element_dtype=dtype)


def put(items, index, item, **options):
    return raw.TensorListSetItem(input_handle=items, index=index, item=item, **options)


def length(items):
    return raw.TensorListLength(input_handle=items)


def repeat(n, body, *start, known=()):
    """`body` n times on values and lists; variables in `known` keep their shapes."""
    return tf.while_loop(lambda i, *_: i < n, lambda i, *v: (i + 1, *body(i, *v)), (tf.constant(0), *start))[1:]


# ---- TensorList

@functions((f32(3), i32(2)), (f32(3), i32(0)))
def reserve_and_stack(x, n):
    return stack(reserve(n, 3), 3), length(reserve(n, 3)), stack(put(reserve(4, 3), 1, x), 3)


@functions((f32(3), i32(2)))
def reserve_set_at_a_place_of_the_run_time(x, n):
    items = put(put(reserve(4, 3), n, x), n - 1, x * 2.0)
    return stack(items, 3), get(items, n, 3), get(items, 0, 3), get(items, n + 1, 3)


@functions((f32(3), i32(2)))
def set_past_the_end(x, n):
    items = put(reserve(1, 3), 3, x, resize_if_index_out_of_bounds=True)
    more = put(reserve(1, 3), n + 1, x, resize_if_index_out_of_bounds=True)
    return stack(items, 3), stack(more, 3), length(more)


@functions((f32(2, 3),))
def empty_and_pushed(x):
    items = push(empty(3), x[0], x[1], x[0] + 1.0)
    return stack(items, 3), stack(items, 3, count=3), length(items), stack(empty(3), 3)


@functions((f32(3), i32(3)), (f32(3), i32(0)))
def pushed_in_a_loop(x, n):
    items, = repeat(n, lambda i, a: (push(a, x * tf.cast(i, tf.float32)),), empty(3))
    return stack(items, 3), length(items)


@functions((f32(3), i32(3)))
def pushed_twice_in_a_loop(x, n):
    items, = repeat(n, lambda i, a: (push(a, x, x * tf.cast(i, tf.float32)),), empty(3))
    return stack(items, 3), length(items)


@functions((f32(3), i32(3)), (f32(3), i32(0)))
def pushed_with_unknown_item_shape(x, n):
    start = raw.EmptyTensorList(element_shape=ANY, max_num_elements=-1, element_dtype=tf.float32)
    items, = repeat(n, lambda i, a: (push(a, x * tf.cast(i, tf.float32)),), start)
    return stack(push(items, x), 3), get(put(push(items, x), 0, x * 3.0), 0)


@functions((f32(4, 3),))
def popped(x):
    items = raw.TensorListFromTensor(tensor=x, element_shape=shape(3))
    rest, last = raw.TensorListPopBack(input_handle=items, element_shape=shape(3), element_dtype=tf.float32)
    rest, before = raw.TensorListPopBack(input_handle=rest, element_shape=ANY, element_dtype=tf.float32)
    return stack(rest, 3), last, before


@functions((f32(3), i32(2)), (f32(3), i32(4)))
def popped_in_a_loop(x, n):
    """A stack: pushed n times, popped n times."""
    items, = repeat(n, lambda i, a: (push(a, x + tf.cast(i, tf.float32)),), push(empty(3), x))

    def pop(i, a, total):
        a, item = raw.TensorListPopBack(input_handle=a, element_shape=shape(3), element_dtype=tf.float32)
        return a, total * 0.5 + item
    items, total = repeat(n, pop, items, tf.zeros([3]))
    return stack(items, 3), total


@functions((f32(6, 3), i32(3)), (f32(6, 3), i32(1)), (f32(6, 3), i32(0)))
def popped_in_a_loop_and_used_behind_it(x, n):
    items = raw.TensorListFromTensor(tensor=x, element_shape=shape(3))

    def pop(i, a, total):
        a, item = raw.TensorListPopBack(input_handle=a, element_shape=shape(3), element_dtype=tf.float32)
        return a, total + item
    rest, total = repeat(n, pop, items, x[0])
    more = put(push(rest, total), 1, total * 2.0)
    return stack(rest, 3), length(rest), get(rest, 0, 3), stack(more, 3), raw.TensorListGather(
        input_handle=rest, indices=[2, 0], element_shape=shape(3), element_dtype=tf.float32)


@functions((f32(6, 3), i32(4)), (f32(6, 3), i32(1)))
def popped_by_a_cond_in_a_loop(x, n):
    items = raw.TensorListFromTensor(tensor=x, element_shape=shape(3))

    def pop(a, total):
        a, item = raw.TensorListPopBack(input_handle=a, element_shape=shape(3), element_dtype=tf.float32)
        return a, total + item
    body = lambda i, a, total: tf.cond(tf.equal(i % 2, 0), lambda: pop(a, total), lambda: (a, total * 0.5))
    rest, total = repeat(n, body, items, x[0])
    return stack(rest, 3), total


@functions((f32(2), i32(3)))
def popped_items_of_different_shapes(x, n):
    items, = repeat(n, lambda i, a: (push(a, tf.tile(x, [i + 1])),), push(empty(-1), x))

    def pop(i, a, total):
        a, item = raw.TensorListPopBack(input_handle=a, element_shape=shape(-1), element_dtype=tf.float32)
        return a, total * 0.5 + tf.reduce_sum(item)
    items, total = repeat(n, pop, items, 0.0)
    return get(items, 0, 2), total, length(items)


@functions((f32(4, 3), i32(2, 0)), (f32(4, 3), i32(3, 3)))
def from_tensor_and_gather(x, places):
    items = raw.TensorListFromTensor(tensor=x, element_shape=shape(3))
    gathered = raw.TensorListGather(input_handle=items, indices=places, element_shape=shape(3), element_dtype=tf.float32)
    return gathered, stack(items, -1), length(items)


@functions((f32(2, 3), i32(2, 0)), (f32(2, 3), i32(1, 3)))
def scatter_v1(x, places):
    return stack(raw.TensorListScatter(tensor=x, indices=places, element_shape=shape(3)), 3)


@functions((f32(2, 3), i32(2, 0), i32(5)), (f32(2, 3), i32(0, 1), i32(2)), (f32(2, 3), i32(4, 1), i32(-1)))
def scatter_v2(x, places, n):
    items = raw.TensorListScatterV2(tensor=x, indices=places, element_shape=shape(3), num_elements=n)
    return stack(items, 3), length(items)


@functions((f32(2, 3), i32(2, 0)), (f32(2, 3), i32(1, 3)))
def scatter_into_existing(x, places):
    items = raw.TensorListScatterIntoExistingList(input_handle=push(empty(3), *[x[0] * 0.5] * 4), tensor=x, indices=places)
    return stack(items, 3)


@functions((f32(6, 3), i32(1, 3, 2)), (f32(6, 3), i32(0, 6, 0)))
def split_and_concat_v2(x, lengths):
    items = raw.TensorListSplit(tensor=x, element_shape=shape(-1, 3), lengths=tf.cast(lengths, tf.int64))
    joined, sizes = raw.TensorListConcatV2(input_handle=items, element_shape=shape(-1, 3), leading_dims=tf.constant([], tf.int64),
                                           element_dtype=tf.float32)
    return joined, sizes, get(items, 1, -1, 3), length(items)


@functions((f32(2, 3),))
def concat_v1(x):
    items = push(empty(-1, 3), x, x[:1], x * 2.0)
    return raw.TensorListConcat(input_handle=items, element_dtype=tf.float32, element_shape=[None, 3])


@functions((f32(2, 0),), (f32(0, 0),))
def concat_with_a_dim_of_zero(x):
    """Beside other dims that are not zero, which Reshape cannot say at the lowest opset."""
    items = raw.TensorListFromTensor(tensor=tf.stack([x, x + 1.0, x]), element_shape=ANY)
    return raw.TensorListConcatV2(input_handle=items, element_shape=ANY, leading_dims=tf.constant([], tf.int64), element_dtype=tf.float32)


@functions((f32(3, 2, 4),), (f32(3, 2, 0),), (f32(3, 0, 4),))
def concat_of_rows(x):
    items = raw.TensorListFromTensor(tensor=x, element_shape=ANY)
    return raw.TensorListConcatV2(input_handle=items, element_shape=ANY, leading_dims=tf.constant([], tf.int64), element_dtype=tf.float32)


@functions((f32(2, 3), i32(0)), (f32(2, 3), i32(2)))
def concat_of_items_not_set(x, n):
    """What is not set is zeros with leading_dims as first dim."""
    items = put(reserve(3, -1, 3), 1, x)
    return raw.TensorListConcatV2(input_handle=items, element_shape=shape(-1, 3), leading_dims=tf.cast(tf.stack([1, 2, 4]), tf.int64),
                                  element_dtype=tf.float32)


@functions((f32(2, 3), i32(3)), (f32(2, 3), i32(0)))
def concat_lists(x, n):
    a = push(empty(3), x[0], x[1])
    b, = repeat(n, lambda i, items: (push(items, x[0] + tf.cast(i, tf.float32)),), empty(3))
    known = raw.TensorListConcatLists(input_a=a, input_b=a, element_dtype=tf.float32)
    joined = raw.TensorListConcatLists(input_a=a, input_b=b, element_dtype=tf.float32)
    return stack(known, 3), stack(joined, 3), length(joined)


@functions((f32(3, 2), i32(5)), (f32(3, 2), i32(2)))
def resized(x, n):
    items = raw.TensorListFromTensor(tensor=x, element_shape=shape(2))
    changed = raw.TensorListResize(input_handle=items, size=n)
    blank = raw.TensorListResize(input_handle=reserve(1, 2), size=n)
    known = raw.TensorListResize(input_handle=push(empty(2), x[0], x[1]), size=1)
    return stack(changed, 2), length(changed), stack(blank, 2), stack(known, 2)


@functions((f32(2, 3), i32(3)))
def ragged_items_through_functions(x, n):
    """The list is taken apart in a function that the loop does not see."""
    @tf.function
    def join(items, i):
        return raw.TensorListConcatV2(input_handle=items, element_shape=shape(-1, 3), leading_dims=tf.constant([], tf.int64),
                                      element_dtype=tf.float32)[0]

    @tf.function
    def fill(n):
        return repeat(n, lambda i, a: (push(a, tf.tile(x, [i + 1, 1])),), empty(-1, 3))[0]
    return tf.cond(n > 1, lambda: join(fill(n), n), lambda: x)


@functions((f32(2, 3), i32(3)), (f32(2, 3), i32(0)))
def ragged_lists_joined(x, n):
    items, = repeat(n, lambda i, a: (push(a, tf.tile(x, [i + 1, 1])),), push(empty(-1, 3), x[:1]))
    known = push(empty(-1, 3), x, x[:1])
    both = raw.TensorListConcatLists(input_a=items, input_b=known, element_dtype=tf.float32)
    turned = raw.TensorListConcatLists(input_a=known, input_b=items, element_dtype=tf.float32)
    return [raw.TensorListConcat(input_handle=each, element_dtype=tf.float32, element_shape=[None, 3])[0] for each in (both, turned)]


@functions((f32(3, 2),))
def element_shapes(x):
    a = raw.TensorListElementShape(input_handle=reserve(2, 3, 4), shape_type=tf.int32)
    b = raw.TensorListElementShape(input_handle=empty(-1, 2), shape_type=tf.int64)
    c = raw.TensorListElementShape(input_handle=raw.EmptyTensorList(element_shape=ANY, max_num_elements=3, element_dtype=tf.float32),
                                   shape_type=tf.int32)
    return a, b, c, x


@functions((f32(4, 3), i32(3)))
def lists_through_a_cond(x, n):
    items = push(empty(3), x[0], x[1])
    chosen = tf.cond(n > 2, lambda: push(items, x[2]), lambda: items)
    return stack(chosen, 3), length(chosen)


@functions((f32(3), i32(3)))
def lists_of_every_kind(x, n):
    integers, = repeat(n, lambda i, a: (push(a, tf.cast(i, tf.int64)),), empty(dtype=tf.int64))
    truths, = repeat(n, lambda i, a: (put(a, i, x > tf.cast(i, tf.float32)),), reserve(n, 3, dtype=tf.bool))
    texts, = repeat(n, lambda i, a: (put(a, i, tf.as_string(i)),), reserve(n, dtype=tf.string))
    halves, = repeat(n, lambda i, a: (put(a, i, tf.cast(x, tf.float16)),), reserve(n, 3, dtype=tf.float16))
    doubles, = repeat(n, lambda i, a: (put(a, i, tf.cast(x, tf.float64)),), reserve(n, 3, dtype=tf.float64))
    return (raw.TensorListStack(input_handle=integers, element_shape=tf.constant([], tf.int32), element_dtype=tf.int64),
            stack(truths, 3, dtype=tf.bool),
            raw.TensorListStack(input_handle=texts, element_shape=tf.constant([], tf.int32), element_dtype=tf.string),
            stack(halves, 3, dtype=tf.float16), stack(doubles, 3, dtype=tf.float64))


@functions((f32(3), i32(4)), (f32(3), i32(0)))
def list_of_unknown_item_shape(x, n):
    items, = repeat(n, lambda i, a: (put(a, i, x * tf.cast(i, tf.float32)),),
                    raw.TensorListReserve(element_shape=ANY, num_elements=n + 1, element_dtype=tf.float32))
    return stack(put(items, n, x), 3)


# ---- TensorArray

def array(size, *dims, dtype=tf.float32, **options):
    return raw.TensorArrayV3(size=size, dtype=dtype, element_shape=list(dims) if dims else None, **options)


@frames((f32(3), i32(2)), (f32(3), i32(1)))
def array_write_and_read(x, i):
    handle, flow = array(4, 3, clear_after_read=False)
    flow = raw.TensorArrayWriteV3(handle=handle, index=i, value=x, flow_in=flow)
    flow = raw.TensorArrayWriteV3(handle=handle, index=i + 1, value=x * 2.0, flow_in=flow)
    read = raw.TensorArrayReadV3(handle=handle, index=i, flow_in=flow, dtype=tf.float32)
    return read, raw.TensorArraySizeV3(handle=handle, flow_in=flow)


@frames((f32(4, 3), i32(2, 0)),)
def array_scatter_and_gather(x, places):
    handle, flow = array(4, 3, clear_after_read=False)
    flow = raw.TensorArrayScatterV3(handle=handle, indices=[3, 1, 0, 2], value=x, flow_in=flow)
    part = raw.TensorArrayGatherV3(handle=handle, indices=places, flow_in=flow, dtype=tf.float32)
    return part, raw.TensorArrayGatherV3(handle=handle, indices=tf.range(4), flow_in=flow, dtype=tf.float32, element_shape=[3])


@frames((f32(6, 3), i32(1, 3, 2)), (f32(6, 3), i32(2, 2, 2)))
def array_split_and_concat(x, lengths):
    handle, flow = array(3, clear_after_read=False)
    flow = raw.TensorArraySplitV3(handle=handle, value=x, lengths=tf.cast(lengths, tf.int64), flow_in=flow)
    joined, sizes = raw.TensorArrayConcatV3(handle=handle, flow_in=flow, dtype=tf.float32)
    return joined, sizes, raw.TensorArrayReadV3(handle=handle, index=1, flow_in=flow, dtype=tf.float32)


@frames((f32(3), i32(3)), (f32(3), i32(1)))
def array_closed(x, n):
    handle, flow = array(0, 3, dynamic_size=True, clear_after_read=False)
    flow = tf.while_loop(lambda i, _: i < n, lambda i, f: (i + 1, raw.TensorArrayWriteV3(handle=handle, index=i, value=x, flow_in=f)),
                         (0, flow))[1]
    gathered = raw.TensorArrayGatherV3(handle=handle, indices=tf.range(n), flow_in=flow, dtype=tf.float32, element_shape=[3])
    size = raw.TensorArraySizeV3(handle=handle, flow_in=flow)
    with tf.control_dependencies([gathered, size]):
        close = raw.TensorArrayCloseV3(handle=handle)
    with tf.control_dependencies([close]):
        return tf.identity(gathered), tf.identity(size)


@pytest.mark.parametrize("dims", ["static", "unknown"])
@pytest.mark.parametrize("name,form", CASES.in_forms())
def test_list_ops(name, form, dims, tmp_path):
    CASES.check(name, form, dims == "unknown", tmp_path)
