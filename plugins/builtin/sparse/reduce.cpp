// Sums, products and extremes of sparse tensors.
#include <limits>

#include "sparse.hpp"

namespace flowport::sparse {

namespace {

/// A number below all others (for Max) of the element type of `x`.
double lowest(const Value& x) {
  switch (x.dtype()) {
    case DType::kInt8: return std::numeric_limits<std::int8_t>::lowest();
    case DType::kInt16: return std::numeric_limits<std::int16_t>::lowest();
    case DType::kInt32: return std::numeric_limits<std::int32_t>::lowest();
    case DType::kInt64: return static_cast<double>(std::numeric_limits<std::int64_t>::lowest());
    default: return is_floating(x.dtype()) ? -INFINITY : 0.0;
  }
}

/// Which dims of a sparse tensor stay when it is reduced.
struct Kept {
  Value mask;    ///< bool [rank]
  Value shape;   ///< int64: of the dims that stay
  Value output;  ///< int64: of the result, with dims of 1 where they are kept
};

Kept kept_dims(const Node& node, const Value& shape) {
  const Value rank = num_elements(shape), axes = to_vector(node.input(3));
  const Value axis = where(less(axes, 0), axes + rank, axes);
  const Value reduced = equal(unsqueeze(iota(rank), {1}), unsqueeze(axis, {0}));
  const Value mask = equal(reduce_sum(cast(reduced, DType::kInt32), {1}, false), 0);
  const Value stays = compress(shape, mask);
  return {mask, stays, node.attr<bool>("keep_dims", false) ? where(mask, shape, 1) : stays};
}

/// For each value the place that it is reduced into.
Value target_of(const Value& indices, const Value& shape, const Kept& kept) {
  return reduce_sum(indices * unsqueeze(where(kept.mask, strides_of(where(kept.mask, shape, 1)), 0), {0}), {1}, false);
}

/// Sums or maxima of `values` in `count` groups; 0 where a group is empty.
Value grouped(const Value& values, const Value& group, const Value& count, bool is_max) {
  const Value none = expand(scalar_like(values, 0), vector_of(count));
  if (!is_max) return scatter(none, group, values, "add");
  const Value found = scatter(expand(scalar_like(values, lowest(values)), vector_of(count)), group, values, "max");
  const Value yes = expand(values.node().int_scalar(1), shape_of(group));
  const Value hits = scatter(expand(values.node().int_scalar(0), vector_of(count)), group, yes);
  return where(equal(hits, 0), none, found);
}

// TF:   SparseReduceSum(input_indices: int64, input_values: T, input_shape: int64, reduction_axes: int32) -> output: T, attr
//       keep_dims; SparseReduceMax likewise
// ONNX: ScatterElements with reduction
template <bool kMax>
void sparse_reduce(const Node& node) {
  const Value values = widened(node.input(1)), shape = node.input(2);
  const Kept kept = kept_dims(node, shape);
  const Value group = target_of(node.input(0), shape, kept);
  const Value flat = grouped(values, group, reduce_prod(kept.shape, {0}, false), kMax);
  node.bind(cast_like(reshape(flat, kept.output), node.input(1)));
}

// TF:   SparseReduceSumSparse(input_indices: int64, input_values: T, input_shape: int64, reduction_axes: int32)
//       -> output_indices: int64, output_values: T, output_shape: int64, attr keep_dims; SparseReduceMaxSparse likewise
// ONNX: Unique of the places that stay, ScatterElements with reduction
template <bool kMax>
void sparse_reduce_sparse(const Node& node) {
  const Value values = widened(node.input(1)), shape = node.input(2);
  const Kept kept = kept_dims(node, shape);
  const Distinct groups = distinct(target_of(node.input(0), shape, kept));
  node.bind(0, unravel(groups.values, kept.output));
  node.bind(1, cast_like(grouped(values, groups.inverse, num_elements(groups.values), kMax), node.input(1)));
  node.bind(2, kept.output);
}

/// Inputs 0 to 5 of a node as two sparse tensors: the places of either, and the values of each there, 0 where it has none.
struct Aligned {
  Value places, a, b, shape;
  Value counts;  ///< 2 where both have a value
};

Aligned align(const Node& node) {
  const Value shape = node.input(2), a = node.input(1), b = node.input(4);
  const Value at_a = linear(node.input(0), shape), at_b = linear(node.input(3), shape);
  const Distinct both = distinct(concat({at_a, at_b}, 0));
  const Value zeros = expand(scalar_like(a, 0), shape_of(both.values)), count = shape_of(at_a);
  const Value place_a = slice(both.inverse, node.ints({0}), count, node.ints({0}));
  const Value place_b = slice(both.inverse, count, node.ints({INT64_MAX}), node.ints({0}));
  return {both.values, scatter(zeros, place_a, a), scatter(zeros, place_b, b), shape, both.counts};
}

// TF:   SparseAdd(a_indices: int64, a_values: T, a_shape: int64, b_indices: int64, b_values: T, b_shape: int64, thresh: Treal)
//       -> sum_indices: int64, sum_values: T, sum_shape: int64; sums of two values below thresh are left out
// ONNX: Unique of the places, ScatterElements, Add, Compress
void sparse_add(const Node& node) {
  const Aligned both = align(node);
  const Value sum = both.a + both.b;
  const Value size = is_unsigned_integer(sum.dtype()) ? sum : flowport::abs(sum);
  const Value large = logical_or(greater_equal(size, cast_like(node.input(6), sum)), less(both.counts, 2));
  node.bind(0, unravel(compress(both.places, large), both.shape));
  node.bind(1, compress(sum, large));
  node.bind(2, node.emit("Identity", {both.shape}));
}

// TF:   SparseSparseMaximum(a_indices: int64, a_values: T, a_shape: int64, b_indices: int64, b_values: T, b_shape: int64)
//       -> output_indices: int64, output_values: T; SparseSparseMinimum likewise
// ONNX: Unique of the places, ScatterElements, Max or Min
template <bool kMax>
void sparse_sparse_extreme(const Node& node) {
  const Aligned both = align(node);
  node.bind(0, unravel(both.places, both.shape));
  node.bind(1, kMax ? maximum(both.a, both.b) : minimum(both.a, both.b));
}

// TF:   SparseTensorDenseMatMul(a_indices: Tindices [n, 2], a_values: T, a_shape: int64 [2], b: T) -> product: T, attrs
//       adjoint_a, adjoint_b
// ONNX: Gather of the rows of b, ScatterND with addition
void sparse_tensor_dense_mat_mul(const Node& node) {
  const bool swap_a = node.attr<bool>("adjoint_a", false), swap_b = node.attr<bool>("adjoint_b", false);
  const Value b = widened(swap_b ? transpose(node.input(3), {1, 0}) : node.input(3)), values = widened(node.input(1));
  const auto ends = split(cast(node.input(0), DType::kInt64), {1, 1}, 1);
  const Value row = swap_a ? ends[1] : ends[0], column = swap_a ? ends[0] : ends[1];
  const Value products = gather(b, reshape(column, Ints{-1})) * unsqueeze(values, {1});
  const Value height = vector_of(item(node.input(2), swap_a ? 1 : 0));
  const Value zeros = fill(concat({height, slice(shape_of(b), {1}, {2}, {0})}, 0), b, 0);
  node.bind(cast_like(node.emit("ScatterND", {zeros, row, products}, {{"reduction", "add"}}), node.input(3)));
}

// TF:   SparseSoftmax(sp_indices: int64, sp_values: T, sp_shape: int64) -> output: T, along the last dim, of what is there only
// ONNX: Exp and division by what ScatterElements sums up
void sparse_softmax(const Node& node) {
  const Value values = widened(node.input(1)), shape = node.input(2);
  const Value last = gather(shape, -1);
  const Distinct rows = distinct(linear(node.input(0), shape) / maximum(last, 1));
  const Value count = vector_of(num_elements(rows.values));
  const Value top = scatter(expand(scalar_like(values, -INFINITY), count), rows.inverse, values, "max");
  const Value power = flowport::exp(values - gather(top, rows.inverse));
  const Value sum = scatter(expand(scalar_like(values, 0), count), rows.inverse, power, "add");
  node.bind(cast_like(power / gather(sum, rows.inverse), node.input(1)));
}

/// Sums of `weights` (1 for each where there are none) by row and by value below `size`: T [rows, size].
Value bins_of(const Node& node, const Value& row, const Value& rows, const Value& values, const Value& size,
              const Value& weights) {
  const bool binary = node.attr<bool>("binary_output", false);
  const Value none_given = equal(num_elements(weights), 0), count = shape_of(values);
  const Value given = concat({reshape(weights, Ints{-1}), expand(scalar_like(weights, 0), node.ints({1}))}, 0);
  const Value own = gather(given, where(none_given, 0, iota(num_elements(values))));
  const Value ones = expand(scalar_like(weights, 1), count);
  const Value wide = size + 1;  // a bin more in each row, for what is not counted
  const Value at = row * wide + minimum(cast(values, DType::kInt64), size);
  const Value none = expand(scalar_like(weights, 0), vector_of(rows * wide));
  const Value flat = scatter(none, at, binary ? ones : where(none_given, ones, own), "add");
  const Value table = reshape(flat, concat({vector_of(rows), vector_of(wide)}, 0));
  const Value bins = slice(table, node.ints({0}), vector_of(size), node.ints({1}));
  return binary ? minimum(bins, 1) : bins;
}

// TF:   RaggedBincount(splits: int64, values: Tidx, size: Tidx, weights: T) -> output: T [rows, size], attr binary_output
// ONNX: ScatterElements with reduction add; values from `size` on are not counted
void ragged_bincount(const Node& node) {
  const Value splits = node.input(0), rows = num_elements(splits) - 1;
  node.bind(bins_of(node, rows_of(splits), rows, node.input(1), scalar_of(node.input(2)), node.input(3)));
}

// TF:   SparseBincount(indices: int64, values: Tidx, dense_shape: int64 [1 or 2], size: Tidx, weights: T) -> output: T [size] or
//       [rows, size], attr binary_output
// ONNX: likewise
void sparse_bincount(const Node& node) {
  const Value indices = node.input(0), values = node.input(1), shape = node.input(2), size = scalar_of(node.input(3));
  const Value outer = slice(shape, {0}, {-1}, {0});  // the rows, if there are any
  const Value rows = reduce_prod(concat({node.ints({1}), outer}, 0), {0}, false);
  const Value row = where(equal(num_elements(outer), 0), 0, gather(indices, 0, 1));
  const Value bins = bins_of(node, row, rows, values, size, node.input(4));
  node.bind(reshape(bins, concat({outer, vector_of(size)}, 0)));
}

constexpr Handler kRows[] = {
    handler<ragged_bincount>("RaggedBincount", {.opset_min = 16}),
    handler<sparse_bincount>("SparseBincount", {.opset_min = 16}),
    handler<sparse_add>("SparseAdd"),
    handler<sparse_reduce<true>>("SparseReduceMax", {.opset_min = 18}),
    handler<sparse_reduce_sparse<true>>("SparseReduceMaxSparse", {.opset_min = 18}),
    handler<sparse_reduce<false>>("SparseReduceSum", {.opset_min = 16}),
    handler<sparse_reduce_sparse<false>>("SparseReduceSumSparse", {.opset_min = 16}),
    handler<sparse_softmax>("SparseSoftmax", {.opset_min = 18}),
    handler<sparse_sparse_extreme<true>>("SparseSparseMaximum"),
    handler<sparse_sparse_extreme<false>>("SparseSparseMinimum"),
    handler<sparse_tensor_dense_mat_mul>("SparseTensorDenseMatMul", {.opset_min = 16}),
};

}  // namespace

FLOWPORT_ROWS(kReduce, kRows);

}  // namespace flowport::sparse
