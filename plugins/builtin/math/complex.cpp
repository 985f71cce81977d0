// Complex arithmetic. A complex tensor comes as a pair: a real tensor with a last dim of 2.
#include "complex.hpp"

#include <utility>

#include "math.hpp"

namespace flowport::math {

namespace {

/// Both at the shape that they broadcast to.
std::pair<Value, Value> same_shape(Value a, Value b) {
  const auto da = a.static_dims(), db = b.static_dims();
  if (!da || !db || *da != *db) {
    a = expand(a, shape_of(b));
    b = expand(b, shape_of(a));
  }
  return {a, b};
}

}  // namespace

void bind_complex(const Node& node, const ComplexValue& z) {
  const auto [re, im] = same_shape(z.re, z.im);
  node.bind(pair_of({re, im}));
}

ComplexValue log(const ComplexValue& z) { return {flowport::log(flowport::abs(z)), angle_of(z.im, z.re)}; }

// The larger part is computed first, and the other one from it.
ComplexValue sqrt(const ComplexValue& z) {
  const Value large = flowport::sqrt((flowport::abs(z) * 0.5) + (flowport::abs(z.re) * 0.5));
  const Value small = where(equal(large, 0), large, flowport::abs(z.im) / (large * 2));
  const Value left = less(z.re, 0);
  const Value height = where(left, large, small);
  return {where(left, small, large), where(is_negative(z.im), -height, height)};
}

namespace {

Value sinh(const Value& x) { return unary("Sinh", x); }
Value cosh(const Value& x) { return unary("Cosh", x); }

ComplexValue exp(const ComplexValue& z) {
  const Value size = flowport::exp(z.re);
  return {where(equal(z.im, 0), size, size * cos(z.im)), where(equal(z.im, 0), z.im, size * sin(z.im))};
}

/// (tanh a + i tan b) / (1 + i tanh a tan b), multiplied out with cos b so that nothing overflows.
ComplexValue tanh(const ComplexValue& z) {
  const Value t = flowport::tanh(z.re), s = sin(z.im), c = cos(z.im), wide = cosh(z.re);
  const Value norm = c * c + (t * t) * (s * s);
  return {t / norm, (s * c) / (wide * wide) / norm};
}

ComplexValue tan(const ComplexValue& z) {
  const ComplexValue turned = tanh({-z.im, z.re});
  return {turned.im, -turned.re};
}

/// 1 / (1 + exp(-z)) or exp(z) / (1 + exp(z)), whichever has the exponential that cannot overflow.
ComplexValue sigmoid(const ComplexValue& z) {
  const Value left = less(z.re, 0);
  const ComplexValue w = exp(where(left, z, -z));
  const ComplexValue above{where(left, w.re, 1), where(left, w.im, 0)};
  return above / (w + 1);
}

// TF:   Complex(real: T, imag: T) -> out: Tout
// ONNX: Concat at a new last axis
void complex(const Node& node) { bind_complex(node, {node.input(0), node.input(1)}); }

// TF:   ComplexAbs(x: T) -> y: Tout
// ONNX: ReduceL2 over the two parts, of complex64 in double so that no square overflows
void complex_abs(const Node& node) {
  const Value x = node.input(0);
  if (x.dtype() == DType::kDouble) return node.bind(flowport::abs(parts_of(x)));
  node.bind(cast(reduce("ReduceL2", cast(x, DType::kDouble), {-1}, false), DType::kFloat));
}

// TF:   Angle(input: T) -> output: Tout
// ONNX: as Atan2
void angle(const Node& node) {
  const ComplexValue z = complex_input(node, 0);
  node.bind(angle_of(z.im, z.re));
}

// TF:   Cast(x: SrcT) -> y: DstT; a complex number becomes its real part
// ONNX: Cast of the pair, or of a part of it
void cast_complex(const Node& node) {
  if (node.attr<bool>("Truncate", false)) node.decline("it is for Truncate=false only");
  const Value x = node.input(0);
  const DType from = node.attr<DType>("SrcT"), to = node.attr<DType>("DstT");
  if (is_complex(from) && is_complex(to)) return node.bind(cast(x, part_type(to)));
  if (is_complex(from)) return node.bind(cast(gather(x, 0, -1), to));
  const Value re = cast(x, part_type(to));
  node.bind(pair_of({re, fill(shape_of(re), re, 0)}));
}

// TF:   Bitcast(input: T) -> output: type, between complex numbers and the type of their parts
// ONNX: Identity
void bitcast_complex(const Node& node) {
  const DType from = node.attr<DType>("T"), to = node.attr<DType>("type");
  if (part_type(from) != part_type(to)) node.unsupported("a Bitcast of complex numbers to other than their parts");
  node.bind(node.emit("Identity", {node.input(0)}));
}

// TF:   Mul(x: T, y: T) -> z: T
// ONNX: Mul, Add and Sub of the parts
void mul(const Node& node) { bind_complex(node, complex_input(node, 0) * complex_input(node, 1)); }

// TF:   Div(x: T, y: T) -> z: T; RealDiv likewise
// ONNX: as the formula
void div(const Node& node) { bind_complex(node, complex_input(node, 0) / complex_input(node, 1)); }

// TF:   DivNoNan(x: T, y: T) -> z: T; MulNoNan likewise: 0 where y is 0
// ONNX: Where
void div_no_nan(const Node& node) {
  const ComplexValue x = complex_input(node, 0), y = complex_input(node, 1),
                     z = node.op() == "DivNoNan" ? x / y : x * y;
  bind_complex(node, {where(is_zero(y), 0, z.re), where(is_zero(y), 0, z.im)});
}

// TF:   Xdivy(x: T, y: T) -> z: T, Xlogy likewise: x / y, x log y, or 0 where x is 0
// ONNX: Where
void where_nonzero(const Node& node, const ComplexValue& z) {
  const Value zero = is_zero(complex_input(node, 0));
  bind_complex(node, {where(zero, 0, z.re), where(zero, 0, z.im)});
}
void xdivy(const Node& node) { where_nonzero(node, complex_input(node, 0) / complex_input(node, 1)); }
void xlogy(const Node& node) { where_nonzero(node, complex_input(node, 0) * log(complex_input(node, 1))); }

// TF:   Reciprocal(x: T) -> y: T; Inv likewise
// ONNX: as the formula of the quotient
void reciprocal(const Node& node) {
  const ComplexValue x = complex_input(node, 0);
  bind_complex(node, ComplexValue{scalar_like(x.re, 1), scalar_like(x.re, 0)} / x);
}

// TF:   Square(x: T) -> y: T
// ONNX: Mul, Add and Sub of the parts
void square(const Node& node) { bind_complex(node, complex_input(node, 0) * complex_input(node, 0)); }

// TF:   SquaredDifference(x: T, y: T) -> z: T: the difference times its conjugate
// ONNX: sum of the squares of the parts
void squared_difference(const Node& node) {
  const ComplexValue d = complex_input(node, 0) - complex_input(node, 1);
  const Value norm = d.re * d.re + d.im * d.im;
  bind_complex(node, {norm, norm * 0});
}

// TF:   Pow(x: T, y: T) -> z: T
// ONNX: exp(y log x); 0 where x is 0 and y a positive real number
void pow(const Node& node) {
  const ComplexValue x = complex_input(node, 0), y = complex_input(node, 1), z = exp(y * log(x));
  const Value zero = logical_and(is_zero(x), logical_and(greater(y.re, 0), equal(y.im, 0)));
  bind_complex(node, {where(zero, 0, z.re), where(zero, 0, z.im)});
}

// TF:   Sign(x: T) -> y: T: x / |x|, or 0
// ONNX: as the formula
void sign(const Node& node) {
  const ComplexValue x = complex_input(node, 0);
  const Value size = flowport::abs(x);
  bind_complex(node, {where(is_zero(x), 0, x.re / size), where(is_zero(x), 0, x.im / size)});
}

// TF:   Exp, Log, Sqrt, Rsqrt, Sigmoid, Sin, Cos, Tan, Sinh, Cosh, Tanh (x: T) -> y: T
// ONNX: real functions of the parts
void exp_op(const Node& node) { bind_complex(node, exp(complex_input(node, 0))); }
void log_op(const Node& node) { bind_complex(node, log(complex_input(node, 0))); }
void sqrt_op(const Node& node) { bind_complex(node, sqrt(complex_input(node, 0))); }
void rsqrt(const Node& node) {
  const ComplexValue root = sqrt(complex_input(node, 0));
  bind_complex(node, ComplexValue{scalar_like(root.re, 1), scalar_like(root.re, 0)} / root);
}
void sigmoid_op(const Node& node) { bind_complex(node, sigmoid(complex_input(node, 0))); }
void sin_op(const Node& node) {
  const auto [a, b] = complex_input(node, 0);
  bind_complex(node, {sin(a) * cosh(b), cos(a) * sinh(b)});
}
void cos_op(const Node& node) {
  const auto [a, b] = complex_input(node, 0);
  bind_complex(node, {cos(a) * cosh(b), -(sin(a) * sinh(b))});
}
void tan_op(const Node& node) { bind_complex(node, tan(complex_input(node, 0))); }
void sinh_op(const Node& node) {
  const auto [a, b] = complex_input(node, 0);
  bind_complex(node, {sinh(a) * cos(b), cosh(a) * sin(b)});
}
void cosh_op(const Node& node) {
  const auto [a, b] = complex_input(node, 0);
  bind_complex(node, {cosh(a) * cos(b), sinh(a) * sin(b)});
}
void tanh_op(const Node& node) { bind_complex(node, tanh(complex_input(node, 0))); }

// TF:   Equal(x: T, y: T) -> z: bool; NotEqual likewise
// ONNX: And of Equal of the parts
void equal_op(const Node& node) {
  if (!node.attr<bool>("incompatible_shape_error", true)) node.decline("it is for incompatible_shape_error=true only");
  const ComplexValue x = complex_input(node, 0), y = complex_input(node, 1);
  const Value same = logical_and(equal(x.re, y.re), equal(x.im, y.im));
  node.bind(node.op() == "Equal" ? same : logical_not(same));
}

constexpr Handler kRows[] = {
    complex_handler<angle>("Angle"),
    complex_handler<bitcast_complex>("Bitcast"),
    complex_handler<cast_complex>("Cast"),
    complex_handler<complex>("Complex"),
    complex_handler<complex_abs>("ComplexAbs"),
    complex_handler<cos_op>("Cos"),
    complex_handler<cosh_op>("Cosh"),
    complex_handler<div>("Div"),
    complex_handler<div_no_nan>("DivNoNan"),
    complex_handler<equal_op>("Equal"),
    complex_handler<exp_op>("Exp"),
    complex_handler<reciprocal>("Inv"),
    complex_handler<log_op>("Log"),
    complex_handler<mul>("Mul"),
    complex_handler<div_no_nan>("MulNoNan"),
    complex_handler<equal_op>("NotEqual"),
    complex_handler<pow>("Pow"),
    complex_handler<div>("RealDiv"),
    complex_handler<reciprocal>("Reciprocal"),
    complex_handler<rsqrt>("Rsqrt"),
    complex_handler<sigmoid_op>("Sigmoid"),
    complex_handler<sign>("Sign"),
    complex_handler<sin_op>("Sin"),
    complex_handler<sinh_op>("Sinh"),
    complex_handler<sqrt_op>("Sqrt"),
    complex_handler<square>("Square"),
    complex_handler<squared_difference>("SquaredDifference"),
    complex_handler<tan_op>("Tan"),
    complex_handler<tanh_op>("Tanh"),
    complex_handler<xdivy>("Xdivy"),
    complex_handler<xlogy>("Xlogy"),
};

}  // namespace

FLOWPORT_ROWS(kComplex, kRows);

}  // namespace flowport::math
