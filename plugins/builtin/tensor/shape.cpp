// Shapes: asked for, changed, filled.
#include <flowport/ops.hpp>

#include <algorithm>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

/// The axes of a known list attribute or input, counted from the front, in ascending order.
Ints normalized(const Node& node, Ints axes, int rank) {
  for (auto& axis : axes) axis = normalize_axis(node, axis, rank);
  std::sort(axes.begin(), axes.end());
  return axes;
}

// TF:   Shape(input: T) -> output: out_type
// ONNX: Shape
void shape(const Node& node) { node.bind(cast(shape_of(node.input(0)), node.output_dtype())); }

// TF:   ShapeN(input: N * T) -> output: N * out_type
// ONNX: Shape
void shape_n(const Node& node) {
  for (int i = 0; i < node.num_inputs(); ++i) node.bind(i, cast(shape_of(node.input(i)), node.output_dtype(i)));
}

// TF:   Size(input: T) -> output: out_type
// ONNX: Size
void size(const Node& node) { node.bind(cast(num_elements(node.input(0)), node.output_dtype())); }

// TF:   Rank(input: T) -> output: int32
// ONNX: a constant, or Size(Shape)
void rank(const Node& node) {
  const Value x = node.input(0);
  node.bind(x.rank() >= 0 ? node.scalar(DType::kInt32, x.rank()) : cast(num_elements(shape_of(x)), DType::kInt32));
}

// TF:   Reshape(tensor: T, shape: Tshape) -> output: T
// ONNX: Reshape with allowzero: a 0 is an empty dim in TensorFlow
void reshape(const Node& node) { node.bind(flowport::reshape(node.input(0), node.input(1))); }

// TF:   ExpandDims(input: T, dim: Tdim) -> output: T
// ONNX: Unsqueeze
void expand_dims(const Node& node) {
  const Value x = node.input(0);
  const auto axis = node.input(1).int_scalar();
  if (!axis) node.bad_model("the axis should be one number");
  // A negative axis counts from the end of the result, as in ONNX.
  node.bind(unsqueeze(x, {*axis}));
}

// TF:   Squeeze(input: T) -> output: T, attr squeeze_dims
// ONNX: Squeeze
void squeeze(const Node& node) {
  const Value x = node.input(0);
  const Ints axes = node.attr<Ints>("squeeze_dims", {});
  if (!axes.empty()) return node.bind(flowport::squeeze(x, axes));
  Ints ones;
  for (int i = 0; i < x.known_rank(); ++i) {
    if (x.dim(i) == 1) ones.push_back(i);
    if (x.dim(i) < 0) {
      node.unsupported("all dims of 1 are removed, and which these are only the run time knows",
                       "give the shape of the model's inputs with --shape, or name the axes in the model");
    }
  }
  node.bind(ones.empty() ? node.emit("Identity", {x}) : flowport::squeeze(x, ones));
}

// TF:   Transpose(x: T, perm: Tperm) -> y: T
// ONNX: Transpose
void transpose(const Node& node) {
  const Value x = node.input(0);
  const Ints perm = normalized(node, *node.input(1).ints(), static_cast<int>(node.input(1).ints()->size()));
  Ints order = *node.input(1).ints();
  for (auto& axis : order) axis = normalize_axis(node, axis, static_cast<int>(order.size()));
  for (std::size_t i = 0; i < perm.size(); ++i) {
    if (perm[i] != static_cast<std::int64_t>(i)) node.bad_model("perm is not a permutation");
  }
  node.bind(flowport::transpose(x, order));
}

// TF:   Fill(dims: index_type, value: T) -> output: T
// ONNX: Expand
void fill(const Node& node) { node.bind(expand(node.input(1), node.input(0))); }

// TF:   ZerosLike(x: T) -> y: T, OnesLike likewise
// ONNX: Expand(0, Shape(x))
template <int kNumber>
void fill_like(const Node& node) {
  const Value x = node.input(0);
  if (x.dtype() == DType::kString) return node.bind(expand(node.strings({}, {""}), shape_of(x)));
  node.bind(flowport::fill(shape_of(x), x, kNumber));
}

// TF:   BroadcastTo(input: T, shape: Tidx) -> output: T
// ONNX: Expand
void broadcast_to(const Node& node) { node.bind(expand(node.input(0), node.input(1))); }

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

// TF:   Tile(input: T, multiples: Tmultiples) -> output: T
// ONNX: Tile
void tile(const Node& node) { node.bind(flowport::tile(node.input(0), node.input(1))); }

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
    handler<broadcast_to>("BroadcastTo"),
    handler<ensure_shape>("EnsureShape"),
    handler<expand_dims>("ExpandDims", {.const_inputs = inputs_known(1)}),
    handler<fill>("Fill"),
    handler<fill_like<1>>("OnesLike"),
    handler<rank>("Rank"),
    handler<reshape>("Reshape"),
    handler<shape>("Shape"),
    handler<shape_n>("ShapeN"),
    handler<size>("Size"),
    handler<squeeze>("Squeeze"),
    handler<tile>("Tile"),
    handler<transpose>("Transpose", {.const_inputs = inputs_known(1)}),
    handler<fill_like<0>>("ZerosLike"),
};

}  // namespace

const HandlerRows kShape = kRows;

}  // namespace flowport::tensor
