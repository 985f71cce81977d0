// Elements reordered, ranked and marked.
#include <flowport/ops.hpp>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

// TF:   ReverseV2(tensor: T, axis: Tidx) -> output: T
// ONNX: Slice with steps of -1
void reverse_v2(const Node& node) {
  const Value x = node.input(0);
  const Ints axes = node.input(1).known_ints();
  if (axes.empty()) return node.bind(node.emit("Identity", {x}));
  const std::size_t n = axes.size();
  node.bind(slice(x, Ints(n, -1), Ints(n, INT64_MIN + 1), axes, Ints(n, -1)));
}

// TF:   Reverse(tensor: T, dims: bool [rank]) -> output: T
// ONNX: Slice with steps of -1
void reverse_v1(const Node& node) {
  const Value x = node.input(0);
  Ints axes;
  const Ints flags = node.input(1).known_ints();
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] != 0) axes.push_back(static_cast<std::int64_t>(i));
  }
  if (axes.empty()) return node.bind(node.emit("Identity", {x}));
  const std::size_t n = axes.size();
  node.bind(slice(x, Ints(n, -1), Ints(n, INT64_MIN + 1), axes, Ints(n, -1)));
}

// TF:   Roll(input: T, shift: Tshift, axis: Taxis) -> output: T
// ONNX: Slice and Concat along each axis
void roll(const Node& node) {
  Value x = node.input(0);
  const int rank = x.known_rank();
  const Value shifts = to_vector(node.input(1));
  const Ints axes = node.input(2).known_ints();
  for (std::size_t i = 0; i < axes.size(); ++i) {
    const int axis = normalize_axis(node, axes[i], rank);
    const Value size = maximum(to_vector(dim_of(x, axis)), 1.0);  // an empty dim stays as it is
    const Value shift = slice(shifts, {static_cast<std::int64_t>(i)}, {static_cast<std::int64_t>(i) + 1}, {0});
    const Value cut = size - binary("Mod", shift, size);  // Mod takes the sign of its divisor
    const Value at = node.ints({axis});
    x = concat({slice(x, cut, node.ints({INT64_MAX}), at), slice(x, node.ints({0}), cut, at)}, axis);
  }
  node.bind(axes.empty() ? node.emit("Identity", {x}) : x);
}

// TF:   OneHot(indices: TI, depth: int32, on_value: T, off_value: T) -> output: T, attr axis
// ONNX: Where(Equal(indices, 0 .. depth - 1)); ONNX's OneHot counts negative indices from the end, TF's does not
void one_hot(const Node& node) {
  const Value indices = cast(node.input(0), DType::kInt64);
  const std::int64_t axis = node.attr<std::int64_t>("axis", -1);
  Value classes = iota(reshape(cast(node.input(1), DType::kInt64), Ints{}));
  if (axis >= 0) {
    Ints behind;  // the class axis is followed by what is left of the indices' dims
    for (std::int64_t i = axis; i < indices.known_rank(); ++i) behind.push_back(i - axis + 1);
    classes = unsqueeze(classes, behind);
  }
  node.bind(where(equal(unsqueeze(indices, {axis}), classes), node.input(2), node.input(3)));
}

// TF:   TopKV2(input: T, k: Tk) -> values: T, indices: index_type, attr sorted
// ONNX: TopK
void top_k_v2(const Node& node) {
  const auto out =
      node.emit_n("TopK", {node.input(0), to_vector(node.input(1))}, {{"axis", -1}, {"largest", 1}, {"sorted", 1}}, 2);
  node.bind(0, out[0]);
  node.bind(1, cast(out[1], node.output_dtype(1)));
}

// TF:   TopK(input: T) -> values: T, indices: int32, attrs k, sorted
// ONNX: TopK
void top_k_v1(const Node& node) {
  const auto out = node.emit_n("TopK", {node.input(0), node.ints({node.attr<std::int64_t>("k")})},
                               {{"axis", -1}, {"largest", 1}, {"sorted", 1}}, 2);
  node.bind(0, out[0]);
  node.bind(1, cast(out[1], node.output_dtype(1)));
}

constexpr Handler kRows[] = {
    handler<one_hot>("OneHot", {.complex = Complex::kParts}),
    handler<reverse_v1>("Reverse", {.const_inputs = inputs_known(1), .complex = Complex::kParts}),
    handler<reverse_v2>("ReverseV2", {.const_inputs = inputs_known(1), .complex = Complex::kParts}),
    handler<roll>("Roll", {.const_inputs = inputs_known(2), .complex = Complex::kParts}),
    handler<top_k_v1>("TopK"),
    handler<top_k_v2>("TopKV2"),
};

}  // namespace

FLOWPORT_ROWS(kOrder, kRows);

}  // namespace flowport::tensor
