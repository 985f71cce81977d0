"""Sparse and ragged tensors in their parts, and sets."""
import numpy as np

from cases import F, I, case, const, feed

AT = feed([[0, 1], [2, 3]], "int64")
SHAPE = const([3, 4], "int64")
for op in ("SparseDenseCwiseAdd", "SparseDenseCwiseMul", "SparseDenseCwiseDiv"):
    case(op, sp_indices=AT, sp_values=F(2), sp_shape=SHAPE, dense=F(3, 4))
case("SparseTensorDenseAdd", a_indices=AT, a_values=F(2), a_shape=SHAPE, b=F(3, 4), _opsets=(21, 28))

PLACES = feed([[0, 0], [0, 2], [2, 1], [2, 3]], "int64")
NONE = feed(np.zeros((0, 2)), "int64")
NO_VALUES = feed([], "float32")
LATER = (21, 28)  # where ONNX scatters with a reduction
VALUES = F(4)
for new in ([2, 6], [-1, 2], [12], [3, 2, -1]):
    case("SparseReshape", input_indices=PLACES, input_shape=SHAPE, new_shape=const(new, "int64"))
case("SparseReshape", input_indices=PLACES, input_shape=feed([3, 4], "int64"), new_shape=feed([2, -1], "int64"))
case("SparseReshape", input_indices=NONE, input_shape=const([0, 4], "int64"), new_shape=const([2, 0], "int64"))

MIXED = feed([[2, 1], [0, 2], [2, 0], [0, 0]], "int64")
case("SparseReorder", input_indices=MIXED, input_values=VALUES, input_shape=SHAPE)
case("SparseReorder", input_indices=MIXED, input_values=feed(["a", "b", "c", "d"], object), input_shape=feed([3, 4], "int64"))
case("SparseReorder", input_indices=NONE, input_values=NO_VALUES, input_shape=SHAPE)
for dim in (0, 1, -1):
    case("SparseConcat", indices=[PLACES, AT], values=[VALUES, F(2)], shapes=[SHAPE, const([3, 4], "int64")], concat_dim=dim)
for start, size in (([1, 1], [5, 2]), ([0, 0], [3, 4]), ([7, 1], [5, 2])):
    case("SparseSlice", indices=PLACES, values=VALUES, shape=SHAPE, start=const(start, "int64"), size=const(size, "int64"))
case("SparseSplit", split_dim=const(1, "int64"), indices=PLACES, values=VALUES, shape=const([3, 5], "int64"), num_split=3)
case("SparseSplit", split_dim=const(0, "int64"), indices=PLACES, values=VALUES, shape=feed([3, 4], "int64"), num_split=2)
case("SparseFillEmptyRows", indices=MIXED, values=VALUES, dense_shape=const([4, 4], "int64"), default_value=const(9.0))
case("SparseFillEmptyRows", indices=NONE, values=NO_VALUES, dense_shape=const([2, 4], "int64"), default_value=const(9.0))
case("SparseFillEmptyRows", indices=feed([[0], [1]], "int64"), values=F(2), dense_shape=const([2], "int64"), default_value=const(9.0))

for axes in ([], [0], [-1], [0, 1], 0):
    for op, opsets in (("SparseReduceSum", LATER), ("SparseReduceMax", LATER), ("SparseReduceSumSparse", LATER),
                       ("SparseReduceMaxSparse", LATER)):
        case(op, input_indices=PLACES, input_values=VALUES, input_shape=SHAPE, reduction_axes=const(axes, "int32"), _opsets=opsets)
case("SparseReduceSum", input_indices=PLACES, input_values=VALUES, input_shape=SHAPE, reduction_axes=const([0]), keep_dims=True, _opsets=LATER)
case("SparseReduceMax", input_indices=PLACES, input_values=I(4, high=0), input_shape=SHAPE, reduction_axes=feed([1], "int32"), keep_dims=True,
     _opsets=LATER)
case("SparseReduceMax", input_indices=NONE, input_values=NO_VALUES, input_shape=SHAPE, reduction_axes=const([1]), _opsets=LATER)
PAIR = dict(a_indices=PLACES, a_values=VALUES, a_shape=SHAPE, b_indices=feed([[0, 1], [2, 1], [2, 3]], "int64"), b_values=F(3), b_shape=SHAPE)
for threshold in (0.0, 0.9):
    case("SparseAdd", thresh=const(threshold), **PAIR)
case("SparseAdd", a_indices=NONE, a_values=NO_VALUES, a_shape=SHAPE, b_indices=NONE, b_values=NO_VALUES, b_shape=SHAPE, thresh=const(0.0))
case("SparseSparseMaximum", **PAIR)
case("SparseSparseMinimum", **PAIR)
case("SparseSoftmax", sp_indices=PLACES, sp_values=VALUES, sp_shape=SHAPE, _opsets=LATER)
for a, b in ((False, False), (True, False), (False, True)):
    case("SparseTensorDenseMatMul", a_indices=PLACES, a_values=VALUES, a_shape=SHAPE, b=F(*((3, 2) if a else (2, 4) if b else (4, 2))),
         adjoint_a=a, adjoint_b=b, _opsets=LATER)
case("SparseTensorDenseMatMul", a_indices=feed([[0, 1], [0, 1]], "int32"), a_values=I(2), a_shape=SHAPE, b=I(4, 3), _opsets=LATER)

SETS = (feed([[1, 2, 2], [3, 3, 3]], "int32"), feed([[2, 9], [3, 1]], "int32"))
DEEP = (feed([[[5, 7]], [[-1, 5]]], "int64"), feed([[[7, 7, 7]], [[5, -1, 2]]], "int64"))
WORDS = (feed([["b", "a", "a"]], object), feed([["c", "aa", "b"]], object))
for operation in ("a-b", "b-a", "intersection", "union"):
    case("DenseToDenseSetOperation", set1=SETS[0], set2=SETS[1], set_operation=operation)
    case("DenseToDenseSetOperation", set1=DEEP[0], set2=DEEP[1], set_operation=operation)
    case("DenseToDenseSetOperation", set1=WORDS[0], set2=WORDS[1], set_operation=operation)
    case("DenseToSparseSetOperation", set1=SETS[0], set2_indices=feed([[0, 0], [1, 0], [1, 1]], "int64"), set2_values=feed([1, 7, 3], "int32"),
         set2_shape=const([2, 2], "int64"), set_operation=operation)
    case("SparseToSparseSetOperation", set1_indices=feed([[0, 0], [1, 0], [1, 1]], "int64"), set1_values=feed([1, 7, 3], "int32"),
         set1_shape=const([3, 2], "int64"), set2_indices=feed([[1, 0], [2, 1]], "int64"), set2_values=feed([7, 3], "int32"),
         set2_shape=const([3, 2], "int64"), set_operation=operation)
case("SetSize", set_indices=PLACES, set_values=feed([3, 3, 1, 2], "int32"), set_shape=SHAPE)
case("SetSize", set_indices=NONE, set_values=feed([], "int32"), set_shape=SHAPE)

for least, most in ((-1, -1), (7, -1), (2, 3), (0, 0)):
    for binary in (False, True):
        case("DenseCountSparseOutput", values=feed([[1, 1, 4], [0, 4, 1]], "int32"), weights=const([], "int32"), minlength=least,
             maxlength=most, binary_output=binary)
case("DenseCountSparseOutput", values=feed([1, 1, 4], "int64"), weights=const([0.5, 0.5, 2.0]), binary_output=False, _opsets=LATER)
case("DenseCountSparseOutput", values=feed([1, 1, 4], "int64"), weights=const([0.5, 0.5, 2.0]), binary_output=True)
case("SparseCountSparseOutput", indices=PLACES, values=feed([3, 3, 1, 1], "int32"), dense_shape=SHAPE, weights=const([], "int64"),
     binary_output=False, _dynamic="rank")
case("RaggedCountSparseOutput", splits=feed([0, 2, 2, 3], "int64"), values=feed([3, 3, 1], "int32"), weights=const([0.5, 0.5, 2.0]),
     binary_output=False, _opsets=LATER)

case("RaggedRange", starts=feed([0, 5, 3], "int32"), limits=feed([3, 0, 3], "int32"), deltas=feed([1, -2, 1], "int32"))
case("RaggedRange", starts=const(0.0), limits=feed(1.0, "float32"), deltas=feed([0.25, 0.3], "float32"), Tsplits="int32")
case("RaggedRange", starts=feed(1, "int64"), limits=const(5, "int64"), deltas=const(2, "int64"))
case("RaggedRange", starts=feed([1, 2], "int32"), limits=const(0), deltas=const(1))
SPLITS = feed([0, 2, 2, 3], "int64")
case("RaggedTensorToSparse", rt_nested_splits=[SPLITS], rt_dense_values=I(3))
case("RaggedTensorToSparse", rt_nested_splits=[SPLITS, feed([0, 1, 3, 3], "int64")], rt_dense_values=F(3))
case("RaggedTensorToSparse", rt_nested_splits=[feed([0, 2, 2, 3], "int32")], rt_dense_values=F(3, 2, 2))
case("RaggedTensorToSparse", rt_nested_splits=[feed([0, 0], "int64")], rt_dense_values=NO_VALUES)
for shape in ([4, -1], [-1, -1], [2, 1], [-1, 5]):
    case("RaggedTensorToTensor", shape=const(shape), values=I(3), default_value=const(7), row_partition_tensors=[SPLITS],
         row_partition_types=["ROW_SPLITS"])
case("RaggedTensorToTensor", shape=const(-1), values=I(3), default_value=const(7),
     row_partition_tensors=[const(4, "int64"), feed([0, 2, 2], "int64")], row_partition_types=["FIRST_DIM_SIZE", "VALUE_ROWIDS"])
case("RaggedTensorToTensor", shape=const([2, 1, 2]), values=F(3, 2), default_value=const([7.0, 8.0]), row_partition_tensors=[SPLITS],
     row_partition_types=["ROW_SPLITS"])
case("RaggedTensorToTensor", shape=const([-1, -1, -1]), values=feed(["a", "b", "c"], object), default_value=const("-", object),
     row_partition_tensors=[SPLITS, feed([0, 1, 3, 3], "int64")], row_partition_types=["ROW_SPLITS", "ROW_SPLITS"])
case("RaggedGather", params_nested_splits=[SPLITS], params_dense_values=I(3), indices=feed([2, 0, 0, 1], "int32"), OUTPUT_RAGGED_RANK=1)
case("RaggedGather", params_nested_splits=[SPLITS, feed([0, 1, 3, 3], "int64")], params_dense_values=F(3, 2), indices=feed([[2, 0], [0, 1]], "int64"),
     OUTPUT_RAGGED_RANK=3)

case("ComputeAccidentalHits", true_classes=feed([[1, 2], [3, 1], [5, 5]], "int64"), sampled_candidates=feed([5, 1, 9, 1], "int64"), num_true=2,
     _opsets=LATER)
case("ComputeAccidentalHits", true_classes=feed([[1, 2]], "int64"), sampled_candidates=feed([7], "int64"), num_true=2, _opsets=LATER)


def pair(hypothesis, truth, shapes, **options):
    """Rows of two ragged lists as sparse tensors, for EditDistance."""
    args = {}
    for name, rows, shape in (("hypothesis", hypothesis, shapes[0]), ("truth", truth, shapes[1])):
        places = [(*np.unravel_index(row, shape[:-1]), i) for row, items in enumerate(rows) for i in range(len(items))]
        args[f"{name}_indices"] = feed(np.array(places, "int64").reshape(-1, len(shape)))
        args[f"{name}_values"] = feed([item for items in rows for item in items], options.get("dtype", "int64"))
        args[f"{name}_shape"] = feed(shape, "int64")
    case("EditDistance", **args, normalize=options.get("normalize", True))


for normalize in (True, False):
    pair([[1, 2, 3, 4], [], [5], [3, 1, 2], []], [[2, 3, 4], [7], [], [1, 2, 3, 1, 2], []], ([5, 4], [5, 6]), normalize=normalize)
    pair([[1, 2], [3], [], [9, 9, 9]], [[2, 1], [3], [4], [9]], ([2, 2, 3], [2, 2, 2]), normalize=normalize)
    pair([["kitten", "b"], ["a"]], [["sitting"], ["a"], ["c", "c"]], ([2, 2], [3, 2]), normalize=normalize, dtype=object)
pair([[1, np.nan], [2, 3]], [[1, np.nan], [2, 3, 3]], ([2, 2], [2, 3]), dtype="float32")
pair([[0.5, 2], [2, 3]], [[1, 0.5], [2, 3, 3]], ([2, 2], [2, 3]), dtype="float16")
pair([[True, False]], [[True, True]], ([1, 2], [1, 2]), dtype="bool")
pair([[1, 2], [-3]], [[1, 3], [-3]], ([2, 2], [2, 2]), dtype="int8")
pair([[], []], [[], []], ([2, 2], [2, 2]))
pair(list(np.arange(60).reshape(3, 20) % 7), list(np.arange(75).reshape(3, 25) % 5), ([3, 20], [3, 25]), normalize=False)

# Crossed features: rows with no value, one and several; sparse columns come before the dense ones.
WORDS = dict(indices=[feed([[0, 0], [0, 1], [2, 1]], "int64")], shapes=[feed([3, 2], "int64")])
TEXTS = WORDS | dict(values=[feed(["a", "b", "c"], object)], dense_inputs=[feed([[1, -2], [3, 4], [5, 6]], "int64"), feed([["x"], ["y"], ["z"]], object)])
NUMBERS = WORDS | dict(values=[feed([7, -8, 2**40], "int64")], dense_inputs=[feed([[1, -2], [3, 4], [-2**63, 2**63 - 1]], "int64"), feed([[0], [9], [-1]], "int64")])
TEXT = dict(out_type="string", internal_type="string", hash_key=1, num_buckets=0, hashed_output=False, _opsets=LATER)
HASH = dict(out_type="int64", internal_type="int64", hash_key=0xDECAFCAFFE, hashed_output=True, _opsets=LATER)
case("SparseCross", **(TEXTS | dict(dense_inputs=[feed([["x"], ["y"], ["z"]], object)])), **TEXT)
case("SparseCross", indices=[], shapes=[], values=[], dense_inputs=[feed([["a", "b"]], object)], **TEXT)
case("SparseCrossV2", **TEXTS, sep=const("-", object), _opsets=LATER)
DENSE = dict(indices=[], shapes=[], values=[], dense_inputs=NUMBERS["dense_inputs"])
HASHED = dict(num_buckets=feed(100, "int64"), strong_hash=const(False), salt=const([1, 2], "int64"))
case("SparseCrossHashed", **DENSE, **HASHED, _opsets=LATER)
case("SparseCrossHashed", **NUMBERS, **HASHED, _refused="sparse columns")
case("SparseCrossHashed", indices=[], values=[], shapes=[], dense_inputs=[feed([["a"]], object)], num_buckets=const(9, "int64"), strong_hash=const(True), salt=const([1, 2], "int64"), _refused="strong hash")
case("SparseCross", indices=[], shapes=[], values=[], dense_inputs=[feed([["a", "b"]], object)] * 2, **(HASH | dict(num_buckets=3, internal_type="string")), _refused="bytes")
for buckets in (0, 10, 2**40):
    case("SparseCross", **NUMBERS, num_buckets=buckets, **HASH)
RAGGED = dict(ragged_row_splits=[feed([0, 2, 3, 3, 5], "int64"), feed([0, 1, 3, 4, 6], "int64")], sparse_indices=[feed([[0, 0], [1, 0], [1, 1], [3, 0]], "int64")], sparse_shape=[feed([4, 2], "int64")], input_order="RDSR")
case("RaggedCross", **RAGGED, ragged_values=[feed(list("abcde"), object), feed(list("uvwxyz"), object)], sparse_values=[feed([1, 2, 3, 4], "int64")], dense_inputs=[feed([["p", "q"]] * 4, object)], hashed_output=False, num_buckets=0, hash_key=1, out_values_type="string", out_row_splits_type="int64", _opsets=LATER)
case("RaggedCross", **RAGGED, ragged_values=[I(5, dtype="int64"), I(6, dtype="int64")], sparse_values=[I(4, dtype="int64")], dense_inputs=[I(4, 2, dtype="int64")], hashed_output=True, num_buckets=50, hash_key=0xDECAFCAFFE, out_values_type="int64", out_row_splits_type="int64", _opsets=LATER)

IDS = feed([0, 0, 2, 4], "int64")
for values, default in ((F(4), const(9.0)), (feed(list("abcd"), object), const("none", object)), (I(4, dtype="int64"), feed(-1, "int64"))):
    case("RaggedFillEmptyRows", value_rowids=IDS, values=values, nrows=feed(6, "int64"), default_value=default)
case("RaggedFillEmptyRows", value_rowids=feed([], "int64"), values=NO_VALUES, nrows=const(2, "int64"), default_value=const(9.0))

COUNTED, NO_WEIGHTS = feed([1, 3, 3, 0, 7, 1], "int32"), feed([], "float32")
SPLITS = feed([0, 2, 2, 3, 6], "int64")
IN_ROWS = dict(indices=feed([[0, 0], [0, 1], [0, 3], [2, 0], [2, 1], [3, 0]], "int64"), dense_shape=feed([4, 4], "int64"))
IN_ONE = dict(indices=feed([[0], [1], [2], [5], [6], [7]], "int64"), dense_shape=feed([9], "int64"))
for binary in (False, True):
    for weights in (NO_WEIGHTS, F(6), feed([], "int64"), I(6)):
        if binary and weights.value.size:
            continue
        case("RaggedBincount", splits=SPLITS, values=COUNTED, size=const(5), weights=weights, binary_output=binary, _opsets=LATER)
        case("SparseBincount", **IN_ROWS, values=COUNTED, size=feed(4, "int32"), weights=weights, binary_output=binary, _opsets=LATER)
        case("SparseBincount", **IN_ONE, values=COUNTED, size=const(8), weights=weights, binary_output=binary, _opsets=LATER)
