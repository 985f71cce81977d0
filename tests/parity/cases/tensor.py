"""Shapes, slices, joins, gathers, scatters and padding."""
import numpy as np

from cases import B, F, I, case, const, feed

L = "int64"
S = ["a", "b", "a"]

# ---- as the input
for op in ("StopGradient", "PreventGradient", "Snapshot", "GuaranteeConst", "DeepCopy"):
    case(op, **{"x" if op == "DeepCopy" else "input": F(2, 3)})
for op in ("Copy", "CopyHost"):
    case(op, input=F(2, 3), tensor_name="t", debug_ops_spec=[])

# ---- shapes
for out_type in ("int32", "int64"):
    case("Shape", input=F(2, 3), out_type=out_type)
    case("Size", input=F(2, 3), out_type=out_type)
    case("ShapeN", input=[F(2, 3), F(4, 1, 2)], out_type=out_type)
case("Rank", input=F(2, 3))
case("ExpandDims", input=F(2, 3), axis=const(-1))
case("BroadcastTo", input=F(1, 3), shape=const([2, 4, 3]))
case("BroadcastArgs", s0=feed([3, 1, 2], "int32"), s1=feed([4, 1], "int32"), _dynamic="lengths")
case("Tile", input=F(2, 3), multiples=const([2, 1]))
case("Tile", input=I(2, 3), multiples=feed([2, 3], "int32"))
case("Reshape", tensor=F(2, 6), shape=const([3, -1]))
case("Reshape", tensor=F(0, 6), shape=const([3, 0]), _opsets=(21, 28))
case("Squeeze", input=F(1, 2, 1, 3))
case("Squeeze", input=F(1, 2, 1, 3), axis=[-2])
case("Transpose", x=F(2, 3, 4), perm=const([2, 0, 1]))
case("Transpose", x=I(2, 3), perm=const([-1, -2]))
for perm in ([2, 0, 1], [-1, 1, 0], [0, 1, 2]):
    case("Transpose", x=F(2, 3, 4), perm=feed(perm, "int32"))
case("Transpose", x=B(2, 3, 4, 1, 2), perm=feed([4, 2, 3, 0, 1], "int64"))
case("Transpose", x=F(5), perm=feed([0], "int32"))
case("Transpose", x=F(3, 0), perm=feed([1, 0], "int32"))
case("ConjugateTranspose", x=F(2, 3), perm=feed([1, 0], "int32"))
case("EnsureShape", input=F(2, 3), shape=[None, 3])

# ---- filled
case("Fill", dims=const([2, 3]), value=F())
case("Fill", dims=feed([2, 3], "int32"), value=const(7))
for dtype in ("float32", "int32", "bool"):
    case("ZerosLike", x=feed(np.ones((2, 3)), dtype))
    case("OnesLike", x=feed(np.zeros((2, 3)), dtype))
case("Range", start=feed(3, "int32"), limit=feed(18, "int32"), delta=feed(4, "int32"))
case("Range", start=feed(10, L), limit=feed(0, L), delta=feed(-3, L))
case("Range", start=feed(0.5, "float32"), limit=feed(4.0, "float32"), delta=feed(0.25, "float32"))
case("Range", start=feed(4.0, "float64"), limit=feed(-1.0, "float64"), delta=feed(-0.3, "float64"))
for num in (1, 2, 7):
    case("LinSpace", start=F(), stop=feed(9.0, "float32"), num=feed(num, "int32"))

# ---- joined
case("Concat", concat_dim=const(1), values=[F(2, 3), F(2, 1)])
case("ConcatV2", values=[F(2, 3), F(2, 1)], axis=const(-1))
case("ConcatV2", values=[I(2, 3), I(1, 3)], axis=const(0))
case("ConcatOffset", concat_dim=const(1), shape=[feed([2, 3], "int32"), feed([2, 5], "int32"), feed([2, 1], "int32")],
     _dynamic="length")
case("ParallelConcat", values=[F(1, 3), I(1, 3, dtype="float32")], shape=[2, 3])
case("Pack", values=[F(2, 3), F(2, 3)], axis=-1)
case("Pack", values=[I(2), I(2), I(2)], axis=0)

# ---- gathered
case("Gather", params=F(4, 3), indices=feed([[0, 3], [1, 1]], "int32"))
case("GatherV2", params=F(2, 4, 3), indices=feed([3, 0], "int32"), axis=const(1))
case("GatherV2", params=F(2, 4, 3), indices=feed(2, L), axis=const(-2))
case("GatherV2", params=F(2, 3, 4, 5), indices=feed([[3, 0], [1, 2]], L), axis=const(2), batch_dims=1)
case("GatherV2", params=F(2, 4, 3), indices=feed([[3, 0], [1, 2]], "int32"), axis=const(1), batch_dims=-1)
case("GatherNd", params=F(3, 4, 5), indices=feed([[0, 3], [2, 1]], "int32"))
case("GatherNd", params=F(3, 4), indices=feed(np.zeros((2, 0)), "int32"))
case("GatherNd", params=F(3, 4), indices=feed([[1]], "int32"), bad_indices_policy="IGNORE", _refused="IGNORE")

# ---- scattered
AT = [[1], [3], [1]]
for at in (const(AT), feed(AT, L)):
    case("ScatterNd", indices=at, updates=F(3, 2), shape=const([5, 2], at.value.dtype), _opsets=(21, 28))
    for op in ("TensorScatterAdd", "TensorScatterSub", "TensorScatterMax", "TensorScatterMin"):
        case(op, tensor=F(5, 2), indices=at, updates=F(3, 2), _opsets=(21, 28))
for op in ("TensorScatterAdd", "TensorScatterSub", "TensorScatterMax", "TensorScatterMin", "TensorScatterUpdate"):
    case(op, tensor=I(5, 2), indices=const([[1], [3]]), updates=I(2, 2))
case("ScatterNd", indices=const([[1], [3]]), updates=F(2, 2), shape=const([5, 2]))
case("TensorScatterUpdate", tensor=F(5, 2), indices=feed([[4], [0]], "int32"), updates=F(2, 2))
case("SparseToDense", sparse_indices=feed([[0, 1], [2, 0]], "int32"), output_shape=const([3, 2]), sparse_values=F(2),
     default_value=const(-1.0))
case("SparseToDense", sparse_indices=feed([1, 3], L), output_shape=const([5], L), sparse_values=F(), default_value=const(0.5))
case("DynamicStitch", indices=[feed([0, 2], "int32"), feed([[3, 2]], "int32")], data=[F(2, 3), F(1, 2, 3)])
case("DynamicStitch", indices=[feed([0], "int32"), feed(4, "int32")], data=[F(1), F()])
case("ParallelDynamicStitch", indices=[feed([1, 2], "int32"), feed([0], "int32")], data=[F(2, 3), F(1, 3)])

# ---- chosen
case("DynamicPartition", data=F(5, 2), partitions=feed([0, 2, 0, 1, 2], "int32"), num_partitions=4)
case("DynamicPartition", data=F(2, 3), partitions=feed([[0, 1, 0], [1, 1, 0]], "int32"), num_partitions=2)
case("ListDiff", x=feed([5, 1, 3, 1], "int32"), y=feed([1, 7], "int32"))
case("ListDiff", x=F(4), y=feed([], "float32"), out_idx=L)
for dtype in ("int32", "int64", "float32", "float64", "uint8"):
    case("Unique", x=feed([5, 1, 5, 3, 1], dtype))
case("UniqueWithCounts", x=feed([5, 1, 5, 3, 1], "int32"), out_idx=L)
case("UniqueV2", x=feed([5, 1, 5], "int32"), axis=const([], L))
case("UniqueV2", x=feed([[5, 1], [2, 2], [5, 1]], "int32"), axis=const([0], L))
case("UniqueWithCountsV2", x=feed([[5, 1, 5], [2, 2, 2]], "int32"), axis=const([1], L))
case("Where", condition=B(3, 4))
case("Select", condition=B(3), x=F(3, 2), y=I(3, 2, dtype="float32"))
case("Select", condition=feed(True), x=F(3, 2), y=I(3, 2, dtype="float32"))
case("Select", condition=B(3, 2), x=I(3, 2), y=I(3, 2, low=7, high=9))
for dtype in ("float32", "int32", "uint64", "bool"):
    case("SelectV2", condition=B(3, 1), t=feed(np.ones((3, 2)), dtype), e=feed(np.zeros(()), dtype))
case("InvertPermutation", x=feed([2, 0, 1], "int32"))
case("UnravelIndex", indices=feed([0, 7, 22], "int32"), dims=const([2, 3, 4]))
case("UnravelIndex", indices=feed(7, L), dims=feed([3, 4], L), _dynamic="length")

# ---- ordered
for axes in ([0], [-1, 0], []):
    case("ReverseV2", tensor=F(2, 3), axis=const(np.array(axes, "int32")))
case("Reverse", tensor=F(2, 3), dims=const([False, True]))
case("Roll", input=F(4, 3), shift=feed([5, -1], "int32"), axis=const([0, 1]))
case("Roll", input=F(4), shift=const(0), axis=const(0))
for axis in (-1, 0, 1):
    case("OneHot", indices=feed([[0, -1], [3, 2]], "int32"), depth=const(3), on_value=const(2.0), off_value=const(-1.0), axis=axis)
case("OneHot", indices=feed([0, 1], "uint8"), depth=feed(2, "int32"), on_value=const(True), off_value=const(False), axis=-1)
case("TopKV2", input=F(3, 5), k=const(3))
case("TopKV2", input=I(7), k=feed(3, "int32"))
for batch, time in ((0, 1), (1, 0), (0, 2), (2, 1)):
    shape = [3, 4, 5]
    case("ReverseSequence", input=F(*shape), seq_lengths=feed([1, 0, 3, 2, 3][:shape[batch]], L), seq_dim=time, batch_dim=batch)

# ---- padded
PADS = [[1, 0], [0, 2]]
for x in (F(2, 3), I(2, 3), B(2, 3)):
    case("Pad", input=x, paddings=const(PADS))
case("Pad", input=F(2, 3), paddings=feed(PADS, L))
case("PadV2", input=F(2, 3), paddings=const(PADS), constant_values=const(7.0))
for mode in ("REFLECT", "SYMMETRIC"):
    case("MirrorPad", input=F(3, 4), paddings=const([[1, 2], [0, 3]]), mode=mode)
case("MirrorPad", input=F(2), paddings=const([[2, 2]]), mode="SYMMETRIC")

# ---- parts
case("Slice", input=F(3, 4), begin=const([1, 0]), size=const([-1, 2]))
case("Slice", input=F(3, 4), begin=feed([1, 1], "int32"), size=feed([2, -1], "int32"))
for begin, end, strides, masks in (
        ([0, 1], [2, 4], [1, 2], {}),
        ([-1, -1], [-4, -9], [-1, -2], {}),
        ([0, 0], [0, 0], [1, -1], dict(begin_mask=3, end_mask=3)),
        ([1, -1], [2, 0], [1, 1], dict(shrink_axis_mask=3)),
        ([0, 1], [0, 2], [1, 1], dict(ellipsis_mask=1, shrink_axis_mask=2)),
        ([0, 1], [0, 2], [1, 1], dict(new_axis_mask=1)),
        ([1, 1], [9, 9], [1, 1], dict(begin_mask=1))):
    case("StridedSlice", input=F(3, 4), begin=const(begin), end=const(end), strides=const(strides), **masks)
case("StridedSlice", input=F(3, 4), begin=feed([1, 0], "int32"), end=feed([3, 2], "int32"), strides=const([1, 1]), shrink_axis_mask=1)
case("TensorStridedSliceUpdate", input=F(3, 4), begin=const([0, 1]), end=const([3, 4]), strides=const([2, 2]), value=I(2, 2, dtype="float32"))
case("StridedSliceGrad", shape=const([3, 4]), begin=const([0, 1]), end=const([3, 4]), strides=const([2, 2]), dy=F(2, 2))
case("StridedSliceGrad", shape=feed([3, 4, 2], "int32"), begin=feed([1, 0], "int32"), end=feed([2, -1], "int32"), strides=const([1, -1]),
     dy=F(4, 2), shrink_axis_mask=1, begin_mask=2, end_mask=2)
case("StridedSliceGrad", shape=const([3, 4], "int64"), begin=const([0, 0], "int64"), end=const([0, 0], "int64"), strides=const([1, 1], "int64"),
     dy=F(1, 3, 4, dtype="float64"), new_axis_mask=1, ellipsis_mask=2)
case("Split", axis=const(1), value=F(2, 6), num_split=3)
case("SplitV", value=F(2, 6), size_splits=const([1, -1, 2]), axis=const(-1), num_split=3)
case("SplitV", value=F(2, 6), size_splits=feed([1, -1, 2], "int32"), axis=const(1), num_split=3)
case("Unpack", value=F(2, 3), num=3, axis=-1)
case("Unpack", value=F(1, 3), num=1, axis=0)

# ---- blocks and windows
case("SpaceToBatchND", input=F(1, 3, 5, 2), block_shape=const([2, 3]), paddings=const([[1, 0], [0, 1]]))
case("BatchToSpaceND", input=F(6, 2, 2, 3), block_shape=const([2, 3]), crops=const([[1, 0], [0, 2]]))
case("SpaceToBatch", input=F(1, 4, 4, 2), paddings=const([[0, 0], [2, 0]]), block_size=2)
case("BatchToSpace", input=F(4, 2, 2, 1), crops=const([[0, 1], [1, 0]]), block_size=2)
case("SpaceToDepth", input=F(1, 4, 6, 3), block_size=2)
case("DepthToSpace", input=F(1, 2, 3, 12), block_size=2)
for padding in ("SAME", "VALID"):
    for strides, rates in (([1, 2, 3, 1], [1, 1, 1, 1]), ([1, 1, 2, 1], [1, 2, 2, 1])):
        case("ExtractImagePatches", images=F(2, 7, 6, 3), ksizes=[1, 3, 2, 1], strides=strides, rates=rates, padding=padding)
    case("ExtractVolumePatches", input=F(1, 4, 5, 6, 2), ksizes=[1, 2, 3, 2, 1], strides=[1, 2, 1, 2, 1], padding=padding)

PREDICTED = feed([[0.1, 0.5, 0.4, 0.5], [0.9, 0.0, 0.1, 0.2], [0.3, np.inf, 0.1, 0.0], [0.2, 0.3, 0.4, 0.5]], "float32")
for k in (1, 2, 4):
    case("InTopKV2", predictions=PREDICTED, targets=feed([1, 3, 0, 4], "int32"), k=const(k))
    case("InTopK", predictions=PREDICTED, targets=feed([3, 1, 1, -1], "int64"), k=k)
case("InTopKV2", predictions=PREDICTED, targets=feed([1, 3, 0, 2], "int64"), k=feed(2, "int64"))
case("ApproxTopK", input=F(2, 3, 5), k=2)
for largest in (True, False):
    case("NthElement", input=F(2, 3, 5), n=const(1), reverse=largest)
    case("NthElement", input=I(6), n=feed(2, "int32"), reverse=largest)
case("DataFormatDimMap", x=feed([0, 1, 2, 3, -1, -2], "int32"))
case("DataFormatDimMap", x=const(2), src_format="NHWC", dst_format="NHCW")
case("DataFormatVecPermute", x=feed([1, 2, 3, 4], "int32"), _dynamic="number of items")
case("DataFormatVecPermute", x=feed([[1, 2], [3, 4]], "int64"), src_format="NCHW", dst_format="NHWC", _dynamic="number of items")

ROWS = dict(x=F(4, 3), i=feed([2, 0], "int32"), v=F(2, 3, low=5.0, high=6.0))
case("InplaceUpdate", **ROWS)
for op in ("InplaceAdd", "InplaceSub"):
    case(op, **ROWS, _opsets=(21, 28))
    case(op, x=I(4, 3), i=const([1]), v=I(1, 3), _opsets=(21, 28))
case("Empty", shape=const([2, 3]), dtype="float32", init=True)
case("Empty", shape=feed([2, 0], "int32"), dtype="int64", init=True)

TABLE = feed(np.array([f"s{i}" for i in range(12)], object).reshape(2, 3, 2))
for axis in (0, 1, 2, -1, -3):
    case("GatherV2", params=TABLE, indices=feed([1, 0], "int32"), axis=const(axis))
case("GatherNd", params=TABLE, indices=feed([[1], [0]], "int32"))
