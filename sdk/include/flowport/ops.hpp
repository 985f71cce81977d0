// ONNX ops as functions on Values, so that a handler reads like the formula it implements. Each function hides what differs
// between opsets 13 and 28 (axes as attribute or input, and the like) and nothing else. Header-only.
#pragma once

#include <flowport/node.hpp>

#include <climits>

namespace flowport {

// ---- constants and element types

/// `number` in the element type of `like`.
inline Value scalar_like(const Value& like, double number) { return like.node().scalar(like.dtype(), number); }

inline Value cast(const Value& x, DType to) { return x.dtype() == to ? x : x.node().emit("Cast", {x}, {{"to", to}}); }
inline Value cast_like(const Value& x, const Value& like) { return cast(x, like.dtype()); }

// ---- element-wise

inline Value unary(std::string_view op, const Value& x) { return x.node().emit(op, {x}); }
inline Value binary(std::string_view op, const Value& a, const Value& b) { return a.node().emit(op, {a, b}); }

inline Value operator+(const Value& a, const Value& b) { return binary("Add", a, b); }
inline Value operator-(const Value& a, const Value& b) { return binary("Sub", a, b); }
inline Value operator*(const Value& a, const Value& b) { return binary("Mul", a, b); }
/// ONNX Div: integers truncate toward zero.
inline Value operator/(const Value& a, const Value& b) { return binary("Div", a, b); }
inline Value operator+(const Value& a, double b) { return a + scalar_like(a, b); }
inline Value operator-(const Value& a, double b) { return a - scalar_like(a, b); }
inline Value operator*(const Value& a, double b) { return a * scalar_like(a, b); }
inline Value operator/(const Value& a, double b) { return a / scalar_like(a, b); }
inline Value operator+(double a, const Value& b) { return scalar_like(b, a) + b; }
inline Value operator-(double a, const Value& b) { return scalar_like(b, a) - b; }
inline Value operator*(double a, const Value& b) { return scalar_like(b, a) * b; }
inline Value operator/(double a, const Value& b) { return scalar_like(b, a) / b; }
inline Value operator-(const Value& a) { return unary("Neg", a); }

inline Value abs(const Value& x) { return unary("Abs", x); }
inline Value ceil(const Value& x) { return unary("Ceil", x); }
inline Value cos(const Value& x) { return unary("Cos", x); }
inline Value erf(const Value& x) { return unary("Erf", x); }
inline Value exp(const Value& x) { return unary("Exp", x); }
inline Value floor(const Value& x) { return unary("Floor", x); }
inline Value is_nan(const Value& x) { return unary("IsNaN", x); }
inline Value log(const Value& x) { return unary("Log", x); }
inline Value reciprocal(const Value& x) { return unary("Reciprocal", x); }
inline Value relu(const Value& x) { return unary("Relu", x); }
inline Value round(const Value& x) { return unary("Round", x); }  ///< half to even
inline Value sigmoid(const Value& x) { return unary("Sigmoid", x); }
inline Value sign(const Value& x) { return unary("Sign", x); }
inline Value sin(const Value& x) { return unary("Sin", x); }
inline Value sqrt(const Value& x) { return unary("Sqrt", x); }
inline Value tanh(const Value& x) { return unary("Tanh", x); }
inline Value pow(const Value& x, const Value& y) { return binary("Pow", x, y); }
inline Value maximum(const Value& a, const Value& b) { return binary("Max", a, b); }
inline Value minimum(const Value& a, const Value& b) { return binary("Min", a, b); }
inline Value maximum(const Value& a, double b) { return maximum(a, scalar_like(a, b)); }
inline Value minimum(const Value& a, double b) { return minimum(a, scalar_like(a, b)); }

inline Value equal(const Value& a, const Value& b) { return binary("Equal", a, b); }
inline Value less(const Value& a, const Value& b) { return binary("Less", a, b); }
inline Value less_equal(const Value& a, const Value& b) { return binary("LessOrEqual", a, b); }
inline Value greater(const Value& a, const Value& b) { return binary("Greater", a, b); }
inline Value greater_equal(const Value& a, const Value& b) { return binary("GreaterOrEqual", a, b); }
inline Value equal(const Value& a, double b) { return equal(a, scalar_like(a, b)); }
inline Value less(const Value& a, double b) { return less(a, scalar_like(a, b)); }
inline Value less_equal(const Value& a, double b) { return less_equal(a, scalar_like(a, b)); }
inline Value greater(const Value& a, double b) { return greater(a, scalar_like(a, b)); }
inline Value greater_equal(const Value& a, double b) { return greater_equal(a, scalar_like(a, b)); }
inline Value logical_not(const Value& a) { return unary("Not", a); }
inline Value logical_and(const Value& a, const Value& b) { return binary("And", a, b); }
inline Value logical_or(const Value& a, const Value& b) { return binary("Or", a, b); }
inline Value where(const Value& condition, const Value& a, const Value& b) {
  return condition.node().emit("Where", {condition, a, b});
}
inline Value where(const Value& condition, const Value& a, double b) { return where(condition, a, scalar_like(a, b)); }
inline Value where(const Value& condition, double a, const Value& b) { return where(condition, scalar_like(b, a), b); }

inline Value matmul(const Value& a, const Value& b) { return binary("MatMul", a, b); }

// ---- shape

/// `axis` counted from the front; stops with BAD_MODEL where it is out of range.
inline int normalize_axis(const Node& node, std::int64_t axis, int rank) {
  if (axis < -rank || axis >= rank) {
    node.bad_model("axis " + std::to_string(axis) + " is out of range for rank " + std::to_string(rank));
  }
  return static_cast<int>(axis < 0 ? axis + rank : axis);
}

/// int64 shape of rank 1; known where the dims are.
inline Value shape_of(const Value& x) { return x.node().emit("Shape", {x}); }
/// int64 scalar.
inline Value num_elements(const Value& x) { return x.node().emit("Size", {x}); }

/// TF's reshape: a 0 is an empty dim, not a copy of the input's. ONNX can say so from opset 14 on.
inline Value reshape(const Value& x, const Value& shape) {
  const Node& n = x.node();
  const auto items = shape.items();
  bool may_be_zero = items.empty() && shape.dim(0) != 0;
  for (const auto& item : items) may_be_zero = may_be_zero || item.known == 0 || item.value == 0;
  if (!may_be_zero) return n.emit("Reshape", {x, cast(shape, DType::kInt64)});
  if (n.opset() >= 14) return n.emit("Reshape", {x, cast(shape, DType::kInt64)}, {{"allowzero", 1}});
  for (const auto& item : items) {
    if (item.known != 0 && item.value == 0)
      n.unsupported("a new shape with a dim of 0", "convert at opset 14 or higher");
  }
  n.note("a tensor without elements is reshaped wrongly below opset 14 where a dim of its new shape is 0");
  return n.emit("Reshape", {x, cast(shape, DType::kInt64)});
}
/// -1 is "the rest"; 0 is an empty dim (where a dim should be kept, say it by a Value).
inline Value reshape(const Value& x, const Ints& shape) { return reshape(x, x.node().ints(shape)); }

inline Value transpose(const Value& x, const Ints& perm) {
  for (std::size_t i = 0; i < perm.size(); ++i) {
    if (perm[i] != static_cast<std::int64_t>(i)) return x.node().emit("Transpose", {x}, {{"perm", perm}});
  }
  return x;
}

inline Value unsqueeze(const Value& x, const Ints& axes) {
  return axes.empty() ? x : x.node().emit("Unsqueeze", {x, x.node().ints(axes)});
}
inline Value squeeze(const Value& x, const Ints& axes) {
  return axes.empty() ? x : x.node().emit("Squeeze", {x, x.node().ints(axes)});
}
/// A scalar or a rank-1 tensor as int64 of rank 1.
inline Value to_vector(const Value& x) {
  const Value v = cast(x, DType::kInt64);
  return v.rank() == 1 ? v : reshape(v, Ints{-1});
}

inline Value concat(const std::vector<Value>& parts, std::int64_t axis) {
  return parts.size() == 1 ? parts[0] : parts[0].node().emit("Concat", parts, {{"axis", axis}});
}
/// Ends of INT64_MAX reach to the end. All four have one item an axis.
inline Value slice(const Value& x, const Value& starts, const Value& ends, const Value& axes, const Value& steps = {}) {
  return x.node().emit("Slice", steps ? std::vector{x, starts, ends, axes, steps} : std::vector{x, starts, ends, axes});
}
inline Value slice(const Value& x, const Ints& starts, const Ints& ends, const Ints& axes, const Ints& steps = {}) {
  const Node& n = x.node();
  return slice(x, n.ints(starts), n.ints(ends), n.ints(axes), steps.empty() ? Value{} : n.ints(steps));
}
inline Value gather(const Value& x, const Value& indices, std::int64_t axis = 0) {
  return x.node().emit("Gather", {x, indices}, {{"axis", axis}});
}
inline Value gather(const Value& x, std::int64_t index, std::int64_t axis = 0) {
  return gather(x, x.node().int_scalar(index), axis);
}
inline Value gather_nd(const Value& x, const Value& indices, std::int64_t batch_dims = 0) {
  return x.node().emit("GatherND", {x, cast(indices, DType::kInt64)}, {{"batch_dims", batch_dims}});
}
inline Value expand(const Value& x, const Value& shape) {
  return x.node().emit("Expand", {x, cast(shape, DType::kInt64)});
}
inline Value tile(const Value& x, const Value& repeats) {
  return x.node().emit("Tile", {x, cast(repeats, DType::kInt64)});
}
/// `fill` in the element type of `like`, everywhere in `shape` (int64, rank 1).
inline Value fill(const Value& shape, const Value& like, double number) {
  return expand(scalar_like(like, number), shape);
}
/// `pads` (int64, rank 1): all begins, then all ends, as in ONNX.
inline Value pad(const Value& x, const Value& pads, const Value& constant = {}, std::string_view mode = "constant") {
  return x.node().emit("Pad", constant ? std::vector{x, pads, constant} : std::vector{x, pads}, {{"mode", mode}});
}
/// Sizes along `axis`; as many outputs.
inline std::vector<Value> split(const Value& x, const Ints& sizes, std::int64_t axis) {
  return x.node().emit_n("Split", {x, x.node().ints(sizes)}, {{"axis", axis}}, static_cast<int>(sizes.size()));
}
inline Value range(const Value& start, const Value& limit, const Value& delta) {
  return start.node().emit("Range", {start, limit, delta});
}
/// 0, 1, ... limit - 1 as int64; limit is an int64 scalar.
inline Value iota(const Value& limit) {
  const Node& n = limit.node();
  return range(n.int_scalar(0), limit, n.int_scalar(1));
}
/// One dim of the shape of `x` as an int64 scalar; known where the dim is. `axis` counts from the front.
inline Value dim_of(const Value& x, int axis) {
  const std::int64_t d = x.dim(axis);
  return d >= 0 ? x.node().int_scalar(d) : gather(shape_of(x), axis);
}

// ---- reductions

/// `op`: ReduceSum, ReduceMean, ReduceMax, ReduceMin, ReduceProd, ReduceL1, ReduceL2, ReduceLogSumExp, ...
/// No axes: over all. `axes` count from either end.
inline Value reduce(std::string_view op, const Value& x, const Ints& axes, bool keepdims) {
  const Node& n = x.node();
  const bool as_input = op == "ReduceSum" || n.opset() >= 18;
  if (axes.empty()) return n.emit(op, {x}, {{"keepdims", keepdims}});
  if (as_input) return n.emit(op, {x, n.ints(axes)}, {{"keepdims", keepdims}});
  return n.emit(op, {x}, {{"axes", axes}, {"keepdims", keepdims}});
}
inline Value reduce_sum(const Value& x, const Ints& axes, bool keepdims) {
  return reduce("ReduceSum", x, axes, keepdims);
}
inline Value reduce_mean(const Value& x, const Ints& axes, bool keepdims) {
  return reduce("ReduceMean", x, axes, keepdims);
}
inline Value reduce_max(const Value& x, const Ints& axes, bool keepdims) {
  return reduce("ReduceMax", x, axes, keepdims);
}
inline Value reduce_min(const Value& x, const Ints& axes, bool keepdims) {
  return reduce("ReduceMin", x, axes, keepdims);
}
inline Value reduce_prod(const Value& x, const Ints& axes, bool keepdims) {
  return reduce("ReduceProd", x, axes, keepdims);
}
inline Value arg_max(const Value& x, std::int64_t axis, bool keepdims) {
  return x.node().emit("ArgMax", {x}, {{"axis", axis}, {"keepdims", keepdims}});
}
inline Value cumsum(const Value& x, const Value& axis, bool exclusive, bool reverse) {
  return x.node().emit("CumSum", {x, axis}, {{"exclusive", exclusive}, {"reverse", reverse}});
}

}  // namespace flowport
