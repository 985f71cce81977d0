// What TensorFlow does with variants whatever is in them: an Optional is a list of at most one item; zeros of a list, and sums
// of lists, as gradients of loops make them.
#include "convert/intrinsics/list_ops.h"
#include "convert/lists/operations.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

Step optional_of(ListFrame& frame) {
  if (frame.frame().node().inputs.size() != 1) {
    return frame.frame().fail("an optional of several tensors", "make an optional of each tensor");
  }
  const auto value = frame.tensor(0);
  if (!frame.is_ready()) return Step::kDone;
  List list;
  list.form = List::Form::kItems;
  list.item = frame.emit().type(value);
  list.items = {value};
  return frame.give(list);
}

Step no_optional(ListFrame& frame) {
  List none;
  none.form = List::Form::kItems;
  return frame.give(none);
}

/// The optional in input 0; refuses the node where it is one of tf.data.
const List* optional(ListFrame& frame) {
  if (frame.is_list(0)) return frame.list(0);
  frame.frame().fail(refusal_of("IteratorGetNext"));
  return nullptr;
}

Step value_of(ListFrame& frame) {
  const List* list = optional(frame);
  if (list == nullptr) return Step::kDone;
  return frame.give(std::vector{lists::get(frame.emit(), *list, frame.emit().scalar(0), 0)});
}

Step has_value(ListFrame& frame) {
  const List* list = optional(frame);
  if (list == nullptr) return Step::kDone;
  return frame.give(std::vector{frame.emit().cast(lists::length(frame.emit(), *list), ir::DType::kBool)});
}

Step zeros(ListFrame& frame) { return frame.give(lists::zeros_like(frame.emit(), *frame.list(0))); }

Step sum(ListFrame& frame) {
  List total = *frame.list(0);
  for (std::size_t i = 1; i < frame.frame().node().inputs.size(); ++i) {
    const List* other = frame.list(i);
    if (other == nullptr) return Step::kDone;
    total = lists::add(frame.emit(), total, *other);
  }
  return frame.give(total);
}

}  // namespace

Step optional_from_value(Frame& frame) { return step_list_op(frame, optional_of); }
Step optional_none(Frame& frame) { return step_list_op(frame, no_optional); }
Step optional_get_value(Frame& frame) { return step_list_op(frame, value_of); }
Step optional_has_value(Frame& frame) { return step_list_op(frame, has_value); }
Step zeros_of_list(Frame& frame) { return step_on_list(frame, zeros); }
Step sum_of_lists(Frame& frame) { return step_on_list(frame, sum); }

}  // namespace flowport::convert::intrinsics
