// TensorList ops (tf.TensorArray, tf.map_fn, tf.scan and Keras RNNs in TF2 graphs).
#include <algorithm>
#include <utility>

#include "convert/intrinsics/list_ops.h"
#include "convert/lists/operations.h"

namespace flowport::convert::intrinsics {

namespace {

/// The element shape in input `i` for items that are not set: the input, where it has a rank.
ir::ValueId shape_input(ListFrame& frame, std::size_t i, const List& list) {
  const auto shape = frame.tensor(i);
  if (!frame.is_ready()) return 0;
  const auto& type = frame.emit().type(shape);
  if (type.has_rank && type.dims.size() == 1) return frame.item_shape("element_dtype", shape);
  return shape_of_item(frame.emit(), list.item);
}

List blank(ir::Type item, ir::ValueId count) {
  List list;
  list.item = std::move(item);
  list.variants = lists::is_open(list);
  list.value = list.count = count;
  return list;
}

bool has_variants(ListFrame& frame) { return frame.dtype_attr("element_dtype") == ir::DType::kUndefined; }

ir::Type item_input(ListFrame& frame, std::size_t i) {
  const auto shape = frame.tensor(i);
  return frame.item_of("element_dtype", item_type(frame.emit().model(), shape));
}

Step give_blank(ListFrame& frame, ir::ValueId count) {
  const auto item = item_input(frame, 0);
  if (!frame.is_ready()) return Step::kDone;
  List list = blank(item, count);
  if (item.has_rank && !item.is_static() && frame.emit().model().values[frame.tensor(0)].constant == nullptr) {
    list.shape = frame.item_shape("element_dtype", frame.tensor(0));
  }
  return frame.give(Columns{std::move(list)});
}

Step reserve(ListFrame& frame) { return give_blank(frame, frame.tensor(1)); }
Step empty(ListFrame& frame) { return give_blank(frame, frame.emit().scalar(0)); }

Step from_tensor(ListFrame& frame) {
  if (has_variants(frame)) {  // a tensor of variants is a list already
    const auto list = frame.list(0);
    return frame.is_ready() ? frame.give(as_list(list)) : Step::kDone;
  }
  const auto tensor = frame.tensor(0);
  const auto item = item_input(frame, 1);
  return frame.is_ready() ? frame.give(Columns{lists::dense_list(blank(item, 0), tensor)}) : Step::kDone;
}

Step set_item(ListFrame& frame) {
  auto list = frame.list(0);
  const auto index = frame.tensor(1);
  auto item = frame.item(2);
  if (!frame.is_ready()) return Step::kDone;
  for (auto& column : list) column.grows = frame.bool_attr("resize_if_index_out_of_bounds");
  return frame.give(lists::set(frame.emit(), list, index, item));
}

Step get_item(ListFrame& frame) {
  const auto list = frame.list(0);
  const auto index = frame.tensor(1);
  if (!frame.is_ready()) return Step::kDone;
  const auto shape = shape_input(frame, 2, list[0]);
  return frame.is_ready() ? frame.give_item(lists::get(frame.emit(), list, index, shape)) : Step::kDone;
}

Step push_back(ListFrame& frame) {
  const auto list = frame.list(0);
  const auto item = frame.item(1);
  return frame.is_ready() ? frame.give(lists::push(frame.emit(), list, item)) : Step::kDone;
}

Step push_back_batch(ListFrame& frame) {
  const auto lists = frame.list(0);
  const auto tensor = frame.tensor(1);
  return frame.is_ready() ? frame.give(as_vector(lists::push_each(frame.emit(), lists, tensor))) : Step::kDone;
}

Step pop_back(ListFrame& frame) {
  auto list = frame.list(0);
  if (!frame.is_ready()) return Step::kDone;
  const auto shape = shape_input(frame, 1, list[0]);
  if (!frame.is_ready()) return Step::kDone;
  const auto item = lists::pop(frame.emit(), list, shape);
  return frame.give(list, item);
}

Step stack(ListFrame& frame) {
  const auto list = frame.list(0);
  if (!frame.is_ready()) return Step::kDone;
  if (has_variants(frame)) return frame.give(as_vector(list));
  const auto shape = shape_input(frame, 1, list[0]);
  return frame.is_ready() ? frame.give(std::vector{lists::stack(frame.emit(), list[0], shape)}) : Step::kDone;
}

Step gather(ListFrame& frame) {
  const auto list = frame.list(0);
  const auto indices = frame.tensor(1);
  if (!frame.is_ready()) return Step::kDone;
  const bool all = frame.counts_items(indices, 0);
  if (has_variants(frame)) return frame.give(as_vector(all ? list : lists::take(frame.emit(), list, indices)));
  const auto shape = shape_input(frame, 2, list[0]);
  if (!frame.is_ready()) return Step::kDone;
  return frame.give(std::vector{all ? lists::stack(frame.emit(), list[0], shape)
                                    : lists::gather(frame.emit(), list[0], indices, shape)});
}

/// The number of items that TensorListScatterV2 is told; 0: as many as the indices ask for.
ir::ValueId scatter_count(ListFrame& frame, ir::ValueId indices) {
  if (frame.frame().node().inputs.size() < 4) return 0;
  const auto count = frame.tensor(3);
  if (!frame.is_ready()) return 0;
  auto& emit = frame.emit();
  if (const auto known = emit.known(count)) return *known < 0 ? 0 : count;
  const auto& content = emit.model().values[count].content;
  if (content != nullptr && !content->elements.empty() && content->elements[0].symbol != 0) return count;  // a dim
  const auto given = emit.as_item(count);
  const auto rows = emit("Where", {emit("Less", {given, emit.ints({0})}), lists::rows_asked_for(emit, indices), given});
  return emit("Squeeze", {rows, emit.ints({0})});
}

Step scatter(ListFrame& frame) {
  const auto indices = frame.tensor(1);
  const auto item = item_input(frame, 2);
  if (!frame.is_ready()) return Step::kDone;
  const auto count = scatter_count(frame, indices);
  if (!frame.is_ready()) return Step::kDone;
  const bool in_order = count != 0 && frame.counts_up_to(indices, count);
  if (has_variants(frame)) {
    const auto vector = frame.list(0);
    if (!frame.is_ready()) return Step::kDone;
    return in_order ? frame.give(as_list(vector)) : frame.refuse_places();
  }
  const auto tensor = frame.tensor(0);
  if (!frame.is_ready()) return Step::kDone;
  return frame.give(Columns{lists::scatter(frame.emit(), blank(item, 0), tensor, indices, count, in_order)});
}

Step scatter_into(ListFrame& frame) {
  const auto list = frame.list(0);
  const auto indices = frame.tensor(2);
  if (!frame.is_ready()) return Step::kDone;
  if (has_variants(frame)) return frame.refuse_places();
  const auto tensor = frame.tensor(1);
  if (!frame.is_ready()) return Step::kDone;
  return frame.give(Columns{lists::scatter_into(frame.emit(), list[0], tensor, indices)});
}

Step split(ListFrame& frame) {
  const auto tensor = frame.tensor(0);
  const auto item = item_input(frame, 1);
  const auto lengths = frame.tensor(2);
  if (!frame.is_ready()) return Step::kDone;
  return frame.give(Columns{lists::split(frame.emit(), blank(item, 0), tensor, lengths)});
}

Step resize(ListFrame& frame) {
  const auto list = frame.list(0);
  const auto size = frame.tensor(1);
  if (!frame.is_ready()) return Step::kDone;
  return frame.give(lists::each(list, [&](const List& column) { return lists::resize(frame.emit(), column, size); }));
}

Step element_shape(ListFrame& frame) {
  const auto list = frame.list(0);
  if (!frame.is_ready()) return Step::kDone;
  if (list[0].variants && !lists::is_open(list[0])) {
    return frame.frame().fail("the shape of the items of a list of lists, or of ragged tensors, is asked for");
  }
  auto& emit = frame.emit();
  const auto declared = list[0].shape != 0 ? list[0].shape : shape_of_item(emit, list[0].item);
  const auto shape = declared == 0 ? emit.cast(emit.scalar(-1), ir::DType::kInt64) : declared;
  return frame.give(std::vector{emit.cast(shape, frame.dtype_attr("shape_type"))});
}

Step concat_lists(ListFrame& frame) {
  const auto a = frame.list(0);
  const auto b = frame.list(1);
  if (!frame.is_ready()) return Step::kDone;
  if (a[0].is_vector) return frame.frame().fail("joins a whole batch of lists at once", "join each list on its own");
  return frame.give(lists::append(frame.emit(), a, b));
}

Step length(ListFrame& frame) {
  const auto list = frame.list(0);
  return frame.is_ready() ? frame.give_length(list) : Step::kDone;
}

Step concat(ListFrame& frame) {
  const auto list = frame.list(0);
  auto blank_rows = frame.frame().node().inputs.size() < 3 ? 0 : frame.tensor(2);  // of V2: leading_dims
  if (!frame.is_ready()) return Step::kDone;
  const auto& type = frame.emit().type(blank_rows);
  if (type.has_rank && type.dims.size() == 1 && type.dims[0].size == 0) blank_rows = 0;
  return frame.give_concatenation(list, has_variants(frame), blank_rows);
}

constexpr std::pair<std::string_view, ListOp> kOps[] = {
    {"EmptyTensorList", empty},
    {"TensorListConcat", concat},
    {"TensorListConcatLists", concat_lists},
    {"TensorListConcatV2", concat},
    {"TensorListElementShape", element_shape},
    {"TensorListFromTensor", from_tensor},
    {"TensorListGather", gather},
    {"TensorListGetItem", get_item},
    {"TensorListLength", length},
    {"TensorListPopBack", pop_back},
    {"TensorListPushBack", push_back},
    {"TensorListPushBackBatch", push_back_batch},
    {"TensorListReserve", reserve},
    {"TensorListResize", resize},
    {"TensorListScatter", scatter},
    {"TensorListScatterIntoExistingList", scatter_into},
    {"TensorListScatterV2", scatter},
    {"TensorListSetItem", set_item},
    {"TensorListSplit", split},
    {"TensorListStack", stack},
};

}  // namespace

Step tensor_list(Frame& frame) {
  const auto* entry = std::ranges::find(kOps, frame.node().op, &std::pair<std::string_view, ListOp>::first);
  return step_list_op(frame, entry->second);
}

}  // namespace flowport::convert::intrinsics
