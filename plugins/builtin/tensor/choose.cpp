// Elements chosen, told apart and sorted into heaps by their content.
#include <flowport/ops.hpp>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

Value compress(const Value& x, const Value& mask) { return x.node().emit("Compress", {x, mask}, {{"axis", 0}}); }

/// `x` with the first `count` dims made one, which `rows` (int64 scalar) counts.
Value flat_rows(const Value& x, int count, const Value& rows) {
  if (count == 1) return x;
  const Value rest = slice(shape_of(x), {count}, {INT64_MAX}, {0});
  return reshape(x, concat({reshape(rows, Ints{1}), rest}, 0));
}

// TF:   Unique(x: T) -> y: T, idx: out_idx; UniqueWithCounts also count: out_idx
//       UniqueV2, UniqueWithCountsV2(x: T, axis: Taxis [0 or 1]) likewise
// ONNX: Unique in order of appearance
void unique(const Node& node) {
  const Value x = node.input(0);
  Attrs attrs{{"sorted", 0}};
  if (node.num_inputs() > 1) {
    const Ints axis = node.input(1).known_ints();
    if (axis.size() > 1) node.bad_model("axis has more than one item");
    if (axis.size() == 1 && x.rank() != 1) attrs.emplace_back("axis", axis[0]);
  }
  const auto out = node.emit_n("Unique", {x}, attrs, 4);  // values, first places, inverse, counts
  node.bind(0, out[0]);
  node.bind(1, cast(out[2], node.output_dtype(1)));
  if (node.num_outputs() > 2) node.bind(2, cast(out[3], node.output_dtype(2)));
}

// TF:   ListDiff(x: T, y: T) -> out: T, idx: out_idx
// ONNX: Compress of what equals no item of y; quadratic
void list_diff(const Node& node) {
  const Value x = node.input(0), y = node.input(1);
  const Value hits = cast(equal(unsqueeze(x, {1}), unsqueeze(y, {0})), DType::kInt32);
  const Value mask = equal(reduce_sum(hits, {1}, false), 0);
  node.bind(0, compress(x, mask));
  node.bind(1, cast(compress(iota(num_elements(x)), mask), node.output_dtype(1)));
}

// TF:   DynamicPartition(data: T, partitions: int32) -> outputs: num_partitions * T
// ONNX: Compress for each partition
void dynamic_partition(const Node& node) {
  const Value partitions = node.input(1);
  const Value rows = flat_rows(node.input(0), partitions.known_rank(), num_elements(partitions));
  const Value numbers = partitions.rank() == 1 ? partitions : reshape(partitions, Ints{-1});
  if (node.num_outputs() == 0) node.bad_model("it should have at least one output");
  for (int i = 0; i < node.num_outputs(); ++i) node.bind(i, compress(rows, equal(numbers, i)));
}

// TF:   DynamicStitch(indices: N * int32, data: N * T) -> merged: T; of equal indices the last wins, missing rows are 0
//       ParallelDynamicStitch likewise
// ONNX: ScatterElements of row numbers, of which the highest stays, then Gather; ScatterND below opset 18
void dynamic_stitch(const Node& node) {
  const auto indices = node.some_inputs("indices"), data = node.some_inputs("data");
  std::vector<Value> numbers, parts;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    numbers.push_back(to_vector(indices[i]));
    parts.push_back(flat_rows(data[i], indices[i].known_rank(), num_elements(indices[i])));
  }
  const Value rows = concat(parts, 0), at = concat(numbers, 0);
  const Value size = reduce_max(concat({at, node.ints({-1})}, 0), {0}, true) + 1;
  if (node.opset() < 18) {
    if (!at.is_known())
      node.note("where an index stands twice, which of its rows wins is up to the runtime below opset 18");
    const Value shape = concat({size, slice(shape_of(rows), {1}, {INT64_MAX}, {0})}, 0);
    return node.bind(node.emit("ScatterND", {fill(shape, rows, 0), unsqueeze(at, {1}), rows}));
  }
  const Value order = iota(num_elements(at));
  const Value from =
      node.emit("ScatterElements", {expand(node.int_scalar(-1), size), at, order}, {{"axis", 0}, {"reduction", "max"}});
  // One more row, of zeros, stands for the missing ones.
  const Value zero = fill(concat({node.ints({1}), slice(shape_of(rows), {1}, {INT64_MAX}, {0})}, 0), rows, 0);
  node.bind(gather(concat({rows, zero}, 0), where(less(from, 0), num_elements(at), from)));
}

// TF:   Where(input: T) -> index: int64 [count, rank]
// ONNX: Transpose(NonZero)
void where_op(const Node& node) {
  node.bind(transpose(node.emit("NonZero", {cast(node.input(0), DType::kBool)}), {1, 0}));
}

// TF:   Where(input: T) -> index: int64 [count, rank], for complex numbers
// ONNX: Transpose(NonZero) of where a part is not 0
void where_complex(const Node& node) {
  const Value nonzero = reduce_max(cast(cast(node.input(0), DType::kBool), DType::kInt32), {-1}, false);
  node.bind(transpose(node.emit("NonZero", {cast(nonzero, DType::kBool)}), {1, 0}));
}

// TF:   Select(condition: bool, t: T, e: T) -> output: T; a condition of rank 1 chooses rows
// ONNX: Where
void select(const Node& node) {
  Value condition = node.input(0);
  const Value t = node.input(1);
  if (condition.rank() < 0 || t.rank() < 0) {
    const Value shape = shape_of(condition);
    const Value behind = to_vector(num_elements(shape_of(t))) - to_vector(num_elements(shape));
    condition = reshape(condition, concat({shape, node.emit("Expand", {node.ints({1}), behind})}, 0));
  } else if (condition.rank() == 1 && t.rank() > 1) {
    Ints behind;
    for (int i = 1; i < t.rank(); ++i) behind.push_back(i);
    condition = unsqueeze(condition, behind);
  }
  node.bind(where(condition, t, node.input(2)));
}

constexpr Handler kRows[] = {
    handler<dynamic_partition>("DynamicPartition", {.complex = Complex::kParts}),
    handler<dynamic_stitch>("DynamicStitch", {.complex = Complex::kParts}),
    handler<list_diff>("ListDiff"),
    handler<dynamic_stitch>("ParallelDynamicStitch", {.complex = Complex::kParts}),
    handler<select>("Select", {.complex = Complex::kParts}),
    handler<unique>("Unique"),
    handler<unique>("UniqueV2", {.const_inputs = inputs_known(1)}),
    handler<unique>("UniqueWithCounts"),
    handler<unique>("UniqueWithCountsV2", {.const_inputs = inputs_known(1)}),
    handler<where_op>("Where"),
    handler<where_complex>("Where", {.complex = Complex::kPairs, .id = "complex"}),
};

}  // namespace

FLOWPORT_ROWS(kChoose, kRows);

}  // namespace flowport::tensor
