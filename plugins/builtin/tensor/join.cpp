// Several tensors made one.
#include <flowport/ops.hpp>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

// TF:   ConcatV2(values: N * T, axis: Tidx) -> output: T
// ONNX: Concat
void concat_v2(const Node& node) { node.bind(concat(node.inputs("values"), *node.input("axis").int_scalar())); }

// TF:   Concat(concat_dim: int32, values: N * T) -> output: T
// ONNX: Concat
void concat_v1(const Node& node) { node.bind(concat(node.inputs("values"), *node.input("concat_dim").int_scalar())); }

// TF:   Pack(values: N * T) -> output: T, attr axis
// ONNX: Unsqueeze, then Concat
void pack(const Node& node) {
  const std::int64_t axis = node.attr<std::int64_t>("axis", 0);
  std::vector<Value> parts;
  for (const auto& value : node.inputs()) parts.push_back(unsqueeze(value, {axis}));
  node.bind(concat(parts, axis));
}

constexpr Handler kRows[] = {
    handler<concat_v1>("Concat", {.const_inputs = inputs_known(0)}),
    handler<concat_v2>("ConcatV2"),
    handler<pack>("Pack"),
};

}  // namespace

const HandlerRows kJoin = kRows;

}  // namespace flowport::tensor
