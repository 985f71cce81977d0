// Parts of a tensor replaced, and parts taken at places that only the run time knows.
#include <flowport/ops.hpp>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

/// Where XLA lets a part of `size` (int64 [rank]) start: moved so that it lies within `x`.
Value clamped_start(const Value& start, const Value& x, const Value& size) {
  return maximum(minimum(to_vector(start), shape_of(x) - size), 0);
}

Value item(const Value& vector, std::int64_t i) { return slice(vector, {i}, {i + 1}, {0}); }

// TF:   XlaDynamicSlice(input: T, start_indices: Tindices, size_indices: Tindices) -> output: T; the start is moved so that
//       the slice lies within
// ONNX: Slice
void xla_dynamic_slice(const Node& node) {
  const Value x = node.input(0), size = to_vector(node.input(2)), start = clamped_start(node.input(1), x, size);
  node.bind(node.emit("Slice", {x, start, start + size}));
}

// TF:   XlaDynamicUpdateSlice(input: T, update: T, indices: Tindices) -> output: T; the start is moved so that the update
//       lies within
// ONNX: Pad of the update, Where
void xla_dynamic_update_slice(const Node& node) {
  const Value x = node.input(0), update = node.input(1), size = shape_of(update);
  const int rank = x.known_rank();
  if (update.known_rank() != rank) node.bad_model("the update's rank is not that of the input");
  const Value start = clamped_start(node.input(2), x, size);
  const Value end = start + size, padded = pad(update, concat({start, shape_of(x) - end}, 0), scalar_like(x, 0));
  Value inside;
  for (int axis = 0; axis < rank; ++axis) {
    if (x.dim(axis) >= 0 && x.dim(axis) == update.dim(axis)) continue;
    Ints behind;
    for (int i = axis + 1; i < rank; ++i) behind.push_back(i - axis);
    const Value place = iota(dim_of(x, axis));
    const Value within =
        unsqueeze(logical_and(greater_equal(place, item(start, axis)), less(place, item(end, axis))), behind);
    inside = inside ? logical_and(inside, within) : within;
  }
  node.bind(inside ? where(inside, padded, x) : node.emit("Identity", {update}));
}

/// `flat` [count], in `shape` (int64 [rank], of `count` (int64 scalar) elements), with input 4 at the places that StridedSlice
/// takes.
Value with_slice(const Node& node, const Value& flat, const Value& count, const Value& shape) {
  const Value places = strided_slice_of(node, reshape(iota(count), shape));
  const Value values = expand(node.input(4), shape_of(places));
  const Value written = node.emit("ScatterND", {flat, reshape(places, Ints{-1, 1}), reshape(values, Ints{-1})});
  return reshape(written, shape);
}

// TF:   TensorStridedSliceUpdate(input: T, begin: Index, end: Index, strides: Index, value: T) -> output: T
// ONNX: ScatterND into the flat input at the places that StridedSlice takes of a tensor of its own element numbers
void tensor_strided_slice_update(const Node& node) {
  const Value x = node.input(0);
  node.bind(with_slice(node, reshape(x, Ints{-1}), num_elements(x), shape_of(x)));
}

// TF:   StridedSliceGrad(shape: Index, begin: Index, end: Index, strides: Index, dy: T) -> output: T; dy at the places that
//       StridedSlice takes, zeros elsewhere
// ONNX: ScatterND into flat zeros, as TensorStridedSliceUpdate
void strided_slice_grad(const Node& node) {
  const Value shape = to_vector(node.input(0)), count = reduce_prod(shape, {0}, false);
  node.bind(with_slice(node, expand(scalar_like(node.input(4), 0), to_vector(count)), count, shape));
}

constexpr Handler kRows[] = {
    handler<strided_slice_grad>("StridedSliceGrad", {.const_inputs = inputs_known(3), .complex = Complex::kParts}),
    handler<tensor_strided_slice_update>("TensorStridedSliceUpdate",
                                         {.const_inputs = inputs_known(3), .complex = Complex::kParts}),
    handler<xla_dynamic_slice>("XlaDynamicSlice"),
    handler<xla_dynamic_update_slice>("XlaDynamicUpdateSlice"),
};

}  // namespace

FLOWPORT_ROWS(kUpdate, kRows);

}  // namespace flowport::tensor
