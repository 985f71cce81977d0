// Shapes: asked for, changed, filled.
#include <flowport/ops.hpp>

#include <algorithm>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

// TF:   ShapeN(input: N * T) -> output: N * out_type
// ONNX: Shape
void shape_n(const Node& node) {
  for (int i = 0; i < node.num_inputs(); ++i) node.bind(i, cast(shape_of(node.input(i)), node.output_dtype(i)));
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

/// Input perm, its axes counted from the front.
Ints permutation(const Node& node) {
  Ints order = *node.input(1).ints();
  for (auto& axis : order) axis = normalize_axis(node, axis, static_cast<int>(order.size()));
  Ints sorted = order;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) node.bad_model("perm names an axis twice");
  return order;
}

// TF:   Transpose(x: T, perm: Tperm) -> y: T; ConjugateTranspose likewise for real numbers
// ONNX: Transpose
void transpose(const Node& node) { node.bind(flowport::transpose(node.input(0), permutation(node))); }

// TF:   ConjugateTranspose(x: T, perm: Tperm) -> y: T, for complex numbers
// ONNX: Transpose of the pair, times (1, -1)
void conjugate_transpose(const Node& node) {
  const Value x = node.input(0);
  Ints order = permutation(node);
  order.push_back(static_cast<std::int64_t>(order.size()));
  const Ints two{2};
  const std::vector<double> signs{1, -1};
  node.bind(flowport::transpose(x, order) * node.constant(x.dtype(), two, signs));
}

// TF:   BroadcastArgs(s0: T, s1: T) -> r0: T
// ONNX: the longer shape, its dims replaced where they are 1
void broadcast_args(const Node& node) {
  const Value a = to_vector(node.input(0)), b = to_vector(node.input(1));
  const std::int64_t na = a.dim(0), nb = b.dim(0);
  if (na < 0 || nb < 0) node.unsupported("the lengths of the shapes must be known when converting");
  const auto widened = [&](const Value& s, std::int64_t missing) {
    return missing <= 0 ? s : concat({node.ints(Ints(static_cast<std::size_t>(missing), 1)), s}, 0);
  };
  const Value wide_a = widened(a, nb - na), wide_b = widened(b, na - nb);
  node.bind(cast(where(equal(wide_a, 1), wide_b, wide_a), node.output_dtype()));
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
    handler<conjugate_transpose>("ConjugateTranspose",
                                 {.const_inputs = inputs_known(1), .complex = Complex::kPairs, .id = "complex"}),
    handler<transpose>("ConjugateTranspose", {.const_inputs = inputs_known(1)}),
    handler<ensure_shape>("EnsureShape", {.complex = Complex::kParts}),
    handler<reshape>("Reshape", {.complex = Complex::kParts}),
    handler<shape_n>("ShapeN", {.complex = Complex::kParts}),
    handler<squeeze>("Squeeze", {.complex = Complex::kParts}),
    handler<transpose>("Transpose", {.const_inputs = inputs_known(1), .complex = Complex::kParts}),
};

}  // namespace

const HandlerRows kShape = kRows;

}  // namespace flowport::tensor
