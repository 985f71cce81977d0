// From one form of a list to another.
#include <algorithm>

#include "convert/lists/operations.h"

namespace flowport::convert::lists {

namespace {

bool is_fully_known(const ir::Type& item) {
  return item.has_rank && std::all_of(item.dims.begin(), item.dims.end(), [](auto& dim) { return dim.is_known(); });
}

std::vector<std::int64_t> sizes(const ir::Type& item) {
  std::vector<std::int64_t> dims;
  for (const auto& dim : item.dims) dims.push_back(dim.size);
  return dims;
}

/// With 0 for dims that are not known.
std::vector<std::int64_t> known_sizes(const ir::Type& item) {
  auto dims = sizes(item);
  for (auto& dim : dims) dim = std::max<std::int64_t>(dim, 0);
  return dims;
}

bool differ(const ir::Type& a, const ir::Type& b) {
  if (!a.has_rank || !b.has_rank) return false;
  if (a.dims.size() != b.dims.size()) return true;
  for (std::size_t i = 0; i < a.dims.size(); ++i) {
    if (a.dims[i].is_known() && b.dims[i].is_known() && a.dims[i].size != b.dims[i].size) return true;
  }
  return false;
}

/// The shape of items that are not set: of the list's type, else of another item, else what its maker was told; 0 where nothing tells.
ir::ValueId blank_shape(Emission& emit, const List& list) {
  if (is_fully_known(list.item)) return emit.ints(sizes(list.item));
  const auto set = std::find_if(list.items.begin(), list.items.end(), [](auto value) { return value != 0; });
  if (set != list.items.end()) return emit("Shape", {*set});
  return list.shape == 0 ? 0 : emit("Max", {list.shape, emit.ints({0})});
}

ir::ValueId blank_item(Emission& emit, const List& list) {
  const auto shape = blank_shape(emit, list);
  if (shape == 0) {
    emit.fail("the list has items that are never set, and their shape is not known",
              "give the shapes of the model's inputs with --shape");
    return 0;
  }
  return emit.zeros(list.item.dtype, shape);
}

}  // namespace

bool may_be_ragged(const ir::Model& model, const List& list) {
  if (list.form != List::Form::kItems) return list.form == List::Form::kSequence;
  const ir::Type* first = nullptr;
  for (const auto value : list.items) {
    if (value == 0) continue;
    const auto& type = model.values[value].type;
    if (first == nullptr) first = &type;
    if (!(type == *first) || !type.has_rank) return true;
    const auto vague = [](const ir::Dim& dim) { return !dim.is_known() && dim.symbol == 0; };
    if (list.items.size() > 1 && std::any_of(type.dims.begin(), type.dims.end(), vague)) return true;
  }
  return false;
}

List dense_list(const List& like, ir::ValueId tensor) {
  List list;
  list.form = List::Form::kDense;
  list.item = like.item;
  list.grows = like.grows;
  list.variants = like.variants;
  list.is_vector = like.is_vector;
  list.count = like.count;
  list.value = tensor;
  return list;
}

List front_list(const List& like, ir::ValueId tensor, ir::ValueId count) {
  List list = dense_list(like, tensor);
  list.form = List::Form::kFront;
  list.count = count;
  return list;
}

List sequence_list(const List& like, ir::ValueId sequence) {
  List list = dense_list(like, sequence);
  list.form = List::Form::kSequence;
  return list;
}

ir::ValueId blank_rows(Emission& emit, const List& list) {
  const auto item = list.shape == 0 ? emit.ints(known_sizes(list.item)) : emit("Max", {list.shape, emit.ints({0})});
  return emit.zeros(list.item.dtype, emit.concat({emit.as_item(list.value), item}));
}

ir::ValueId dense(Emission& emit, const List& list) {
  switch (list.form) {
    case List::Form::kDense: return list.value;
    case List::Form::kFront:
      return emit("Slice", {list.value, emit.ints({0}), emit.as_item(list.count), emit.ints({0})});
    case List::Form::kCollecting:
      list.collection->is_read = true;
      emit.poison();
      return 0;
    case List::Form::kSequence:
      return emit("ConcatFromSequence", {list.value}, {{"axis", std::int64_t{0}}, {"new_axis", std::int64_t{1}}});
    case List::Form::kBlank: {
      const auto shape = blank_shape(emit, list);
      if (shape == 0) {
        emit.fail("the items of the list are never set, and their shape is not known");
        return 0;
      }
      return emit.zeros(list.item.dtype, emit.concat({emit.as_item(list.value), shape}));
    }
    case List::Form::kItems: break;
  }
  if (list.items.empty()) {
    auto shape = known_sizes(list.item);
    shape.insert(shape.begin(), 0);
    return emit.zeros(list.item.dtype, emit.ints(shape));
  }
  std::vector<ir::ValueId> rows;
  const ir::Type* first = nullptr;
  for (const auto value : list.items) {
    if (value != 0 && first == nullptr) first = &emit.type(value);
    if (value != 0 && differ(*first, emit.type(value))) {
      emit.fail("items of different shapes are put together in one tensor");
      return 0;
    }
  }
  const bool has_blanks = std::find(list.items.begin(), list.items.end(), ir::ValueId{0}) != list.items.end();
  const auto blank = has_blanks ? emit.unsqueeze(blank_item(emit, list)) : 0;
  for (const auto value : list.items) rows.push_back(value == 0 ? blank : emit.unsqueeze(value));
  return rows.size() == 1 ? rows[0] : emit.concat(std::move(rows));
}

ir::ValueId copy_of_sequence(Emission& emit, ir::ValueId sequence) {
  if (!emit.ok()) return 0;
  const ir::Type type = emit.type(sequence);
  const auto longer = emit("SequenceInsert", {sequence, emit.zeros(type.dtype, emit.ints({0}))});
  const auto copy = emit("SequenceErase", {longer});
  if (emit.ok()) emit.type(copy) = type;
  return copy;
}

ir::ValueId sequence(Emission& emit, const List& list) {
  switch (list.form) {
    case List::Form::kSequence: return list.value;
    case List::Form::kDense:
    case List::Form::kFront:
      return emit("SplitToSequence", {dense(emit, list)}, {{"axis", std::int64_t{0}}, {"keepdims", std::int64_t{0}}});
    case List::Form::kCollecting:
      list.collection->is_read = true;
      emit.poison();
      return 0;
    case List::Form::kBlank: {
      // Items that are not set take their shape from the type as far as it is known; nobody may read the rest.
      if (emit.known(list.value) == 0) break;
      return emit("SplitToSequence", {blank_rows(emit, list)},
                  {{"axis", std::int64_t{0}}, {"keepdims", std::int64_t{0}}});
    }
    case List::Form::kItems: {
      if (list.items.empty()) break;
      std::vector<ir::ValueId> items = list.items;
      for (auto& value : items) {
        if (value != 0) continue;
        value = emit.zeros(list.item.dtype, emit.ints(known_sizes(list.item)));
      }
      return emit("SequenceConstruct", std::move(items));
    }
  }
  return emit("SequenceEmpty", {}, {{"dtype", static_cast<std::int64_t>(list.item.dtype)}});
}

}  // namespace flowport::convert::lists
