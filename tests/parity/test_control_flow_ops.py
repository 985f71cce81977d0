"""Ops of control flow as raw ops and in the shapes that autograph, TF1's variables and frozen training graphs give them; and what is
refused, with its place and reason."""
import numpy as np
import pytest
import tensorflow as tf

import parity
from graphs import Cases, check_refused, control_flow_v1, f32, i32, v1

CASES = Cases()
raw = tf.raw_ops


def functions(*feeds):
    return CASES.case(*feeds, forms=("functions",))


def frames(*feeds):
    return CASES.case(*feeds, forms=("frames",))


def graph_of(function, *tensors):
    """The function on tensors like these, dims unknown."""
    specs = [tf.TensorSpec([None] * t.shape.rank if t.shape.rank else [], t.dtype) for t in tensors]
    return tf.function(function, input_signature=specs).get_concrete_function()


# ---- functional ops

BOTH = ((f32(3), i32(1)), (f32(3), i32(-1)))


@functions(*BOTH)
def raw_if(x, n):
    yes, no = graph_of(lambda x, n: x * 2.0, x, n), graph_of(lambda x, n: x - tf.cast(n, tf.float32), x, n)
    return raw.If(cond=n > 0, input=[x, n], Tout=[tf.float32], then_branch=yes, else_branch=no)[0]


@functions((f32(3), i32(1)), (f32(3), i32(0)))
def raw_if_of_a_number(x, n):
    """A condition that is no truth value: any number but 0."""
    yes, no = graph_of(lambda x: x * 2.0, x), graph_of(lambda x: -x, x)
    return raw.If(cond=n, input=[x], Tout=[tf.float32], then_branch=yes, else_branch=no)[0]


@functions(*BOTH)
def raw_stateless_if(x, n):
    yes, no = graph_of(lambda x: (x * 2.0, x), x), graph_of(lambda x: (x, -x), x)
    return raw.StatelessIf(cond=n > 0, input=[x], Tout=[tf.float32] * 2, then_branch=yes, else_branch=no)


@functions(*BOTH)
def ifs_with_one_branch_function(x, n):
    yes, no = graph_of(lambda x: tf.cumsum(x) * 2.0, x), graph_of(lambda x: -x, x)
    a = raw.StatelessIf(cond=n > 0, input=[x], Tout=[tf.float32], then_branch=yes, else_branch=no)[0]
    b = raw.StatelessIf(cond=n < 0, input=[a + 1.0], Tout=[tf.float32], then_branch=yes, else_branch=no)[0]
    return b, raw.StatelessIf(cond=n > 0, input=[b], Tout=[tf.float32], then_branch=yes, else_branch=yes)[0]


def branches(x):
    return [graph_of(f, x) for f in (lambda x: x + 1.0, lambda x: x * 2.0, lambda x: tf.reverse(x, [0]))]


NUMBERS = [(f32(3), i32(n)) for n in (0, 1, 2, 7, -1)]


@functions(*NUMBERS)
def raw_case(x, n):
    return raw.Case(branch_index=n, input=[x], Tout=[tf.float32], branches=branches(x))[0]


@functions(*NUMBERS)
def raw_stateless_case(x, n):
    return raw.StatelessCase(branch_index=n, input=[x], Tout=[tf.float32], branches=branches(x))[0]


COUNTED = ((f32(3), i32(4)), (f32(3), i32(0)))


@functions(*COUNTED)
def raw_while(x, n):
    args = tf.constant(0), x, n
    condition = graph_of(lambda i, a, n: i < n, *args)
    return raw.While(input=args, cond=condition, body=graph_of(lambda i, a, n: (i + 1, a * 1.5 + 1.0, n), *args))[1]


@functions(*COUNTED)
def raw_stateless_while(x, n):
    args = tf.constant(0), x, n
    condition = graph_of(lambda i, a, n: i < n, *args)
    return raw.StatelessWhile(input=args, cond=condition, body=graph_of(lambda i, a, n: (i + 1, a * 1.5 + 1.0, n), *args))[1]


@functions(*COUNTED)
def whiles_with_one_body(x, n):
    args = tf.constant(0), x, n
    condition, body = graph_of(lambda i, a, n: i < n, *args), graph_of(lambda i, a, n: (i + 1, a * 1.5, n), *args)
    first = raw.StatelessWhile(input=args, cond=condition, body=body)
    return raw.StatelessWhile(input=(tf.constant(1), first[1] + 1.0, n), cond=condition, body=body)[1]


@functions((f32(3),))
def calls(x):
    double = graph_of(lambda x: x * 2.0, x)
    a = raw.PartitionedCall(args=[x], Tout=[tf.float32], f=double)[0]
    b = raw.StatefulPartitionedCall(args=[a], Tout=[tf.float32], f=double)[0]
    return raw.PartitionedCall(args=[b + x], Tout=[tf.float32], f=graph_of(lambda x: raw.PartitionedCall(
        args=[x], Tout=[tf.float32], f=double)[0] - x, x))[0]


@functions((f32(3),))
def remote_call(x):
    device = "/job:localhost/replica:0/task:0/device:CPU:0"
    return raw.RemoteCall(target=device, args=[x], Tout=[tf.float32], f=graph_of(lambda x: x * 2.0, x))[0]


# ---- loops

@functions((f32(4, 3), np.float32(2)), (f32(4, 3) * 9, np.float32(2)), (f32(4, 3), np.float32(-1)))
def condition_with_side_computations(x, limit):
    """The condition computes with captured tensors and gives more to compute than the body does."""
    def condition(i, a):
        norms = tf.linalg.norm(tf.matmul(a, x, transpose_b=True), axis=1)
        return tf.logical_and(tf.reduce_max(norms) / (1.0 + tf.cast(i, tf.float32)) > limit, i < 20)
    return tf.while_loop(condition, lambda i, a: (i + 1, a * 0.7), (0, x))


@CASES.case((f32(3), i32(4)), (f32(3), i32(0)))
def condition_with_a_loop_in_it(x, n):
    def condition(i, a):
        return tf.while_loop(lambda j, s: j < n, lambda j, s: (j + 1, s + 1.0), (i, 0.0))[1] > 0.5
    return tf.while_loop(condition, lambda i, a: (i + 1, a * 2.0), (0, x))


@CASES.case((f32(3), i32(4)), (f32(3), i32(9)), (f32(3), i32(-2)))
def maximum_iterations_of_the_run_time(x, n):
    return tf.while_loop(lambda i, a: tf.reduce_sum(a) < 50.0, lambda i, a: (i + 1, tf.abs(a) * 1.5), (0, x), maximum_iterations=n)


@functions((f32(9), np.float32(1)), (f32(9), np.float32(-9)), (f32(9), np.float32(9)))
def autograph_break_and_continue(x, limit):
    total = tf.zeros([])
    count = 0
    for i in tf.range(tf.shape(x)[0]):
        if x[i] < -1.0:
            continue
        total += x[i]
        if total > limit:
            break
        count += 1
    return total, count


@functions((f32(9), np.float32(1)), (f32(9), np.float32(-9)), (f32(9), np.float32(9)))
def autograph_break_in_nested_loops(x, limit):
    total = tf.zeros([])
    for i in tf.range(tf.shape(x)[0]):
        for value in x[i:]:
            if value < -1.5:
                break
            total += value
        if total > limit:
            break
    return total


@functions((f32(6, 2),), (f32(1, 2),))
def autograph_over_a_tensor(x):
    total, rows = tf.zeros([2]), tf.TensorArray(tf.float32, 0, dynamic_size=True)
    for row in x:
        total = total * 0.5 + row
        rows = rows.write(rows.size(), total)
    return total, rows.stack()


@CASES.case((f32(2, 3), i32(3)), (f32(2, 3), i32(0)))
def growing_in_two_dims(x, n):
    def body(i, a):
        a = tf.concat([a, a[:1]], 0)
        return i + 1, tf.concat([a, a[:, :1]], 1)
    return tf.while_loop(lambda i, a: i < n, body, (0, x), shape_invariants=(tf.TensorShape([]), tf.TensorShape([None, None])))


@CASES.case((f32(3), i32(3)), (f32(3), i32(0)))
def variables_of_every_kind(x, n):
    start = (0, x, tf.cast(x, tf.float16), tf.cast(x, tf.float64), tf.cast(x, tf.int64), x > 0.0, tf.constant("a"), tf.complex(x, x))

    def body(i, a, b, c, d, e, f, g):
        return i + 1, a * 2.0, b + 1.0, c - 1.0, d * 3, tf.logical_not(e), tf.where(e[0], f, "b"), g * tf.complex(0.0, 1.0)
    return tf.while_loop(lambda i, *_: i < n, body, start)


@CASES.case((f32(3), i32(4)), (f32(3), i32(1)), (f32(3), i32(0)))
def mixed_three_deep(x, n):
    def inner(i, j, a):
        return j + 1, tf.cond(tf.equal((i + j) % 2, 0), lambda: a + x, lambda: tf.while_loop(
            lambda k, b: k < j, lambda k, b: (k + 1, b * 0.9), (0, a))[1])

    def outer(i, a):
        return i + 1, tf.cond(i > 1, lambda: tf.while_loop(lambda j, a: j < n, lambda j, a: inner(i, j, a), (0, a))[1], lambda: a - 1.0)
    return tf.while_loop(lambda i, a: i < n, outer, (0, x))


@CASES.case((f32(4, 3),), (f32(1, 3),))
def vectorized_map(x):
    return tf.vectorized_map(lambda row: tf.nn.softmax(row * 2.0) + tf.reduce_sum(row), x)


@functions((f32(4, 3),), (f32(1, 3),))
def vectorized_map_of_a_cond(x):
    return tf.vectorized_map(lambda row: tf.cond(tf.reduce_sum(row) > 0.0, lambda: row * 2.0, lambda: -row), x)


@functions((f32(4, 3),))
def vectorized_map_of_a_loop(x):
    return tf.vectorized_map(lambda row: tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a + row), (0, row))[1], x)


@functions((f32(4, 3),))
def vectorized_map_of_an_array(x):
    def rows(row):
        array = tf.TensorArray(tf.float32, size=3, element_shape=[3])
        for i in range(3):
            array = array.write(i, row * float(i))
        return array.stack()
    return tf.vectorized_map(rows, x)


# ---- ragged tensors

@functions((f32(7, 2), i32(0, 3, 3, 7)),)
def map_fn_over_ragged_rows_of_vectors(values, splits):
    ragged = tf.RaggedTensor.from_row_splits(values, splits, validate=False)
    return tf.map_fn(lambda row: tf.reduce_sum(row, 0), ragged, fn_output_signature=tf.float32)


# ---- TF1

@frames(*NUMBERS)
def switch_n(x, n):
    """As TensorFlow lowers Case: one output of _SwitchN for each branch; a number that is out of range takes the last one."""
    return from_node_defs({"x": x, "n": n}, """
        node { name: 'switch' op: '_SwitchN' input: 'x' input: 'n' attr { key: 'num_outs' value { i: 3 } } attr { key: 'T' value { type: DT_FLOAT } } }
        node { name: 'a' op: 'Neg' input: 'switch' attr { key: 'T' value { type: DT_FLOAT } } }
        node { name: 'b' op: 'Exp' input: 'switch:1' attr { key: 'T' value { type: DT_FLOAT } } }
        node { name: 'c' op: 'Square' input: 'switch:2' attr { key: 'T' value { type: DT_FLOAT } } }
        node { name: 'merge' op: 'Merge' input: 'a' input: 'b' input: 'c' attr { key: 'N' value { i: 3 } }
               attr { key: 'T' value { type: DT_FLOAT } } }""", ["merge:0", "merge:1"])


def from_node_defs(inputs, nodes, outputs):
    from google.protobuf import text_format
    graph = text_format.Parse(nodes, v1.GraphDef())
    for name, tensor in inputs.items():
        node = graph.node.add(name=name, op="Placeholder")
        node.attr["dtype"].type = tensor.dtype.as_datatype_enum
    return tf.import_graph_def(graph, {f"{name}:0": tensor for name, tensor in inputs.items()}, outputs)


@frames((f32(3), np.array(True)), (f32(3), np.array(False)))
def switch_and_merge(x, p):
    no, yes = raw.Switch(data=x, pred=p)
    value, index = raw.Merge(inputs=[no * 2.0, yes + 1.0])
    return value, index


@frames((f32(4, 3),))
def dead_branch_of_a_training_graph(x):
    """Batch norm and dropout under a constant is_training."""
    training = tf.constant(False, name="is_training")
    mean, variance = tf.cond(training, lambda: tf.nn.moments(x, [0]), lambda: (tf.constant([0.1, 0.2, 0.3]), tf.constant([1.0, 2.0, 3.0])))
    y = tf.nn.batch_normalization(x, mean, variance, None, None, 1e-3)
    return tf.cond(training, lambda: tf.nn.dropout(y, 0.5), lambda: tf.identity(y))


@frames((f32(4, 3),))
def switches_on_constants(x):
    """What freezing leaves: a Switch with a constant predicate, one side of which nothing takes."""
    no, yes = raw.Switch(data=x, pred=tf.constant(False))
    dead = tf.random.uniform([3]) * tf.reduce_sum(yes)
    again, more = raw.Switch(data=dead, pred=tf.reduce_sum(dead) > 0.0)
    inner = raw.Merge(inputs=[again, more]).output
    return raw.Merge(inputs=[no + 1.0, inner + x])


@pytest.mark.parametrize("dims", ["static", "unknown"])
@pytest.mark.parametrize("name,form", CASES.in_forms())
def test_control_flow_ops(name, form, dims, tmp_path):
    CASES.check(name, form, dims == "unknown", tmp_path)


# ---- variables by reference, as TF1 has them: in a SavedModel, where they stay

def ref_cond(x, p, variable):
    no, yes = raw.RefSwitch(data=variable._ref(), pred=p)
    return raw.RefMerge(inputs=[no, yes]).output * x


def ref_cond_of_a_constant(x, p, variable):
    no, yes = raw.RefSwitch(data=variable._ref(), pred=tf.constant(True))
    return raw.Merge(inputs=[no - 1.0, yes * x]).output + tf.cast(p, tf.float32)


def ref_identity(x, p, variable):
    return raw.RefIdentity(input=variable._ref()) + x * tf.cast(p, tf.float32)


def ref_loop(x, p, variable):
    """The loop hands on the reference."""
    end = tf.cast(p, tf.int32) + 2
    _, total, weight = v1.while_loop(lambda i, *_: i < end, lambda i, a, v: (i + 1, a * tf.identity(v), v), (0, x, variable._ref()))
    ops = {op.type for op in tf.compat.v1.get_default_graph().get_operations()}
    assert {"RefEnter", "RefMerge", "RefSwitch", "RefNextIteration", "RefExit"} <= ops
    return total + weight


@pytest.mark.parametrize("build", [ref_cond, ref_cond_of_a_constant, ref_identity, ref_loop], ids=lambda f: f.__name__)
def test_references(build, tmp_path):
    feeds = [(f32(3), np.array(True)), (f32(3), np.array(False))]
    with control_flow_v1(), tf.Graph().as_default(), v1.Session() as session:
        x, p = v1.placeholder(tf.float32, [None]), v1.placeholder(tf.bool, [])
        variable = v1.get_variable("v", initializer=[0.5, -1.5, 2.0], use_resource=False)
        y = tf.identity(build(x, p, variable))
        session.run(v1.global_variables_initializer())
        expected = [session.run(y, {x: a, p: b}) for a, b in feeds]
        v1.saved_model.simple_save(session, str(tmp_path / "model"), {"x": x, "p": p}, {"y": y})
    for opset in (parity.OPSETS[0], parity.OPSETS[-1]):
        out = tmp_path / f"{opset}.onnx"
        parity.convert(tmp_path / "model", out, "--opset", opset)
        for (a, b), wanted in zip(feeds, expected):
            parity.assert_same(wanted, parity.run_onnx(out, {"x": a, "p": b})["y"])


# ---- what cannot be said

def iterator_in_a_loop(x):
    iterator = v1.data.make_initializable_iterator(tf.data.Dataset.range(9))
    return tf.while_loop(lambda i, a: i < 3, lambda i, a: (i + 1, a + tf.cast(iterator.get_next(), tf.float32)), (0, x))[1]


def symbolic_gradient(x):
    @tf.function(input_signature=[tf.TensorSpec([None])])
    def square(v):
        return v * v
    return raw.SymbolicGradient(input=[x, x], Tout=[tf.float32], f=square.get_concrete_function())[0]


REFUSED = [
    (iterator_in_a_loop, "frames", "IteratorGetNext", "tf.data"),
    (symbolic_gradient, "frames", "SymbolicGradient", "ONNX has no gradients"),
]


@pytest.mark.parametrize("build,form,op,reason", REFUSED, ids=lambda v: getattr(v, "__name__", None))
def test_refused(build, form, op, reason, tmp_path):
    """By the op's name, its node and a reason."""
    with control_flow_v1(), tf.Graph().as_default() as graph:
        x = v1.placeholder(tf.float32, [3])
        y = tf.identity(build(x), "result")
        (tmp_path / "graph.pb").write_bytes(graph.as_graph_def().SerializeToString())
    with pytest.raises(parity.Refused) as caught:
        parity.convert(tmp_path / "graph.pb", tmp_path / "out.onnx", "--inputs", x.name, "--outputs", y.name)
    text = str(caught.value)
    assert op in text and reason in text and " at " in text


def symbolic_gradient_in_a_loop(x):
    @tf.function(input_signature=[tf.TensorSpec([4, 3])])
    def square(v):
        return v * v

    def body(i, a):
        return i + 1, raw.SymbolicGradient(input=[a, a], Tout=[tf.float32], f=square.get_concrete_function())[0]
    return tf.while_loop(lambda i, a: i < 3, body, (0, x), shape_invariants=(tf.TensorShape([]), tf.TensorShape(None)))[1]


def iterator_in_a_functional_loop(x):
    iterator = raw.IteratorV2(shared_name="", container="", output_types=[tf.float32], output_shapes=[[]])

    def body(i, a):
        return i + 1, a + raw.IteratorGetNext(iterator=iterator, output_types=[tf.float32], output_shapes=[[]])[0]
    return tf.while_loop(lambda i, a: i < 3, body, (0, x))[1]


def optional_of_an_iterator(x):
    iterator = raw.IteratorV2(shared_name="", container="", output_types=[tf.float32], output_shapes=[[]])
    item = raw.IteratorGetNextAsOptional(iterator=iterator, output_types=[tf.float32], output_shapes=[[]])
    return x + raw.OptionalGetValue(optional=item, output_types=[tf.float32], output_shapes=[[]])[0]


REFUSED_IN_FUNCTIONS = [
    (iterator_in_a_functional_loop, "IteratorGetNext .* in while_body.*tf.data"),
    (optional_of_an_iterator, "IteratorGetNextAsOptional .*tf.data"),
    (symbolic_gradient_in_a_loop, "SymbolicGradient .* in while_body.*ONNX has no gradients"),
]


@pytest.mark.parametrize("build,text", REFUSED_IN_FUNCTIONS, ids=lambda v: getattr(v, "__name__", ""))
def test_refused_in_functions(build, text, tmp_path):
    """With the path of functions that leads to the node."""
    check_refused(build, text, tmp_path)
