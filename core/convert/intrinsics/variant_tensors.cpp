// Ops that TensorFlow has for tensors of any type, on variants: lists, or ragged tensors, that are put together in a vector and taken
// out of it; and sums and zeros of lists, as gradients of loops make them.
#include <algorithm>
#include <optional>
#include <utility>

#include "convert/intrinsics/list_ops.h"
#include "convert/lists/operations.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert {

namespace intrinsics {

namespace {

Step refuse(ListFrame& frame) {
  return frame.frame().fail("is done on a tensor of lists, or of ragged tensors, in a way that ONNX cannot say",
                            "put them in a vector (tf.stack), and take single ones out of it");
}

bool is_vector(ListFrame& frame, std::size_t i) {
  if (!frame.is_list(i)) return false;
  const auto list = frame.list(i);
  return !list.empty() && list[0].is_vector;
}

Columns no_variants() {
  List list;
  list.form = List::Form::kItems;
  list.variants = true;
  return {list};
}

/// The input, a single variant, as a vector of one.
Columns vector_of_one(ListFrame& frame, std::size_t i) {
  return as_vector(lists::push(frame.emit(), no_variants(), frame.item(i)));
}

/// Pack(values...; axis) -> a vector
Step pack(ListFrame& frame) {
  Columns vector = no_variants();
  for (std::size_t i = 0; i < frame.frame().node().inputs.size(); ++i) {
    const auto item = frame.item(i);
    if (!frame.is_ready()) return Step::kDone;
    vector = lists::push(frame.emit(), std::move(vector), item);
  }
  return frame.int_attr("axis") == 0 ? frame.give(as_vector(std::move(vector))) : refuse(frame);
}

/// Unpack(value; num, axis) -> single ones
Step unpack(ListFrame& frame) {
  const auto vector = frame.list(0);
  if (!frame.is_ready()) return Step::kDone;
  std::vector<lists::Item> items;
  for (std::int64_t i = 0; i < frame.int_attr("num"); ++i) {
    items.push_back(lists::get(frame.emit(), vector, frame.emit().scalar(i), 0));
  }
  return frame.give_items(items);
}

/// StridedSlice(input, begin, end, strides): one item (shrink_axis_mask), or a part of the vector
Step strided_slice(ListFrame& frame) {
  const auto vector = frame.list(0);
  auto& emit = frame.emit();
  const auto begin = frame.tensor(1);
  const auto end = frame.tensor(2);
  const auto strides = frame.tensor(3);
  if (!frame.is_ready()) return Step::kDone;
  const auto& type = emit.type(begin);
  const bool is_plain = type.has_rank && type.dims.size() == 1 && type.dims[0].size == 1 &&
                        frame.int_attr("ellipsis_mask") == 0 && frame.int_attr("new_axis_mask") == 0;
  if (!is_plain) return refuse(frame);
  const auto count = emit.cast(lists::length(emit, vector[0]), ir::DType::kInt64);
  if (frame.int_attr("shrink_axis_mask") != 0) {
    const auto at = emit("Squeeze", {emit.cast(begin, ir::DType::kInt64), emit.ints({0})});
    const auto from_end = emit("Add", {at, count});
    const auto place = emit("Where", {emit("Less", {at, emit.scalar(0)}), from_end, at});
    return frame.give_item(lists::get(emit, vector, place, 0));
  }
  const auto all = emit("Range", {emit.scalar(0), count, emit.scalar(1)});
  const auto step = emit.cast(strides, ir::DType::kInt64);
  const auto known_step = emit.known(step);
  if (!known_step) return refuse(frame);
  const auto first =
      frame.int_attr("begin_mask") == 0 ? emit.cast(begin, ir::DType::kInt64) : emit.ints({*known_step < 0 ? kEnd : 0});
  const auto last =
      frame.int_attr("end_mask") == 0 ? emit.cast(end, ir::DType::kInt64) : emit.ints({*known_step < 0 ? -kEnd : kEnd});
  return frame.give(as_vector(lists::take(emit, vector, emit("Slice", {all, first, last, emit.ints({0}), step}))));
}

/// Gather(params, indices), GatherV2(params, indices, axis): one item, or a vector of some
Step gather(ListFrame& frame) {
  const auto vector = frame.list(0);
  const auto indices = frame.tensor(1);
  if (!frame.is_ready()) return Step::kDone;
  const auto& type = frame.emit().type(indices);
  if (!type.has_rank || type.dims.size() > 1) return refuse(frame);
  if (type.dims.empty()) return frame.give_item(lists::get(frame.emit(), vector, indices, 0));
  return frame.give(as_vector(lists::take(frame.emit(), vector, indices)));
}

/// Reshape(tensor, shape), ExpandDims(input, dim), BroadcastTo(input, shape): to a vector
Step to_vector(ListFrame& frame) {
  const auto shape = frame.tensor(1);
  if (!frame.is_ready()) return Step::kDone;
  const auto& op = frame.frame().node().op;
  const auto& type = frame.emit().type(shape);
  const bool is_one_dim = op == "ExpandDims" || (type.has_rank && type.dims.size() == 1 && type.dims[0].size == 1);
  if (!is_one_dim) return refuse(frame);
  if (is_vector(frame, 0)) return op == "Reshape" ? frame.give(frame.list(0)) : refuse(frame);
  const auto vector = vector_of_one(frame, 0);
  if (op != "BroadcastTo") return frame.give(vector);
  const auto copies = frame.emit()("Expand", {frame.emit().scalar(0), frame.emit().cast(shape, ir::DType::kInt64)});
  return frame.give(lists::take(frame.emit(), vector, copies));
}

/// Tile(input, multiples): the vector, so many times
Step tile(ListFrame& frame) {
  const auto vector = frame.list(0);
  const auto multiples = frame.tensor(1);
  if (!frame.is_ready()) return Step::kDone;
  auto& emit = frame.emit();
  const auto count = emit.cast(lists::length(emit, vector[0]), ir::DType::kInt64);
  const auto all = emit("Range", {emit.scalar(0), count, emit.scalar(1)});
  return frame.give(lists::take(emit, vector, emit("Tile", {all, emit.cast(multiples, ir::DType::kInt64)})));
}

/// Fill(dims, value)
Step fill(ListFrame& frame) {
  const auto dims = frame.tensor(0);
  if (!frame.is_ready()) return Step::kDone;
  auto& emit = frame.emit();
  const auto& type = emit.type(dims);
  if (!type.has_rank || type.dims.size() != 1 || type.dims[0].size != 1 || is_vector(frame, 1)) return refuse(frame);
  const auto copies = emit("Expand", {emit.scalar(0), emit.cast(dims, ir::DType::kInt64)});
  return frame.give(lists::take(emit, vector_of_one(frame, 1), copies));
}

Step shape(ListFrame& frame) {
  const auto list = frame.list(0);
  if (!frame.is_ready()) return Step::kDone;
  if (!frame.is_list(0)) return refuse(frame);
  auto& emit = frame.emit();
  if (!list[0].is_vector) {
    return frame.give(std::vector{emit.cast(emit.ints(std::vector<std::int64_t>{}), frame.dtype_attr("out_type"))});
  }
  const auto dims = emit.cast(emit.as_item(lists::length(emit, list[0])), frame.dtype_attr("out_type"));
  auto& node = frame.frame();
  if (emit.ok()) node.engine().note_maker(dims, {&node.scope(), {node.index(), 0}});
  return frame.give(std::vector{dims});
}

/// The list in input `i`, whose items are tensors; nothing where they are not: the node is refused then.
std::optional<List> list_of_tensors(ListFrame& frame, std::size_t i) {
  const Columns list = frame.list(i);
  if (list.empty()) return std::nullopt;
  if (list.size() == 1 && !list[0].variants) return list[0];
  frame.frame().fail("adds, or makes zeros of, lists whose items are lists or ragged tensors",
                     "choose outputs that do not need it with --outputs");
  return std::nullopt;
}

/// ZerosLike(x)
Step zeros(ListFrame& frame) {
  const auto list = list_of_tensors(frame, 0);
  return list ? frame.give(Columns{lists::zeros_like(frame.emit(), *list)}) : Step::kDone;
}

/// AddN(inputs...)
Step sum(ListFrame& frame) {
  auto total = list_of_tensors(frame, 0);
  for (std::size_t i = 1; total && i < frame.frame().node().inputs.size(); ++i) {
    const auto other = list_of_tensors(frame, i);
    if (!other) return Step::kDone;
    total = lists::add(frame.emit(), *total, *other);
  }
  return total ? frame.give(Columns{*total}) : Step::kDone;
}

struct VariantOp {
  std::string_view op;
  std::size_t input;  ///< that is of variants
  ListOp apply;
};

constexpr VariantOp kOps[] = {
    {"AddN", 0, sum},
    {"BroadcastTo", 0, to_vector},
    {"ExpandDims", 0, to_vector},
    {"Fill", 1, fill},
    {"Gather", 0, gather},
    {"GatherV2", 0, gather},
    {"Pack", 0, pack},
    {"Reshape", 0, to_vector},
    {"Shape", 0, shape},
    {"StridedSlice", 0, strided_slice},
    {"Tile", 0, tile},
    {"Unpack", 0, unpack},
    {"ZerosLike", 0, zeros},
};

}  // namespace

}  // namespace intrinsics

std::optional<Step> step_on_variants(Frame& frame) {
  const auto& node = frame.node();
  const auto* entry = std::ranges::find(intrinsics::kOps, node.op, &intrinsics::VariantOp::op);
  if (entry == std::end(intrinsics::kOps) || entry->input >= node.inputs.size()) return std::nullopt;
  const Bound input = frame.input(entry->input);
  const bool is_variant = input.is_list() || input.kind == Bound::Kind::kParts ||
                          (input.is_tensor() && frame.engine().dtype_of({&frame.scope(), node.inputs[entry->input]}) ==
                                                    tf::DataType::kVariant);
  if (!is_variant) return std::nullopt;
  return intrinsics::step_list_op(frame, entry->apply);
}

}  // namespace flowport::convert
