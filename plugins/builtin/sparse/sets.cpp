// Rows as sets, and counted values.
#include <algorithm>
#include <limits>

#include "sparse.hpp"

namespace flowport::sparse {

namespace {

/// Values that belong to groups: those of dense rows, or of a sparse tensor along its last dim.
struct Members {
  Value group;   ///< int64 [n]
  Value values;  ///< [n]
  Value shape;   ///< int64: of the groups
};

Value outer_dims(const Value& shape) { return slice(shape, {0}, {-1}, {0}); }

Members of_dense(const Value& x) {
  const Value shape = shape_of(x), size = gather(shape, -1);
  const Value place = iota(num_elements(x));
  return {place / maximum(size, 1), reshape(x, Ints{-1}), outer_dims(shape)};
}
Members of_sparse(const Value& indices, const Value& values, const Value& shape) {
  return {linear(indices, shape) / maximum(gather(shape, -1), 1), values, outer_dims(shape)};
}

/// Binds groups of keys, which are group * span + member in ascending order, as a sparse tensor of the members.
void bind_groups(const Node& node, const Value& keys, const Value& span, const Value& members, const Value& shape) {
  const Value group = keys / span, place = place_in_group(group);
  const Value longest = reduce_max(concat({node.ints({0}), place + 1}, 0), {0}, true);
  node.bind(0, concat({unravel(group, shape), unsqueeze(place, {1})}, 1));
  node.bind(1, gather(members, binary("Mod", keys, span)));
  node.bind(2, concat({shape, longest}, 0));
}

void set_operation(const Node& node, const Members& a, const Members& b) {
  const auto operation = node.attr<std::string>("set_operation");
  const Distinct members = distinct(concat({a.values, b.values}, 0));
  const Value span = maximum(num_elements(members.values), 1);
  const Value count = shape_of(a.values), zero = node.ints({0}), end = node.ints({INT64_MAX});
  const Value in_a = distinct(a.group * span + slice(members.inverse, zero, count, zero)).values;
  const Value in_b = distinct(b.group * span + slice(members.inverse, count, end, zero)).values;
  Value keys;
  if (operation == "union") {
    keys = distinct(concat({in_a, in_b}, 0)).values;
  } else if (operation == "intersection") {
    const Distinct both = distinct(concat({in_a, in_b}, 0));
    keys = compress(both.values, equal(both.counts, 2));
  } else if (operation == "a-b" || operation == "b-a") {
    const bool first = operation == "a-b";
    const Distinct both = distinct(first ? concat({in_a, in_b, in_b}, 0) : concat({in_b, in_a, in_a}, 0));
    keys = compress(both.values, equal(both.counts, 1));
  } else {
    node.bad_model("set_operation " + operation);
  }
  bind_groups(node, keys, span, members.values, a.shape);
}

// TF:   DenseToDenseSetOperation(set1: T [..., n], set2: T [..., m]) -> result_indices: int64, result_values: T,
//       result_shape: int64, attr set_operation
// ONNX: Unique of group and member as one number
void dense_to_dense(const Node& node) { set_operation(node, of_dense(node.input(0)), of_dense(node.input(1))); }

// TF:   DenseToSparseSetOperation(set1: T, set2_indices: int64, set2_values: T, set2_shape: int64), as the dense one
// ONNX: likewise
void dense_to_sparse(const Node& node) {
  set_operation(node, of_dense(node.input(0)), of_sparse(node.input(1), node.input(2), node.input(3)));
}

// TF:   SparseToSparseSetOperation(set1_indices: int64, set1_values: T, set1_shape: int64, set2_...), as the dense one
// ONNX: likewise
void sparse_to_sparse(const Node& node) {
  set_operation(node, of_sparse(node.input(0), node.input(1), node.input(2)),
                of_sparse(node.input(3), node.input(4), node.input(5)));
}

// TF:   SetSize(set_indices: int64, set_values: T, set_shape: int64) -> size: int32, of the distinct values of each row
// ONNX: Unique of row and member as one number, ScatterElements of the counts
void set_size(const Node& node) {
  const Members rows = of_sparse(node.input(0), node.input(1), node.input(2));
  const Distinct members = distinct(rows.values);
  const Value span = maximum(num_elements(members.values), 1);
  const Distinct sizes = distinct(distinct(rows.group * span + members.inverse).values / span);
  const Value none = expand(node.int_scalar(0), reduce_prod(rows.shape, {0}, true));
  node.bind(cast(reshape(scatter(none, sizes.values, sizes.counts), rows.shape), DType::kInt32));
}

/// How often each value (int64, not negative) is in each of `rows` (int64 [1], absent: there is but one row and no dim for it).
void count_values(const Node& node, const Value& row, const Value& values, const Value& rows, const Value& weights) {
  const std::int64_t least = node.attr<std::int64_t>("minlength", -1), most = node.attr<std::int64_t>("maxlength", -1);
  const Value seen = reduce_max(concat({values, node.ints({-1})}, 0), {0}, true) + 1;
  const Value size =
      most >= 0 ? node.ints({most}) : maximum(seen, static_cast<double>(std::max<std::int64_t>(least, 0)));
  const Value inside = less(values, size), span = maximum(size, 1);
  const Value kept = compress(values, inside);
  const Distinct keys = distinct(row ? compress(row, inside) * span + kept : kept);
  const DType dtype = node.output_dtype(1);
  Value counts = cast(keys.counts, dtype);
  const bool weighted = weights.dim(0) != 0;
  if (weighted && weights.dim(0) < 0) node.unsupported("it is not known whether there are weights");
  if (node.attr<bool>("binary_output")) {
    counts = expand(node.scalar(dtype, 1), shape_of(keys.counts));
  } else if (weighted) {
    if (node.opset() < 16) node.unsupported("weights below opset 16", "convert with --opset 16 or higher");
    const Value each = compress(reshape(weights, Ints{-1}), inside);
    counts = scatter(expand(node.scalar(dtype, 0), shape_of(keys.values)), keys.inverse, each, "add");
  }
  const Value shape = row ? concat({rows, size}, 0) : size;
  node.bind_all({unravel(keys.values, shape), counts, shape});
}

// TF:   DenseCountSparseOutput(values: T [n] or [rows, n], weights: output_type) -> output_indices: int64,
//       output_values: output_type, output_dense_shape: int64, attrs minlength, maxlength, binary_output
// ONNX: Unique of row and value as one number; ScatterElements of the weights
void dense_count(const Node& node) {
  const Value values = cast(node.input(0), DType::kInt64);
  if (values.known_rank() == 1) return count_values(node, {}, values, {}, node.input(1));
  const Members rows = of_dense(values);
  count_values(node, rows.group, rows.values, rows.shape, node.input(1));
}

// TF:   SparseCountSparseOutput(indices: int64, values: T, dense_shape: int64, weights: output_type), as the dense one
// ONNX: likewise
void sparse_count(const Node& node) {
  const Value values = cast(node.input(1), DType::kInt64), indices = node.input(0);
  if (indices.dim(1) < 0) node.unsupported("the rank of the sparse tensor must be known when converting");
  if (indices.dim(1) == 1) return count_values(node, {}, values, {}, node.input(3));
  const Members rows = of_sparse(indices, values, node.input(2));
  count_values(node, rows.group, rows.values, rows.shape, node.input(3));
}

// TF:   RaggedCountSparseOutput(splits: int64, values: T, weights: output_type), as the dense one
// ONNX: likewise
void ragged_count(const Node& node) {
  const Value splits = node.input(0);
  count_values(node, rows_of(splits), cast(node.input(1), DType::kInt64), shape_of(splits) - 1, node.input(2));
}

// TF:   ComputeAccidentalHits(true_classes: int64 [b, num_true], sampled_candidates: int64 [n]) -> indices: int32, ids: int64,
//       weights: float: where a true class was sampled, its row and its last place among the samples
// ONNX: Unique of all classes, ScatterElements of the places
void compute_accidental_hits(const Node& node) {
  const Value classes = node.input(0), samples = node.input(1), count = shape_of(samples), zero = node.ints({0});
  const Distinct all = distinct(concat({samples, reshape(classes, Ints{-1})}, 0));
  const Value none = expand(node.int_scalar(-1), shape_of(all.values));
  const Value places = scatter(none, slice(all.inverse, zero, count, zero), iota(num_elements(samples)), "max");
  const Value place = gather(places, slice(all.inverse, count, node.ints({INT64_MAX}), zero));
  const Value hit = greater_equal(place, 0);
  const Value row = iota(num_elements(classes)) / maximum(dim_of(classes, 1), 1);
  const Value ids = compress(place, hit);
  node.bind(0, cast(compress(row, hit), DType::kInt32));
  node.bind(1, ids);
  const Value weight = node.scalar(DType::kFloat, -static_cast<double>(std::numeric_limits<float>::max()));
  node.bind(2, expand(weight, shape_of(ids)));
}

constexpr Handler kRows[] = {
    handler<compute_accidental_hits>("ComputeAccidentalHits", {.opset_min = 18}),
    handler<dense_count>("DenseCountSparseOutput"),
    handler<dense_to_dense>("DenseToDenseSetOperation"),
    handler<dense_to_sparse>("DenseToSparseSetOperation"),
    handler<ragged_count>("RaggedCountSparseOutput"),
    handler<set_size>("SetSize"),
    handler<sparse_count>("SparseCountSparseOutput"),
    handler<sparse_to_sparse>("SparseToSparseSetOperation"),
};

}  // namespace

FLOWPORT_ROWS(kSets, kRows);

}  // namespace flowport::sparse
