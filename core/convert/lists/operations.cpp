#include "convert/lists/operations.h"

#include <algorithm>
#include <string>
#include <utility>

#include "convert/lists/parts.h"

namespace flowport::convert::lists {

namespace {

/// The form in which single items are reached by a number that only the run time knows.
List indexable(Emission& emit, const List& list) {
  if (list.form == List::Form::kDense || list.form == List::Form::kSequence) return list;
  if (may_be_ragged(emit.model(), list)) return sequence_list(list, sequence(emit, list));
  return dense_list(list, dense(emit, list));
}

ir::ValueId write_row(Emission& emit, ir::ValueId tensor, ir::ValueId index, ir::ValueId item) {
  return emit("ScatterND", {tensor, emit.unsqueeze(emit.as_item(index)), emit.unsqueeze(item)});
}

/// A blank list of unknown length as zeros that are shaped like `item`.
ir::ValueId blank_like(Emission& emit, const List& list, ir::ValueId item) {
  const auto shape = emit.concat({emit.as_item(list.value), emit("Shape", {item})});
  return emit.zeros(list.item.dtype, shape);
}

/// A loop's list, of which nothing is written yet, with what this iteration writes.
List collect(Emission& emit, const List& list, List::Write write, ir::ValueId index, ir::ValueId item) {
  List written = list;
  written.write = write;
  written.index = index;
  written.written = item;
  if (emit.ok()) learn_item(list, emit.type(item));
  return written;
}

/// The sequence with items that are not set behind it, so that there is one at place `at` (int64 scalar).
ir::ValueId pad_items(Emission& emit, const List& list, ir::ValueId at) {
  const auto longest = emit(
      "Max", {emit("Sub", {emit("Add", {at, emit.scalar(1)}), emit("SequenceLength", {list.value})}), emit.scalar(0)});
  if (!emit.ok()) return 0;
  std::vector<std::int64_t> sizes;
  for (const auto& dim : list.item.dims) sizes.push_back(std::max<std::int64_t>(dim.size, 0));
  const auto dtype = emit.type(list.value).dtype;
  return repeat(emit, "padded_items", longest, list.value, emit.type(list.value),
                [&](Emission& body, ir::ValueId, ir::ValueId padded) {
                  return body("SequenceInsert", {padded, body.zeros(dtype, body.ints(sizes))});
                });
}

List set_in_sequence(Emission& emit, const List& list, ir::ValueId index, ir::ValueId item) {
  const auto at = emit.cast(index, ir::DType::kInt64);
  const auto items = list.grows ? pad_items(emit, list, at) : list.value;
  const auto without = emit("SequenceErase", {items, at});
  const List written = sequence_list(list, emit("SequenceInsert", {without, item, at}));
  return list.grows ? uncounted(written) : written;
}

}  // namespace

ir::ValueId length(Emission& emit, const List& list) {
  switch (list.form) {
    case List::Form::kBlank: return emit.cast(list.value, ir::DType::kInt32);
    case List::Form::kFront: return emit.cast(list.count, ir::DType::kInt32);
    case List::Form::kItems:
      return emit.cast(emit.scalar(static_cast<std::int64_t>(list.items.size())), ir::DType::kInt32);
    case List::Form::kDense:
      return emit.cast(emit("Squeeze", {row_count(emit, list.value), emit.ints({0})}), ir::DType::kInt32);
    case List::Form::kSequence: return emit.cast(emit("SequenceLength", {list.value}), ir::DType::kInt32);
    case List::Form::kCollecting: break;
  }
  auto& collection = *list.collection;
  if (list.write == List::Write::kNone && collection.body == &emit.graph()) {
    if (collection.length == 0) collection.length = collection.make_length();
    if (collection.length != 0) return collection.length;
  }
  reads_collection(emit, list);
  return 0;
}

ir::ValueId get(Emission& emit, const List& list, ir::ValueId index, ir::ValueId shape) {
  if (reads_collection(emit, list)) return 0;
  const auto known = emit.known(index);
  if (list.form == List::Form::kItems && known) {
    if (*known < 0 || *known >= static_cast<std::int64_t>(list.items.size())) {
      emit.fail("item " + std::to_string(*known) + " of a list of " + std::to_string(list.items.size()) + " is read");
      return 0;
    }
    if (const auto item = list.items[static_cast<std::size_t>(*known)]; item != 0) return item;
  }
  const bool is_blank = list.form == List::Form::kBlank || (list.form == List::Form::kItems && known);
  if (is_blank && shape != 0) return emit.zeros(list.item.dtype, emit("Max", {shape, emit.ints({0})}));
  if (list.form == List::Form::kFront) return emit.gather(list.value, index);
  const List reachable = indexable(emit, list);
  if (reachable.form == List::Form::kSequence) {
    return emit("SequenceAt", {reachable.value, emit.cast(index, ir::DType::kInt64)});
  }
  return emit.gather(reachable.value, index);
}

List set(Emission& emit, const List& list, ir::ValueId index, ir::ValueId item) {
  if (list.form == List::Form::kCollecting && list.write == List::Write::kNone) {
    const bool at_the_end = index != 0 && index == list.collection->length;
    return collect(emit, list, at_the_end ? List::Write::kPush : List::Write::kSet, index, item);
  }
  if (reads_collection(emit, list)) return list;
  if (const auto known = emit.known(index)) {
    if (auto items = as_items(emit, list)) {
      const auto at = static_cast<std::size_t>(*known);
      if (*known < 0 || *known >= kMostItems || (at >= items->items.size() && !list.grows)) {
        emit.fail("item " + std::to_string(*known) + " of a list of " + std::to_string(items->items.size()) +
                  " is set");
        return list;
      }
      if (at >= items->items.size()) items->items.resize(at + 1);
      items->items[at] = item;
      return *items;
    }
  }
  List base = list.form == List::Form::kBlank ? dense_list(list, blank_like(emit, list, item)) : indexable(emit, list);
  if (base.form == List::Form::kSequence) return set_in_sequence(emit, base, index, item);
  base.value = fit_rows(emit, base.value, item);
  if (list.grows) base.value = pad_rows(emit, base.value, emit("Add", {emit.as_item(index), emit.ints({1})}));
  const List written = dense_list(list, write_row(emit, base.value, index, item));
  return list.grows ? uncounted(written) : written;
}

List push(Emission& emit, const List& list, ir::ValueId item) {
  if (list.form == List::Form::kCollecting && list.write == List::Write::kNone) {
    return collect(emit, list, List::Write::kPush, 0, item);
  }
  if (reads_collection(emit, list)) return list;
  if (auto items = as_items(emit, list)) {
    items->items.push_back(item);
    return *items;
  }
  if (list.form == List::Form::kSequence) {
    return uncounted(sequence_list(list, emit("SequenceInsert", {list.value, item})));
  }
  const auto rows =
      list.form == List::Form::kBlank ? blank_like(emit, list, item) : fit_rows(emit, dense(emit, list), item);
  return uncounted(dense_list(list, emit.concat({rows, emit.unsqueeze(item)})));
}

std::pair<List, ir::ValueId> pop(Emission& emit, const List& list, ir::ValueId shape) {
  if (list.form == List::Form::kCollecting) list.collection->is_popped = true;
  if (reads_collection(emit, list)) return {list, 0};
  if (list.form == List::Form::kFront) {
    const auto count = emit("Sub", {list.count, emit.scalar(1)});
    return {front_list(list, list.value, count), emit.gather(list.value, count)};
  }
  if (auto items = as_items(emit, list)) {
    if (items->items.empty()) {
      emit.fail("an item is taken from an empty list");
      return {list, 0};
    }
    const auto last = get(emit, *items, emit.scalar(static_cast<std::int64_t>(items->items.size()) - 1), shape);
    items->items.pop_back();
    return {*items, last};
  }
  const List base = indexable(emit, list);
  if (base.form == List::Form::kSequence) {
    const auto last = emit("SequenceAt", {base.value, emit.scalar(-1)});
    return {uncounted(sequence_list(list, emit("SequenceErase", {base.value}))), last};
  }
  const auto last = emit.gather(base.value, emit.scalar(-1));
  return {uncounted(dense_list(list, emit.slice(base.value, 0, -1))), last};
}

List resize(Emission& emit, const List& list, ir::ValueId size) {
  if (reads_collection(emit, list)) return list;
  const auto known = emit.known(size);
  if (auto items = as_items(emit, list); items && known && *known >= 0 && *known <= kMostItems) {
    items->items.resize(static_cast<std::size_t>(*known));
    return *items;
  }
  if (list.form == List::Form::kBlank) {
    List blank = list;
    blank.value = blank.count = size;
    return blank;
  }
  const auto rows = emit.as_item(size);
  const auto padded = pad_rows(emit, dense(emit, list), rows);
  List resized = dense_list(list, emit("Slice", {padded, emit.ints({0}), rows, emit.ints({0})}));
  resized.count = size;
  return resized;
}

}  // namespace flowport::convert::lists
