#include "convert/lists/parts.h"

#include <algorithm>
#include <utility>

namespace flowport::convert::lists {

bool reads_collection(Emission& emit, const List& list) {
  if (list.form != List::Form::kCollecting) return false;
  list.collection->is_read = true;
  emit.poison();
  return true;
}

namespace {

/// What is known of the shape of every item of a list that is not a loop's to collect.
ir::Type item_type(Emission& emit, const List& list) {
  if (list.form == List::Form::kDense) {
    ir::Type item = emit.type(list.value);
    if (item.has_rank && !item.dims.empty()) item.dims.erase(item.dims.begin());
    return item;
  }
  const bool is_listed = list.form == List::Form::kItems && !list.items.empty() && list.items[0] != 0;
  return is_listed ? emit.type(list.items[0]) : list.item;
}

}  // namespace

bool reads_collections(Emission& emit, const List& a, const List& b) {
  for (const auto& [list, other] : {std::pair(&a, &b), std::pair(&b, &a)}) {
    if (list->form != List::Form::kCollecting) continue;
    if (other->form != List::Form::kCollecting && emit.ok()) learn_item(*list, item_type(emit, *other));
    return reads_collection(emit, *list);
  }
  return false;
}

List items_list(const List& like, std::vector<ir::ValueId> items) {
  List list;
  list.form = List::Form::kItems;
  list.item = like.item;
  list.shape = like.shape;
  list.grows = like.grows;
  list.variants = like.variants;
  list.is_vector = like.is_vector;
  list.items = std::move(items);
  return list;
}

std::optional<List> as_items(Emission& emit, const List& list) {
  if (list.form == List::Form::kItems) return list;
  if (list.form != List::Form::kBlank) return std::nullopt;
  const auto count = emit.known(list.value);
  if (!count || *count < 0 || *count > kMostItems) return std::nullopt;
  return items_list(list, std::vector<ir::ValueId>(static_cast<std::size_t>(*count)));
}

void learn_item(const List& list, const ir::Type& item) {
  if (list.collection == nullptr || list.variants || list.item.has_rank || !item.has_rank) return;
  auto& learnt = list.collection->learnt;
  ir::Type type = ir::Type::tensor(item.dtype, std::vector<ir::Dim>(item.dims.size()));
  if (!learnt.empty() && !(learnt[0] == type)) type.has_rank = false;
  learnt = {std::move(type)};
}

ir::ValueId repeat(Emission& emit, const char* name, ir::ValueId count, ir::ValueId start, const ir::Type& type,
                   const LoopStep& step) {
  if (!emit.ok()) return 0;
  auto& model = emit.model();
  auto graph = std::make_shared<ir::Graph>();
  graph->name = name;
  graph->inputs = {model.add_value(ir::Type::tensor(ir::DType::kInt64, {})),
                   model.add_value(ir::Type::tensor(ir::DType::kBool, {}))};
  ir::Node loop;
  loop.op = "Loop";
  loop.inputs = {count, 0};
  ir::ValueId carried = 0;
  if (start != 0) {
    carried = model.add_value(type);
    graph->inputs.push_back(carried);
    loop.inputs.push_back(start);
  }
  Emission body(emit.emitter(), *graph);
  const auto next = step(body, graph->inputs[0], carried);
  graph->outputs = {body("Identity", {graph->inputs[1]}), next};
  if (body.problem()) emit.fail(*body.problem());
  if (!emit.ok()) return 0;
  const auto result = model.add_value(type);
  loop.outputs = {result};
  loop.attributes.push_back({"body", std::move(graph)});
  emit.emitter().append(emit.graph(), std::move(loop));
  return result;
}

ir::ValueId row_count(Emission& emit, ir::ValueId tensor) { return emit.dims(tensor, 0, 1); }

ir::ValueId pad_rows(Emission& emit, ir::ValueId tensor, ir::ValueId rows) {
  const auto lacking = emit("Max", {emit("Sub", {rows, row_count(emit, tensor)}), emit.ints({0})});
  const auto shape = emit.concat({lacking, emit.dims(tensor, 1)});
  return emit.concat({tensor, emit.zeros(emit.type(tensor).dtype, shape)});
}

namespace {

/// Are all items of `shape` known not to be 0?
bool has_no_zero(Emission& emit, ir::ValueId shape) {
  const auto& value = emit.model().values[shape];
  if (value.constant != nullptr) {
    const auto dims = value.constant->as_ints();
    return std::find(dims.begin(), dims.end(), 0) == dims.end();
  }
  if (value.content == nullptr) return false;
  const auto& elements = value.content->elements;
  return std::all_of(elements.begin(), elements.end(), [](const auto& item) { return item.known && item.value != 0; });
}

/// Are there dims of which nothing is known but the first one, in a tensor of that rank?
bool has_vague_rows(const ir::Type& type, std::size_t rank) {
  const auto is_vague = [](const ir::Dim& dim) { return !dim.is_known() && dim.symbol == 0; };
  return type.has_rank && type.dims.size() == rank && rank > 1 &&
         std::any_of(type.dims.begin() + 1, type.dims.end(), is_vague);
}

/// The elements of `value` in one dim, and zeros behind them: as many as `shape` has.
ir::ValueId filled(Emission& emit, ir::ValueId value, ir::ValueId shape) {
  const auto flat = emit("Reshape", {value, emit.ints({-1})});
  const auto count = emit("ReduceProd", {shape}, {{"keepdims", std::int64_t{1}}});
  const auto more = emit("Sub", {count, row_count(emit, flat)});
  return emit.concat({flat, emit.zeros(emit.type(value).dtype, more)});
}

}  // namespace

ir::ValueId reshape(Emission& emit, ir::ValueId value, ir::ValueId shape) {
  if (!emit.ok()) return 0;
  if (has_no_zero(emit, shape)) return emit("Reshape", {value, shape});
  constexpr int kAllowZeroOpset = 14;
  if (emit.model().opset() >= kAllowZeroOpset) return emit("Reshape", {value, shape}, {{"allowzero", std::int64_t{1}}});
  // Reshape takes 0 for "as it was" here. So with dims of at least 1, from as many items more as that makes, and cut.
  const auto least = emit("Max", {shape, emit.ints({1})});
  const auto rank = emit("Shape", {shape});
  const auto axes = emit("Range", {emit.scalar(0), emit("Squeeze", {rank, emit.ints({0})}), emit.scalar(1)});
  return emit("Slice", {emit("Reshape", {filled(emit, value, least), least}), emit("Expand", {emit.ints({0}), rank}),
                        shape, axes});
}

namespace {

/// `tensor` with rows of shape `item`; zeros where it has none.
ir::ValueId with_rows(Emission& emit, ir::ValueId tensor, ir::ValueId item) {
  const auto shape = emit.concat({row_count(emit, tensor), item});
  return reshape(emit, filled(emit, tensor, shape), shape);
}

}  // namespace

ir::ValueId fit_rows(Emission& emit, ir::ValueId tensor, ir::ValueId item) {
  if (!emit.ok()) return 0;
  const ir::Type& wanted = emit.type(item);
  if (!wanted.has_rank || !has_vague_rows(emit.type(tensor), wanted.dims.size() + 1)) return tensor;
  return with_rows(emit, tensor, emit("Shape", {item}));
}

std::pair<ir::ValueId, ir::ValueId> alike(Emission& emit, ir::ValueId a, ir::ValueId b) {
  if (!emit.ok()) return {a, b};
  const std::size_t rank = emit.type(a).dims.size();
  const bool fits_a = !has_vague_rows(emit.type(a), rank);
  const bool fits_b = !has_vague_rows(emit.type(b), rank);
  if (fits_a && fits_b) return {a, b};
  if (fits_a) return {a, with_rows(emit, b, emit.dims(a, 1))};
  if (fits_b) return {with_rows(emit, a, emit.dims(b, 1)), b};
  const auto item = emit("Max", {emit.dims(a, 1), emit.dims(b, 1)});
  return {with_rows(emit, a, item), with_rows(emit, b, item)};
}

}  // namespace flowport::convert::lists
