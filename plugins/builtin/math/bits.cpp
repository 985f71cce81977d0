// Shifts and reinterpreted bits.
#include <flowport/ops.hpp>

#include "math.hpp"

namespace flowport::math {

namespace {

DType as_unsigned(DType t) {
  switch (t) {
    case DType::kInt8: return DType::kUint8;
    case DType::kInt16: return DType::kUint16;
    case DType::kInt32: return DType::kUint32;
    case DType::kInt64: return DType::kUint64;
    default: return t;
  }
}

/// TF limits the amount to what the type has bits for; an unsigned amount of x's width.
Value shift_amount(const Value& x, const Value& y) {
  const Value most = minimum(y, static_cast<double>(size_of(x.dtype()) * 8 - 1));
  return cast(is_signed_integer(y.dtype()) ? maximum(most, 0) : most, as_unsigned(x.dtype()));
}

Value shift(const Value& x, const Value& amount, const char* direction) {
  return x.node().emit("BitShift", {x, amount}, {{"direction", direction}});
}

// TF:   LeftShift(x: T, y: T) -> z: T
// ONNX: BitShift of the same bits without sign
void left_shift(const Node& node) {
  const Value x = node.input(0);
  node.bind(cast_like(shift(cast(x, as_unsigned(x.dtype())), shift_amount(x, node.input(1)), "LEFT"), x));
}

// TF:   RightShift(x: T, y: T) -> z: T, arithmetic where T has a sign
// ONNX: BitShift; numbers below zero are inverted, shifted and inverted back
void right_shift(const Node& node) {
  const Value x = node.input(0), amount = shift_amount(x, node.input(1));
  if (is_unsigned_integer(x.dtype())) return node.bind(shift(x, amount, "RIGHT"));
  const Value below = less(x, 0.0), minus_one = scalar_like(x, -1);
  const Value bits = cast(where(below, minus_one - x, x), as_unsigned(x.dtype()));
  const Value shifted = cast_like(shift(bits, amount, "RIGHT"), x);
  node.bind(where(below, minus_one - shifted, shifted));
}

// TF:   Bitcast(input: T) -> output: type
// ONNX: Cast between integers of one width; BitCast from opset 26 on
void bitcast(const Node& node) {
  const Value x = node.input(0);
  const DType to = node.output_dtype();
  if (x.dtype() == to) return node.bind(node.emit("Identity", {x}));
  if (size_of(x.dtype()) == 0 || size_of(x.dtype()) != size_of(to)) {
    node.unsupported("the bits of elements of one width are read as elements of another width",
                     "only types of equal width have an ONNX form");
  }
  if (is_integer(x.dtype()) && is_integer(to)) return node.bind(cast(x, to));
  if (node.opset() >= 26) return node.bind(node.emit("BitCast", {x}, {{"to", to}}));
  node.unsupported("ONNX reads the bits of floating numbers from opset 26 on", "convert with --opset 26 or higher");
}

constexpr Handler kRows[] = {
    handler<bitcast>("Bitcast"),
    handler<left_shift>("LeftShift"),
    handler<right_shift>("RightShift"),
};

}  // namespace

const HandlerRows kBits = kRows;

}  // namespace flowport::math
