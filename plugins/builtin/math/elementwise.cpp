// Element-wise arithmetic that no single ONNX op has.
#include <flowport/ops.hpp>

#include <algorithm>
#include <numbers>

#include "math.hpp"

namespace flowport::math {

Value is_negative(const Value& x) {
  return logical_or(less(x, 0.0), logical_and(equal(x, 0.0), less(reciprocal(x), 0.0)));
}

Value angle_of(const Value& y, const Value& x) {
  const Value height = flowport::abs(y), width = flowport::abs(x);
  const Value ratio =
      where(equal(height, width), where(equal(height, 0.0), 0.0, fill(shape_of(height), y, 1)), height / width);
  const Value first = unary("Atan", ratio);
  const Value upper = where(is_negative(x), scalar_like(y, std::numbers::pi) - first, first);
  return where(is_negative(y), -upper, upper);
}

namespace {

// TF:   FloorDiv(x: T, y: T) -> z: T for integers; floats are a mapping
// ONNX: Div, which truncates, and one less where that lost a part below zero
void floor_div(const Node& node) {
  const Value x = node.input(0), y = node.input(1);
  if (!is_integer(x.dtype())) node.decline("it is for integers only");
  const Value quotient = x / y;
  if (is_unsigned_integer(x.dtype())) return node.bind(quotient);
  const Value opposite = binary("Xor", less(x, 0.0), less(y, 0.0));
  const Value inexact = logical_not(equal(quotient * y, x));
  node.bind(quotient - cast_like(logical_and(opposite, inexact), quotient));
}

// TF:   Pow(x: T, y: T) -> z: T for integers (wraps; an exponent below zero is an error); floats are a mapping
// ONNX: Mul by squaring: unrolled where the exponent is a known scalar, else a Loop over the exponents' bits
void pow_of_integers(const Node& node) {
  const Value x = node.input(0), y = node.input(1);
  if (!is_integer(x.dtype())) node.decline("it is for integers only");
  if (const auto exponent = y.int_scalar(); exponent && y.rank() == 0) {
    if (*exponent < 0) node.bad_model("an integer to the power of a number below zero");
    if (*exponent == 0) return node.bind(fill(shape_of(x), x, 1));
    Value result, square = x;
    for (std::int64_t left = *exponent; left != 0; left >>= 1) {
      if (left & 1) result = result ? result * square : square;
      if (left > 1) square = square * square;
    }
    return node.bind(result.id() == x.id() ? node.emit("Identity", {x}) : result);
  }
  const DType dtype = x.dtype();
  // All of one shape, so that no state of the loop changes its shape.
  const Value shape = shape_of(x + y);
  const TypeSpec any{dtype, std::nullopt};
  const Value zero = node.int_scalar(0);
  const Value exponents = expand(cast(y, DType::kInt64), shape);
  const TypeSpec exponent_spec{DType::kInt64, std::nullopt};
  const auto pending = [&](const Value& left) {
    return greater(reduce_max(concat({node.ints({0}), reshape(left, Ints{-1})}, 0), {0}, false), zero);
  };
  const Body body = node.body(
      {{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}, any, any, exponent_spec}, [&](const std::vector<Value>& in) {
        const Value half = in[4] / node.int_scalar(2);
        const Value odd = logical_not(equal(half * node.int_scalar(2), in[4]));
        return std::vector<Value>{pending(half), where(odd, in[2] * in[3], in[2]), in[3] * in[3], half};
      });
  const Value trips = node.int_scalar(64);
  node.bind(node.emit_n("Loop", {trips, pending(exponents), fill(shape, x, 1), expand(x, shape), exponents},
                        {{"body", body}}, 3)[0]);
}

// TF:   Atan2(y: T, x: T) -> z: T, with the signs of zeros
// ONNX: Atan of the quotient of the magnitudes, turned into the quadrant
void atan2(const Node& node) { node.bind(angle_of(node.input(0), node.input(1))); }

// TF:   Equal(x: T, y: T) -> z: bool with incompatible_shape_error=false: shapes that do not fit are simply not equal
// ONNX: Equal where the shapes are known to fit
void equal_any_shape(const Node& node) {
  if (node.attr<bool>("incompatible_shape_error", true)) node.decline("it is for incompatible_shape_error=false only");
  if (node.input(0).dtype() == DType::kString && node.opset() < 19) {
    node.unsupported("ONNX compares strings from opset 19 on", "convert with --opset 19 or higher");
  }
  const Value x = node.input(0), y = node.input(1);
  const bool same = node.op() == "Equal";
  const auto a = x.dims(), b = y.dims();
  if (!a || !b) node.unsupported("whether the shapes fit is not known", "give the graph inputs with known shapes");
  for (std::size_t i = 1; i <= std::min(a->size(), b->size()); ++i) {
    const std::int64_t da = (*a)[a->size() - i], db = (*b)[b->size() - i];
    if (da == 1 || db == 1 || (da == db && da >= 0)) continue;
    if (da < 0 || db < 0)
      node.unsupported("whether the shapes fit is not known", "give the graph inputs with known shapes");
    return node.bind(node.scalar(DType::kBool, same ? 0 : 1));
  }
  const Value z = flowport::equal(x, y);
  node.bind(same ? z : logical_not(z));
}

// TF:   Add(x: T, y: T) -> z: T of strings below opset 20, where StringConcat is a mapping
void add_strings(const Node& node) {
  if (node.input(0).dtype() != DType::kString) node.decline("it is for strings only");
  node.unsupported("ONNX joins strings from opset 20 on", "convert with --opset 20 or higher");
}

constexpr Handler kRows[] = {
    handler<add_strings>("Add"),          handler<atan2>("Atan2"),        handler<equal_any_shape>("Equal"),
    handler<equal_any_shape>("NotEqual"), handler<floor_div>("FloorDiv"), handler<pow_of_integers>("Pow"),
};

}  // namespace

FLOWPORT_ROWS(kElementwise, kRows);

}  // namespace flowport::math
