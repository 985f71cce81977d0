"""Stacks (StackV2 and kin; Stack and kin of TF1): alone, in functions, loops and conditionals, and as gradients of TF1 loops use them."""
import numpy as np
import onnx
import pytest
import tensorflow as tf

import parity
from graphs import Cases, FORMS, check_refused, control_flow_v1, f32, i32, v1

raw = tf.raw_ops
CASES = Cases()
case = CASES.case

X = f32(2, 3)
TIMES = (X, i32(3)), (X, i32(1)), (f32(3, 3), i32(5))
MAYBE = TIMES + ((X, i32(0)),)


def stack(dtype=tf.float32, max_size=-1):
    return raw.StackV2(max_size=max_size, elem_type=dtype)


def push(handle, item, *after):
    with tf.control_dependencies(after):
        return raw.StackPushV2(handle=handle, elem=item)


def pop(handle, *after, dtype=tf.float32, shape=None):
    with tf.control_dependencies(after):
        return tf.ensure_shape(raw.StackPopV2(handle=handle, elem_type=dtype), shape)


def times(n, body, start):
    """body(i, value) n times."""
    return tf.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, body(i, v)), (0, start))[1]


# ---- one after the other

@case((X,))
def in_a_row(x):
    handle = stack()
    first = push(handle, x)
    second = push(handle, first * 2.0, first)
    last = pop(handle, second)
    again = push(handle, last + 1.0, last)
    return last, pop(handle, pop(handle, again)), again


@case((X,))
def pushes_that_nothing_else_uses(x):
    """Only the order of running says that they come before the pop."""
    handle = stack()
    pushed = push(handle, x * 3.0, push(handle, x))
    with tf.control_dependencies([pushed]):
        done = tf.no_op()
    return pop(handle, pop(handle, done))


@case((X,))
def several_stacks(x):
    """Also of items of different shapes."""
    a, b = stack(), stack(max_size=2)
    in_a = push(a, tf.reduce_sum(x, 0), push(a, x))
    in_b = push(b, x + 5.0)
    last = pop(a, in_a)
    return last, pop(b, in_b), pop(a, last)


@case((np.array([[True, False]]), i32(4, 5), np.array(["a", "bc"]), f32(2).astype(np.float16), np.array([7, -8], np.int64)))
def element_types(*items):
    popped = []
    for item in items:
        handle = stack(item.dtype)
        pushed = push(handle, item, push(handle, item[:1]))
        last = pop(handle, pushed, dtype=item.dtype)
        popped += [last, pop(handle, last, dtype=item.dtype)]
    return popped


@case((X,))
def complex_items(x):
    handle = stack(tf.complex64)
    pushed = push(handle, tf.complex(x, x * 2.0))
    return tf.math.imag(pop(handle, pushed, dtype=tf.complex64))


@case((X,), forms=("frames",))
def by_reference(x):
    """TF1's first form of the ops."""
    handle = raw.Stack(elem_type=tf.float32)
    with tf.control_dependencies([raw.StackPush(handle=handle, elem=x)]):
        pushed = raw.StackPush(handle=handle, elem=x * 2.0)
    with tf.control_dependencies([pushed]):
        last = raw.StackPop(handle=handle, elem_type=tf.float32)
    with tf.control_dependencies([last]):
        first = raw.StackPop(handle=handle, elem_type=tf.float32)
    with tf.control_dependencies([first]), tf.control_dependencies([raw.StackClose(handle=handle)]):
        return tf.identity(last), first


@case((X,))
def closed_at_the_end(x):
    handle = stack()
    last = pop(handle, push(handle, x))
    with tf.control_dependencies([last]), tf.control_dependencies([raw.StackCloseV2(handle=handle)]):
        return tf.identity(last)


# ---- functions

@tf.function(autograph=False)
def push_twice(handle, x):
    raw.StackPushV2(handle=handle, elem=x)
    raw.StackPushV2(handle=handle, elem=x * 2.0)


@tf.function(autograph=False)
def new_stack(x):
    handle = stack()
    raw.StackPushV2(handle=handle, elem=x)
    return handle


@case((X,), forms=("functions",))
def through_functions(x):
    handle = stack()
    push(handle, x - 1.0)
    push_twice(handle, x)
    last = pop(handle)
    push_twice(handle, x + 1.0)
    return last, pop(handle), pop(handle), pop(handle), pop(handle)


@case((X,), forms=("functions",))
def made_in_a_function(x):
    handle = new_stack(x)
    push(handle, x * 2.0)
    return pop(handle), pop(handle)


# ---- loops and conditionals

@case(*TIMES)
def pushed_and_popped_in_loops(x, n):
    handle = stack()
    y = times(n, lambda i, v: tf.sin(push(handle, v)) + v, x)
    with tf.control_dependencies([y]):
        return times(n, lambda i, v: v * pop(handle, v, shape=x.shape), y)


@case(*TIMES)
def more_pushed_than_popped(x, n):
    handle = stack()

    def twice(i, v):
        first = push(handle, v)
        return v + 1.0 + 0.0 * push(handle, v * 0.5, first)
    y = times(n, twice, push(handle, x))
    with tf.control_dependencies([y]):
        z = times(n, lambda i, v: v - pop(handle, v, shape=x.shape), y)
    return z, pop(handle, z)


@case(*TIMES)
def pushed_and_popped_in_one_loop(x, n):
    """What is popped was pushed the time before."""
    handle = stack()
    first = push(handle, x)

    def body(i, v):
        last = pop(handle, v, shape=x.shape)
        return v + push(handle, last * 0.5 + v, last)
    return times(n, body, first)


@case(*TIMES)
def a_stack_in_each_iteration(x, n):
    def body(i, v):
        handle = stack()
        return v + pop(handle, push(handle, tf.cos(v)), shape=x.shape)
    return times(n, body, x)


@case(*TIMES)
def in_nested_loops(x, n):
    handle = stack()
    inner = lambda i, v: times(i, lambda j, w: push(handle, tf.sin(w)) + v, v)
    y = times(n, inner, push(handle, x))
    with tf.control_dependencies([y]):
        back = lambda i, v: times(n - 1 - i, lambda j, w: w - 0.5 * pop(handle, w, shape=x.shape), v)
        z = times(n, back, y)
    return z, pop(handle, z)


@case(*TIMES)
def rows_that_grow(x, n):
    """Items of different shapes."""
    handle = stack()

    def body(i, v):
        return tf.concat([push(handle, v), x[:1]], 0)

    def back(i, v):
        return v + tf.reduce_sum(pop(handle, v), 0)
    y = tf.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, body(i, v)), (0, x),
                      shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, None])))[1]
    return tf.while_loop(lambda i, v: i < n, lambda i, v: (i + 1, tf.reshape(back(i, v), tf.shape(v))), (0, tf.reduce_sum(y, 0)),
                         shape_invariants=(tf.TensorShape([]), tf.TensorShape([None])))[1]


@case(*TIMES)
def in_a_branch(x, n):
    handle = stack()
    first = push(handle, x)
    with tf.control_dependencies([first]):
        y = tf.cond(n > 2, lambda: push(handle, x * 3.0), lambda: x + 1.0)
    return y, pop(handle, y)


@case(*TIMES)
def in_both_branches(x, n):
    handle = stack()
    first = push(handle, x * 5.0, push(handle, x))
    with tf.control_dependencies([first]):
        y = tf.cond(n > 2, lambda: pop(handle, shape=x.shape), lambda: push(handle, x - 1.0))
    return y, pop(handle, y)


@case(*TIMES)
def in_branches_of_a_loop(x, n):
    handle = stack()

    def body(i, v):
        return tf.cond(tf.equal(i % 2, 0), lambda: tf.sin(push(handle, v)), lambda: v + 1.0)
    y = times(n, body, x)
    with tf.control_dependencies([y]):
        back = lambda i, v: tf.cond(tf.equal((n - i) % 2, 1), lambda: v * pop(handle, v, shape=x.shape), lambda: v)
        return times(n, back, y)


@case(*TIMES)
def in_nested_branches(x, n):
    handle = stack()
    with tf.control_dependencies([push(handle, x)]):
        y = tf.cond(n > 0, lambda: tf.cond(n > 2, lambda: push(handle, x * 3.0), lambda: x) + 1.0, lambda: x)
    return y, pop(handle, y)


@case((X,))
def in_branches_that_are_known(x):
    handle = stack(max_size=2)
    with tf.control_dependencies([push(handle, x)]):
        y = tf.cond(tf.constant(True), lambda: push(handle, x * 3.0), lambda: push(handle, x * 4.0))
    with tf.control_dependencies([y]):
        z = tf.cond(tf.constant(False), lambda: push(handle, x * 5.0), lambda: x)
    return z, pop(handle, z)


@case(*TIMES)
def a_handle_as_loop_variable(x, n):
    handle = stack()
    body = lambda i, v, h: (i + 1, tf.sin(push(h, v)), h)
    _, y, behind = tf.while_loop(lambda i, v, h: i < n, body, (0, x, handle))
    return y, pop(behind, y)


@case(*TIMES)
def closed_in_a_branch(x, n):
    handle = stack()

    def last():
        popped = pop(handle, shape=x.shape)
        with tf.control_dependencies([popped]), tf.control_dependencies([raw.StackCloseV2(handle=handle)]):
            return tf.identity(popped)
    with tf.control_dependencies([push(handle, x * 2.0)]):
        return tf.cond(n > 2, last, lambda: x)


@case((X, i32(0)), (X, i32(1)), (X, i32(2)), (X, i32(7)))
def in_one_of_many(x, n):
    handle = stack()
    first = push(handle, x)
    with tf.control_dependencies([first]):
        y = tf.switch_case(n, [lambda: push(handle, x * 3.0), lambda: x + 1.0, lambda: push(handle, pop(handle, shape=x.shape) * 2.0)])
    return y, pop(handle, y)


# ---- gradients of TF1's loops

def gradient(function):
    def gradients(x, n):
        y = function(x, n)
        return y, v1.gradients(y, x)[0]
    gradients.__name__ = "gradient_of_" + function.__name__
    return gradients


def gradient_case(*feeds):
    return lambda function: case(*feeds, forms=("frames",))(gradient(function))


@gradient_case(*MAYBE)
def a_loop(x, n):
    return times(n, lambda i, v: tf.sin(v) * v, x)


@gradient_case(*[(x.astype(np.float64), n) for x, n in MAYBE])
def a_loop_of_doubles(x, n):
    return times(n, lambda i, v: tf.exp(-v) * v, x)


@gradient_case((f32(2, 4, 3), i32(3)), (f32(1, 4, 3), i32(6)))
def layers(x, n):
    weights = tf.constant(f32(3, 3) * 0.3)
    return times(n, lambda i, v: tf.tanh(tf.linalg.matvec(weights, v) + tf.reduce_mean(v, 1, keepdims=True)), x)


@gradient_case(*MAYBE)
def nested_loops(x, n):
    return times(n, lambda i, v: times(i, lambda j, w: tf.sin(w) * v, v), x)


@gradient_case(*MAYBE)
def a_loop_with_a_cond(x, n):
    return times(n, lambda i, v: tf.cond(tf.reduce_sum(v) > 0.1, lambda: tf.sin(v) * v, lambda: v * v), x)


@gradient_case(*MAYBE)
def a_loop_in_a_cond(x, n):
    return tf.cond(n > 2, lambda: times(n, lambda i, v: tf.sin(v) * v, x), lambda: x * x)


@gradient_case(*MAYBE)
def one_loop_after_the_other(x, n):
    return times(n, lambda i, v: v * v * 0.5, times(n + 1, lambda i, v: tf.cos(v) + v, x))


@pytest.mark.parametrize("dynamic", [False, True], ids=["static", "dynamic"])
@pytest.mark.parametrize("name,form", CASES.in_forms())
def test_stacks(name, form, dynamic, tmp_path):
    CASES.check(name, form, dynamic, tmp_path)


@pytest.mark.parametrize("form", FORMS)
def test_loops_copy_no_stack(form, tmp_path):
    """What a loop pushes is a scan output of it, and what a loop pops is read where it is."""
    for path in CASES.check("pushed_and_popped_in_loops", form, False, tmp_path):
        loops = [node for node in onnx.load(path).graph.node if node.op_type == "Loop"]
        assert len(loops) == 2
        ops = {node.op_type for loop in loops for node in loop.attribute[0].g.node}
        assert "Gather" in ops and not ops & {"Concat", "Slice", "SequenceInsert", "SequenceErase", "SequenceAt"}


# ---- what cannot be said

def unordered(x):
    handle = stack()
    first = raw.StackPushV2(handle=handle, elem=x, name="one")
    second = raw.StackPushV2(handle=handle, elem=x * 2.0, name="two")
    return pop(handle, first, second)


def unordered_in_a_loop(x):
    handle = stack()

    def body(i, v):
        return raw.StackPushV2(handle=handle, elem=v, name="one") + raw.StackPushV2(handle=handle, elem=v + 1.0, name="two")
    y = times(3, body, x)
    return pop(handle, y)


def full(x):
    handle = stack(max_size=1)
    return pop(handle, push(handle, x, push(handle, x)))


def empty(x):
    handle = stack()
    return pop(handle, pop(handle, push(handle, x)))


def after_it_was_closed(x):
    handle = stack()
    pushed = push(handle, x)
    with tf.control_dependencies([pushed]), tf.control_dependencies([raw.StackCloseV2(handle=handle, name="end")]):
        done = tf.no_op()
    return pop(handle, done)


def in_the_condition(x):
    handle = stack()

    def condition(i, v):
        return tf.reduce_sum(push(handle, v)) < 9.0
    y = tf.while_loop(condition, lambda i, v: (i + 1, v + 1.0), (0, x))[1]
    return pop(handle, y)


def one_of_two(x):
    a, b = stack(), stack()
    handle = tf.cond(tf.reduce_sum(x) > 0.0, lambda: tf.identity(a), lambda: tf.identity(b))
    return pop(handle, push(handle, x))


def of_another_type(x):
    handle = stack(tf.int32)
    return pop(handle, push(handle, x))


REFUSED = [
    (unordered, r"StackPopV2.*nothing tells whether 'one' or 'two' comes first to stack 'StackV2'"),
    (unordered_in_a_loop, r"nothing tells whether '.*one' or '.*two' comes first to stack 'StackV2'"),
    (full, "StackPushV2.*a stack that is full: its max_size is 1"),
    (empty, "StackPopV2.*an item is taken from an empty list"),
    (after_it_was_closed, "StackPopV2.*stack 'StackV2' is used after 'end' has closed it"),
    (in_the_condition, "on a? ?stack.* where (the loop|it) asks whether it goes on"),
    (one_of_two, "StackPopV2.*nothing in the graph tells which stack"),
    (of_another_type, "StackPushV2.*another type than the stack"),
]


@pytest.mark.parametrize("build,text", REFUSED, ids=lambda v: getattr(v, "__name__", ""))
def test_refused(build, text, tmp_path):
    with control_flow_v1(), tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [3])
        y = tf.identity(build(x), "result")
        (tmp_path / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
    with pytest.raises(parity.Refused, match="(?s)" + text):
        parity.convert(tmp_path / "graph.pb", tmp_path / "out.onnx", "--inputs", x.name, "--outputs", y.name)


def in_the_condition_of_a_function(x):
    handle = stack()
    y = tf.while_loop(lambda i, v: tf.reduce_sum(push(handle, v)) < 9.0, lambda i, v: (i + 1, v + 1.0), (0, x))[1]
    return pop(handle, y)


REFUSED_IN_FUNCTIONS = [
    (in_the_condition_of_a_function, "While.*on a stack where it asks whether it goes on"),
    (empty, "StackPopV2.*an item is taken from an empty list"),
]


@pytest.mark.parametrize("build,text", REFUSED_IN_FUNCTIONS, ids=lambda v: getattr(v, "__name__", ""))
def test_refused_in_functions(build, text, tmp_path):
    check_refused(build, text, tmp_path)
