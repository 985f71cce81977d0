// Shapes: asked for, changed, filled.
#include <flowport/ops.hpp>

#include <algorithm>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

// TF:   ShapeN(input: N * T) -> output: N * out_type
// ONNX: Shape
void shape_n(const Node& node) {
  const auto inputs = node.some_inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const int at = static_cast<int>(i);
    node.bind(at, cast(shape_of(inputs[i]), node.output_dtype(at)));
  }
}

// TF:   Reshape(tensor: T, shape: Tshape) -> output: T
// ONNX: Reshape with allowzero: a 0 is an empty dim in TensorFlow
void reshape(const Node& node) { node.bind(flowport::reshape(node.input(0), node.input(1))); }

// TF:   Squeeze(input: T) -> output: T, attr squeeze_dims
// ONNX: Squeeze
void squeeze(const Node& node) {
  const Value x = node.input(0);
  const Ints axes = node.attr<Ints>("squeeze_dims", {});
  if (!axes.empty()) return node.bind(flowport::squeeze(x, axes));
  Ints ones;
  for (int i = 0; i < x.rank(); ++i) {
    if (x.dim(i) == 1) ones.push_back(i);
  }
  const auto dims = x.dims();
  if (!dims || std::find(dims->begin(), dims->end(), -1) != dims->end()) {
    return node.bind(node.emit("Squeeze", {x}));  // without axes: those which are 1 at run time
  }
  node.bind(ones.empty() ? node.emit("Identity", {x}) : flowport::squeeze(x, ones));
}

/// Two shapes with ones in front of the shorter one.
struct AlignedShapes {
  Value a, b;
};

AlignedShapes align_shapes(const Node& node) {
  const Value a = cast(node.input(0), DType::kInt64), b = cast(node.input(1), DType::kInt64);
  const std::int64_t na = a.dim(0), nb = b.dim(0);
  if (na < 0 || nb < 0) node.unsupported("the lengths of the shapes must be known when converting");
  const auto widened = [&](const Value& s, std::int64_t missing) {
    return missing <= 0 ? s : concat({node.ints(Ints(static_cast<std::size_t>(missing), 1)), s}, 0);
  };
  return {widened(a, nb - na), widened(b, na - nb)};
}

// TF:   BroadcastArgs(s0: T, s1: T) -> r0: T, the shape that both broadcast to
// ONNX: Where(s0 = 1, s1, s0)
void broadcast_args(const Node& node) {
  const auto [a, b] = align_shapes(node);
  node.bind(cast(where(equal(a, 1), b, a), node.output_dtype()));
}

// TF:   BroadcastGradientArgs(s0: T, s1: T) -> r0: T, r1: T, the axes that are 1 in either shape; none where the shapes are equal
// ONNX: Compress
void broadcast_gradient_args(const Node& node) {
  const auto [a, b] = align_shapes(node);
  Value differ =
      greater(reduce_max(concat({node.ints({0}), cast(logical_not(equal(a, b)), DType::kInt64)}, 0), {0}, true), 0);
  if (node.input(0).dim(0) != node.input(1).dim(0)) differ = node.scalar(DType::kBool, 1);
  const Value axis = iota(num_elements(a));
  const auto ones = [&](const Value& shape) {
    const Value mask = logical_and(equal(shape, 1), differ);
    return cast(node.emit("Compress", {axis, mask}, {{"axis", 0}}), node.output_dtype());
  };
  node.bind(0, ones(a));
  node.bind(1, ones(b));
}

// TF:   EnsureShape(input: T) -> output: T, attr shape
// ONNX: Identity, with what the attribute says of the shape
void ensure_shape(const Node& node) {
  const Value y = node.emit("Identity", {node.input(0)});
  const auto stated = node.attr<TypeSpec>("shape");
  if (stated.dims) node.set_type(y, {y.dtype(), stated.dims});
  node.bind(y);
}

constexpr Handler kRows[] = {
    handler<broadcast_args>("BroadcastArgs"),
    handler<broadcast_gradient_args>("BroadcastGradientArgs"),
    handler<ensure_shape>("EnsureShape", {.complex = Complex::kParts}),
    handler<reshape>("Reshape", {.complex = Complex::kParts}),
    handler<shape_n>("ShapeN", {.complex = Complex::kParts}),
    handler<squeeze>("Squeeze", {.complex = Complex::kParts}),
};

}  // namespace

FLOWPORT_ROWS(kShape, kRows);

}  // namespace flowport::tensor
