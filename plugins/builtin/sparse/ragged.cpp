// Ragged tensors: values, and for each ragged dim the places where its rows end.
#include "sparse.hpp"

namespace flowport::sparse {

namespace {

Value as_int64(const Value& x) { return cast(x, DType::kInt64); }

/// For each element of rows with these splits, its place in its row.
Value place_in_row(const Value& splits, const Value& row) { return iota(num_elements(row)) - gather(splits, row); }

// TF:   RaggedRange(starts: T, limits: T, deltas: T) -> rt_nested_splits: Tsplits, rt_dense_values: T; scalars are for all rows
// ONNX: lengths by division, CumSum; start + place * delta
void ragged_range(const Node& node) {
  const Value shape = shape_of(node.input(0) + node.input(1) + node.input(2));
  const auto each = [&](int i) { return reshape(expand(node.input(i), shape), Ints{-1}); };
  const Value start = each(0), step = each(2), reach = each(1) - start;
  const bool whole = is_integer(start.dtype());
  const Value forward = equal(greater(reach, 0), greater(step, 0));
  const Value size = flowport::abs(reach), stride = flowport::abs(step);
  const Value count = whole ? as_int64((size + stride - 1) / stride) : as_int64(ceil(flowport::abs(reach / step)));
  const Value splits = splits_of(where(forward, count, 0)), row = rows_of(splits);
  node.bind(0, cast(splits, node.output_dtype(0)));
  node.bind(1, gather(start, row) + cast_like(place_in_row(splits, row), start) * gather(step, row));
}

/// The coordinates, one int64 vector a dim, of the innermost rows' elements.
std::vector<Value> coordinates(const std::vector<Value>& nested_splits) {
  std::vector<Value> places;
  for (const Value& splits : nested_splits) {
    const Value row = rows_of(splits);
    if (places.empty()) {
      places.push_back(row);
    } else {
      for (Value& place : places) place = gather(place, row);
    }
    places.push_back(place_in_row(splits, row));
  }
  return places;
}

Value columns(const std::vector<Value>& vectors) {
  std::vector<Value> parts;
  for (const Value& v : vectors) parts.push_back(unsqueeze(v, {1}));
  return concat(parts, 1);
}

/// Rows of the outermost dim, then the longest row of each ragged one.
std::vector<Value> bounding_dims(const std::vector<Value>& nested_splits) {
  const Node& node = nested_splits[0].node();
  std::vector<Value> dims{shape_of(nested_splits[0]) - 1};
  for (const Value& splits : nested_splits) {
    dims.push_back(reduce_max(concat({node.ints({0}), lengths_of(splits)}, 0), {0}, true));
  }
  return dims;
}

// TF:   RaggedTensorToSparse(rt_nested_splits: N * Tsplits, rt_dense_values: T) -> sparse_indices: int64, sparse_values: T,
//       sparse_dense_shape: int64
// ONNX: row numbers by CumSum, and places in the rows
void ragged_tensor_to_sparse(const Node& node) {
  std::vector<Value> nested;
  for (const Value& splits : node.some_inputs("rt_nested_splits")) nested.push_back(as_int64(splits));
  const Value values = node.input("rt_dense_values");
  const Value inner = slice(shape_of(values), {1}, {INT64_MAX}, {0});
  auto dims = bounding_dims(nested);
  dims.push_back(inner);
  Value indices = columns(coordinates(nested));
  if (values.rank() != 1) {
    // Each element of a value of several dims has the value's coordinates and its own.
    const Value each = maximum(reduce_prod(inner, {0}, false), 1), place = iota(num_elements(values));
    indices = concat({gather(indices, place / each), unravel(binary("Mod", place, each), inner)}, 1);
  }
  node.bind_all({indices, reshape(values, Ints{-1}), concat(dims, 0)});
}

// TF:   RaggedTensorToTensor(shape: Tshape, values: T, default_value: T, row_partition_tensors: N * Tindex) -> result: T, attr
//       row_partition_types; what goes beyond `shape` is cut off, its -1 and unknown rank are as large as needed
// ONNX: coordinates by CumSum, ScatterND of the values within the shape
void ragged_tensor_to_tensor(const Node& node) {
  const Value values = node.input("values"), wanted = node.input("shape");
  const auto partitions = node.inputs("row_partition_tensors");
  const auto types = node.attr<std::vector<std::string>>("row_partition_types");
  if (types.size() != partitions.size()) node.bad_model("row_partition_types has not one item a tensor");
  std::vector<Value> nested;
  Value rows;  // int64 [1]: of the partition that comes next
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    const Value partition = as_int64(partitions[i]);
    if (types[i] == "FIRST_DIM_SIZE") {
      rows = reshape(partition, Ints{1});
      continue;
    }
    if (types[i] == "ROW_SPLITS") {
      nested.push_back(partition);
    } else if (types[i] == "VALUE_ROWIDS" && rows) {
      const Distinct ids = distinct(partition);
      nested.push_back(splits_of(scatter(expand(node.int_scalar(0), rows), ids.values, ids.counts)));
    } else {
      node.bad_model("row_partition_types " + types[i] + " is in the wrong place");
    }
    rows = reshape(gather(nested.back(), -1), Ints{1});
  }
  if (nested.empty()) node.bad_model("no ragged dim");
  auto dims = bounding_dims(nested);
  const Value inner = slice(shape_of(values), {1}, {INT64_MAX}, {0});
  const auto count = static_cast<std::int64_t>(dims.size());
  Value outer = concat(dims, 0);
  if (wanted.known_rank() == 1) {
    const Value given = slice(as_int64(wanted), {0}, {count}, {0});
    outer = where(less(given, 0), outer, given);
  }
  const Value indices = columns(coordinates(nested));
  const Value beyond = greater_equal(indices, unsqueeze(outer, {0}));
  const Value inside = equal(reduce_sum(cast(beyond, DType::kInt32), {1}, false), 0);
  const Value blank = expand(node.input("default_value"), concat({outer, inner}, 0));
  node.bind(node.emit("ScatterND", {blank, compress(indices, inside), compress(values, inside)}));
}

// TF:   RaggedGather(params_nested_splits: N * Tsplits, params_dense_values: Tvalues, indices: Tindices)
//       -> output_nested_splits: M * Tsplits, output_dense_values: Tvalues
// ONNX: the rows' lengths and elements by Gather, level by level; dims of the indices but the last become even splits
void ragged_gather(const Node& node) {
  const auto nested = node.some_inputs("params_nested_splits");
  const Value indices = as_int64(node.input("indices"));
  const int rank = indices.known_rank(), levels = static_cast<int>(nested.size());
  if (rank < 1) node.unsupported("a scalar as indices");
  int output = 0;
  for (int i = 0; i + 1 < rank; ++i) {
    const Value rows = reduce_prod(slice(shape_of(indices), {0}, {i + 1}, {0}), {0}, false);
    node.bind(output, cast(iota(rows + 1) * dim_of(indices, i + 1), node.output_dtype(output)));
    ++output;
  }
  Value chosen = reshape(indices, Ints{-1});
  for (int i = 0; i < levels; ++i) {
    const Value splits = as_int64(nested[static_cast<std::size_t>(i)]);
    const Value made = splits_of(gather(lengths_of(splits), chosen)), row = rows_of(made);
    node.bind(output, cast(made, node.output_dtype(output)));
    ++output;
    chosen = gather(gather(splits, chosen), row) + place_in_row(made, row);
  }
  node.bind(output, gather(node.input("params_dense_values"), chosen));
}

constexpr Handler kRows[] = {
    handler<ragged_gather>("RaggedGather"),
    handler<ragged_range>("RaggedRange"),
    handler<ragged_tensor_to_sparse>("RaggedTensorToSparse"),
    handler<ragged_tensor_to_tensor>("RaggedTensorToTensor"),
};

}  // namespace

FLOWPORT_ROWS(kRagged, kRows);

}  // namespace flowport::sparse
