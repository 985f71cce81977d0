// Dims in another order, which may be known at run time only.
#include <flowport/ops.hpp>

#include <algorithm>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

/// Input perm where it is known, its axes counted from the front.
Ints permutation(const Node& node, Ints order) {
  for (auto& axis : order) axis = normalize_axis(node, axis, static_cast<int>(order.size()));
  Ints sorted = order;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end()) node.bad_model("perm names an axis twice");
  return order;
}

/// A shape and the order in which its axes stand in the transposed tensor, int64 [rank] both.
struct Axes {
  Value shape, order;
  Value size(const Value& axis) const { return gather(shape, axis); }
};

/// Where the elements of the transposed tensor stand in the flat one, in the transposed shape.
Value flat_places(const Axes& axes, int rank) {
  const Node& node = axes.shape.node();
  std::vector<Value> strides{node.int_scalar(1)};
  for (int axis = rank - 1; axis > 0; --axis) {
    strides.insert(strides.begin(), strides.front() * axes.size(node.int_scalar(axis)));
  }
  for (auto& stride : strides) stride = to_vector(stride);
  const Value stride = concat(strides, 0);
  Value places;
  for (int i = 0; i < rank; ++i) {
    const Value axis = gather(axes.order, i);
    const Value offset = iota(axes.size(axis)) * gather(stride, axis);
    places = places ? unsqueeze(places, {-1}) + offset : offset;
  }
  return places;
}

/// The same in one dim, for a rank that only the run time knows: axis by axis.
Value flat_places(const Axes& axes) {
  const Node& node = axes.shape.node();
  const Body body = node.body(
      {{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}, {DType::kInt64, Ints{-1}}}, [&](const std::vector<Value>& in) {
        const Value axis = gather(axes.order, in[0]);
        const Value inner = slice(axes.shape, to_vector(axis + 1), node.ints({INT64_MAX}), node.ints({0}));
        const Value stride = reduce_prod(concat({node.ints({1}), inner}, 0), {0}, false);
        const Value offset = iota(axes.size(axis)) * stride;
        return std::vector{node.emit("Identity", {in[1]}), reshape(unsqueeze(in[2], {1}) + offset, Ints{-1})};
      });
  return node.emit_n("Loop", {dim_of(axes.shape, 0), node.scalar(DType::kBool, 1), node.ints({0})}, {{"body", body}},
                     1)[0];
}

/// `x` with its dims in the order of input 1; where x is of `pairs`, the dim of the parts stays the last.
Value transposed(const Node& node, const Value& x, bool pairs) {
  if (auto order = node.input(1).is_known() ? node.input(1).ints() : std::nullopt) {
    Ints axes = permutation(node, *std::move(order));
    if (pairs) axes.push_back(static_cast<std::int64_t>(axes.size()));
    return transpose(x, axes);
  }
  const Value given = to_vector(node.input(1)), count = dim_of(given, 0);
  Axes axes{shape_of(x), where(less(given, 0), given + count, given)};
  if (pairs) axes.order = concat({axes.order, to_vector(count)}, 0);
  const Value flat = reshape(x, Ints{-1});
  const int rank = x.rank() >= 0 ? x.rank() : static_cast<int>(axes.order.dim(0));
  if (rank > 0) return gather(flat, flat_places(axes, rank));
  if (rank == 0) return x;
  return reshape(gather(flat, flat_places(axes)), gather(axes.shape, axes.order));
}

// TF:   Transpose(x: T, perm: Tperm) -> y: T; ConjugateTranspose likewise for real numbers
// ONNX: Transpose; Gather of the flat tensor where perm is of the run time
void transpose_real(const Node& node) { node.bind(transposed(node, node.input(0), false)); }

// TF:   ConjugateTranspose(x: T, perm: Tperm) -> y: T, for complex numbers
// ONNX: what Transpose is of the pair, times (1, -1)
void conjugate_transpose(const Node& node) {
  const Value y = transposed(node, node.input(0), true);
  const Ints two{2};
  const std::vector<double> signs{1, -1};
  node.bind(y * node.constant(y.dtype(), two, signs));
}

constexpr Handler kRows[] = {
    handler<conjugate_transpose>("ConjugateTranspose", {.complex = Complex::kPairs, .id = "complex"}),
    handler<transpose_real>("ConjugateTranspose"),
    handler<transpose_real>("Transpose", {.complex = Complex::kParts}),
};

}  // namespace

FLOWPORT_ROWS(kTranspose, kRows);

}  // namespace flowport::tensor
