// Several tensors made one.
#include <flowport/ops.hpp>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

/// The only element of an input that must be known when converting.
std::int64_t known_axis(const Node& node, const Value& axis) {
  if (!axis.is_known()) node.unsupported("the axis must be known when converting");
  return axis.known_int();
}

// TF:   ConcatV2(values: N * T, axis: Tidx) -> output: T; Concat(concat_dim: int32, values: N * T) likewise
// ONNX: Concat
void concat_v2(const Node& node) {
  node.bind(concat(node.some_inputs("values"), known_axis(node, node.input("axis"))));
}
void concat_v1(const Node& node) {
  node.bind(concat(node.some_inputs("values"), known_axis(node, node.input("concat_dim"))));
}

// TF:   ConcatOffset(concat_dim: int32, shape: N * shape_type) -> offset: N * shape_type
// ONNX: sums of the sizes along the axis, 0 at all others
void concat_offset(const Node& node) {
  const auto shapes = node.some_inputs("shape");
  const std::int64_t rank = shapes[0].dim(0);
  if (rank < 0) node.unsupported("the length of the shapes must be known when converting");
  Ints at(static_cast<std::size_t>(rank), 0);
  at[static_cast<std::size_t>(
      normalize_axis(node, known_axis(node, node.input("concat_dim")), static_cast<int>(rank)))] = 1;
  const Value mask = node.ints(at);
  Value offset = node.ints(Ints(at.size(), 0));
  for (std::size_t i = 0; i < shapes.size(); ++i) {
    node.bind(static_cast<int>(i), cast(offset, shapes[i].dtype()));
    offset = offset + mask * cast(shapes[i], DType::kInt64);
  }
}

// TF:   ParallelConcat(values: N * T) -> output: T, attr shape; the values have a first dim of 1
// ONNX: Concat
void parallel_concat(const Node& node) { node.bind(concat(node.some_inputs(), 0)); }

// TF:   Pack(values: N * T) -> output: T, attr axis
// ONNX: Unsqueeze, then Concat
void pack(const Node& node) {
  const std::int64_t axis = node.attr<std::int64_t>("axis", 0);
  std::vector<Value> parts;
  for (const auto& value : node.some_inputs()) parts.push_back(unsqueeze(value, {axis}));
  node.bind(concat(parts, axis));
}

constexpr Handler kRows[] = {
    handler<concat_v1>("Concat", {.complex = Complex::kParts}),
    handler<concat_offset>("ConcatOffset"),
    handler<concat_v2>("ConcatV2", {.complex = Complex::kParts}),
    handler<pack>("Pack", {.complex = Complex::kParts}),
    handler<parallel_concat>("ParallelConcat", {.complex = Complex::kParts}),
};

}  // namespace

FLOWPORT_ROWS(kJoin, kRows);

}  // namespace flowport::tensor
