// Operations on all items of a list at once.
#include <algorithm>
#include <utility>

#include "convert/lists/operations.h"
#include "convert/lists/parts.h"

namespace flowport::convert::lists {

namespace {

constexpr std::int64_t kAxis0 = 0;

/// The sequence with an item of no rows in front, where the items' other dims are known: a sequence without any item cannot be
/// joined.
ir::ValueId with_empty_item(Emission& emit, const List& list) {
  const auto& type = emit.type(list.value);
  if (!type.has_rank || type.dims.empty()) return list.value;
  std::vector<std::int64_t> shape{0};
  for (std::size_t i = 1; i < type.dims.size(); ++i) {
    if (!type.dims[i].is_known()) return list.value;
    shape.push_back(type.dims[i].size);
  }
  return emit("SequenceInsert", {list.value, emit.zeros(type.dtype, emit.ints(shape)), emit.scalar(0)});
}

/// Gives the items of `list` that are not set zeros, item i `rows[i]` rows of them.
void set_blanks(Emission& emit, List& list, ir::ValueId rows) {
  const auto set = std::find_if(list.items.begin(), list.items.end(), [](auto item) { return item != 0; });
  std::vector<std::int64_t> sizes;
  for (std::size_t i = 1; i < list.item.dims.size(); ++i) sizes.push_back(list.item.dims[i].size);
  const auto others = set == list.items.end() ? emit.ints(sizes) : emit.dims(*set, 1);
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    if (list.items[i] != 0) continue;
    const auto at = static_cast<std::int64_t>(i);
    const auto count = emit.cast(emit.slice(rows, at, at + 1), ir::DType::kInt64);
    list.items[i] = emit.zeros(list.item.dtype, emit.concat({count, others}));
  }
}

/// int64 [n]: the first dim of each item.
ir::ValueId item_lengths(Emission& emit, ir::ValueId sequence) {
  const auto rows = [&](Emission& body, ir::ValueId i, ir::ValueId) {
    return body("Squeeze", {body.dims(body("SequenceAt", {sequence, i}), 0, 1), body.ints({0})});
  };
  return repeat(emit, "item_lengths", emit("SequenceLength", {sequence}), 0,
                ir::Type::tensor(ir::DType::kInt64, {ir::Dim{}}), rows);
}

/// One row after the other: items may have different shapes.
List scatter_into_sequence(Emission& emit, const List& list, ir::ValueId tensor, ir::ValueId indices) {
  const auto places = emit.cast(indices, ir::DType::kInt64);
  const auto count = emit("Squeeze", {row_count(emit, places), emit.ints({0})});
  if (!emit.ok()) return list;
  ir::Type type = emit.type(list.value);
  const auto& rows = emit.type(tensor);
  if (type.dims.size() + 1 != rows.dims.size()) type.has_rank = false;
  if (!type.has_rank) type.dims.clear();
  for (std::size_t i = 0; i < type.dims.size(); ++i) {
    if (!(type.dims[i] == rows.dims[i + 1])) type.dims[i] = {};
  }
  const auto set_row = [&](Emission& body, ir::ValueId i, ir::ValueId items) {
    const auto at = body.gather(places, i);
    return body("SequenceInsert", {body("SequenceErase", {items, at}), body.gather(tensor, i), at});
  };
  return sequence_list(list, repeat(emit, "scattered_rows", count, list.value, type, set_row));
}

}  // namespace

ir::ValueId rows_asked_for(Emission& emit, ir::ValueId indices) {
  const auto places = emit.concat({emit.ints({-1}), emit.cast(indices, ir::DType::kInt64)});
  return emit("Add", {emit("ReduceMax", {places}, {{"keepdims", std::int64_t{1}}}), emit.ints({1})});
}

ir::ValueId stack(Emission& emit, const List& list, ir::ValueId shape) {
  if (reads_collection(emit, list)) return 0;
  const bool no_items = list.form == List::Form::kBlank || (list.form == List::Form::kItems && list.items.empty());
  if (no_items && shape != 0) {
    const auto count = emit.cast(length(emit, list), ir::DType::kInt64);
    const auto item_shape = emit("Max", {shape, emit.ints({0})});
    return emit.zeros(list.item.dtype, emit.concat({emit.unsqueeze(count), item_shape}));
  }
  return dense(emit, list);
}

ir::ValueId gather(Emission& emit, const List& list, ir::ValueId indices, ir::ValueId shape) {
  return emit.gather(stack(emit, list, shape), indices);
}

List take(Emission& emit, const List& list, ir::ValueId indices) {
  if (reads_collection(emit, list)) return list;
  const auto& constant = emit.model().values[indices].constant;
  if (const auto items = as_items(emit, list); items && constant != nullptr) {
    std::vector<ir::ValueId> taken;
    for (const auto index : constant->as_ints()) {
      if (index < 0 || static_cast<std::size_t>(index) >= items->items.size()) {
        emit.fail("an item is taken from a list that has fewer items");
        return list;
      }
      taken.push_back(items->items[static_cast<std::size_t>(index)]);
    }
    return items_list(list, std::move(taken));
  }
  if (!may_be_ragged(emit.model(), list)) {
    return uncounted(dense_list(list, emit.gather(dense(emit, list), indices)));
  }
  const auto from = sequence(emit, list);
  const auto places = emit.cast(indices, ir::DType::kInt64);
  const auto count = emit("Squeeze", {row_count(emit, places), emit.ints({0})});
  const auto none = emit("SequenceEmpty", {}, {{"dtype", static_cast<std::int64_t>(list.item.dtype)}});
  if (!emit.ok()) return list;
  const auto insert = [&](Emission& body, ir::ValueId i, ir::ValueId taken) {
    return body("SequenceInsert", {taken, body("SequenceAt", {from, body.gather(places, i)})});
  };
  const auto type = emit.type(from);
  return uncounted(sequence_list(list, repeat(emit, "taken_items", count, none, type, insert)));
}

Concatenation concat(Emission& emit, const List& list, bool with_lengths, ir::ValueId blank_rows) {
  if (reads_collection(emit, list)) return {};
  Concatenation joined;
  if (auto known = as_items(emit, list); known && !known->items.empty()) {
    if (blank_rows != 0) set_blanks(emit, *known, blank_rows);
    const auto& items = known->items;
    if (std::find(items.begin(), items.end(), ir::ValueId{0}) == items.end()) {
      std::vector<ir::ValueId> lengths;
      for (std::size_t i = 0; with_lengths && i < items.size(); ++i) lengths.push_back(row_count(emit, items[i]));
      if (with_lengths) joined.lengths = emit.concat(std::move(lengths));
      joined.values = emit.concat(items);
      return joined;
    }
  } else if (blank_rows != 0) {
    emit.fail("items of a list that are not set are joined, each with a number of rows of its own",
              "set every item before the list is joined");
    return {};
  }
  if (list.form == List::Form::kSequence) {
    joined.values = emit("ConcatFromSequence", {with_empty_item(emit, list)}, {{"axis", kAxis0}});
    if (with_lengths) joined.lengths = item_lengths(emit, list.value);
    return joined;
  }
  const auto rows = dense(emit, list);
  const auto count = row_count(emit, rows);
  const auto each = emit.dims(rows, 1, 2);
  const auto shape = emit.concat({emit("Mul", {count, each}), emit.dims(rows, 2)});
  joined.values = reshape(emit, rows, shape);
  if (with_lengths) joined.lengths = emit("Expand", {each, count});
  return joined;
}

List scatter(Emission& emit, const List& like, ir::ValueId tensor, ir::ValueId indices, ir::ValueId size,
             bool in_order) {
  List scattered = dense_list(like, tensor);
  scattered.count = size;
  if (in_order) return scattered;
  const auto places = emit.cast(indices, ir::DType::kInt64);
  const auto rows = size == 0 ? rows_asked_for(emit, places) : emit.as_item(size);
  const auto shape = emit.concat({rows, emit.dims(tensor, 1)});
  const auto blank = emit.zeros(emit.type(tensor).dtype, shape);
  const auto column = emit("Unsqueeze", {places, emit.ints({1})});
  scattered.value = emit("ScatterND", {blank, column, tensor});
  return scattered;
}

List scatter_into(Emission& emit, const List& list, ir::ValueId tensor, ir::ValueId indices) {
  if (const auto& rows = emit.type(tensor); list.collection != nullptr && rows.has_rank && !rows.dims.empty()) {
    learn_item(list, ir::Type::tensor(rows.dtype, {rows.dims.begin() + 1, rows.dims.end()}));
  }
  if (reads_collection(emit, list)) return list;
  if (list.form == List::Form::kBlank && !list.grows) return scatter(emit, list, tensor, indices, list.value, false);
  if (list.form == List::Form::kSequence && !list.grows) return scatter_into_sequence(emit, list, tensor, indices);
  auto rows = list.form == List::Form::kBlank
                  ? emit.zeros(list.item.dtype, emit.concat({emit.as_item(list.value), emit.dims(tensor, 1)}))
                  : dense(emit, list);
  const auto places = emit.cast(indices, ir::DType::kInt64);
  if (list.grows) rows = pad_rows(emit, rows, rows_asked_for(emit, places));
  const auto [into, items] = alike(emit, rows, tensor);
  const List scattered =
      dense_list(list, emit("ScatterND", {into, emit("Unsqueeze", {places, emit.ints({1})}), items}));
  return list.grows ? uncounted(scattered) : scattered;
}

ir::ValueId last_row(Emission& emit, const List& list, ir::ValueId rows) {
  const ir::Type type = emit.type(rows);
  ir::Type item = list.item;
  if (!item.is_static() && type.has_rank && !type.dims.empty()) {
    item = ir::Type::tensor(type.dtype, {type.dims.begin() + 1, type.dims.end()});
  }
  const bool may_be_none = !type.has_rank || type.dims.empty() || !type.dims[0].is_known();
  if (may_be_none && item.is_static()) {
    std::vector<std::int64_t> sizes;
    for (const auto& dim : item.dims) sizes.push_back(dim.size);
    const auto shape = emit.ints(sizes);
    // A Loop that did not run once gives a scan output without its item dims.
    const auto shaped = reshape(emit, rows, emit.concat({emit.dims(rows, 0, 1), shape}));
    rows = emit.concat({emit.unsqueeze(emit.zeros(item.dtype, shape)), shaped});
  }
  return emit.gather(rows, emit.scalar(-1));
}

List append(Emission& emit, const List& first, const List& second) {
  if (reads_collections(emit, first, second)) return first;
  auto a = as_items(emit, first);
  auto b = as_items(emit, second);
  if (a && b) {
    a->items.insert(a->items.end(), b->items.begin(), b->items.end());
    return *a;
  }
  const auto& model = emit.model();
  if (!may_be_ragged(model, first) && !may_be_ragged(model, second)) {
    auto before = dense(emit, first);
    auto behind = dense(emit, second);
    if (a && !a->items.empty() && a->items[0] != 0) behind = fit_rows(emit, behind, a->items[0]);
    if (b && !b->items.empty() && b->items[0] != 0) before = fit_rows(emit, before, b->items[0]);
    return uncounted(dense_list(first, emit.concat({before, behind})));
  }
  if (!a && !b) {
    emit.fail("two lists are joined whose items have different shapes and whose lengths only the run time knows");
    return first;
  }
  auto joined = sequence(emit, b ? first : second);
  const auto& items = b ? b->items : a->items;
  for (std::size_t i = 0; i < items.size() && emit.ok(); ++i) {
    std::vector<ir::ValueId> inputs{joined, items[i]};
    if (!b) inputs.push_back(emit.scalar(static_cast<std::int64_t>(i)));
    joined = emit("SequenceInsert", std::move(inputs));
  }
  return uncounted(sequence_list(first, joined));
}

List split(Emission& emit, const List& like, ir::ValueId tensor, ir::ValueId lengths) {
  const auto sizes = emit.cast(lengths, ir::DType::kInt64);
  if (!emit.ok()) return like;
  const auto& known = emit.model().values[sizes].constant;
  if (known == nullptr || known->count() > kMostItems) {
    const auto items = emit("SplitToSequence", {tensor, sizes}, {{"axis", kAxis0}});
    auto& type = emit.model().values[items].type;
    if (emit.ok() && !type.dims.empty()) type.dims[0] = {};  // not one number for all items
    return sequence_list(like, items);
  }
  std::vector<ir::ValueId> items;
  std::int64_t start = 0;
  for (const auto size : known->as_ints()) {
    items.push_back(emit.slice(tensor, start, start + size));
    start += size;
  }
  return items_list(like, std::move(items));
}

}  // namespace flowport::convert::lists
