// Integers of 64 bits that wrap around, as pairs of 32-bit words held in int64: ONNX leaves open what an overflow gives. The
// exclusive or is that of opset 18. Families share this.
#pragma once

#include <flowport/ops.hpp>

namespace flowport::words {

constexpr std::int64_t kHalfWord = std::int64_t{1} << 16, kWord = std::int64_t{1} << 32;

inline Value number(const Value& like, std::int64_t n) { return like.node().int_scalar(n); }
/// The remainder that is not negative.
inline Value modulo(const Value& x, std::int64_t divisor) { return binary("Mod", x, number(x, divisor)); }
inline Value exclusive_or(const Value& a, const Value& b) { return binary("BitwiseXor", a, b); }

struct Words {
  Value low, high;
};

/// 64 bits, in an integer of any kind, as two words.
inline Words words_of(const Value& bits) {
  const Value x = cast(bits, DType::kInt64), low = modulo(x, kWord);
  return {low, modulo((x - low) / number(x, kWord), kWord)};
}
inline Words words_of(const Node& node, std::uint64_t bits) {
  return {node.int_scalar(static_cast<std::int64_t>(bits & 0xffffffffU)),
          node.int_scalar(static_cast<std::int64_t>(bits >> 32))};
}
/// The int64 with these bits.
inline Value bits_of(const Value& low, const Value& high) {
  const Value upper = where(less(high, number(high, kWord / 2)), high, high - number(high, kWord));
  return upper * number(high, kWord) + low;
}

/// All 64 bits of the product of two words.
inline Words product(const Value& x, const Value& y) {
  const Value p = x * modulo(y, kHalfWord), q = x * (y / number(y, kHalfWord));
  const Value upper = modulo(q, kHalfWord);
  const Value sum = p + upper * number(x, kHalfWord);
  return {modulo(sum, kWord), (q - upper) / number(x, kHalfWord) + sum / number(x, kWord)};
}
inline Words product(const Value& x, std::int64_t constant) { return product(x, number(x, constant)); }

inline Words operator+(const Words& a, const Words& b) {
  const Value low = a.low + b.low;
  return {modulo(low, kWord), modulo(a.high + b.high + low / number(low, kWord), kWord)};
}
inline Words operator*(const Words& a, const Words& b) {
  const Words low = product(a.low, b.low);
  return {low.low, modulo(low.high + product(a.low, b.high).low + product(a.high, b.low).low, kWord)};
}
inline Words operator^(const Words& a, const Words& b) {
  return {exclusive_or(a.low, b.low), exclusive_or(a.high, b.high)};
}

/// Right by `bits`, 0 < bits < 64 and not 32; what falls out comes in again.
inline Words rotated(const Words& x, int bits) {
  const Words from = bits > 32 ? Words{x.high, x.low} : x;
  const std::int64_t kept = std::int64_t{1} << (bits % 32), shift = kWord / kept;
  const auto word = [&](const Value& lower, const Value& upper) {
    return lower / number(lower, kept) + modulo(upper, kept) * number(upper, shift);
  };
  return {word(from.low, from.high), word(from.high, from.low)};
}
/// Right by 32 <= bits < 64.
inline Words shifted(const Words& x, int bits) {
  return {x.high / number(x.high, std::int64_t{1} << (bits - 32)), number(x.high, 0)};
}

inline Words where(const Value& condition, const Words& a, const Words& b) {
  return {flowport::where(condition, a.low, b.low), flowport::where(condition, a.high, b.high)};
}

/// The remainder of the unsigned integer, in an int64 as the divisor is.
inline Value modulo(const Words& x, const Value& divisor) {
  const Value bits = cast(bits_of(x.low, x.high), DType::kUint64);
  return cast(binary("Mod", bits, cast(divisor, DType::kUint64)), DType::kInt64);
}

}  // namespace flowport::words
