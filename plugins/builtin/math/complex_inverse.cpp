// Inverse trigonometric and hyperbolic functions of complex numbers, exp - 1 and log(1 + z). All are computed in double, in which
// the digits that their formulas lose are none of float's.
#include <cmath>
#include <numbers>

#include "complex.hpp"
#include "math.hpp"

namespace flowport::math {

namespace {

constexpr double kSmall = 1e-5;  // below it three terms of a series are exact in double

/// log(1 + x) of a real number.
Value log1p(const Value& x) {
  const Value series = x * (1 - x * (0.5 - x / 3));
  return where(less(flowport::abs(x), kSmall), series, flowport::log(x + 1));
}

/// exp(x) - 1 of a real number.
Value expm1(const Value& x) {
  const Value series = x * (1 + x * (0.5 + x / 6));
  return where(less(flowport::abs(x), kSmall), series, flowport::exp(x) - 1);
}

/// log(z + sqrt(z * z + 1)), an odd function: taken where the sum does not cancel.
ComplexValue asinh(const ComplexValue& given) {
  const Value turned = is_negative(given.re);
  const ComplexValue z = where(turned, -given, given);
  const ComplexValue square = z * z;
  const ComplexValue far = log(z + sqrt(square + 1));
  const ComplexValue near = z * (ComplexValue{square.re / -6, square.im / -6} + 1);
  const Value is_near = less(maximum(flowport::abs(z.re), flowport::abs(z.im)), kSmall);
  const ComplexValue y = where(is_near, near, far);
  return where(turned, -y, y);
}

ComplexValue asin(const ComplexValue& z) {
  const ComplexValue y = asinh({-z.im, z.re});
  return {y.im, -y.re};
}

ComplexValue acos(const ComplexValue& z) {
  const ComplexValue y = asin(z);
  return {std::numbers::pi / 2 - y.re, -y.im};
}

ComplexValue acosh(const ComplexValue& z) { return log(z + sqrt(z + 1) * sqrt(z + -1.0)); }

ComplexValue atanh(const ComplexValue& z) {
  const Value left = 1 - z.re;
  return {log1p(z.re * 4 / (left * left + z.im * z.im)) * 0.25,
          angle_of(z.im * 2, left * (z.re + 1) - z.im * z.im) * 0.5};
}

ComplexValue atan(const ComplexValue& z) {
  const ComplexValue y = atanh({-z.im, z.re});
  return {y.im, -y.re};
}

ComplexValue complex_expm1(const ComplexValue& z) {
  const Value half = sin(z.im * 0.5);
  return {expm1(z.re) * cos(z.im) - half * half * 2, flowport::exp(z.re) * sin(z.im)};
}

ComplexValue complex_log1p(const ComplexValue& z) {
  return {log1p(z.re * 2 + z.re * z.re + z.im * z.im) * 0.5, angle_of(z.im, z.re + 1)};
}

// TF:   Acos, Acosh, Asin, Asinh, Atan, Atanh, Expm1, Log1p (x: T) -> y: T
// ONNX: real functions of the parts, in double
template <ComplexValue (*Function)(const ComplexValue&)>
void in_double(const Node& node) {
  const Value x = node.input(0);
  const ComplexValue y = Function(parts_of(cast(x, DType::kDouble)));
  bind_complex(node, {cast_like(y.re, x), cast_like(y.im, x)});
}

constexpr Handler kRows[] = {
    complex_handler<in_double<acos>>("Acos"),           complex_handler<in_double<acosh>>("Acosh"),
    complex_handler<in_double<asin>>("Asin"),           complex_handler<in_double<asinh>>("Asinh"),
    complex_handler<in_double<atan>>("Atan"),           complex_handler<in_double<atanh>>("Atanh"),
    complex_handler<in_double<complex_expm1>>("Expm1"), complex_handler<in_double<complex_log1p>>("Log1p"),
};

}  // namespace

FLOWPORT_ROWS(kComplexInverse, kRows);

}  // namespace flowport::math
