#include "convert/intrinsics/list_ops.h"

#include <fmt/format.h>

#include "convert/lists/operations.h"
#include "convert/types.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

constexpr std::int64_t kParts = 2;  // of a complex number: a list of complex tensors is one of pairs

const tf::Node& node_of(const Ref& ref) { return ref.scope->graph->nodes[static_cast<std::size_t>(ref.edge.node)]; }

}  // namespace

ListFrame::ListFrame(Frame& frame) : frame_(frame), emit_(frame.engine().emitter(), *frame.scope().target) {
  frame.engine().set_origin(frame.scope(), frame.node(), "core");
  bool dead = false;
  for (std::size_t i = 0; i < frame.node().inputs.size(); ++i) {
    const Bound input = frame.input(i);
    if (input.is_none()) ready_ = false;
    dead = dead || input.kind == Bound::Kind::kDead;
  }
  if (!ready_ || !dead) return;
  ready_ = false;
  const auto count = frame.engine().program().output_count(frame.node());
  frame.bind(std::vector<Bound>(static_cast<std::size_t>(count), Bound::dead()));
}

bool ListFrame::is_list(std::size_t i) const { return frame_.engine().parts_of(frame_.input(i)).front().is_list(); }

Columns ListFrame::list(std::size_t i) {
  if (!ready_) return {};
  auto& engine = frame_.engine();
  Columns columns;
  lists::Item item;
  for (const Bound part : engine.parts_of(frame_.input(i))) {
    if (part.is_list()) columns.push_back(engine.list(part));
    if (part.is_tensor()) item.push_back(part.id);
  }
  if (!columns.empty()) return columns;
  const auto& inputs = frame_.node().inputs;
  const bool is_variant = i < inputs.size() && engine.dtype_of({&frame_.scope(), inputs[i]}) == tf::DataType::kVariant;
  if (!item.empty() && is_variant) return lists::rows(emit_, item);
  ready_ = false;
  frame_.fail(fmt::format("input {} is not a list of tensors that this graph makes", i),
              "lists cannot come from outside of the graph: choose inputs behind them with --inputs");
  return {};
}

lists::Item ListFrame::item(std::size_t i) {
  if (!ready_) return {};
  if (is_list(i)) return lists::flat(emit_, list(i));
  const auto parts = frame_.engine().parts_of(frame_.input(i));
  if (parts.size() == 1) return {tensor(i)};
  lists::Item item;
  for (const Bound part : parts) item.push_back(part.id);
  return item;
}

ir::ValueId ListFrame::tensor(std::size_t i) {
  if (!ready_) return 0;
  const auto value = frame_.tensor_input(i);
  if (value) return *value;
  ready_ = false;
  return 0;
}

ir::DType ListFrame::dtype_attr(const char* name) const {
  const auto* attr = frame_.engine().program().attr(frame_.node(), name);
  return attr == nullptr ? ir::DType::kUndefined : carried(static_cast<tf::DataType>(attr->type()));
}

ir::Type ListFrame::item_of(const char* dtype, ir::Type item) const {
  const auto* attr = frame_.engine().program().attr(frame_.node(), dtype);
  item.dtype = dtype_attr(dtype);
  if (item.has_rank && attr != nullptr && is_complex(static_cast<tf::DataType>(attr->type()))) {
    item.dims.push_back({kParts, 0});
  }
  return item;
}

ir::ValueId ListFrame::item_shape(const char* dtype, ir::ValueId shape) {
  const auto* attr = frame_.engine().program().attr(frame_.node(), dtype);
  const auto dims = emit_.cast(shape, ir::DType::kInt64);
  const bool pairs = attr != nullptr && is_complex(static_cast<tf::DataType>(attr->type()));
  return pairs ? emit_.concat({dims, emit_.ints({kParts})}) : dims;
}

std::int64_t ListFrame::int_attr(const char* name) const {
  const auto* attr = frame_.engine().program().attr(frame_.node(), name);
  return attr == nullptr ? 0 : attr->i();
}

bool ListFrame::bool_attr(const char* name) const {
  const auto* attr = frame_.engine().program().attr(frame_.node(), name);
  return attr != nullptr && attr->b();
}

Step ListFrame::finish(std::vector<Bound> outputs) {
  if (emit_.problem()) return frame_.fail(*emit_.problem());
  if (emit_.ok()) frame_.bind(std::move(outputs));
  return Step::kDone;
}

Bound ListFrame::bound(const Columns& list) {
  std::vector<Bound> parts;
  for (const auto& column : list) parts.push_back(frame_.engine().add_list(column));
  return frame_.engine().add_parts(std::move(parts));
}

Bound ListFrame::bound(const lists::Item& item) {
  std::vector<Bound> parts;
  for (const auto value : item) parts.push_back(Bound::tensor(value));
  return frame_.engine().add_parts(std::move(parts));
}

Step ListFrame::give(const Columns& list) {
  return finish(emit_.ok() ? std::vector{bound(list)} : std::vector<Bound>{});
}

Step ListFrame::give_item(const lists::Item& item) {
  return finish(emit_.ok() ? std::vector{bound(item)} : std::vector<Bound>{});
}

Step ListFrame::give_items(const std::vector<lists::Item>& items) {
  std::vector<Bound> outputs;
  for (const auto& item : items) outputs.push_back(bound(item));
  return finish(std::move(outputs));
}

Step ListFrame::give(std::vector<ir::ValueId> tensors) {
  std::vector<Bound> outputs;
  for (const auto value : tensors) outputs.push_back(value == 0 ? Bound::unbound() : Bound::tensor(value));
  return finish(std::move(outputs));
}

Step ListFrame::give(const Columns& list, const lists::Item& item) {
  if (!emit_.ok()) return finish({});
  return finish({bound(list), bound(item)});
}

Step ListFrame::give_length(const Columns& list) {
  const auto length = lists::length(emit_, list[0]);
  if (emit_.ok()) frame_.engine().note_maker(length, {&frame_.scope(), {frame_.index(), 0}});
  return give(std::vector{length});
}

Step ListFrame::give_concatenation(const Columns& list, bool of_variants, ir::ValueId blank_rows) {
  if (of_variants) {
    const auto vector = as_vector(lists::joined(emit_, list));
    const auto lengths = lists::concat(emit_, list[0], true).lengths;
    return finish(emit_.ok() ? std::vector{bound(vector), Bound::tensor(lengths)} : std::vector<Bound>{});
  }
  const auto joined = lists::concat(emit_, list[0], frame_.node().used_outputs > 1, blank_rows);
  return give(std::vector{joined.values, joined.lengths});
}

Step ListFrame::refuse_places() {
  return frame_.fail("ragged tensors or lists are put into a list at places that only the run time knows",
                     "put all of them in order, or set each item on its own");
}

/// The limit of Range(0, limit, 1), where `indices` are that; 0 otherwise.
ir::ValueId ListFrame::limit_of(ir::ValueId indices) {
  const auto range = frame_.engine().maker_of(indices);
  if (!range || node_of(*range).op != "Range") return 0;
  Frame maker(frame_.engine(), *range->scope, range->edge.node);
  const Bound start = maker.input(0);
  const Bound limit = maker.input(1);
  const Bound delta = maker.input(2);
  if (!start.is_tensor() || !limit.is_tensor() || !delta.is_tensor()) return 0;
  return emit_.known(start.id) == 0 && emit_.known(delta.id) == 1 ? limit.id : 0;
}

bool ListFrame::counts_up_to(ir::ValueId indices, ir::ValueId size) {
  auto& model = frame_.engine().model();
  if (const auto& constant = model.values[indices].constant; constant != nullptr) {
    const auto values = constant->as_ints();
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != static_cast<std::int64_t>(i)) return false;
    }
    return emit_.known(size) == static_cast<std::int64_t>(values.size());
  }
  const auto limit = limit_of(indices);
  return limit != 0 && same_number(model, limit, size);
}

bool ListFrame::counts_items(ir::ValueId indices, std::size_t list_input) {
  const Columns columns = list(list_input);
  auto& engine = frame_.engine();
  if (columns.empty()) return false;
  const List& items = columns[0];
  if (items.form == List::Form::kItems) {
    return counts_up_to(indices, emit_.scalar(static_cast<std::int64_t>(items.items.size())));
  }
  if (items.count != 0 && counts_up_to(indices, items.count)) return true;
  // Up to the size of this very list, as TensorArray.stack says it.
  const auto limit = limit_of(indices);
  auto size = limit == 0 ? std::nullopt : engine.maker_of(limit);
  if (size && node_of(*size).op == "StridedSlice") {
    // The only dim of the shape of a list's rows.
    const Bound shape = engine.bound({size->scope, node_of(*size).inputs[0]});
    size = shape.is_tensor() ? engine.maker_of(shape.id) : std::nullopt;
    if (!size || node_of(*size).op != "Shape") return false;
  }
  if (!size) return false;
  const auto& op = node_of(*size).op;
  const bool is_size = op == "TensorArraySizeV3" || op == "TensorListLength" || op == "Shape";
  return is_size && engine.bound({size->scope, node_of(*size).inputs.back()}) == frame_.input(list_input);
}

Step step_list_op(Frame& frame, ListOp op) {
  if (frame.state().step == 0) {
    frame.need_all_inputs();
    return Step::kNeed;
  }
  ListFrame inputs(frame);
  return inputs.is_ready() ? op(inputs) : Step::kDone;
}

Columns as_vector(Columns columns) {
  for (auto& column : columns) column.is_vector = true;
  return columns;
}

Columns as_list(Columns columns) {
  for (auto& column : columns) column.is_vector = false;
  return columns;
}

bool same_number(const ir::Model& model, ir::ValueId a, ir::ValueId b) {
  if (a == b) return true;
  const auto& left = model.values[a];
  const auto& right = model.values[b];
  if (left.constant != nullptr && right.constant != nullptr) {
    return left.constant->count() == 1 && right.constant->count() == 1 &&
           left.constant->as_ints() == right.constant->as_ints();
  }
  if (left.content == nullptr || right.content == nullptr) return false;
  if (left.content->elements.size() != 1 || right.content->elements.size() != 1) return false;
  const auto& x = left.content->elements[0];
  const auto& y = right.content->elements[0];
  return x == y && (x.known || x.symbol != 0);
}

ir::Type item_type(const ir::Model& model, ir::ValueId shape) {
  constexpr auto dtype = ir::DType::kUndefined;
  const auto& value = model.values[shape];
  const auto dim = [](std::int64_t size) { return size < 0 ? ir::Dim{} : ir::Dim{size, 0}; };
  if (value.constant != nullptr) {
    if (value.constant->rank() == 0) return ir::Type::tensor(dtype);  // a scalar -1: nothing is known
    std::vector<ir::Dim> dims;
    for (const auto size : value.constant->as_ints()) dims.push_back(dim(size));
    return ir::Type::tensor(dtype, std::move(dims));
  }
  if (value.content == nullptr || value.content->is_scalar) {
    const auto& dims = value.type.dims;
    const bool has_rank = value.type.has_rank && dims.size() == 1 && dims[0].is_known();
    return has_rank ? ir::Type::tensor(dtype, std::vector<ir::Dim>(static_cast<std::size_t>(dims[0].size)))
                    : ir::Type::tensor(dtype);
  }
  std::vector<ir::Dim> dims;
  for (const auto& element : value.content->elements) {
    dims.push_back(element.known ? dim(element.value) : ir::Dim{-1, element.symbol});
  }
  return ir::Type::tensor(dtype, std::move(dims));
}

ir::ValueId shape_of_item(Emission& emit, const ir::Type& item) {
  if (!item.has_rank) return 0;
  std::vector<std::int64_t> sizes;
  for (const auto& dim : item.dims) sizes.push_back(dim.size);
  return emit.ints(sizes);
}

}  // namespace flowport::convert::intrinsics
