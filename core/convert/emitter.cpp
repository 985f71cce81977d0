#include "convert/emitter.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "convert/limits.h"

namespace flowport::convert {

namespace {

constexpr std::uint64_t bit(ir::DType type) { return std::uint64_t{1} << static_cast<unsigned>(type); }

/// Element types that can stand in for `type`, best first: wide enough that casting back gives the same element.
std::span<const ir::DType> substitutes(ir::DType type) {
  using T = ir::DType;
  static constexpr std::array kSmallInt{T::kInt32, T::kInt64, T::kFloat, T::kDouble};
  static constexpr std::array kInt32{T::kInt64, T::kDouble};
  static constexpr std::array kUint32{T::kInt64, T::kUint64, T::kDouble};
  static constexpr std::array kSmallFloat{T::kFloat, T::kDouble};
  static constexpr std::array kDouble{T::kFloat};
  static constexpr std::array kBool{T::kUint8, T::kInt32, T::kInt64, T::kFloat};
  switch (type) {
    case T::kInt8:
    case T::kUint8:
    case T::kInt16:
    case T::kUint16: return kSmallInt;
    case T::kInt32: return kInt32;
    case T::kUint32: return kUint32;
    case T::kFloat16:
    case T::kBfloat16: return kSmallFloat;
    case T::kDouble: return kDouble;
    case T::kBool: return kBool;
    default: return {};
  }
}

Problem node_problem(Fault fault, std::string what) { return Problem{fault, std::move(what), {}, {}}; }

}  // namespace

Problem Emitter::deny(std::string what) {
  ++denied_;
  return Problem{Fault::kUnsupported, std::move(what), {}, limit_advice(target_)};
}

Emitter::Emitter(ir::Model& model, const registry::Registry& registry, const registry::Target& target,
                 Progress* progress)
    : model_(model), registry_(registry), target_(target), progress_(progress) {}

void Emitter::set_origin(ir::Origin origin) {
  origin_ = std::move(origin);
  origin_added_ = false;
  if (progress_ != nullptr) progress_->add(1);
}

Emitter::Savepoint Emitter::savepoint(ir::Graph& graph) const {
  return {&graph, graph.nodes.size(), model_.values.size(), model_.origins.size()};
}

void Emitter::roll_back(const Savepoint& point) {
  point.graph->nodes.erase(point.graph->nodes.begin() + static_cast<std::ptrdiff_t>(point.nodes),
                           point.graph->nodes.end());
  model_.values.erase(model_.values.begin() + static_cast<std::ptrdiff_t>(point.values), model_.values.end());
  model_.origins.erase(model_.origins.begin() + static_cast<std::ptrdiff_t>(point.origins), model_.origins.end());
  origin_added_ = false;
}

std::optional<std::string> Emitter::check_custom(const ir::Node& node) {
  const int version = target_.opset(node.domain);
  const auto* schema = registry_.schema(node.domain, node.op, version);
  if (schema == nullptr) {
    return fmt::format(
        "no schema for {}::{} is registered: a plugin or a mapping must declare the ops of its own domain", node.domain,
        node.op);
  }
  if (node.inputs.size() < schema->min_inputs || node.inputs.size() > schema->max_inputs) {
    return fmt::format("{}::{} takes {} to {} inputs, not {}", node.domain, node.op, schema->min_inputs,
                       schema->max_inputs, node.inputs.size());
  }
  for (const auto& attribute : node.attributes) {
    if (!schema->open_attrs && std::none_of(schema->attrs.begin(), schema->attrs.end(),
                                            [&](const auto& a) { return a.name == attribute.name; })) {
      return fmt::format("{}::{} has no attribute '{}'", node.domain, node.op, attribute.name);
    }
  }
  for (const auto& attr : schema->attrs) {
    if (attr.required && node.find(attr.name) == nullptr) {
      return fmt::format("{}::{} needs the attribute '{}'", node.domain, node.op, attr.name);
    }
  }
  const int needed = version != 0 ? version : schema->since_version;
  const auto import = std::ranges::find(model_.opsets, node.domain, &ir::OpsetImport::domain);
  if (import == model_.opsets.end()) {
    model_.opsets.push_back({node.domain, needed});
  } else {
    import->version = std::max<std::int64_t>(import->version, needed);
  }
  return std::nullopt;
}

Result<std::optional<std::vector<ir::ValueId>>> Emitter::emit_adapted(ir::Graph& graph, const ir::Node& node,
                                                                      std::size_t num_outputs) {
  const auto* signature = ir::signature_of(node.op, node.domain, model_.opset(node.domain));
  if (signature == nullptr) return std::nullopt;
  const auto slot_of = [](const std::vector<ir::OpSignature::Slot>& slots,
                          std::size_t i) -> const ir::OpSignature::Slot* {
    return slots.empty() ? nullptr : &slots[std::min(i, slots.size() - 1)];
  };
  const auto tensor_type = [&](ir::ValueId value) {
    const auto& type = model_.values[value].type;
    return value != 0 && type.kind == ir::Type::Kind::kTensor ? type.dtype : ir::DType::kUndefined;
  };
  // The first input of each type variable decides for the variable.
  std::vector<ir::DType> wide(signature->type_vars.size(), ir::DType::kUndefined);
  std::vector<ir::DType> narrow(signature->type_vars.size(), ir::DType::kUndefined);
  const int first_var = signature->inputs.empty() ? -1 : signature->inputs[0].type_var;
  bool adapts = false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const auto* slot = slot_of(signature->inputs, i);
    const ir::DType type = tensor_type(node.inputs[i]);
    if (slot == nullptr || slot->type_var < 0 || type == ir::DType::kUndefined) continue;
    const auto var = static_cast<std::size_t>(slot->type_var);
    if (narrow[var] != ir::DType::kUndefined) continue;
    narrow[var] = type;
    const auto takes = [&](ir::DType t) {
      return (slot->dtypes & bit(t)) != 0 &&
             target_.denial(node.domain, node.op, signature->type_vars[var], slot->type_var == first_var, t) == nullptr;
    };
    if (takes(type)) continue;
    // A Cast around a Cast would be the same Cast again.
    const auto choice = node.op == "Cast" ? std::span<const ir::DType>{} : substitutes(type);
    const auto substitute = std::find_if(choice.begin(), choice.end(), takes);
    if (substitute == choice.end()) {
      return tl::make_unexpected(deny(fmt::format("{} takes no {} tensors at {}, and no wider type can stand in",
                                                  node.op, ir::name_of(type), target_.id)));
    }
    wide[var] = *substitute;
    adapts = true;
    if (type == ir::DType::kDouble) {
      notes_.push_back(
          fmt::format("{} is computed in float where TensorFlow has double: {} takes no double", node.op, target_.id));
    }
  }
  if (!adapts) return std::nullopt;

  const auto wide_type = [&](const ir::OpSignature::Slot* slot) {
    return slot == nullptr || slot->type_var < 0 ? ir::DType::kUndefined
                                                 : wide[static_cast<std::size_t>(slot->type_var)];
  };
  ir::Node adapted = node;
  for (std::size_t i = 0; i < adapted.inputs.size(); ++i) {
    const ir::DType to = wide_type(slot_of(signature->inputs, i));
    if (adapted.inputs[i] == 0 || to == ir::DType::kUndefined) continue;
    auto widened = cast(graph, adapted.inputs[i], to);
    if (!widened) return tl::make_unexpected(widened.error());
    adapted.inputs[i] = *widened;
  }
  auto outputs = emit(graph, std::move(adapted), num_outputs);
  if (!outputs) return tl::make_unexpected(outputs.error());
  for (std::size_t i = 0; i < num_outputs; ++i) {
    const auto* slot = slot_of(signature->outputs, i);
    if (wide_type(slot) == ir::DType::kUndefined) continue;
    auto narrowed = cast(graph, (*outputs)[i], narrow[static_cast<std::size_t>(slot->type_var)]);
    if (!narrowed) return tl::make_unexpected(narrowed.error());
    (*outputs)[i] = *narrowed;
  }
  return *std::move(outputs);
}

Result<std::optional<ir::ValueId>> Emitter::emit_string_gather(ir::Graph& graph, const ir::Node& node) {
  if (node.op != "Gather" || !node.domain.empty() || node.inputs.size() != 2) return std::nullopt;
  const ir::Type data = model_.values[node.inputs[0]].type;
  const ir::Type indices = model_.values[node.inputs[1]].type;
  if (data.dtype != ir::DType::kString || data.kind != ir::Type::Kind::kTensor) return std::nullopt;
  const auto rank = static_cast<std::int64_t>(data.dims.size());
  const std::int64_t given = node.int_attr("axis", 0);
  const std::int64_t axis = given < 0 && data.has_rank ? given + rank : given;
  // ONNX Runtime takes but the first of the strings behind an index.
  if (axis == -1 || (data.has_rank && axis == rank - 1)) return std::nullopt;
  if (axis != 0 && (!data.has_rank || !indices.has_rank)) {
    return tl::make_unexpected(node_problem(Fault::kUnsupported, "Gather of strings whose rank is not known"));
  }
  const auto permuted = [&](ir::ValueId value, std::vector<std::int64_t> order) -> Result<ir::ValueId> {
    if (std::ranges::is_sorted(order)) return value;
    std::vector<ir::Attribute> attributes;
    attributes.push_back({"perm", std::move(order)});
    return emit(graph, "Transpose", {value}, std::move(attributes));
  };
  // The axis goes to the front, and the dims of the indices back to where it was.
  std::vector<std::int64_t> front{axis};
  for (std::int64_t i = 0; i < rank; ++i) {
    if (i != axis) front.push_back(i);
  }
  auto rows = axis == 0 ? Result<ir::ValueId>(node.inputs[0]) : permuted(node.inputs[0], front);
  if (!rows) return tl::make_unexpected(rows.error());
  const std::int64_t last = -1;
  const ir::ValueId axes = model_.add_constant(ir::Constant::ints(std::span(&last, 1)));
  auto places = emit(graph, "Unsqueeze", {node.inputs[1], axes});
  if (!places) return tl::make_unexpected(places.error());
  auto int64_places = cast(graph, *places, ir::DType::kInt64);
  if (!int64_places) return tl::make_unexpected(int64_places.error());
  auto picked = emit(graph, "GatherND", {*rows, *int64_places});
  if (!picked || axis == 0) {
    if (!picked) return tl::make_unexpected(picked.error());
    return *picked;
  }
  const auto inner = static_cast<std::int64_t>(indices.dims.size());
  std::vector<std::int64_t> back;
  for (std::int64_t i = 0; i < axis; ++i) back.push_back(inner + i);
  for (std::int64_t i = 0; i < inner; ++i) back.push_back(i);
  for (std::int64_t i = axis; i < rank - 1; ++i) back.push_back(inner + i);
  auto result = permuted(*picked, std::move(back));
  if (!result) return tl::make_unexpected(result.error());
  return *result;
}

std::uint32_t Emitter::origin_index() {
  if (!origin_added_) {
    origin_index_ = static_cast<std::uint32_t>(model_.origins.size());
    model_.origins.push_back(origin_);
    origin_added_ = true;
  }
  return origin_index_;
}

void Emitter::append(ir::Graph& graph, ir::Node node) {
  node.origin = origin_index();
  graph.nodes.push_back(std::move(node));
}

Result<std::vector<ir::ValueId>> Emitter::emit(ir::Graph& graph, ir::Node node, std::size_t num_outputs) {
  if (node.domain == "ai.onnx") node.domain.clear();
  const bool standard = node.domain.empty() || node.domain == "ai.onnx.ml";
  if (node.domain.empty() && node.op == "CastLike" && node.inputs.size() == 2) {
    const ir::DType to = model_.values[node.inputs[1]].type.dtype;
    auto value = cast(graph, node.inputs[0], to);
    if (!value) return tl::make_unexpected(value.error());
    return std::vector{*value};
  }
  const auto* denied = target_.denial(node.domain, node.op);
  const std::size_t first_output = model_.values.size();
  const auto add_outputs = [&] {
    model_.values.resize(first_output);
    node.outputs.clear();
    for (std::size_t i = 0; i < num_outputs; ++i) node.outputs.push_back(model_.add_value({}));
  };
  /// Makes the outputs and types them.
  const auto check_and_infer = [&]() -> Result<void> {
    add_outputs();
    if (auto wrong = ir::check_node(model_, node)) return tl::make_unexpected(node_problem(Fault::kInternal, *wrong));
    if (auto inferred = ir::infer_node(model_, node); !inferred) {
      return tl::make_unexpected(node_problem(Fault::kInternal, fmt::format("{}: {}", node.op, inferred.error().what)));
    }
    return {};
  };
  node.origin = origin_index();

  if (node.domain == "ai.onnx.ml" && model_.opset(node.domain) == 0) {
    model_.opsets.push_back({node.domain, target_.opset(node.domain)});
  }
  if (!standard) {
    if (denied != nullptr) {
      return tl::make_unexpected(deny(fmt::format("target {} takes no {}: {}", target_.id, node.op, denied->reason)));
    }
    if (auto wrong = check_custom(node)) return tl::make_unexpected(node_problem(Fault::kInternal, *wrong));
    add_outputs();
    auto outputs = node.outputs;
    graph.nodes.push_back(std::move(node));
    return outputs;
  }

  const bool all_known = !node.inputs.empty() &&
                         std::all_of(node.inputs.begin(), node.inputs.end(),
                                     [&](ir::ValueId v) { return v == 0 || model_.values[v].constant != nullptr; });
  if (all_known && check_and_infer()) {
    if (auto known = ir::evaluate_node(model_, node)) {
      for (std::size_t i = 0; i < num_outputs; ++i) {
        auto& value = model_.values[node.outputs[i]];
        value.type = ir::Type::tensor_of(*(*known)[i]);
        value.constant = (*known)[i];
        value.content = nullptr;
      }
      return node.outputs;
    }
  }
  model_.values.resize(first_output);
  if (denied != nullptr) {
    return tl::make_unexpected(deny(fmt::format("target {} takes no {}: {}", target_.id, node.op, denied->reason)));
  }
  auto gathered = emit_string_gather(graph, node);
  if (!gathered) return tl::make_unexpected(gathered.error());
  if (*gathered) return std::vector{**gathered};
  auto adapted = emit_adapted(graph, node, num_outputs);
  if (!adapted) return tl::make_unexpected(adapted.error());
  if (*adapted) return **std::move(adapted);
  if (auto valid = check_and_infer(); !valid) return tl::make_unexpected(valid.error());
  auto outputs = node.outputs;
  graph.nodes.push_back(std::move(node));
  return outputs;
}

Result<ir::ValueId> Emitter::emit(ir::Graph& graph, std::string_view op, std::vector<ir::ValueId> inputs,
                                  std::vector<ir::Attribute> attributes) {
  ir::Node node;
  node.op = op;
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  auto outputs = emit(graph, std::move(node), 1);
  if (!outputs) return tl::make_unexpected(outputs.error());
  return outputs->front();
}

Result<ir::ValueId> Emitter::cast(ir::Graph& graph, ir::ValueId value, ir::DType to) {
  if (model_.values[value].type.dtype == to) return value;
  std::vector<ir::Attribute> attributes;
  attributes.push_back({"to", static_cast<std::int64_t>(to)});
  return emit(graph, "Cast", {value}, std::move(attributes));
}

}  // namespace flowport::convert
