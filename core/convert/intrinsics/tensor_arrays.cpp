// TensorArray ops of TF1 graphs. The handle says what the items are; the flow that each op hands on *is* the list.
#include <algorithm>
#include <utility>

#include "convert/intrinsics/list_ops.h"
#include "convert/lists/operations.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

ir::Type item_attr(Frame& frame) {
  constexpr auto dtype = ir::DType::kUndefined;
  const auto* attr = frame.engine().program().attr(frame.node(), "element_shape");
  if (attr == nullptr || attr->shape().unknown_rank()) return ir::Type::tensor(dtype);
  std::vector<ir::Dim> dims;
  for (const auto& dim : attr->shape().dim()) dims.push_back(dim.size() < 0 ? ir::Dim{} : ir::Dim{dim.size(), 0});
  return ir::Type::tensor(dtype, std::move(dims));
}

Step make(ListFrame& frame) {
  List list;
  list.item = frame.item_of("dtype", item_attr(frame.frame()));
  list.value = list.count = frame.tensor(0);
  list.grows = frame.bool_attr("dynamic_size");
  if (frame.is_ready()) frame.frame().bind({Bound::array(), frame.frame().engine().add_list(list)});
  return Step::kDone;
}

/// The list that the flow, the last input, is.
const List* flow(ListFrame& frame) { return frame.list(frame.frame().node().inputs.size() - 1); }

Step scatter(ListFrame& frame) {
  const auto indices = frame.tensor(1);
  if (frame.is_ready() && frame.is_list(2) && frame.counts_items(indices, 2)) {
    return frame.give(*frame.list(2));  // a tensor of variants: the rows of a ragged tensor, which are a list already
  }
  const auto tensor = frame.tensor(2);
  const auto* list = flow(frame);
  if (!frame.is_ready()) return Step::kDone;
  const bool in_order = list->form == List::Form::kBlank && frame.counts_up_to(indices, list->value);
  return frame.give(in_order ? lists::scatter(frame.emit(), *list, tensor, indices, list->value, true)
                             : lists::scatter_into(frame.emit(), *list, tensor, indices));
}

Step write(ListFrame& frame) {
  const auto* list = flow(frame);
  const auto index = frame.tensor(1);
  const auto item = frame.tensor(2);
  return frame.is_ready() ? frame.give(lists::set(frame.emit(), *list, index, item)) : Step::kDone;
}

Step read(ListFrame& frame) {
  const auto* list = flow(frame);
  const auto index = frame.tensor(1);
  if (!frame.is_ready()) return Step::kDone;
  const auto shape = shape_of_item(frame.emit(), list->item);
  return frame.give(std::vector{lists::get(frame.emit(), *list, index, shape)});
}

Step gather(ListFrame& frame) {
  const auto* list = flow(frame);
  const auto indices = frame.tensor(1);
  if (!frame.is_ready()) return Step::kDone;
  const bool all = frame.counts_items(indices, 2);
  if (all && list->item.dtype == ir::DType::kUndefined) return frame.give(*list);  // variants: stay a list
  const auto shape = shape_of_item(frame.emit(), list->item);
  return frame.give(
      std::vector{all ? lists::stack(frame.emit(), *list, shape) : lists::gather(frame.emit(), *list, indices, shape)});
}

Step split(ListFrame& frame) {
  const auto* list = flow(frame);
  const auto tensor = frame.tensor(1);
  const auto lengths = frame.tensor(2);
  return frame.is_ready() ? frame.give(lists::split(frame.emit(), *list, tensor, lengths)) : Step::kDone;
}

Step concat(ListFrame& frame) {
  const auto* list = flow(frame);
  return frame.is_ready() ? frame.give_concatenation(*list) : Step::kDone;
}

Step size(ListFrame& frame) {
  const auto* list = flow(frame);
  return frame.is_ready() ? frame.give_length(*list) : Step::kDone;
}

constexpr std::pair<std::string_view, ListOp> kOps[] = {
    {"TensorArrayConcatV3", concat},   {"TensorArrayGatherV3", gather}, {"TensorArrayReadV3", read},
    {"TensorArrayScatterV3", scatter}, {"TensorArraySizeV3", size},     {"TensorArraySplitV3", split},
    {"TensorArrayV3", make},           {"TensorArrayWriteV3", write},
};

}  // namespace

Step tensor_array(Frame& frame) {
  const auto* entry = std::ranges::find(kOps, frame.node().op, &std::pair<std::string_view, ListOp>::first);
  return step_list_op(frame, entry->second);
}

}  // namespace flowport::convert::intrinsics
