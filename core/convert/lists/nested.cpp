#include "convert/lists/nested.h"

#include <algorithm>
#include <utility>

#include "convert/lists/operations.h"
#include "convert/lists/parts.h"

namespace flowport::convert::lists {

namespace {

std::vector<ir::Type> types_of(Emission& emit, const Item& item) {
  std::vector<ir::Type> types;
  for (const auto value : item) types.push_back(emit.type(value));
  return types;
}

/// True, and ends the emission, where nothing says what carries the items of `columns`.
bool reads_open(Emission& emit, const Columns& columns) {
  if (!is_open(columns[0])) return false;
  if (!reads_collection(emit, columns[0])) {
    emit.fail("an item of a list of variants is used, and none was ever set");
  }
  return true;
}

/// The columns with one more ragged dim.
Columns deepened(Emission& emit, const Columns& columns) {
  const List& values = columns.back();
  Columns deeper(columns.begin(), columns.end() - 1);
  if (values.form != List::Form::kItems) {
    emit.fail("the items of a list are lists, or ragged tensors, of which some have one more ragged dim than others",
              "give all of them the same ragged dims");
    return columns;
  }
  std::vector<ir::ValueId> lengths;
  std::vector<ir::ValueId> rows;
  for (const auto value : values.items) {
    const Item item = value == 0 ? Item{0, 0} : with_lengths(emit, Item{value});
    lengths.push_back(item[0]);
    rows.push_back(item[1]);
  }
  deeper.push_back(items_list(values, std::move(lengths)));
  deeper.back().item = ir::Type::tensor(ir::DType::kInt64);
  deeper.push_back(items_list(values, std::move(rows)));
  deeper.back().item = ir::Type::tensor(values.item.dtype);
  return deeper;
}

List row_list(Emission& emit, ir::ValueId values) {
  List list;
  const auto& type = emit.type(values);
  list.item = ir::Type::tensor(type.dtype);
  if (type.has_rank && !type.dims.empty()) {
    list.item = ir::Type::tensor(type.dtype, {type.dims.begin() + 1, type.dims.end()});
  }
  return list;
}

/// True where items of `list` may have different dims behind the first one, as far as types tell.
bool has_different_rows(Emission& emit, const List& list) {
  if (!emit.ok()) return false;
  std::vector<ir::Type> types;
  if (list.form == List::Form::kSequence) types.push_back(emit.type(list.value));
  for (const auto value : list.items) {
    if (value != 0) types.push_back(emit.type(value));
  }
  const auto differ = [&](const ir::Type& type) {
    if (!type.has_rank || type.dims.size() < 2) return false;
    for (std::size_t i = 1; i < type.dims.size(); ++i) {
      const bool is_vague = !type.dims[i].is_known() && type.dims[i].symbol == 0;
      if (is_vague || i >= types[0].dims.size() || !(type.dims[i] == types[0].dims[i])) return true;
    }
    return false;
  };
  return std::any_of(types.begin(), types.end(), differ);
}

/// Column `c` of lists that are ONNX sequences, with what carries a row of `tensor` behind each item.
List append_rows(Emission& emit, const Columns& lists, std::size_t c, ir::ValueId tensor) {
  const auto from = sequence(emit, lists[c]);
  const auto none = emit("SequenceEmpty", {}, {{"dtype", static_cast<std::int64_t>(lists[c].item.dtype)}});
  if (!emit.ok()) return lists[c];
  ir::Type type = emit.type(from);
  if (!type.dims.empty()) type.dims[0] = {};
  const auto append = [&](Emission& body, ir::ValueId i, ir::ValueId done) {
    const auto row = body.gather(tensor, i);
    const bool is_lengths = c + 1 < lists.size();
    const auto behind = is_lengths ? body.dims(row, 0, 1) : lists.size() == 1 ? body.unsqueeze(row) : row;
    return body("SequenceInsert", {done, body.concat({body("SequenceAt", {from, i}), behind})});
  };
  return sequence_list(lists[c], repeat(emit, "pushed_items", emit("SequenceLength", {from}), none, type, append));
}

}  // namespace

std::vector<ir::Type> types_of(const Columns& columns) {
  std::vector<ir::Type> types;
  for (const auto& column : columns) types.push_back(ir::Type::tensor(column.item.dtype));
  return types;
}

Columns opened(const List& list, const std::vector<ir::Type>& types) {
  Columns columns;
  for (const auto& type : types) {
    columns.push_back(list);
    columns.back().item = ir::Type::tensor(type.dtype);
  }
  return columns;
}

void open(Emission& emit, Columns& columns, const std::vector<ir::Type>& types) {
  if (!emit.ok() || !is_open(columns[0]) || types.empty() || types[0].dtype == ir::DType::kUndefined) return;
  if (const auto& collection = columns[0].collection) {
    collection->learnt = types;
    reads_collection(emit, columns[0]);
  } else {
    columns = opened(columns[0], types);
  }
}

void fit(Emission& emit, Columns& columns, Item& item) {
  open(emit, columns, types_of(emit, item));
  while (emit.ok() && item.size() < columns.size()) item = with_lengths(emit, std::move(item));
  while (emit.ok() && columns.size() < item.size()) columns = deepened(emit, columns);
}

void fit(Emission& emit, Columns& columns, Columns& others) {
  open(emit, columns, types_of(others));
  open(emit, others, types_of(columns));
  while (emit.ok() && others.size() < columns.size()) others = deepened(emit, others);
  while (emit.ok() && columns.size() < others.size()) columns = deepened(emit, columns);
}

Columns set(Emission& emit, Columns columns, ir::ValueId index, Item item) {
  fit(emit, columns, item);
  for (std::size_t i = 0; i < columns.size() && emit.ok(); ++i) columns[i] = set(emit, columns[i], index, item[i]);
  return columns;
}

Columns push(Emission& emit, Columns columns, Item item) {
  fit(emit, columns, item);
  for (std::size_t i = 0; i < columns.size() && emit.ok(); ++i) columns[i] = push(emit, columns[i], item[i]);
  return columns;
}

Columns take(Emission& emit, const Columns& columns, ir::ValueId indices) {
  return each(columns, [&](const List& column) { return take(emit, column, indices); });
}

Columns append(Emission& emit, Columns first, Columns second) {
  fit(emit, first, second);
  for (std::size_t i = 0; i < first.size() && emit.ok(); ++i) first[i] = append(emit, first[i], second[i]);
  return first;
}

Item get(Emission& emit, const Columns& columns, ir::ValueId index, ir::ValueId shape) {
  Item item;
  if (reads_open(emit, columns)) return item;
  for (const auto& column : columns) item.push_back(get(emit, column, index, column.variants ? 0 : shape));
  return item;
}

Item pop(Emission& emit, Columns& columns, ir::ValueId shape) {
  Item item;
  if (reads_open(emit, columns)) return item;
  for (auto& column : columns) {
    auto [rest, last] = pop(emit, column, column.variants ? 0 : shape);
    column = std::move(rest);
    item.push_back(last);
  }
  return item;
}

ir::ValueId lengths_of(Emission& emit, ir::ValueId splits) {
  const auto wide = emit.cast(splits, ir::DType::kInt64);
  return emit("Sub", {emit.slice(wide, 1, kEnd), emit.slice(wide, 0, -1)});
}

ir::ValueId splits_of(Emission& emit, ir::ValueId lengths) {
  return emit.concat({emit.ints({0}), emit("CumSum", {lengths, emit.scalar(0)})});
}

Item with_lengths(Emission& emit, Item item) {
  const auto values = item.back();
  if (!emit.ok()) return item;
  const auto& type = emit.type(values);
  if (type.has_rank && type.dims.size() < 2) {
    emit.fail("a ragged tensor has fewer ragged dims than the op that takes it asks for");
    return item;
  }
  const auto count = row_count(emit, values);
  const auto length = emit.dims(values, 1, 2);
  item.back() = emit("Expand", {length, count});
  item.push_back(reshape(emit, values, emit.concat({emit("Mul", {count, length}), emit.dims(values, 2)})));
  return item;
}

Item flat(Emission& emit, const Columns& columns) {
  if (columns.size() == 1 && is_open(columns[0])) {
    if (!reads_collection(emit, columns[0])) {
      emit.fail("a list of variants is used of which no item is set, and nothing tells what its items would be");
    }
    return {};
  }
  if (columns.size() == 1 && !may_be_ragged(emit.model(), columns[0])) return {dense(emit, columns[0])};
  if (columns.size() == 1 && has_different_rows(emit, columns[0])) {
    emit.fail("a list is put into a list, and its items have different dims behind the first one",
              "give the items of each list the same dims, but for the first one");
    return {};
  }
  Item item;
  for (const auto& column : columns) {
    const auto joined = concat(emit, column, item.empty());
    if (item.empty()) item.push_back(joined.lengths);
    item.push_back(joined.values);
  }
  return item;
}

Columns rows(Emission& emit, const Item& item) {
  if (item.size() == 1) return {dense_list(row_list(emit, item[0]), item[0])};
  Columns columns;
  ir::ValueId lengths = item[0];  // of the rows of each part
  ir::ValueId splits = 0;
  for (std::size_t i = 1; i < item.size() && emit.ok(); ++i) {
    columns.push_back(split(emit, row_list(emit, item[i]), item[i], lengths));
    columns.back().item = ir::Type::tensor(emit.type(item[i]).dtype);
    columns.back().variants = true;
    if (const auto& count = emit.type(item[0]).dims; emit.ok() && count.size() == 1 && count[0].is_known()) {
      columns.back().count = emit.scalar(count[0].size);
    }
    if (i + 1 == item.size()) break;
    if (splits == 0) splits = splits_of(emit, lengths);
    splits = emit.gather(splits_of(emit, item[i]), splits);
    lengths = lengths_of(emit, splits);
  }
  return columns;
}

Columns push_each(Emission& emit, const Columns& lists, ir::ValueId tensor) {
  if (reads_collection(emit, lists[0])) return lists;
  if (lists.size() == 1 && lists[0].form == List::Form::kDense) {
    const auto items = emit("Unsqueeze", {tensor, emit.ints({1})});
    const auto [before, behind] = alike(emit, lists[0].value, items);
    return {dense_list(lists[0], emit("Concat", {before, behind}, {{"axis", std::int64_t{1}}}))};
  }
  Columns pushed = lists;
  if (lists[0].form != List::Form::kItems) {
    for (std::size_t c = 0; c < lists.size(); ++c) pushed[c] = append_rows(emit, lists, c, tensor);
    return pushed;
  }
  for (std::size_t i = 0; i < lists[0].items.size() && emit.ok(); ++i) {
    Item item;
    for (const auto& column : pushed) item.push_back(column.items[i]);
    const Columns list = rows(emit, item);
    Item longer = flat(emit, {push(emit, list[0], emit.gather(tensor, emit.scalar(static_cast<std::int64_t>(i))))});
    fit(emit, pushed, longer);
    for (std::size_t c = 0; c < pushed.size() && emit.ok(); ++c) pushed[c].items[i] = longer[c];
  }
  return pushed;
}

Columns joined(Emission& emit, const Columns& columns) {
  Item parts;
  for (const auto& column : columns) parts.push_back(concat(emit, column, false).values);
  return emit.ok() ? rows(emit, parts) : Columns{};
}

}  // namespace flowport::convert::lists
