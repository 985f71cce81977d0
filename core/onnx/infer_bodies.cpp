// Types of nodes with bodies, whose own values have their types already.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "onnx/infer_rule_list.h"

namespace flowport::ir::rules {
namespace {

const Graph* body_of(const NodeFacts& facts, std::string_view name) {
  const Attribute* attribute = facts.node().find(name);
  const auto* body = attribute == nullptr ? nullptr : std::get_if<std::shared_ptr<Graph>>(&attribute->value);
  return body == nullptr ? nullptr : body->get();
}

const Type& output_type(const NodeFacts& facts, const Graph& body, std::size_t output) {
  return facts.model().values[body.outputs[output]].type;
}

/// What holds of a value that has one type or the other; false when there is no such type.
bool join(const Type& other, Type& type) {
  if (type.dtype == DType::kUndefined) type.kind = other.kind;
  if (other.dtype != DType::kUndefined && type.dtype != DType::kUndefined && type.dtype != other.dtype) return false;
  if (other.kind != type.kind) return false;
  if (type.dtype == DType::kUndefined) type.dtype = other.dtype;
  if (!type.has_rank || !other.has_rank || type.dims.size() != other.dims.size()) {
    type.has_rank = false;
    type.dims.clear();
    return true;
  }
  for (std::size_t i = 0; i < type.dims.size(); ++i) {
    if (type.dims[i] != other.dims[i]) type.dims[i] = Dim{};
  }
  return true;
}

std::string mismatch(std::string_view what, std::size_t index, const Type& a, const Type& b) {
  return fmt::format("{} {} is {} on one way and {} on the other", what, index, name_of(a.dtype), name_of(b.dtype));
}

/// The types of a loop's state: its first values, or what the body makes of them.
Wrong join_state(const NodeFacts& facts, const Graph& body, std::size_t first_input, std::size_t first_output,
                 std::size_t count, std::vector<Type>& outputs) {
  for (std::size_t i = 0; i < count; ++i) {
    const Type& initial = facts.type(first_input + i);
    const Type& next = output_type(facts, body, first_output + i);
    outputs[i] = initial;
    if (!join(next, outputs[i])) return mismatch("loop state", i, initial, next);
  }
  return std::nullopt;
}

/// `type` with one more dim at `axis`.
Type stacked(Type type, std::size_t axis, Dim dim) {
  if (type.has_rank) type.dims.insert(type.dims.begin() + static_cast<std::ptrdiff_t>(axis), dim);
  return type;
}

/// Number of times that a Loop surely runs: its trip count where the condition is never false.
Dim trip_count(const NodeFacts& facts, const Graph& body) {
  const auto trips = facts.content(0);
  if (!facts.has(0) || !trips || trips->elements.size() != 1) return {};
  const auto is_true = [](const Value& value) {
    return value.constant != nullptr && value.constant->as_ints() == std::vector<std::int64_t>{1};
  };
  if (facts.has(1) && !is_true(facts.value(1))) return {};
  const ValueId condition = body.outputs.front();
  bool goes_on = is_true(facts.model().values[condition]) || condition == body.inputs[1];
  for (const auto& node : body.nodes) {
    if (node.op == "Identity" && node.outputs.front() == condition && node.inputs.front() == body.inputs[1])
      goes_on = true;
  }
  return goes_on ? dim_of(trips->elements.front()) : Dim{};
}

std::vector<std::int64_t> axes_of(const NodeFacts& facts, std::string_view name, std::size_t count) {
  const auto* axes = facts.node().ints_attr(name);
  return axes == nullptr ? std::vector<std::int64_t>(count, 0) : *axes;
}

}  // namespace

Wrong if_types(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Graph* then_branch = body_of(facts, "then_branch");
  const Graph* else_branch = body_of(facts, "else_branch");
  if (then_branch == nullptr || else_branch == nullptr) return "it lacks a branch";
  if (then_branch->outputs.size() != outputs.size() || else_branch->outputs.size() != outputs.size()) {
    return fmt::format("it has {} outputs, but its branches have {} and {}", outputs.size(),
                       then_branch->outputs.size(), else_branch->outputs.size());
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const Type& a = output_type(facts, *then_branch, i);
    const Type& b = output_type(facts, *else_branch, i);
    outputs[i] = a;
    if (!join(b, outputs[i])) return mismatch("output", i, a, b);
  }
  return std::nullopt;
}

Wrong loop_types(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Graph* body = body_of(facts, "body");
  if (body == nullptr) return "it lacks its body";
  const std::size_t states = facts.input_count() < 2 ? 0 : facts.input_count() - 2;
  if (body->inputs.size() != states + 2 || body->outputs.size() != outputs.size() + 1 || states > outputs.size()) {
    return fmt::format("it has {} state values and {} outputs, but its body has {} inputs and {} outputs", states,
                       outputs.size(), body->inputs.size(), body->outputs.size());
  }
  if (auto wrong = join_state(facts, *body, 2, 1, states, outputs)) return wrong;
  const Dim trips = trip_count(facts, *body);
  for (std::size_t i = states; i < outputs.size(); ++i)
    outputs[i] = stacked(output_type(facts, *body, i + 1), 0, trips);
  return std::nullopt;
}

Wrong scan_types(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Graph* body = body_of(facts, "body");
  if (body == nullptr) return "it lacks its body";
  const std::int64_t scanned = facts.node().int_attr("num_scan_inputs", 0);
  const auto inputs = static_cast<std::int64_t>(facts.input_count());
  if (scanned < 1 || scanned > inputs || body->outputs.size() != outputs.size() ||
      body->inputs.size() != facts.input_count() || static_cast<std::size_t>(inputs - scanned) > outputs.size()) {
    return fmt::format("it scans {} of {} inputs and has {} outputs, but its body has {} inputs and {} outputs",
                       scanned, inputs, outputs.size(), body->inputs.size(), body->outputs.size());
  }
  const auto states = static_cast<std::size_t>(inputs - scanned);
  if (auto wrong = join_state(facts, *body, 0, 0, states, outputs)) return wrong;

  const auto input_axes = axes_of(facts, "scan_input_axes", facts.input_count() - states);
  const auto output_axes = axes_of(facts, "scan_output_axes", outputs.size() - states);
  if (input_axes.size() != facts.input_count() - states || output_axes.size() != outputs.size() - states) {
    return "it has another number of scan axes than of scanned values";
  }
  Dim length;
  for (std::size_t i = states; i < facts.input_count(); ++i) {
    const Type& type = facts.type(i);
    if (!type.has_rank) continue;
    const auto rank = static_cast<std::int64_t>(type.dims.size());
    const std::int64_t axis = input_axes[i - states];
    if (axis < -rank || axis >= rank) return fmt::format("scan input axis {} is outside of rank {}", axis, rank);
    const Dim& dim = type.dims[static_cast<std::size_t>(axis < 0 ? axis + rank : axis)];
    if (dim.is_known() || (length == Dim{})) length = dim;
  }
  for (std::size_t i = states; i < outputs.size(); ++i) {
    const Type& type = output_type(facts, *body, i);
    const auto rank = static_cast<std::int64_t>(type.dims.size()) + 1;
    const std::int64_t axis = output_axes[i - states];
    if (type.has_rank && (axis < -rank || axis >= rank))
      return fmt::format("scan output axis {} is outside of rank {}", axis, rank);
    outputs[i] = stacked(type, static_cast<std::size_t>(axis < 0 ? axis + rank : axis), length);
  }
  return std::nullopt;
}

Wrong sequence_map_types(const NodeFacts& facts, std::vector<Type>& outputs) {
  const Graph* body = body_of(facts, "body");
  if (body == nullptr) return "it lacks its body";
  if (body->outputs.size() != outputs.size()) {
    return fmt::format("it has {} outputs, but its body has {}", outputs.size(), body->outputs.size());
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    outputs[i] = output_type(facts, *body, i);
    outputs[i].kind = Type::Kind::kSequence;
  }
  return std::nullopt;
}

}  // namespace flowport::ir::rules
