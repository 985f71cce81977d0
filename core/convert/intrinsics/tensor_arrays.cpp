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
  list.variants = lists::is_open(list);
  if (frame.is_ready()) frame.frame().bind({Bound::array(), frame.frame().engine().add_list(list)});
  return Step::kDone;
}

/// The list that the flow, the last input, is.
Columns flow(ListFrame& frame) { return frame.list(frame.frame().node().inputs.size() - 1); }

Step scatter(ListFrame& frame) {
  const auto indices = frame.tensor(1);
  const auto list = flow(frame);
  if (!frame.is_ready()) return Step::kDone;
  if (list[0].variants) {
    const auto vector = frame.list(2);
    if (!frame.is_ready()) return Step::kDone;
    return frame.counts_items(indices, 2) ? frame.give(as_list(vector)) : frame.refuse_places();
  }
  const auto tensor = frame.tensor(2);
  if (!frame.is_ready()) return Step::kDone;
  const List& into = list[0];
  const bool in_order = into.form == List::Form::kBlank && frame.counts_up_to(indices, into.value);
  return frame.give(Columns{in_order ? lists::scatter(frame.emit(), into, tensor, indices, into.value, true)
                                     : lists::scatter_into(frame.emit(), into, tensor, indices)});
}

Step write(ListFrame& frame) {
  const auto list = flow(frame);
  const auto index = frame.tensor(1);
  const auto item = frame.item(2);
  return frame.is_ready() ? frame.give(lists::set(frame.emit(), list, index, item)) : Step::kDone;
}

Step read(ListFrame& frame) {
  const auto list = flow(frame);
  const auto index = frame.tensor(1);
  if (!frame.is_ready()) return Step::kDone;
  const auto shape = shape_of_item(frame.emit(), list[0].item);
  return frame.give_item(lists::get(frame.emit(), list, index, shape));
}

Step gather(ListFrame& frame) {
  const auto list = flow(frame);
  const auto indices = frame.tensor(1);
  if (!frame.is_ready()) return Step::kDone;
  const bool all = frame.counts_items(indices, 2);
  if (list[0].variants) return frame.give(as_vector(all ? list : lists::take(frame.emit(), list, indices)));
  const auto shape = shape_of_item(frame.emit(), list[0].item);
  return frame.give(std::vector{all ? lists::stack(frame.emit(), list[0], shape)
                                    : lists::gather(frame.emit(), list[0], indices, shape)});
}

Step split(ListFrame& frame) {
  const auto list = flow(frame);
  const auto tensor = frame.tensor(1);
  const auto lengths = frame.tensor(2);
  if (!frame.is_ready()) return Step::kDone;
  return frame.give(Columns{lists::split(frame.emit(), list[0], tensor, lengths)});
}

Step concat(ListFrame& frame) {
  const auto list = flow(frame);
  return frame.is_ready() ? frame.give_concatenation(list, list[0].variants) : Step::kDone;
}

Step size(ListFrame& frame) {
  const auto list = flow(frame);
  return frame.is_ready() ? frame.give_length(list) : Step::kDone;
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
