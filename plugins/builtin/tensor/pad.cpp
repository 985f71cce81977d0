// Padding.
#include <flowport/ops.hpp>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

/// TF's paddings [rank, 2] as ONNX's pads: all begins, then all ends.
Value to_pads(const Value& paddings) {
  return flowport::reshape(transpose(cast(paddings, DType::kInt64), {1, 0}), Ints{-1});
}

// TF:   Pad(input: T, paddings: Tpaddings) -> output: T
// ONNX: Pad with zeros
void pad_op(const Node& node) { node.bind(pad(node.input(0), to_pads(node.input(1)), scalar_like(node.input(0), 0))); }

// TF:   PadV2(input: T, paddings: Tpaddings, constant_values: T) -> output: T
// ONNX: Pad
void pad_v2(const Node& node) { node.bind(pad(node.input(0), to_pads(node.input(1)), node.input(2))); }

// TF:   MirrorPad(input: T, paddings: Tpaddings) -> output: T, attr mode REFLECT or SYMMETRIC
// ONNX: Pad, mode reflect; SYMMETRIC by gathering mirrored indices along each axis
void mirror_pad(const Node& node) {
  Value x = node.input(0);
  if (node.attr<std::string>("mode") == "REFLECT") return node.bind(pad(x, to_pads(node.input(1)), {}, "reflect"));
  const Ints paddings = node.input(1).known_ints();
  const int rank = static_cast<int>(paddings.size() / 2);
  for (int axis = 0; axis < rank; ++axis) {
    const std::int64_t before = paddings[static_cast<std::size_t>(2 * axis)],
                       after = paddings[static_cast<std::size_t>(2 * axis) + 1];
    if (before == 0 && after == 0) continue;
    std::vector<Value> parts;
    if (before > 0) parts.push_back(slice(x, {before - 1}, {INT64_MIN + 1}, {axis}, {-1}));
    parts.push_back(x);
    if (after > 0) parts.push_back(slice(x, {-1}, {-after - 1}, {axis}, {-1}));
    x = concat(parts, axis);
  }
  node.bind(x.id() == node.input(0).id() ? node.emit("Identity", {x}) : x);
}

constexpr Handler kRows[] = {
    handler<mirror_pad>("MirrorPad", {.const_inputs = inputs_known(1), .complex = Complex::kParts}),
    handler<pad_op>("Pad", {.complex = Complex::kParts}),
    handler<pad_v2>("PadV2", {.complex = Complex::kParts}),
};

}  // namespace

FLOWPORT_ROWS(kPad, kRows);

}  // namespace flowport::tensor
