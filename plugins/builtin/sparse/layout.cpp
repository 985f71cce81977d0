// Sparse tensors reshaped, sorted, joined and cut.
#include "sparse.hpp"

namespace flowport::sparse {

namespace {

// TF:   SparseReshape(input_indices: int64 [n, r], input_shape: int64 [r], new_shape: int64 [s], -1 for the rest)
//       -> output_indices: int64 [n, s], output_shape: int64 [s]
// ONNX: each place as one number, taken apart by the new dims
void sparse_reshape(const Node& node) {
  const Value shape = node.input(1), wanted = node.input(2);
  const Value open = less(wanted, 0);
  const Value rest = reduce_prod(shape, {0}, true) / maximum(reduce_prod(where(open, 1, wanted), {0}, true), 1);
  const Value target = where(open, rest, wanted);
  node.bind(0, unravel(linear(node.input(0), shape), target));
  node.bind(1, target);
}

/// Binds indices and values in the order of a dense tensor of this shape.
void bind_sorted(const Node& node, const Value& indices, const Value& values, const Value& shape) {
  const Value order = sorting(linear(indices, shape));
  node.bind(0, gather(indices, order));
  node.bind(1, gather(values, order));
}

// TF:   SparseReorder(input_indices: int64, input_values: T, input_shape: int64) -> output_indices: int64, output_values: T
// ONNX: TopK of the places, Gather
void sparse_reorder(const Node& node) { bind_sorted(node, node.input(0), node.input(1), node.input(2)); }

// TF:   SparseConcat(indices: N * int64, values: N * T, shapes: N * int64) -> output_indices: int64, output_values: T,
//       output_shape: int64, attr concat_dim
// ONNX: Concat with moved indices, TopK of the places, Gather
void sparse_concat(const Node& node) {
  auto indices = node.some_inputs("indices");
  const auto values = node.some_inputs("values"), shapes = node.some_inputs("shapes");
  const Value rank = num_elements(shapes[0]);
  const std::int64_t dim = node.attr<std::int64_t>("concat_dim");
  const Value at = binary("Mod", node.int_scalar(dim), rank);
  const Value along = equal(iota(rank), at);
  Value shape = shapes[0];
  for (std::size_t i = 1; i < indices.size(); ++i) {
    const Value before = where(along, shape, 0);
    indices[i] = indices[i] + unsqueeze(before, {0});
    shape = shape + where(along, shapes[i], 0);
  }
  bind_sorted(node, concat(indices, 0), concat(values, 0), shape);
  node.bind(2, shape);
}

struct Part {
  Value indices, values, shape;
};

/// What lies in `size` (int64 [r]) places from `start` on.
Part cut(const Value& indices, const Value& values, const Value& shape, const Value& start, const Value& size) {
  const Value extent = maximum(minimum(size, shape - start), 0);
  const Value moved = indices - unsqueeze(start, {0});
  const Value inside = logical_and(greater_equal(moved, 0), less(moved, unsqueeze(extent, {0})));
  const Value mask = equal(reduce_sum(cast(logical_not(inside), DType::kInt32), {1}, false), 0);
  return {compress(moved, mask), compress(values, mask), extent};
}

// TF:   SparseSlice(indices: int64, values: T, shape: int64, start: int64, size: int64) -> output_indices: int64,
//       output_values: T, output_shape: int64
// ONNX: Compress
void sparse_slice(const Node& node) {
  const Part part = cut(node.input(0), node.input(1), node.input(2), node.input(3), node.input(4));
  node.bind_all({part.indices, part.values, part.shape});
}

// TF:   SparseSplit(split_dim: int64, indices: int64, values: T, shape: int64) -> output_indices: N * int64,
//       output_values: N * T, output_shape: N * int64; the first parts are larger by one where it does not come out even
// ONNX: Compress for each part
void sparse_split(const Node& node) {
  const int count = static_cast<int>(node.attr<std::int64_t>("num_split"));
  const Value shape = node.input(3), rank = num_elements(shape);
  const Value axis = binary("Mod", scalar_of(node.input(0)), rank), along = equal(iota(rank), axis);
  const Value length = gather(shape, axis), parts = node.int_scalar(count);
  const Value base = length / parts, larger = binary("Mod", length, parts);
  Value start = node.int_scalar(0);
  for (int i = 0; i < count; ++i) {
    const Value size = base + cast(greater(larger, i), DType::kInt64);
    const Part part = cut(node.input(1), node.input(2), shape, where(along, start, 0), where(along, size, shape));
    node.bind(i, part.indices);
    node.bind(count + i, part.values);
    node.bind(2 * count + i, part.shape);
    start = start + size;
  }
}

/// The empty ones among `rows` (int64 [1]) filled, where `row` (int64 [n]) are those of the elements.
struct Filled {
  Value empty;    ///< bool [rows]
  Value missing;  ///< the empty ones
  Value order;    ///< of the elements and, behind them, the missing rows
  Filled(const Value& row, const Value& rows) {
    const Node& node = row.node();
    const Value filled = distinct(row).values;
    empty = scatter(expand(node.scalar(DType::kBool, 1), rows), filled,
                    expand(node.scalar(DType::kBool, 0), shape_of(filled)));
    missing = compress(iota(reshape(rows, Ints{})), empty);
    order = sorting(concat({row, missing}, 0));
  }
  Value values(const Value& given, const Value& otherwise) const {
    return gather(concat({given, expand(otherwise, shape_of(missing))}, 0), order);
  }
  /// Where the elements went, int64 [n].
  Value places(const Value& row) const {
    const Node& node = row.node();
    const Value position = iota(num_elements(order));
    return slice(scatter(order, order, position), node.ints({0}), shape_of(row), node.ints({0}));
  }
};

// TF:   SparseFillEmptyRows(indices: int64 [n, r], values: T, dense_shape: int64, default_value: T) -> output_indices: int64,
//       output_values: T, empty_row_indicator: bool [rows], reverse_index_map: int64 [n]
// ONNX: the rows without values appended, TopK of the row numbers, Gather
void sparse_fill_empty_rows(const Node& node) {
  const Value indices = node.input(0), shape = node.input(2);
  const Value row = reshape(slice(indices, {0}, {1}, {1}), Ints{-1});
  const Filled filled(row, vector_of(item(shape, 0)));
  const Value first = cast(equal(iota(num_elements(shape)), 0), DType::kInt64);
  const Value added = unsqueeze(filled.missing, {1}) * unsqueeze(first, {0});
  node.bind(0, gather(concat({indices, added}, 0), filled.order));
  node.bind(1, filled.values(node.input(1), node.input(3)));
  node.bind(2, filled.empty);
  node.bind(3, filled.places(row));
}

// TF:   RaggedFillEmptyRows(value_rowids: int64 [n], values: T, nrows: int64, default_value: T) -> output_value_rowids: int64,
//       output_values: T, empty_row_indicator: bool [nrows], reverse_index_map: int64 [n]
// ONNX: likewise
void ragged_fill_empty_rows(const Node& node) {
  const Value row = node.input(0);
  const Filled filled(row, to_vector(node.input(2)));
  node.bind(0, gather(concat({row, filled.missing}, 0), filled.order));
  node.bind(1, filled.values(node.input(1), node.input(3)));
  node.bind(2, filled.empty);
  node.bind(3, filled.places(row));
}

constexpr Handler kRows[] = {
    handler<ragged_fill_empty_rows>("RaggedFillEmptyRows"),
    handler<sparse_concat>("SparseConcat"),
    handler<sparse_fill_empty_rows>("SparseFillEmptyRows"),
    handler<sparse_reorder>("SparseReorder"),
    handler<sparse_reshape>("SparseReshape"),
    handler<sparse_slice>("SparseSlice"),
    handler<sparse_split>("SparseSplit"),
};

}  // namespace

FLOWPORT_ROWS(kLayout, kRows);

}  // namespace flowport::sparse
