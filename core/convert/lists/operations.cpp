#include "convert/lists/operations.h"

#include <string>
#include <utility>

namespace flowport::convert::lists {

namespace {

constexpr std::int64_t kAxis0 = 0;
constexpr std::int64_t kMostItems = 1 << 16;  // that are listed one by one

/// True, and poisons, where the list is a loop's to collect.
bool reads_collection(Emission& emit, const List& list) {
  if (list.form != List::Form::kCollecting) return false;
  list.collection->is_read = true;
  emit.poison();
  return true;
}

List items_list(const List& like, std::vector<ir::ValueId> items) {
  List list;
  list.form = List::Form::kItems;
  list.item = like.item;
  list.grows = like.grows;
  list.items = std::move(items);
  return list;
}

/// The list with its items listed one by one, where their number is known.
std::optional<List> as_items(Emission& emit, const List& list) {
  if (list.form == List::Form::kItems) return list;
  if (list.form != List::Form::kBlank) return std::nullopt;
  const auto count = emit.known(list.value);
  if (!count || *count < 0 || *count > kMostItems) return std::nullopt;
  return items_list(list, std::vector<ir::ValueId>(static_cast<std::size_t>(*count)));
}

/// The form in which single items are reached by a number that only the run time knows.
List indexable(Emission& emit, const List& list) {
  if (list.form == List::Form::kDense || list.form == List::Form::kSequence) return list;
  if (may_be_ragged(emit.model(), list)) return sequence_list(list, sequence(emit, list));
  return dense_list(list, dense(emit, list));
}

ir::ValueId row_count(Emission& emit, ir::ValueId tensor) { return emit.dims(tensor, 0, 1); }

/// `tensor` with rows of zeros behind it, so that it has at least `rows` (int64 [1]).
ir::ValueId pad_rows(Emission& emit, ir::ValueId tensor, ir::ValueId rows) {
  const auto lacking = emit("Max", {emit("Sub", {rows, row_count(emit, tensor)}), emit.ints({0})});
  const auto shape = emit.concat({lacking, emit.dims(tensor, 1)});
  return emit.concat({tensor, emit.zeros(emit.type(tensor).dtype, shape)});
}

ir::ValueId write_row(Emission& emit, ir::ValueId tensor, ir::ValueId index, ir::ValueId item) {
  return emit("ScatterND", {tensor, emit.unsqueeze(emit.as_item(index)), emit.unsqueeze(item)});
}

/// At opset 13 a dim of 0 beside others that are not 0 is an error of the run time: Reshape cannot say it there.
ir::ValueId reshape(Emission& emit, ir::ValueId value, ir::ValueId shape) {
  std::vector<ir::Attribute> attributes;
  if (emit.model().opset() >= 14) attributes.push_back({"allowzero", std::int64_t{1}});
  return emit("Reshape", {value, shape}, std::move(attributes));
}

/// A blank list of unknown length as zeros that are shaped like `item`.
ir::ValueId blank_like(Emission& emit, const List& list, ir::ValueId item) {
  const auto shape = emit.concat({emit.as_item(list.value), emit("Shape", {item})});
  return emit.zeros(list.item.dtype, shape);
}

List set_in_sequence(Emission& emit, const List& list, ir::ValueId index, ir::ValueId item) {
  if (list.grows) {
    emit.fail("a list that grows is set at places that only the run time knows, with items of different shapes",
              "give the list its size when it is made, or write its items in order");
  }
  const auto at = emit.cast(index, ir::DType::kInt64);
  const auto without = emit("SequenceErase", {list.value, at});
  return sequence_list(list, emit("SequenceInsert", {without, item, at}));
}

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

/// int64 [n]: the first dim of each item.
ir::ValueId item_lengths(Emission& emit, ir::ValueId sequence) {
  auto& model = emit.model();
  const auto count = emit("SequenceLength", {sequence});
  auto graph = std::make_shared<ir::Graph>();
  graph->name = "item_lengths";
  graph->inputs = {model.add_value(ir::Type::tensor(ir::DType::kInt64, {})),
                   model.add_value(ir::Type::tensor(ir::DType::kBool, {}))};
  Emission body(emit.emitter(), *graph);
  const auto item = body("SequenceAt", {sequence, graph->inputs[0]});
  const auto rows = body("Squeeze", {body.dims(item, 0, 1), body.ints({0})});
  graph->outputs = {body("Identity", {graph->inputs[1]}), rows};
  if (body.problem()) emit.fail(*body.problem());
  if (!emit.ok()) return 0;
  ir::Node loop;
  loop.op = "Loop";
  loop.inputs = {count, 0};
  const auto lengths = model.add_value(ir::Type::tensor(ir::DType::kInt64, {ir::Dim{}}));
  loop.outputs = {lengths};
  loop.attributes.push_back({"body", std::move(graph)});
  emit.emitter().append(emit.graph(), std::move(loop));
  return lengths;
}

}  // namespace

ir::ValueId length(Emission& emit, const List& list) {
  switch (list.form) {
    case List::Form::kBlank: return emit.cast(list.value, ir::DType::kInt32);
    case List::Form::kItems:
      return emit.cast(emit.scalar(static_cast<std::int64_t>(list.items.size())), ir::DType::kInt32);
    case List::Form::kDense:
      return emit.cast(emit("Squeeze", {row_count(emit, list.value), emit.ints({0})}), ir::DType::kInt32);
    case List::Form::kSequence: return emit.cast(emit("SequenceLength", {list.value}), ir::DType::kInt32);
    case List::Form::kCollecting: break;
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
  const List reachable = indexable(emit, list);
  if (reachable.form == List::Form::kSequence) {
    return emit("SequenceAt", {reachable.value, emit.cast(index, ir::DType::kInt64)});
  }
  return emit.gather(reachable.value, index);
}

List set(Emission& emit, const List& list, ir::ValueId index, ir::ValueId item) {
  if (list.form == List::Form::kCollecting && list.write == List::Write::kNone) {
    List written = list;
    written.write = List::Write::kSet;
    written.index = index;
    written.written = item;
    return written;
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
  if (list.grows) base.value = pad_rows(emit, base.value, emit("Add", {emit.as_item(index), emit.ints({1})}));
  const List written = dense_list(list, write_row(emit, base.value, index, item));
  return list.grows ? uncounted(written) : written;
}

List push(Emission& emit, const List& list, ir::ValueId item) {
  if (list.form == List::Form::kCollecting && list.write == List::Write::kNone) {
    List written = list;
    written.write = List::Write::kPush;
    written.written = item;
    return written;
  }
  if (reads_collection(emit, list)) return list;
  if (auto items = as_items(emit, list)) {
    items->items.push_back(item);
    return *items;
  }
  if (list.form == List::Form::kSequence) {
    return uncounted(sequence_list(list, emit("SequenceInsert", {list.value, item})));
  }
  const auto rows = list.form == List::Form::kBlank ? blank_like(emit, list, item) : list.value;
  return uncounted(dense_list(list, emit.concat({rows, emit.unsqueeze(item)})));
}

std::pair<List, ir::ValueId> pop(Emission& emit, const List& list, ir::ValueId shape) {
  if (reads_collection(emit, list)) return {list, 0};
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

Concatenation concat(Emission& emit, const List& list, bool with_lengths) {
  if (reads_collection(emit, list)) return {};
  Concatenation joined;
  if (list.form == List::Form::kSequence) {
    joined.values = emit("ConcatFromSequence", {with_empty_item(emit, list)}, {{"axis", kAxis0}});
    if (with_lengths) joined.lengths = item_lengths(emit, list.value);
    return joined;
  }
  if (list.form == List::Form::kItems && !list.items.empty()) {
    std::vector<ir::ValueId> items = list.items;
    std::erase(items, ir::ValueId{0});
    if (items.size() == list.items.size()) {
      std::vector<ir::ValueId> lengths;
      if (with_lengths) {
        for (const auto item : items) lengths.push_back(row_count(emit, item));
        joined.lengths = emit.concat(std::move(lengths));
      }
      joined.values = emit.concat(std::move(items));
      return joined;
    }
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
  ir::ValueId rows = 0;
  if (size == 0) {
    const auto none = emit.ints({-1});
    const auto with_none = emit.concat({none, places});
    const auto last = emit("ReduceMax", {with_none}, {{"keepdims", std::int64_t{1}}});
    rows = emit("Add", {last, emit.ints({1})});
  } else {
    rows = emit.as_item(size);
  }
  const auto shape = emit.concat({rows, emit.dims(tensor, 1)});
  const auto blank = emit.zeros(emit.type(tensor).dtype, shape);
  const auto column = emit("Unsqueeze", {places, emit.ints({1})});
  scattered.value = emit("ScatterND", {blank, column, tensor});
  return scattered;
}

List scatter_into(Emission& emit, const List& list, ir::ValueId tensor, ir::ValueId indices) {
  if (reads_collection(emit, list)) return list;
  if (list.form == List::Form::kBlank && !list.grows) return scatter(emit, list, tensor, indices, list.value, false);
  auto rows = list.form == List::Form::kBlank
                  ? emit.zeros(list.item.dtype, emit.concat({emit.as_item(list.value), emit.dims(tensor, 1)}))
                  : dense(emit, list);
  const auto places = emit.cast(indices, ir::DType::kInt64);
  if (list.grows) {
    const auto last = emit("ReduceMax", {emit.concat({emit.ints({-1}), places})});
    rows = pad_rows(emit, rows, emit("Add", {last, emit.ints({1})}));
  }
  // A Loop that did not run once gives a scan output without its item dims.
  const auto items = reshape(emit, tensor, emit.concat({emit.dims(tensor, 0, 1), emit.dims(rows, 1)}));
  const List scattered =
      dense_list(list, emit("ScatterND", {rows, emit("Unsqueeze", {places, emit.ints({1})}), items}));
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
  if (reads_collection(emit, first) || reads_collection(emit, second)) return first;
  auto a = as_items(emit, first);
  auto b = as_items(emit, second);
  if (a && b) {
    a->items.insert(a->items.end(), b->items.begin(), b->items.end());
    return *a;
  }
  return uncounted(dense_list(first, emit.concat({dense(emit, first), dense(emit, second)})));
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
