// Incomplete gamma and beta functions and the Hurwitz zeta function, in double precision.
#include <flowport/ops.hpp>

#include <cmath>

#include "math.hpp"

namespace flowport::math {

namespace {

constexpr double kEpsilon = 2.2e-16;
constexpr std::int64_t kMostTerms = 2000;

Value any(const Value& mask) {
  const Node& node = mask.node();
  const Value flags = reshape(cast(mask, DType::kInt32), Ints{-1});
  return greater(
      reduce_max(concat({node.constant(DType::kInt32, Ints{1}, std::vector<double>{0}), flags}, 0), {0}, false), 0);
}

/// Runs step(k, states), k = 0, 1, ..., until it says that nothing moves any more; all states are doubles of one shape.
template <typename Step>
std::vector<Value> until_settled(const std::vector<Value>& states, Step&& step) {
  const Node& node = states[0].node();
  std::vector<TypeSpec> specs{{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}};
  for (std::size_t i = 0; i < states.size(); ++i) specs.push_back({DType::kDouble, states[0].dims()});
  const Body body = node.body(specs, [&](const std::vector<Value>& in) {
    return step(cast(in[0], DType::kDouble), std::vector<Value>(in.begin() + 2, in.end()));
  });
  std::vector<Value> inputs{node.int_scalar(kMostTerms), node.scalar(DType::kBool, 1)};
  inputs.insert(inputs.end(), states.begin(), states.end());
  return node.emit_n("Loop", inputs, {{"body", body}}, static_cast<int>(states.size()));
}

/// The first `count` inputs of a node as doubles of their common shape.
std::vector<Value> broadcast_inputs(const Node& node, int count) {
  std::vector<Value> x;
  for (int i = 0; i < count; ++i) x.push_back(cast(node.input(i), DType::kDouble));
  Value sum = x[0];
  for (std::size_t i = 1; i < x.size(); ++i) sum = sum + x[i];
  const Value shape = shape_of(sum);
  for (Value& value : x) value = expand(value, shape);
  return x;
}

/// sum of x^n / ((a + 1) ... (a + n)), for x not much above a.
Value gamma_series(const Value& a, const Value& x) {
  const Value one = fill(shape_of(x), x, 1);
  const auto out = until_settled({one, one}, [&](const Value& k, const std::vector<Value>& s) {
    const Value term = s[1] * x / (a + k + 1.0);
    const Value sum = s[0] + term;
    return std::vector<Value>{any(greater(term, sum * kEpsilon)), sum, term};
  });
  return out[0];
}

/// The continued fraction for the upper function without its front factor, for x above a and 1, by Lentz's method.
Value gamma_fraction(const Value& a, const Value& x) {
  const Value b = x + 1.0 - a, d = reciprocal(b);
  const auto out = until_settled({fill(shape_of(x), x, 1e300), d, d}, [&](const Value& k, const std::vector<Value>& s) {
    const Value n = k + 1.0, numerator = n * (a - n), denominator = b + n * 2.0;
    const Value c = denominator + numerator / s[0], next = reciprocal(denominator + numerator * s[1]);
    const Value factor = c * next;
    return std::vector<Value>{any(greater(flowport::abs(factor - 1.0), kEpsilon * 2)), c, next, s[2] * factor};
  });
  return out[2];
}

/// The lower (P) or upper (Q) regularized function.
Value incomplete_gamma(const Node& node, bool upper) {
  const auto inputs = broadcast_inputs(node, 2);
  const Value& a = inputs[0];
  const Value& x = inputs[1];
  const Value bad = logical_or(logical_or(less_equal(a, 0), less(x, 0)), is_nan(a + x));
  const Value infinite_a = equal(a, INFINITY), infinite_x = equal(x, INFINITY);
  const Value plain = logical_not(logical_or(logical_or(bad, equal(x, 0)), logical_or(infinite_a, infinite_x)));
  const Value far = logical_and(plain, logical_and(greater(x, 1), greater(x, a))),
              near = logical_and(plain, logical_not(far));
  const Value safe_a = where(plain, a, 1), safe_x = where(plain, x, 1);
  const Value front = flowport::exp(safe_a * flowport::log(safe_x) - safe_x - log_gamma(safe_a));
  const Value lower = front / safe_a * gamma_series(where(near, a, 1), where(near, x, 0));
  const Value above = front * gamma_fraction(where(far, a, 0.5), where(far, x, 2));
  const Value value = upper ? where(far, above, 1.0 - lower) : where(far, 1.0 - above, lower);
  const Value all = scalar_like(x, upper ? 0 : 1), none = scalar_like(x, upper ? 1 : 0);
  const Value edge = where(logical_or(equal(x, 0), logical_and(infinite_a, logical_not(infinite_x))), none, all);
  return where(bad, NAN, where(plain, value, edge));
}

// TF:   Igamma(a: T, x: T) -> z: T, the lower regularized incomplete gamma function; Igammac the upper one
// ONNX: Loops over the terms of a series and of a continued fraction
void igamma(const Node& node) {
  // At x = 0 it is 0 for every a.
  const Value x = node.input(1);
  node.bind(where(equal(x, 0), 0, cast_like(incomplete_gamma(node, false), x)));
}
void igammac(const Node& node) { node.bind(cast_like(incomplete_gamma(node, true), node.input(1))); }

// TF:   Betainc(a: T, b: T, x: T) -> z: T, the regularized incomplete beta function
// ONNX: Loop over the terms of a continued fraction, by Lentz's method
void betainc(const Node& node) {
  const auto inputs = broadcast_inputs(node, 3);
  const Value outside = logical_or(less(inputs[2], 0), greater(inputs[2], 1));
  const Value bad = logical_or(logical_or(less_equal(inputs[0], 0), less_equal(inputs[1], 0)),
                               logical_or(outside, is_nan(inputs[0] + inputs[1] + inputs[2])));
  const Value end = logical_or(equal(inputs[2], 0), equal(inputs[2], 1)), odd = logical_or(bad, end);
  const Value p = where(odd, 1, inputs[0]), q = where(odd, 1, inputs[1]), y = where(odd, 0.5, inputs[2]);
  const Value swapped = greater(y, (p + 1.0) / (p + q + 2.0));
  const Value a = where(swapped, q, p), b = where(swapped, p, q), x = where(swapped, 1.0 - y, y);
  const Value logarithms =
      log_gamma(a + b) - log_gamma(a) - log_gamma(b) + a * flowport::log(x) + b * flowport::log(1.0 - x);
  const auto kept_from_zero = [](const Value& v) { return where(less(flowport::abs(v), 1e-300), 1e-300, v); };
  const Value one = fill(shape_of(x), x, 1);
  const Value d = reciprocal(kept_from_zero(1.0 - (a + b) * x / (a + 1.0)));
  const auto out = until_settled({one, d, d}, [&](const Value& k, const std::vector<Value>& s) {
    const Value m = k + 1.0, a2m = a + m * 2.0;
    const Value even = m * (b - m) * x / ((a2m - 1.0) * a2m);
    const Value d1 = reciprocal(kept_from_zero(even * s[1] + 1.0)), c1 = kept_from_zero(even / s[0] + 1.0);
    const Value odd_term = -(a + m) * (a + b + m) * x / (a2m * (a2m + 1.0));
    const Value d2 = reciprocal(kept_from_zero(odd_term * d1 + 1.0)), c2 = kept_from_zero(odd_term / c1 + 1.0);
    const Value factor = d2 * c2;
    return std::vector<Value>{any(greater(flowport::abs(factor - 1.0), kEpsilon * 2)), c2, d2, s[2] * d1 * c1 * factor};
  });
  const Value part = flowport::exp(logarithms) * out[2] / a;
  const Value value = where(swapped, 1.0 - part, part);
  node.bind(cast(where(bad, NAN, where(end, inputs[2], value)), node.output_dtype()));
}

/// The sum of (q + k)^-x: the first terms as they are, the rest by Euler and Maclaurin.
Value hurwitz_zeta(const Value& x, const Value& q) {
  constexpr double kFactors[] = {12.0,
                                 -720.0,
                                 30240.0,
                                 -1209600.0,
                                 47900160.0,
                                 -1.8924375803183791606e9,
                                 7.47242496e10,
                                 -2.950130727918164224e12,
                                 1.1646782814350067249e14,
                                 -4.5979787224074726105e15};
  const auto power = [&](const Value& base) { return flowport::pow(base, -x); };
  Value sum = power(q);
  for (int k = 1; k < 10; ++k) sum = sum + power(q + static_cast<double>(k));
  // Arguments far below zero have more terms before the series converges.
  const auto out = until_settled({q + 9.0, sum}, [&](const Value&, const std::vector<Value>& s) {
    const Value open = less_equal(s[0], 9), next = where(open, s[0] + 1.0, s[0]);
    return std::vector<Value>{any(less_equal(next, 9)), next, where(open, s[1] + power(next), s[1])};
  });
  const Value& w = out[0];
  Value b = power(w), factor = fill(shape_of(x), x, 1);
  Value total = out[1] + b * w / (x - 1.0) - b * 0.5;
  double k = 0;
  for (const double divisor : kFactors) {
    factor = factor * (x + k);
    b = b / w;
    total = total + where(equal(b, 0), 0, factor * b / divisor);
    factor = factor * (x + (k + 1));
    b = b / w;
    k += 2;
  }
  const auto whole = [](const Value& v) { return equal(v, flowport::floor(v)); };
  const Value even = equal(flowport::floor(x * 0.5) * 2.0, x), below = less_equal(q, 0);
  const Value at_pole = where(even, scalar_like(x, INFINITY), scalar_like(x, NAN));
  const Value left = where(whole(q), at_pole, where(whole(x), total, NAN));
  const Value far =
      where(greater(q, 1), scalar_like(x, 0), where(equal(q, 1), scalar_like(x, 1), scalar_like(x, INFINITY)));
  const Value regular = where(equal(x, INFINITY), far, where(equal(q, INFINITY), 0, total));
  const Value known = where(equal(x, 1), INFINITY, where(less(x, 1), NAN, where(below, left, regular)));
  return where(is_nan(x + q), NAN, known);
}

// TF:   Zeta(x: T, q: T) -> z: T
// ONNX: Pow, and Euler and Maclaurin's series
void zeta(const Node& node) {
  const auto inputs = broadcast_inputs(node, 2);
  node.bind(cast(hurwitz_zeta(inputs[0], inputs[1]), node.output_dtype()));
}

// TF:   Polygamma(a: T, x: T) -> z: T, the derivative number a of Digamma; NaN where a is not a whole number from 0 on
// ONNX: that of Zeta, and of Digamma for a = 0
void polygamma(const Node& node) {
  const auto inputs = broadcast_inputs(node, 2);
  const Value& a = inputs[0];
  const Value order = a + 1.0;
  const Value odd = equal(flowport::floor(a * 0.5) * 2.0, a);
  const Value size = flowport::exp(log_gamma(order)) * hurwitz_zeta(order, inputs[1]);
  const Value derivative = where(odd, -size, size);
  const Value bad = logical_or(less(a, 0), logical_not(equal(a, flowport::floor(a))));
  node.bind(cast(where(bad, NAN, where(equal(a, 0), digamma(inputs[1]), derivative)), node.output_dtype()));
}

constexpr Handler kRows[] = {
    handler<betainc>("Betainc"),     handler<igamma>("Igamma"), handler<igammac>("Igammac"),
    handler<polygamma>("Polygamma"), handler<zeta>("Zeta"),
};

}  // namespace

FLOWPORT_ROWS(kIncomplete, kRows);

}  // namespace flowport::math
