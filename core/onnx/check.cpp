#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "base/text.h"
#include "onnx/schema.h"
#include "onnx/schema_table.h"

namespace flowport::ir {
namespace {

constexpr std::array<std::string_view, 8> kKindNames = {
    "an int", "a float", "a string", "a list of ints", "a list of floats", "a list of strings", "a tensor", "a graph"};

std::string_view domain_name(std::string_view domain) { return domain.empty() ? "ai.onnx" : domain; }

/// What a type variable of the schema stands for in this node.
struct Bound {
  Type::Kind kind = Type::Kind::kTensor;
  DType dtype = DType::kUndefined;
  friend bool operator==(const Bound&, const Bound&) = default;
};

std::string type_text(Type::Kind kind, DType dtype) {
  switch (kind) {
    case Type::Kind::kTensor: return std::string(name_of(dtype));
    case Type::Kind::kSequence: return fmt::format("a sequence of {}", name_of(dtype));
    case Type::Kind::kOptional: return fmt::format("an optional {}", name_of(dtype));
  }
  return {};
}

std::string type_text(const Type& type) { return type_text(type.kind, type.dtype); }

std::string allowed_text(const SlotTypes& types, Type::Kind kind) {
  const std::uint64_t bits = types.of(kind) != 0 ? types.of(kind) : types.tensor | types.sequence | types.optional;
  std::vector<std::string> names;
  for (int type = 1; type <= static_cast<int>(DType::kInt2); ++type) {
    if ((bits >> static_cast<unsigned>(type) & 1U) != 0) names.emplace_back(name_of(static_cast<DType>(type)));
  }
  std::string text = join(names);
  if (types.of(kind) == 0 && types.tensor == 0)
    text = types.sequence != 0 ? "sequences of " + text : "optionals of " + text;
  return text;
}

std::string missing_op(const Node& node, std::int64_t opset) {
  const auto domain = domain_name(node.domain);
  const int next = next_version_of(node.op, node.domain, opset);
  if (opset <= 0 && next != 0)
    return fmt::format("{} needs domain {}, which the model does not import", node.op, domain);
  if (const int since = deprecated_since(node.op, node.domain, opset); since != 0) {
    return fmt::format("{} was taken out of {} in opset {}; the model has opset {}", node.op, domain, since, opset);
  }
  if (next != 0) return fmt::format("{} needs opset {} of {}; the model has opset {}", node.op, next, domain, opset);
  const auto& names = op_names(node.domain);
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string near = did_you_mean(node.op, candidates);
  return fmt::format("domain {} has no op {}{}{}", domain, node.op, near.empty() ? "" : "; ", near);
}

/// Checks one side of a node, slot by slot, and what the slots say of each other.
class SideCheck {
 public:
  SideCheck(const Model& model, const Node& node, std::string_view side) : model_(model), node_(node), side_(side) {}

  std::optional<std::string> run(const std::vector<ValueId>& values, const std::vector<OpSignature::Slot>& slots,
                                 const std::vector<SlotTypes>& types, std::vector<Bound>& bound) const {
    for (std::size_t i = 0; i < values.size() && !slots.empty(); ++i) {
      const std::size_t s = std::min(i, slots.size() - 1);
      if (values[i] == 0) continue;
      const Type& type = model_.values[values[i]].type;
      if (type.dtype == DType::kUndefined) continue;
      if ((types[s].of(type.kind) >> static_cast<unsigned>(type.dtype) & 1U) == 0) {
        return fmt::format("{} {} of {} is {}; allowed at this opset: {}", side_, i, node_.op, type_text(type),
                           allowed_text(types[s], type.kind));
      }
      if (slots[s].type_var < 0) continue;
      const auto variable = static_cast<std::size_t>(slots[s].type_var);
      if (variable >= bound.size()) bound.resize(variable + 1);
      if (bound[variable].dtype == DType::kUndefined) bound[variable] = {type.kind, type.dtype};
      if (bound[variable] != Bound{type.kind, type.dtype}) {
        return fmt::format("{} {} of {} is {}, but must be {} as the values before it", side_, i, node_.op,
                           type_text(type), type_text(bound[variable].kind, bound[variable].dtype));
      }
    }
    return std::nullopt;
  }

 private:
  const Model& model_;
  const Node& node_;
  std::string_view side_;
};

std::optional<std::string> check_inputs_present(const Node& node, const SchemaEntry& entry) {
  const OpSignature& signature = entry.signature;
  const auto count = node.inputs.size();
  if (count < static_cast<std::size_t>(signature.min_inputs)) {
    return fmt::format("{} has {} inputs; at least {} are needed", node.op, count, signature.min_inputs);
  }
  if (count > static_cast<std::size_t>(entry.max_inputs)) {
    return fmt::format("{} has {} inputs; at most {} are allowed", node.op, count, entry.max_inputs);
  }
  for (std::size_t i = 0; i < count; ++i) {
    if (node.inputs[i] != 0) continue;
    const std::size_t slot = std::min(i, signature.inputs.size() - 1);
    const bool variadic = signature.variadic_input && slot + 1 == signature.inputs.size();
    if (variadic || !signature.inputs[slot].optional) return fmt::format("input {} of {} is missing", i, node.op);
  }
  return std::nullopt;
}

std::optional<std::string> check_outputs_present(const Node& node, const SchemaEntry& entry) {
  const auto count = node.outputs.size();
  if (count < static_cast<std::size_t>(entry.min_outputs)) {
    return fmt::format("{} has {} outputs; at least {} are needed", node.op, count, entry.min_outputs);
  }
  if (count > static_cast<std::size_t>(entry.max_outputs)) {
    return fmt::format("{} has {} outputs; at most {} are allowed", node.op, count, entry.max_outputs);
  }
  return std::nullopt;
}

std::optional<std::string> check_attributes(const Node& node, const OpSignature& signature) {
  const auto& known = signature.attributes;
  const auto by_name = [](const OpSignature::Attr& attr, std::string_view name) { return attr.name < name; };
  for (const auto& attribute : node.attributes) {
    const auto found = std::lower_bound(known.begin(), known.end(), attribute.name, by_name);
    if (found == known.end() || found->name != attribute.name) {
      std::vector<std::string_view> names;
      for (const auto& attr : known) names.push_back(attr.name);
      const std::string near = did_you_mean(attribute.name, names);
      return fmt::format("{} has no attribute {} at this opset{}{}", node.op, attribute.name, near.empty() ? "" : "; ",
                         near);
    }
    if (found->kind != attribute.value.index()) {
      return fmt::format("attribute {} of {} is {}, but must be {}", attribute.name, node.op,
                         kKindNames[attribute.value.index()],
                         found->kind < kKindNames.size() ? kKindNames[found->kind] : "of a kind that is not supported");
    }
  }
  for (const auto& attr : known) {
    if (attr.required && node.find(attr.name) == nullptr) {
      return fmt::format("{} lacks its attribute {}", node.op, attr.name);
    }
  }
  for (std::size_t i = 0; i < node.attributes.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (node.attributes[i].name == node.attributes[k].name) {
        return fmt::format("{} has the attribute {} twice", node.op, node.attributes[i].name);
      }
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string> check_counts(const Node& node, const SchemaEntry& entry) {
  if (auto wrong = check_inputs_present(node, entry)) return wrong;
  return check_outputs_present(node, entry);
}

std::optional<std::string> check_node(const Model& model, const Node& node) {
  if (!is_onnx_domain(node.domain)) return std::nullopt;
  const std::int64_t opset = model.opset(node.domain);
  const SchemaEntry* entry = find_schema(node.op, node.domain, opset);
  if (entry == nullptr) return missing_op(node, opset);
  if (auto wrong = check_counts(node, *entry)) return wrong;
  if (auto wrong = check_attributes(node, entry->signature)) return wrong;
  std::vector<Bound> bound;
  if (auto wrong =
          SideCheck(model, node, "input").run(node.inputs, entry->signature.inputs, entry->input_types, bound)) {
    return wrong;
  }
  return SideCheck(model, node, "output").run(node.outputs, entry->signature.outputs, entry->output_types, bound);
}

}  // namespace flowport::ir
