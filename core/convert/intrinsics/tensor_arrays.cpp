// TensorArray ops of TF1 graphs. The handle says what the items are; the flow that each op hands on *is* the list.
#include "convert/intrinsics/list_ops.h"
#include "convert/lists/operations.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

ir::Type item_attr(Frame& frame, ir::DType dtype) {
  const auto* attr = frame.engine().program().attr(frame.node(), "element_shape");
  if (attr == nullptr || attr->shape().unknown_rank()) return ir::Type::tensor(dtype);
  std::vector<ir::Dim> dims;
  for (const auto& dim : attr->shape().dim()) dims.push_back(dim.size() < 0 ? ir::Dim{} : ir::Dim{dim.size(), 0});
  return ir::Type::tensor(dtype, std::move(dims));
}

Step make(Frame& frame, ListFrame& inputs) {
  List list;
  list.item = item_attr(frame, inputs.dtype_attr("dtype"));
  list.value = list.count = inputs.tensor(0);
  list.grows = inputs.bool_attr("dynamic_size");
  if (!inputs.is_ready()) return Step::kDone;
  auto& engine = frame.engine();
  const Bound flow = engine.add_list(list);
  frame.bind({engine.add_array({list.item, list.grows, flow}), flow});
  return Step::kDone;
}

ir::ValueId size_of_blank(const List& list) { return list.form == List::Form::kBlank ? list.value : 0; }

Step scatter(ListFrame& inputs) {
  const auto indices = inputs.tensor(1);
  if (inputs.is_ready() && inputs.is_list(2) && inputs.counts_items(indices, 2)) {
    return inputs.give(*inputs.list(2));  // a tensor of variants: the rows of a ragged tensor, which are a list already
  }
  const auto tensor = inputs.tensor(2);
  const auto* list = inputs.list(3);
  if (!inputs.is_ready()) return Step::kDone;
  const auto size = size_of_blank(*list);
  if (size == 0) return inputs.give(lists::scatter_into(inputs.emit(), *list, tensor, indices));
  const bool in_order = inputs.counts_up_to(indices, size);
  const bool by_indices = list->grows && inputs.emit().known(size) == 0;
  return inputs.give(lists::scatter(inputs.emit(), *list, tensor, indices, by_indices ? 0 : size, in_order));
}

}  // namespace

Step tensor_array(Frame& frame) {
  if (frame.state().step == 0) {
    frame.need_all_inputs();
    return Step::kNeed;
  }
  ListFrame inputs(frame);
  if (!inputs.is_ready()) return Step::kDone;
  const auto& op = frame.node().op;
  auto& emit = inputs.emit();
  if (op == "TensorArrayV3") return make(frame, inputs);
  if (op == "TensorArrayScatterV3") return scatter(inputs);
  const auto* list = inputs.list(frame.node().inputs.size() - 1);  // the flow
  if (list == nullptr) return Step::kDone;
  const auto shape = shape_of_item(emit, list->item);
  if (op == "TensorArrayWriteV3") {
    const auto index = inputs.tensor(1);
    const auto item = inputs.tensor(2);
    return inputs.is_ready() ? inputs.give(lists::set(emit, *list, index, item)) : Step::kDone;
  }
  if (op == "TensorArrayReadV3") {
    const auto index = inputs.tensor(1);
    return inputs.is_ready() ? inputs.give(std::vector{lists::get(emit, *list, index, shape)}) : Step::kDone;
  }
  if (op == "TensorArrayGatherV3") {
    const auto indices = inputs.tensor(1);
    if (!inputs.is_ready()) return Step::kDone;
    const bool all = inputs.counts_items(indices, 2);
    if (all && list->item.dtype == ir::DType::kUndefined) return inputs.give(*list);  // variants: stay a list
    return inputs.give(
        std::vector{all ? lists::stack(emit, *list, shape) : lists::gather(emit, *list, indices, shape)});
  }
  if (op == "TensorArraySplitV3") {
    const auto tensor = inputs.tensor(1);
    const auto lengths = inputs.tensor(2);
    return inputs.is_ready() ? inputs.give(lists::split(emit, *list, tensor, lengths)) : Step::kDone;
  }
  if (op == "TensorArrayConcatV3") {
    const auto joined = lists::concat(emit, *list, frame.node().used_outputs > 1);
    return inputs.give(std::vector{joined.values, joined.lengths});
  }
  const auto length = lists::length(emit, *list);  // TensorArraySizeV3
  if (length != 0) frame.engine().note_maker(length, {&frame.scope(), {frame.index(), 0}});
  return inputs.give(std::vector{length});
}

}  // namespace flowport::convert::intrinsics
