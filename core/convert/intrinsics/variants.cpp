// What TensorFlow does with variants whatever is in them: an Optional is a list of at most one item; zeros of a list, and sums
// of lists, as gradients of loops make them.
#include <optional>
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

/// The list in input `i`, whose items are tensors; nothing where they are not: the node is refused then.
std::optional<List> list_of_tensors(ListFrame& frame, std::size_t i) {
  const Columns list = frame.list(i);
  if (list.empty()) return std::nullopt;
  if (list.size() == 1 && !list[0].variants) return list[0];
  frame.frame().fail("adds, or makes zeros of, lists whose items are lists or ragged tensors",
                     "choose outputs that do not need it with --outputs");
  return std::nullopt;
}

Step zeros(ListFrame& frame) {
  const auto list = list_of_tensors(frame, 0);
  return list ? frame.give(Columns{lists::zeros_like(frame.emit(), *list)}) : Step::kDone;
}

Step sum(ListFrame& frame) {
  auto total = list_of_tensors(frame, 0);
  for (std::size_t i = 1; total && i < frame.frame().node().inputs.size(); ++i) {
    const auto other = list_of_tensors(frame, i);
    if (!other) return Step::kDone;
    total = lists::add(frame.emit(), *total, *other);
  }
  return total ? frame.give(Columns{*total}) : Step::kDone;
}

}  // namespace

Step optional_from_value(Frame& frame) { return step_list_op(frame, optional_of); }
Step optional_none(Frame& frame) { return step_list_op(frame, no_optional); }
Step optional_get_value(Frame& frame) { return step_list_op(frame, value_of); }
Step optional_has_value(Frame& frame) { return step_list_op(frame, has_value); }
Step zeros_of_list(Frame& frame) { return step_on_list(frame, zeros); }
Step sum_of_lists(Frame& frame) { return step_on_list(frame, sum); }

}  // namespace flowport::convert::intrinsics
