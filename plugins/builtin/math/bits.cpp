// Shifts and reinterpreted bits.
#include <flowport/ops.hpp>

#include <algorithm>
#include <cstdint>
#include <numbers>

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

constexpr double kFraction = 8388608;  // 2^23: the fraction of a float32 counts up to it

/// 2^-126 .. 2^127, the powers of two that a float32 is written with.
Value powers(const Node& node) {
  std::vector<double> table;
  for (int exponent = -126; exponent <= 127; ++exponent) table.push_back(std::ldexp(1.0, exponent));
  return node.constant(DType::kFloat, Ints{static_cast<std::int64_t>(table.size())}, table);
}

/// The bits of float32 numbers, as int32; every step is exact. The sign and the fraction of a NaN cannot be told.
Value bits_of(const Value& x) {
  const Node& node = x.node();
  const Value size = flowport::abs(x), table = powers(node);
  const Value infinite = equal(size, INFINITY), denormal = less(size, std::ldexp(1.0, -126));
  const Value special = logical_or(logical_or(infinite, is_nan(x)), denormal);
  const Value normal = where(special, 1, size);
  const auto power = [&](const Value& exponent) { return gather(table, exponent + 126); };
  // The logarithm may miss the exponent by one.
  const Value logarithm = floor(flowport::log(normal) * (1 / std::numbers::ln2));
  const Value near = minimum(maximum(cast(logarithm, DType::kInt32), -126), 127), scale = power(near);
  const Value above = greater_equal(normal - scale, scale), below = less(normal, scale);
  const Value exponent = near + cast(above, DType::kInt32) - cast(below, DType::kInt32);
  const Value fraction = cast((normal / power(exponent) - 1) * kFraction, DType::kInt32);
  const Value small = cast(where(denormal, size, 0) * std::ldexp(1.0, 100) * std::ldexp(1.0, 49), DType::kInt32);
  const Value finite = where(denormal, small, (exponent + 127) * kFraction + fraction);
  const Value magnitude = where(is_nan(x), 0x7fc00000, where(infinite, 0x7f800000, finite));
  const Value negative = logical_or(less(x, 0), logical_and(equal(x, 0), less(reciprocal(x), 0)));
  return magnitude + where(negative, scalar_like(magnitude, INT32_MIN), scalar_like(magnitude, 0));
}

/// The float32 numbers that have these bits (int32).
Value float_of(const Value& bits) {
  const Node& node = bits.node();
  const Value negative = less(bits, 0);
  const Value magnitude = where(negative, bits - scalar_like(bits, INT32_MIN), bits);
  const Value exponent = magnitude / kFraction;
  const Value fraction = cast(magnitude - exponent * kFraction, DType::kFloat);
  const Value scale = gather(powers(node), minimum(maximum(exponent - 1, 0), 253));
  const Value normal = (fraction * (1 / kFraction) + 1) * scale;
  const Value small = fraction * std::ldexp(1.0, -100) * std::ldexp(1.0, -49);
  const Value beyond = where(equal(fraction, 0), scalar_like(fraction, INFINITY), scalar_like(fraction, NAN));
  const Value size = where(equal(exponent, 255), beyond, where(equal(exponent, 0), small, normal));
  return where(negative, -size, size);
}

DType unsigned_of(const Node& node, std::size_t bytes) {
  switch (bytes) {
    case 1: return DType::kUint8;
    case 2: return DType::kUint16;
    case 4: return DType::kUint32;
    case 8: return DType::kUint64;
    default: node.unsupported("the bits of elements without a fixed width");
  }
}

/// The bits of numbers as an unsigned integer of their width.
Value as_bits(const Value& x) {
  const Node& node = x.node();
  const DType bits = unsigned_of(node, size_of(x.dtype()));
  if (is_integer(x.dtype())) return cast(x, bits);
  if (node.opset() >= 26) return node.emit("BitCast", {x}, {{"to", bits}});
  if (x.dtype() != DType::kFloat) {
    node.unsupported("ONNX reads the bits of such floating numbers from opset 26 on",
                     "convert with --opset 26 or higher");
  }
  node.note("the bits of a NaN are those of a positive quiet NaN");
  return cast(bits_of(x), bits);
}

/// The numbers of type `to` with these bits, an unsigned integer of its width.
Value from_bits(const Value& bits, DType to) {
  const Node& node = bits.node();
  if (is_integer(to)) return cast(bits, to);
  if (node.opset() >= 26) return node.emit("BitCast", {bits}, {{"to", to}});
  if (to != DType::kFloat) {
    node.unsupported("ONNX makes such floating numbers of bits from opset 26 on", "convert with --opset 26 or higher");
  }
  return float_of(cast(bits, DType::kInt32));
}

// TF:   Bitcast(input: T) -> output: type; the parts of wider elements, low ones first, are one dim more at the end
// ONNX: Cast between integers of one width; BitCast from opset 26 on, below it arithmetic for float32; Mod and Div for parts
void bitcast(const Node& node) {
  const Value x = node.input(0);
  const DType to = node.output_dtype();
  if (x.dtype() == to) return node.bind(node.emit("Identity", {x}));
  const std::size_t width = size_of(x.dtype()), wanted = size_of(to);
  if (width == 0) node.unsupported("the bits of elements without a fixed width");
  const DType bits = unsigned_of(node, wanted);
  if (width == wanted) return node.bind(from_bits(as_bits(x), to));
  const std::int64_t step = std::int64_t{1} << (8 * std::min(width, wanted));
  const Value base = node.int_scalar(step);
  if (width > wanted) {
    Value rest = cast(as_bits(x), DType::kInt64);
    std::vector<Value> parts;
    for (std::size_t i = 0; i < width / wanted; ++i) {
      const Value part = binary("Mod", rest, base);  // not negative
      parts.push_back(unsqueeze(from_bits(cast(part, bits), to), {-1}));
      rest = (rest - part) / base;
    }
    return node.bind(concat(parts, -1));
  }
  const auto count = static_cast<std::int64_t>(wanted / width);
  Value whole;
  for (std::int64_t i = count - 1; i >= 0; --i) {
    const Value part = cast(as_bits(gather(x, i, -1)), DType::kInt64);
    // The highest part has the sign, so that no product is too large for int64.
    whole = whole ? whole * base + part : where(less(part, node.int_scalar(step / 2)), part, part - base);
  }
  node.bind(from_bits(cast(whole, bits), to));
}

// TF:   NextAfter(x1: T, x2: T) -> output: T, the number next to x1 in the direction of x2
// ONNX: the bits as an integer, one added or taken; BitCast from opset 26 on, below it arithmetic for float32
void next_after(const Node& node) {
  const Value x = node.input(0), y = node.input(1);
  const bool has_op = node.opset() >= 26;
  if (!has_op && x.dtype() != DType::kFloat) {
    node.unsupported("ONNX reads the bits of such floating numbers from opset 26 on",
                     "convert with --opset 26 or higher");
  }
  const DType whole = x.dtype() == DType::kDouble ? DType::kInt64 : DType::kInt32;
  const Value bits = has_op ? node.emit("BitCast", {x}, {{"to", whole}}) : bits_of(x);
  const Value one = scalar_like(bits, 1);
  const Value grows = equal(greater(y, x), greater(x, 0));
  const Value moved = bits + where(grows, one, -one);
  const Value next = has_op ? node.emit("BitCast", {moved}, {{"to", x.dtype()}}) : float_of(moved);
  const double least = std::ldexp(1.0, x.dtype() == DType::kDouble ? -1074 : -149);
  const Value beside_zero = where(greater(y, 0), scalar_like(x, least), scalar_like(x, -least));
  const Value differs = where(equal(x, 0), beside_zero, next);
  node.bind(where(logical_or(is_nan(x), is_nan(y)), x + y, where(equal(x, y), y, differs)));
}

constexpr Handler kRows[] = {
    handler<bitcast>("Bitcast"),
    handler<left_shift>("LeftShift"),
    handler<next_after>("NextAfter"),
    handler<right_shift>("RightShift"),
};

}  // namespace

FLOWPORT_ROWS(kBits, kRows);

}  // namespace flowport::math
