// The error function's complement and inverse. Their polynomials are fits over the named intervals, of relative error below
// 3e-7; they are taken in double precision.
#include <flowport/ops.hpp>

#include <cmath>
#include <numbers>

#include "math.hpp"

namespace flowport::math {

namespace {

/// The polynomial in x of [low, high] moved to [-1, 1].
Value fit(const Value& x, double low, double high, std::initializer_list<double> coefficients) {
  const Value u = (x - scalar_like(x, (low + high) / 2)) * scalar_like(x, 2 / (high - low));
  const double* c = coefficients.end() - 1;
  Value y = u * scalar_like(u, *c);
  while (--c != coefficients.begin()) y = (y + *c) * u;
  return y + *c;
}

/// Whether `x` is a number times -1/sqrt(2): the exact Gelu is made of Erfc(-x / sqrt(2)),
/// and its own factor x makes small errors of the difference harmless.
bool is_gelu_argument(const Node& node, const Value& x) {
  const auto product = node.producer(x);
  if (!product || (product->op() != "Mul" && product->op() != "RealDiv")) return false;
  const bool quotient = product->op() == "RealDiv";
  for (int i = quotient ? 1 : 0; i < 2; ++i) {
    const auto factor = product->input(i).double_scalar();
    if (!factor) continue;
    const double wanted = quotient ? std::numbers::sqrt2 : std::numbers::sqrt2 / 2;
    const auto other = product->producer(product->input(1 - i));
    if (std::abs(std::abs(*factor) - wanted) < 1e-3 && (*factor < 0 || (other && other->op() == "Neg"))) return true;
  }
  return false;
}

// TF:   Erfc(x: T) -> y: T
// ONNX: 1 - Erf up to 0.5; from there on exp(-x^2) times a fit, for the difference has no digits left
void erfc(const Node& node) {
  const Value given = node.input(0);
  if (is_gelu_argument(node, given)) return node.bind(scalar_like(given, 1) - flowport::erf(given));
  const Value x = cast(given, DType::kDouble);
  const Value size = minimum(flowport::abs(x), 40);
  const Value t = reciprocal(size * scalar_like(x, 0.5) + 1.0);
  const Value tail =
      flowport::exp(-(size * size)) * t *
      fit(t, 0.04, 0.8,
          {0.4593144227067959, 0.22832594337327744, 0.07479036387234698, 0.010605705261870641, -0.0025505347921589076,
           -0.0011220795629597736, 0.00016479932535696728, 0.00011559877483107307, -2.4082648737783976e-05,
           -1.2207954180812538e-05, 4.749413723108259e-06, 1.0372309329926887e-06, -8.347468552984281e-07,
           -3.882463611127688e-08, 8.881268112703047e-08});
  const Value far = where(less(x, 0.0), scalar_like(x, 2) - tail, tail);
  node.bind(cast_like(where(less(flowport::abs(x), 0.5), scalar_like(x, 1) - flowport::erf(x), far), given));
}

/// erfinv(x) / x by w = -log(1 - x^2).
Value inverse_ratio(const Value& w) {
  const Value near =
      fit(w, 1e-9, 6.25,
          {1.6536545627972643, 0.7504943191546928, -0.058922566321214634, -0.022604417853950093, 0.01780834507119937,
           -0.004137636924548724, -0.0012715533297449001, 0.0012340416896242687, -0.00026496810400086416,
           -0.0001207634321039402, 9.468734302179268e-05, -9.812454398597319e-06, -1.301127842696658e-05,
           3.4889333757891863e-06, 6.485646996041726e-07});
  const Value far = fit(
      flowport::sqrt(w), 2.5, 10.5,
      {6.364593445628545, 4.036436055744417, -0.008183254165908111, -0.0006200603634955379, 0.003177951063951002,
       -0.003916641963869546, 0.0011341675394292163, 0.0034840688201865397, 0.003799534430722537, -0.014962017464858224,
       4.179680864825836e-05, 0.018830487087632325, -0.00527433391636053, -0.01047043209090136, 0.005438064297680446});
  return where(less(w, 6.25), near, far);
}

// TF:   Erfinv(x: T) -> y: T; infinite at -1 and 1, NaN beyond
// ONNX: x times a fit over -log(1 - x^2)
void erfinv(const Node& node) {
  const Value given = node.input(0), x = cast(given, DType::kDouble), one = scalar_like(x, 1);
  const Value y = x * inverse_ratio(-flowport::log((one - x) * (x + 1.0)));
  node.bind(cast_like(where(flowport::equal(flowport::abs(x), 1.0), x * scalar_like(x, INFINITY), y), given));
}

// TF:   Ndtri(x: T) -> y: T; infinite at 0 and 1, NaN beyond
// ONNX: sqrt(2) * erfinv(2 x - 1), where 1 - (2 x - 1)^2 is 4 x (1 - x)
void ndtri(const Node& node) {
  const Value given = node.input(0), x = cast(given, DType::kDouble), one = scalar_like(x, 1);
  const Value centered = x + x - one;
  const Value w = -flowport::log(x * (one - x) * scalar_like(x, 4));
  const Value y = centered * inverse_ratio(w) * scalar_like(x, std::numbers::sqrt2);
  const Value edge = flowport::equal(flowport::abs(centered), 1.0);
  const Value at_end = logical_or(flowport::equal(x, 0.0), flowport::equal(x, 1.0));
  node.bind(cast_like(where(logical_and(edge, at_end), centered * scalar_like(x, INFINITY), y), given));
}

constexpr Handler kRows[] = {
    handler<erfc>("Erfc"),
    handler<erfinv>("Erfinv"),
    handler<ndtri>("Ndtri"),
};

}  // namespace

FLOWPORT_ROWS(kError, kRows);

}  // namespace flowport::math
