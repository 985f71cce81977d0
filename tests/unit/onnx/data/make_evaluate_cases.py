#!/usr/bin/env python3
"""Writes evaluate_cases.jsonl: small random nodes with the outputs that onnx.reference and ONNX Runtime agree on.

They agree when integers are equal and floats within 2 units in the last place. Where one of them refuses the node, the other
counts alone; for RUNTIME_ONLY ops it is the runtime, because the reference does not follow the specification's text. Nodes
on which they do not agree are printed and left out.

One JSON object per line: op, opset (21 when left out), attributes, inputs and outputs; a tensor is "dtype
number:dims:bytes as hex", little-endian, an absent input null. Needs numpy, onnx, ml_dtypes and onnxruntime.
"""

import json
import pathlib

import ml_dtypes
import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from onnx.reference import ReferenceEvaluator

OPSET = 21
# Slice: a start before the first element is clamped to it when stepping back; numpy gives nothing.
RUNTIME_ONLY = {"Slice"}
rng = np.random.default_rng(7)

I8, I16, I32, I64 = np.int8, np.int16, np.int32, np.int64
U8, U16, U32, U64 = np.uint8, np.uint16, np.uint32, np.uint64
F16, F32, F64, BF16 = np.float16, np.float32, np.float64, ml_dtypes.bfloat16
SIGNED = [I8, I16, I32, I64]
UNSIGNED = [U8, U16, U32, U64]
INTS = SIGNED + UNSIGNED
FLOATS = [F16, F32, F64]
NUMBERS = INTS + FLOATS


def rnd(dtype, *dims, low=-9, high=10, extremes=True):
    """Random elements: small numbers and, of integers, now and then the ends of the range."""
    dtype = np.dtype(dtype)
    if dtype == bool:
        return rng.integers(0, 2, dims).astype(bool)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        values = rng.integers(max(low, info.min), high, dims).astype(dtype)
        ends = np.array([info.min, info.max, info.max - 1], dtype)
        return np.where(rng.random(dims) < 0.15, rng.choice(ends, dims), values).astype(dtype) if extremes else values
    return (rng.normal(size=dims) * 3).astype(dtype)


def i64(*values):
    return np.array(values, I64)


def broadcast_pair():
    pairs = [((2, 3), (2, 3)), ((2, 3), (3,)), ((2, 1, 3), (2, 1)), ((), (2, 2)), ((4,), (1,)), ((0, 3), (1, 3)), ((), ())]
    return pairs[rng.integers(len(pairs))]


def binary(op, dtypes, attributes=None, repeat=2, **kinds):
    for dtype in dtypes:
        for _ in range(repeat):
            left, right = broadcast_pair()
            yield op, attributes or {}, [rnd(dtype, *left, **kinds), rnd(dtype, *right, **kinds)]


def arithmetic():
    for op in ("Add", "Sub", "Mul"):
        yield from binary(op, NUMBERS, repeat=1)
    for dtype in NUMBERS:
        divisors = rnd(dtype, 3, low=1, extremes=False)
        if dtype in FLOATS:
            divisors = np.abs(divisors) + dtype(0.5)
        yield "Div", {}, [rnd(dtype, 2, 3, extremes=False), divisors]
        if dtype not in FLOATS:
            if dtype in SIGNED:
                divisors = divisors * np.array([1, -1, -1], dtype)
            yield "Mod", {}, [rnd(dtype, 2, 3), divisors]
            yield "Mod", {"fmod": 1}, [rnd(dtype, 2, 3, extremes=False), divisors]
    for dtype in (F32, F64):
        yield "Mod", {"fmod": 1}, [rnd(dtype, 2, 3), np.array([2.5, -1.5, 3], dtype)]
    for op in ("Min", "Max"):
        for dtype in NUMBERS:
            yield op, {}, [rnd(dtype, 2, 3), rnd(dtype, 3), rnd(dtype, 2, 1)]
    for op in ("Sum", "Mean"):
        for dtype in (F32, F64):
            yield op, {}, [rnd(dtype, 2, 3), rnd(dtype, 3), rnd(dtype, 1)]
    for base, exponent in [(I32, I32), (I64, I64), (F32, F32), (F32, I64), (F64, F64), (I32, I64), (F32, I32)]:
        x = rnd(base, 2, 3, extremes=False)
        yield "Pow", {}, [np.abs(x) if base in FLOATS else x, rnd(exponent, 3, low=0, high=4, extremes=False)]
    for dtype in INTS + [F32, F64]:
        yield "Clip", {}, [rnd(dtype, 2, 3), np.array(2, dtype), np.array(5, dtype)]
    yield "Clip", {}, [rnd(F32, 4), None, np.array(0.5, F32)]
    yield "Clip", {}, [rnd(F32, 4), np.array(0.5, F32)]
    yield "Clip", {}, [rnd(I32, 4)]


def unary():
    for dtype in NUMBERS:
        yield "Abs", {}, [rnd(dtype, 5)]
        yield "Sign", {}, [rnd(dtype, 5)]
    for dtype in SIGNED + FLOATS:
        yield "Neg", {}, [rnd(dtype, 5)]
    for dtype in (F32, F64, F16, I32, I8):
        yield "Relu", {}, [rnd(dtype, 5)]
    halves = np.array([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 0.3, -7.8], F32)
    for dtype in FLOATS:
        for op in ("Round", "Floor", "Ceil"):
            yield op, {}, [halves.astype(dtype)]
        for op in ("Exp", "Sin", "Cos", "Tanh", "Sigmoid") + (("Erf",) if dtype != F64 else ()):  # Erf: float in numpy
            yield op, {}, [rnd(dtype, 2, 3)]
        for op in ("Sqrt", "Log", "Reciprocal"):
            yield op, {}, [np.abs(rnd(dtype, 2, 3)) + dtype(0.25)]
    for op in ("Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Atanh"):
        yield op, {}, [rng.uniform(-0.9, 0.9, (4,)).astype(F32)]
    yield "Acosh", {}, [rng.uniform(1, 9, (4,)).astype(F32)]
    special = np.array([np.nan, np.inf, -np.inf, 0, -0.0, 1], F32)
    yield "IsNaN", {}, [special]
    for attributes in ({}, {"detect_positive": 0}, {"detect_negative": 0}):
        yield "IsInf", attributes, [special]


def logic():
    for op in ("Equal", "Less", "LessOrEqual", "Greater", "GreaterOrEqual"):
        yield from binary(op, NUMBERS, repeat=1, low=-2, high=3)
    yield from binary("Equal", [bool])
    for op in ("And", "Or", "Xor"):
        yield from binary(op, [bool])
    yield "Not", {}, [rnd(bool, 2, 3)]
    for op in ("BitwiseAnd", "BitwiseOr", "BitwiseXor"):
        yield from binary(op, INTS, repeat=1)
    for dtype in INTS:
        yield "BitwiseNot", {}, [rnd(dtype, 4)]
    for dtype in UNSIGNED:
        for direction in ("LEFT", "RIGHT"):
            yield "BitShift", {"direction": direction}, [rnd(dtype, 2, 3), rnd(dtype, 3, low=0, high=8, extremes=False)]


def casts():
    types = [I8, I32, I64, U8, U16, U64] + FLOATS + [BF16, bool]
    for source in types:
        for target in types:
            x = rnd(source, 3, extremes=np.dtype(source).kind in "iu" and target in INTS)
            if source in FLOATS + [BF16] and target in UNSIGNED:
                x = np.abs(x)
            yield "Cast", {"to": helper.np_dtype_to_tensor_dtype(np.dtype(target))}, [x]
    fine = np.array([0.1, 1e-8, 6.1e-5, 65504, 65519, 65520, 1e9, 2049, 2051, -0.0, np.inf, 3.05e-5], F32)
    for target in (TensorProto.FLOAT16, TensorProto.BFLOAT16, TensorProto.DOUBLE, TensorProto.BOOL):
        yield "Cast", {"to": target}, [fine]
    yield "Cast", {"to": TensorProto.FLOAT}, [np.array([2**63 - 1, 2**24 + 1, -(2**60) - 1], I64)]
    yield "CastLike", {}, [rnd(F32, 3), rnd(I64, 1)]


def views():
    x = rnd(I32, 2, 3, 4)
    yield "Reshape", {}, [x, i64(0, -1)]
    yield "Reshape", {}, [rnd(I32, 0, 3), i64(3, -1)]
    yield "Reshape", {"allowzero": 1}, [rnd(I32, 0, 3), i64(3, 0)]
    yield "Squeeze", {}, [rnd(F32, 1, 3, 1)]
    yield "Squeeze", {}, [rnd(F32, 1, 3, 1), i64(-1)]
    yield "Unsqueeze", {}, [rnd(F32, 3), i64(-1, 0)]
    for axis in (0, 1, -1, 3):
        yield "Flatten", {"axis": axis}, [x]
    yield "Transpose", {}, [x]
    for perm in ([1, 0, 2], [2, 0, 1], [0, 2, 1]):
        yield "Transpose", {"perm": perm}, [x]
    yield "Identity", {}, [x]
    yield "Shape", {}, [x]
    yield "Shape", {"start": 1, "end": -1}, [x]
    yield "Size", {}, [x]


def moves():
    for dtype in (F32, I64, bool, I8, F16):
        yield "Concat", {"axis": -1}, [rnd(dtype, 2, 3), rnd(dtype, 2, 0), rnd(dtype, 2, 1)]
        yield "Where", {}, [rnd(bool, 2, 1), rnd(dtype, 3), rnd(dtype, 2, 3)]
        yield "Expand", {}, [rnd(dtype, 2, 1), i64(3, 1, 4)]
    yield "Concat", {"axis": 0}, [rnd(I32, 1, 2, 2), rnd(I32, 2, 2, 2)]
    yield "Concat", {"axis": 1}, [rnd(I32, 2, 1, 2), rnd(I32, 2, 2, 2)]
    for _ in range(20):
        dims = tuple(rng.integers(1, 4, 3))
        axes = rng.permutation(3)[: rng.integers(1, 4)]
        signed = [int(a) - int(rng.integers(0, 2)) * 3 for a in axes]
        steps = rng.choice([-3, -2, -1, 1, 2, 3, 9], len(axes))
        ends = [int(e) for e in rng.choice([-(2**63), -6, -2, -1, 0, 1, 2, 3, 5, 2**62], len(axes))]
        starts = rng.integers(-6, 7, len(axes))
        yield "Slice", {}, [rnd(I32, *dims), i64(*starts), i64(*ends), i64(*signed), i64(*steps)]
    yield "Slice", {}, [rnd(I32, 4, 3), i64(1), i64(3)]
    yield "Slice", {}, [rnd(I32, 4, 3), np.array([1, 0], I32), np.array([3, -1], I32)]
    yield "Split", {"axis": 1}, [rnd(F32, 2, 5), i64(2, 0, 3)], 3
    yield "Split", {"axis": -1, "num_outputs": 3}, [rnd(F32, 2, 7)], 3
    yield "Split", {"num_outputs": 2}, [rnd(F32, 4)], 2
    for repeats in ([2, 1], [1, 3], [2, 2], [0, 2]):
        yield "Tile", {}, [rnd(I32, 2, 3), i64(*repeats)]
    yield "Compress", {}, [rnd(I32, 2, 3), np.array([1, 0, 0, 1, 1], bool)]
    for axis in (0, 1, -1):
        yield "Compress", {"axis": axis}, [rnd(I32, 2, 3), np.array([0, 1], bool)]
    for mode in ("DCR", "CRD"):
        yield "DepthToSpace", {"blocksize": 2, "mode": mode}, [rnd(F32, 1, 8, 1, 2)]
    yield "SpaceToDepth", {"blocksize": 2}, [rnd(F32, 2, 2, 4, 2)]
    for batch, time in ((1, 0), (0, 1)):
        yield "ReverseSequence", {"batch_axis": batch, "time_axis": time}, [rnd(F32, 4, 4, 1), i64(1, 2, 4, 3)]
    for upper in (0, 1):
        for k in (None, 0, 1, -5):
            yield "Trilu", {"upper": upper}, [rnd(I64, 1, 2, 3)] + ([] if k is None else [np.array(k, I64)])
    for mode in ("constant", "edge", "reflect", "wrap"):
        for pads in ([0, 1, 2, 0], [1, 2, 1, 2], [0, 0, 0, 0], [1, 0, 0, 2]):
            yield "Pad", {"mode": mode}, [rnd(F32, 2, 3) if mode != "reflect" else rnd(F32, 3, 3), i64(*pads)]
    yield "Pad", {}, [rnd(I64, 2, 3), i64(1, 1, 0, 1), np.array(7, I64)]
    yield "Pad", {}, [rnd(I32, 2, 3), i64(1, 2), np.array(7, I32), i64(-1)]
    yield "Pad", {}, [rnd(F32, 3, 3), i64(-1, 1, 0, -1), np.array(0.5, F32)]
    yield "Pad", {}, [rnd(F32, 0, 2), i64(1, 0, 1, 1), np.array(0.5, F32)]


def gathers():
    for axis in (0, 1, -1):
        yield "Gather", {"axis": axis}, [rnd(F32, 3, 4, 2), rng.integers(-2, 2, (2, 2))]
        yield "Gather", {"axis": axis}, [rnd(bool, 3, 4, 3), np.array(-1, I32)]
        indices = rng.integers(-2, 2, (2, 2, 2))
        yield "GatherElements", {"axis": axis}, [rnd(I16, 3, 4, 2), indices]
    yield "Gather", {}, [rnd(F32, 3, 2), np.zeros((0,), I64)]
    yield "GatherND", {}, [rnd(F32, 2, 3, 2), rng.integers(-2, 2, (3, 2))]
    yield "GatherND", {}, [rnd(F32, 2, 3, 2), rng.integers(0, 2, (2, 1, 3))]
    yield "GatherND", {"batch_dims": 1}, [rnd(F32, 2, 3, 2), rng.integers(-2, 2, (2, 1))]
    yield "GatherND", {"batch_dims": 1}, [rnd(F32, 2, 3, 2), rng.integers(-2, 2, (2, 2, 2))]
    for reduction in ("none", "add", "mul", "max", "min"):
        for dtype in (F32, I32, I64):
            yield "ScatterND", {"reduction": reduction}, [rnd(dtype, 4, 2), i64(2, 0)[:, None], rnd(dtype, 2, 2)]
            attributes = {"axis": 1, "reduction": reduction}
            yield "ScatterElements", attributes, [rnd(dtype, 2, 4), i64(1, -1, 0, 3).reshape(2, 2), rnd(dtype, 2, 2)]
    for reduction in ("add", "max"):
        yield "ScatterND", {"reduction": reduction}, [rnd(I32, 4, 2), i64(1, 1, -3)[:, None], rnd(I32, 3, 2)]
        yield "ScatterElements", {"reduction": reduction}, [rnd(I32, 3), i64(1, 1, -2), rnd(I32, 3)]


def generated():
    for dtype in (I16, I32, I64, F32, F64):
        for start, limit, delta in ((0, 5, 1), (1, 8, 3), (5, -2, -2), (3, 1, 1)):
            yield "Range", {}, [np.array(v, dtype) for v in (start, limit, delta)]
    yield "Range", {}, [np.array(v, F32) for v in (0.1, 1.0, 0.3)]
    for value in (np.array([3], I64), np.array([1.5], F32), np.array([True])):
        yield "ConstantOfShape", {"value": numpy_helper.from_array(value)}, [i64(2, 3)]
    yield "ConstantOfShape", {}, [i64(2, 0)]
    for k in (-1, 0, 2):
        yield "EyeLike", {"k": k}, [rnd(F32, 3, 4)]
    yield "EyeLike", {"dtype": TensorProto.INT64}, [rnd(F32, 2, 2)]
    for axis in (-1, 0, 1, -2):
        yield "OneHot", {"axis": axis}, [rng.integers(-5, 5, (2, 3)), np.array(4, I64), np.array([2, 5], F32)]
    yield "OneHot", {}, [rng.integers(-5, 5, (3,)).astype(I32), np.array(4, I32), np.array([-1, 1], I32)]


def reductions():
    for op in ("ReduceSum", "ReduceMean", "ReduceProd", "ReduceMax", "ReduceMin"):
        for dtype in (I32, I64, F32, F64):
            x = rnd(dtype, 2, 3, 2, extremes=op in ("ReduceMax", "ReduceMin"))
            if op in ("ReduceSum", "ReduceMean") and dtype in FLOATS:
                x = np.abs(x)  # no cancellation: the order of the sum is free
            yield op, {}, [x]
            yield op, {"keepdims": 0}, [x, i64(-1, 0)]
            yield op, {"keepdims": 1}, [x, i64(1)]
        yield op, {"noop_with_empty_axes": 1}, [rnd(F32, 2, 2)]
        yield op, {"keepdims": 0}, [np.abs(rnd(F32, 3)), i64(0)]
        yield op, {"keepdims": 0}, [rnd(F32, 0, 3), i64(1)]
    yield "ReduceSum", {"keepdims": 0}, [rnd(F32, 0, 3), i64(0)]
    yield "ReduceProd", {"keepdims": 0}, [rnd(F32, 0, 3), i64(0)]
    for op in ("ReduceMean", "ReduceMax"):
        yield op, {"axes": [1], "keepdims": 0}, [np.abs(rnd(F32, 2, 3))], 1, 13
    yield "ReduceMax", {"keepdims": 0}, [rnd(bool, 3, 2), i64(0)]


def orders():
    for op in ("ArgMax", "ArgMin"):
        for attributes in ({}, {"axis": 1, "keepdims": 0}, {"axis": -1, "select_last_index": 1}):
            yield op, attributes, [rnd(I32, 2, 4, low=-1, high=2, extremes=False)]
            yield op, attributes, [rnd(F32, 2, 3)]
    for attributes in ({}, {"exclusive": 1}, {"reverse": 1}, {"exclusive": 1, "reverse": 1}):
        for dtype in (I32, I64, F64):
            yield "CumSum", attributes, [rnd(dtype, 2, 3), np.array(int(rng.integers(-2, 2)), I64)]
    for attributes in ({}, {"largest": 0}, {"axis": 0}, {"axis": 0, "largest": 0}):
        yield "TopK", attributes, [rnd(I64, 3, 4, low=-2, high=3), i64(2)], 2
        yield "TopK", attributes, [rnd(F32, 3, 4), i64(3)], 2
    yield "TopK", {}, [rnd(F32, 3, 4), i64(0)], 2
    for dtype in (bool, F32, I64):
        yield "NonZero", {}, [rnd(dtype, 2, 3, 2, low=0, high=2) * rnd(bool, 2, 3, 2)]
    for sort in (0, 1):
        yield "Unique", {"sorted": sort}, [rnd(I64, 2, 4, low=-2, high=3)], 4
    shapes = [((2, 3), (3, 2)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (3,)), ((2, 1, 2, 3), (3, 3, 1)), ((2, 0), (0, 2))]
    for left, right in shapes:
        for dtype in (I32, F32, F64):
            yield "MatMul", {}, [np.round(rnd(dtype, *left, extremes=False)), np.round(rnd(dtype, *right, extremes=False))]


def text_of(array):
    if array is None:
        return None
    array = np.asarray(array)
    dtype = helper.np_dtype_to_tensor_dtype(array.dtype)
    return f"{dtype}:{','.join(map(str, array.shape))}:{array.tobytes().hex()}"


def model_of(op, attributes, inputs, outputs, opset):
    names = [f"x{i}" if x is not None else "" for i, x in enumerate(inputs)]
    infos = [
        helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(x.dtype), x.shape)
        for name, x in zip(names, inputs)
        if name
    ]
    results = [f"y{i}" for i in range(outputs)]
    node = helper.make_node(op, names, results, **attributes)
    graph = helper.make_graph([node], "case", infos, [onnx.ValueInfoProto(name=name) for name in results])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=10)
    return onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True), dict(zip(names, inputs))


def by_reference(model, feeds):
    with np.errstate(all="ignore"):
        try:
            return ReferenceEvaluator(model).run(None, feeds)
        except Exception as error:  # its ops raise what they like
            return str(error)


def by_runtime(model, feeds):
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 4
    try:
        session = onnxruntime.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
        return session.run(None, feeds)
    except Exception as error:  # no kernel, or types that its Python layer does not carry
        return str(error)


def same(a, b):
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    if a.dtype.kind != "f":
        return a.tobytes() == b.tobytes()
    with np.errstate(all="ignore"):
        near = np.abs(a - b) <= 2 * np.spacing(np.maximum(np.abs(a), np.abs(b)))
    return bool(np.all(near | (a == b) | (np.isnan(a) & np.isnan(b))))


def main():
    lines, dropped, alone = [], [], []
    for family in (arithmetic, unary, logic, casts, views, moves, gathers, generated, reductions, orders):
        for op, attributes, inputs, *rest in family():
            outputs, opset = (rest + [1, OPSET][len(rest) :]) if len(rest) < 2 else rest
            inputs = [None if x is None else np.asarray(x) for x in inputs]
            label = f"{op} {attributes} {[x is not None and (x.dtype.name, x.shape) for x in inputs]}"
            model, feeds = model_of(op, attributes, inputs, outputs, opset)
            feeds.pop("", None)
            expected, runtime = by_reference(model, feeds), by_runtime(model, feeds)
            if isinstance(expected, str) or (op in RUNTIME_ONLY and not isinstance(runtime, str)):
                expected = runtime
            if isinstance(expected, str):
                dropped.append(f"{label}: {expected}")
                continue
            if isinstance(runtime, str):
                alone.append(label)
            elif not all(same(a, b) for a, b in zip(expected, runtime)):
                dropped.append(f"{label}: {inputs}, reference {expected}, runtime {runtime}")
                continue
            stored = {
                name: {"tensor": text_of(numpy_helper.to_array(value))} if isinstance(value, TensorProto) else value
                for name, value in attributes.items()
            }
            case = {"op": op} | ({"opset": opset} if opset != OPSET else {}) | ({"attributes": stored} if stored else {})
            case |= {"inputs": [text_of(x) for x in inputs], "outputs": [text_of(x) for x in expected]}
            lines.append(json.dumps(case, separators=(",", ":")))
    path = pathlib.Path(__file__).with_name("evaluate_cases.jsonl")
    path.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} cases, {path.stat().st_size} bytes; {len(alone)} without the runtime; left out {len(dropped)}:")
    print("\n".join(dropped))


if __name__ == "__main__":
    main()
