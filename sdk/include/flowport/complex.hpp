// Complex numbers for handlers with `.complex = Complex::kPairs`, which see a complex tensor as a *pair*: a real tensor with a
// last dim of 2. A ComplexValue is a pair taken apart; formulas are written on it and joined to a pair again.
#pragma once

#include <flowport/ops.hpp>

namespace flowport {

/// Real and imaginary part, of one element type, and of one shape where they are to be joined.
struct ComplexValue {
  Value re, im;
};

inline ComplexValue parts_of(const Value& pair) { return {gather(pair, 0, -1), gather(pair, 1, -1)}; }
inline Value pair_of(const ComplexValue& z) { return concat({unsqueeze(z.re, {-1}), unsqueeze(z.im, {-1})}, -1); }

inline ComplexValue operator+(const ComplexValue& a, const ComplexValue& b) { return {a.re + b.re, a.im + b.im}; }
inline ComplexValue operator-(const ComplexValue& a, const ComplexValue& b) { return {a.re - b.re, a.im - b.im}; }
inline ComplexValue operator*(const ComplexValue& a, const ComplexValue& b) {
  return {a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re};
}
inline ComplexValue operator*(const ComplexValue& a, const Value& b) { return {a.re * b, a.im * b}; }
inline ComplexValue operator*(const ComplexValue& a, double b) { return {a.re * b, a.im * b}; }
inline ComplexValue operator+(const ComplexValue& a, double b) { return {a.re + b, a.im}; }
inline ComplexValue operator-(const ComplexValue& a) { return {-a.re, -a.im}; }
inline ComplexValue where(const Value& condition, const ComplexValue& a, const ComplexValue& b) {
  return {where(condition, a.re, b.re), where(condition, a.im, b.im)};
}
inline ComplexValue conj(const ComplexValue& a) { return {a.re, -a.im}; }
inline Value is_zero(const ComplexValue& a) { return logical_and(equal(a.re, 0), equal(a.im, 0)); }

/// The quotient. Both are divided by the larger part of `b` first, so that nothing overflows on the way.
inline ComplexValue operator/(const ComplexValue& a, const ComplexValue& b) {
  const Value scale = maximum(abs(b.re), abs(b.im));
  const ComplexValue by{b.re / scale, b.im / scale};
  const ComplexValue product = a * conj(by);
  const Value norm = (by.re * by.re + by.im * by.im) * scale;
  return {product.re / norm, product.im / norm};
}

/// The absolute value, which overflows only where the result does.
inline Value abs(const ComplexValue& z) {
  const DType type = z.re.dtype();
  if (type == DType::kFloat) {
    const Value re = cast(z.re, DType::kDouble), im = cast(z.im, DType::kDouble);
    return cast(sqrt(re * re + im * im), type);
  }
  const Value a = abs(z.re), b = abs(z.im);
  const Value high = maximum(a, b), low = minimum(a, b);
  const Value ratio = where(equal(low, high), 1, low / high);
  return high * sqrt(ratio * ratio + 1);
}

}  // namespace flowport
