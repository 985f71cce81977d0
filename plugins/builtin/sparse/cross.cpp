// Crossed features: every combination of the values that the columns have in a row.
#include "../words.hpp"
#include "sparse.hpp"

namespace flowport::sparse {

namespace {

/// The values of a column, row after row.
struct Column {
  Value values;           ///< [n]
  Value starts, lengths;  ///< of the rows, int64 [batch]
};

Column with_lengths(const Value& values, const Value& lengths) {
  return {values, cumsum(lengths, lengths.node().int_scalar(0), true, false), lengths};
}
Column dense_column(const Value& x) {
  return with_lengths(reshape(x, Ints{-1}), expand(dim_of(x, 1), vector_of(dim_of(x, 0))));
}
Column sparse_column(const Value& indices, const Value& values, const Value& shape) {
  return with_lengths(values, sizes_of(distinct(gather(indices, 0, 1)), gather(shape, 0)));
}
Column ragged_column(const Value& values, const Value& splits) {
  const Value wide = cast(splits, DType::kInt64);
  return {values, starts_of(wide), lengths_of(wide)};
}

struct Crossed {
  std::vector<Value> parts;  ///< what each column gives to the combinations, [n]
  Value splits;              ///< of the rows of combinations
  Value row, place;          ///< of each combination, int64 [n]
};

/// The combinations of each row, the values of the last column changing fastest.
Crossed crossed(const Node& node, const std::vector<Column>& columns) {
  if (columns.empty()) node.bad_model("it should have at least one column");
  Value count = columns[0].lengths;
  for (std::size_t i = 1; i < columns.size(); ++i) count = count * columns[i].lengths;
  Crossed all{{}, splits_of(count), {}, {}};
  all.row = rows_of(all.splits);
  all.place = iota(num_elements(all.row)) - gather(all.splits, all.row);
  Value left = all.place;
  for (auto column = columns.rbegin(); column != columns.rend(); ++column) {
    const Value length = gather(column->lengths, all.row), at = binary("Mod", left, length);
    left = left / length;
    all.parts.insert(all.parts.begin(), gather(column->values, gather(column->starts, all.row) + at));
  }
  return all;
}

Value joined(const Node& node, const std::vector<Value>& parts, const Value& separator) {
  if (node.opset() < 20) node.unsupported("strings put together below opset 20", "convert with --opset 20 or higher");
  const auto append = [&](const Value& a, const Value& b) { return node.emit("StringConcat", {a, b}); };
  Value all;
  for (const Value& part : parts) {
    const Value text = cast(part, DType::kString);
    all = all ? append(append(all, separator), text) : text;
  }
  return all;
}

/// TF's FingerprintCat64.
words::Words fingerprint_of_both(const words::Words& a, const words::Words& b) {
  const words::Words factor = words::words_of(a.low.node(), 0xc6a4a7935bd1e995);
  const auto mixed = [](const words::Words& x) { return x ^ words::shifted(x, 47); };
  return mixed(mixed(((a ^ factor) ^ (mixed(b * factor) * factor)) * factor) * factor);
}

/// The hash of each combination below `buckets` (an int64 scalar), or of 63 bits where this is 0. `start`: of no columns, if
/// there is one.
Value hashed(const Node& node, const std::vector<Value>& parts, const std::optional<std::int64_t>& start,
             const Value& buckets) {
  if (node.opset() < 18) node.unsupported("hashes below opset 18", "convert with --opset 18 or higher");
  std::optional<words::Words> hash;
  if (start) hash = words::words_of(node, static_cast<std::uint64_t>(*start));
  for (const Value& part : parts) {
    if (part.dtype() == DType::kString) {
      node.unsupported("hashes of strings, whose bytes ONNX cannot read",
                       "cross integers, or hash the strings before the model");
    }
    const words::Words own = words::words_of(part);
    hash = hash ? fingerprint_of_both(*hash, own) : own;
  }
  return words::modulo(*hash, where(equal(buckets, 0), node.int_scalar(INT64_MAX), buckets));
}

std::vector<Column> columns_of(const Node& node) {
  const auto indices = node.inputs("indices"), values = node.inputs("values"), shapes = node.inputs("shapes");
  std::vector<Column> columns;
  for (std::size_t i = 0; i < indices.size(); ++i) columns.push_back(sparse_column(indices[i], values[i], shapes[i]));
  for (const Value& x : node.inputs("dense_inputs")) columns.push_back(dense_column(x));
  return columns;
}

void bind_sparse(const Node& node, const Crossed& all, const Value& values) {
  const Value lengths = lengths_of(all.splits);
  node.bind(0, concat({unsqueeze(all.row, {1}), unsqueeze(all.place, {1})}, 1));
  node.bind(1, values);
  node.bind(2, concat({shape_of(lengths), reduce_max(concat({node.ints({0}), lengths}, 0), {0}, true)}, 0));
}

/// As the attributes hashed_output, hash_key and num_buckets say.
Value combined(const Node& node, const Crossed& all) {
  if (!node.attr<bool>("hashed_output")) return joined(node, all.parts, node.strings({}, {"_X_"}));
  return hashed(node, all.parts, node.attr<std::int64_t>("hash_key"),
                node.int_scalar(node.attr<std::int64_t>("num_buckets")));
}

// TF:   SparseCross(indices: N * int64, values: sparse_types, shapes: N * int64, dense_inputs: dense_types) -> output_indices:
//       int64, output_values: out_type, output_shape: int64, attrs hashed_output, num_buckets, hash_key, internal_type
// ONNX: Gather of each column's values; StringConcat, or the hash of integers in words of 32 bits
void sparse_cross(const Node& node) {
  if (node.attr<bool>("hashed_output") && node.attr<DType>("internal_type") != DType::kInt64) {
    node.unsupported("hashes of strings, whose bytes ONNX cannot read",
                     "cross integers, or hash the strings before the model");
  }
  const Crossed all = crossed(node, columns_of(node));
  bind_sparse(node, all, combined(node, all));
}

// TF:   SparseCrossV2(indices: N * int64, values: sparse_types, shapes: N * int64, dense_inputs: dense_types, sep: string) ->
//       output_indices: int64, output_values: string, output_shape: int64
// ONNX: Gather of each column's values, StringConcat
void sparse_cross_v2(const Node& node) {
  const Crossed all = crossed(node, columns_of(node));
  bind_sparse(node, all, joined(node, all.parts, node.input("sep")));
}

// TF:   SparseCrossHashed(indices: N * int64, values: sparse_types, shapes: N * int64, dense_inputs: dense_types, num_buckets:
//       int64, strong_hash: bool, salt: int64 [2]) -> output_indices: int64, output_values: int64, output_shape: int64
// ONNX: Gather of each column's values; the hash in words of 32 bits, which uses no salt where it is not a strong one
void sparse_cross_hashed(const Node& node) {
  if (node.input("strong_hash").int_scalar() != 0) {
    node.unsupported("a strong hash, or not known to be none", "set strong_hash to false");
  }
  if (!node.inputs("values").empty()) {
    node.unsupported("hashes of sparse columns by SparseCrossHashed, which hashes each value first",
                     "use tf.sparse.cross_hashed, which is SparseCross, or dense columns");
  }
  const Crossed all = crossed(node, columns_of(node));
  bind_sparse(node, all, hashed(node, all.parts, std::nullopt, scalar_of(node.input("num_buckets"))));
}

// TF:   RaggedCross(ragged_values: ragged_values_types, ragged_row_splits: ragged_splits_types, sparse_indices: Nsparse * int64,
//       sparse_values: sparse_values_types, sparse_shape: Nsparse * int64, dense_inputs: dense_types) -> output_values:
//       out_values_type, output_row_splits: out_row_splits_type, attrs input_order (R, S and D), hashed_output, num_buckets,
//       hash_key
// ONNX: as SparseCross
void ragged_cross(const Node& node) {
  const auto values = node.inputs("ragged_values"), splits = node.inputs("ragged_row_splits");
  const auto indices = node.inputs("sparse_indices"), sparse_values = node.inputs("sparse_values");
  const auto shapes = node.inputs("sparse_shape"), dense = node.inputs("dense_inputs");
  const auto order = node.attr<std::string>("input_order");
  if (order.size() != values.size() + indices.size() + dense.size()) {
    node.bad_model("input_order does not name each input once");
  }
  std::vector<Column> columns;
  std::size_t ragged_ones = 0, sparse_ones = 0, dense_ones = 0;
  for (const char kind : order) {
    if (kind == 'R' && ragged_ones < values.size()) {
      columns.push_back(ragged_column(values[ragged_ones], splits[ragged_ones]));
      ++ragged_ones;
    } else if (kind == 'S' && sparse_ones < indices.size()) {
      columns.push_back(sparse_column(indices[sparse_ones], sparse_values[sparse_ones], shapes[sparse_ones]));
      ++sparse_ones;
    } else if (kind == 'D' && dense_ones < dense.size()) {
      columns.push_back(dense_column(dense[dense_ones++]));
    } else {
      node.bad_model("input_order '" + order + "' does not fit the inputs");
    }
  }
  const Crossed all = crossed(node, columns);
  node.bind(0, combined(node, all));
  node.bind(1, cast(all.splits, node.output_dtype(1)));
}

constexpr Handler kRows[] = {
    handler<ragged_cross>("RaggedCross"),
    handler<sparse_cross>("SparseCross"),
    handler<sparse_cross_hashed>("SparseCrossHashed"),
    handler<sparse_cross_v2>("SparseCrossV2"),
};

}  // namespace

FLOWPORT_ROWS(kCross, kRows);

}  // namespace flowport::sparse
