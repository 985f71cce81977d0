// Optionals: lists of at most one item. The gradient of a conditional keeps in them what its branches computed.
#include <utility>

#include "convert/intrinsics/list_ops.h"
#include "convert/lists/operations.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

Step optional_of(ListFrame& frame) {
  if (frame.frame().node().inputs.size() != 1) {
    return frame.frame().fail("an optional of several tensors", "make an optional of each tensor");
  }
  Columns columns;
  for (const auto value : frame.item(0)) {
    List list;
    list.form = List::Form::kItems;
    list.item = frame.emit().type(value);
    list.items = {value};
    columns.push_back(std::move(list));
  }
  return frame.is_ready() ? frame.give(columns) : Step::kDone;
}

Step no_optional(ListFrame& frame) {
  List none;
  none.form = List::Form::kItems;
  return frame.give(Columns{none});
}

Step value_of(ListFrame& frame) {
  const Columns list = frame.list(0);
  if (list.empty()) return Step::kDone;
  return frame.give_item(lists::get(frame.emit(), list, frame.emit().scalar(0), 0));
}

Step has_value(ListFrame& frame) {
  const Columns list = frame.list(0);
  if (list.empty()) return Step::kDone;
  return frame.give(std::vector{frame.emit().cast(lists::length(frame.emit(), list[0]), ir::DType::kBool)});
}

}  // namespace

Step optional_from_value(Frame& frame) { return step_list_op(frame, optional_of); }
Step optional_none(Frame& frame) { return step_list_op(frame, no_optional); }
Step optional_get_value(Frame& frame) { return step_list_op(frame, value_of); }
Step optional_has_value(Frame& frame) { return step_list_op(frame, has_value); }

}  // namespace flowport::convert::intrinsics
