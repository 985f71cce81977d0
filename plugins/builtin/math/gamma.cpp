// The gamma function's logarithm and its derivative, in double precision.
#include <flowport/ops.hpp>

#include <cmath>
#include <numbers>

#include "math.hpp"

namespace flowport::math {

namespace {

constexpr double kPi = std::numbers::pi;
constexpr int kSteps = 8;  // from x >= 0.5 to where the asymptotic series are good to 1e-11

/// c[0] + c[1] * x + ..., by Horner.
Value polynomial(const Value& x, std::initializer_list<double> coefficients) {
  const double* c = coefficients.end() - 1;
  Value y = x * scalar_like(x, *c);
  while (--c != coefficients.begin()) y = (y + *c) * x;
  return y + *c;
}

/// x - Round(x): the sine and tangent of pi times it are those of x up to a sign, and lose nothing for big x.
Value fraction_of(const Value& x) { return x - flowport::round(x); }

Value is_pole(const Value& x) { return logical_and(less_equal(x, 0.0), flowport::equal(x, flowport::floor(x))); }

}  // namespace

Value log_gamma(const Value& x) {
  const Value reflected = less(x, 0.5);
  const Value a = where(reflected, scalar_like(x, 1) - x, x);
  Value product = a;
  for (int i = 1; i < kSteps; ++i) product = product * (a + static_cast<double>(i));
  const Value big = greater(a, 1e6);  // there the series is good as it is, and the product would overflow
  const Value z = where(big, a, a + static_cast<double>(kSteps));
  const Value r = reciprocal(z);
  const Value series = r * polynomial(r * r, {1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188});
  const Value stirling = (z - scalar_like(z, 0.5)) * flowport::log(z) - z + 0.5 * std::log(2 * kPi) + series;
  const Value result = where(big, stirling, stirling - flowport::log(product));
  const Value sine = flowport::abs(flowport::sin(fraction_of(x) * scalar_like(x, kPi)));
  const Value below = flowport::log(scalar_like(x, kPi)) - flowport::log(sine) - result;
  const Value infinite = logical_or(is_pole(x), flowport::equal(flowport::abs(x), INFINITY));
  return where(infinite, INFINITY, where(reflected, below, result));
}

Value digamma(const Value& x) {
  const Value reflected = less(x, 0.5);
  const Value a = where(reflected, scalar_like(x, 1) - x, x);
  Value sum = reciprocal(a);
  for (int i = 1; i < kSteps; ++i) sum = sum + reciprocal(a + static_cast<double>(i));
  const Value z = a + static_cast<double>(kSteps);
  const Value r = reciprocal(z), r2 = r * r;
  const Value series = r2 * polynomial(r2, {1.0 / 12, -1.0 / 120, 1.0 / 252, -1.0 / 240, 1.0 / 132});
  const Value result = flowport::log(z) - r * scalar_like(r, 0.5) - series - sum;
  const Value angle = fraction_of(x) * scalar_like(x, kPi);
  const Value cotangent = flowport::cos(angle) / flowport::sin(angle);
  const Value below = result - cotangent * scalar_like(x, kPi);
  return where(is_pole(x), NAN, where(reflected, below, result));
}

namespace {

// TF:   Lgamma(x: T) -> y: T, infinite at 0, -1, -2, ...
// ONNX: Stirling's series at x + 8 less the logarithm of x (x + 1) ... (x + 7); reflection below 0.5
void convert_lgamma(const Node& node) {
  node.bind(cast_like(log_gamma(cast(node.input(0), DType::kDouble)), node.input(0)));
}

// TF:   Digamma(x: T) -> y: T, NaN at 0, -1, -2, ... and -infinity
// ONNX: the asymptotic series at x + 8 less 1/x + ... + 1/(x + 7); reflection below 0.5
void convert_digamma(const Node& node) {
  node.bind(cast_like(digamma(cast(node.input(0), DType::kDouble)), node.input(0)));
}

constexpr Handler kRows[] = {
    handler<convert_digamma>("Digamma"),
    handler<convert_lgamma>("Lgamma"),
};

}  // namespace

FLOWPORT_ROWS(kGamma, kRows);

}  // namespace flowport::math
