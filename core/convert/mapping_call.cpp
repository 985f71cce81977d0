// Carries out a YAML mapping: a fixed list of ONNX nodes, through the same emitter and the same staged patch as a handler.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "convert/handler_call.h"
#include "convert/tf_attributes.h"

namespace flowport::convert {

namespace {

using registry::AttrRule;
using registry::Operand;

/// The mapping's run on one node.
class MappingRun {
 public:
  MappingRun(Frame& frame, const registry::Mapping& mapping, const std::vector<Bound>& inputs, View view)
      : frame_(frame), mapping_(mapping), inputs_(inputs), attributes_(frame.engine().program(), frame.node(), view) {}

  Result<std::vector<Bound>> run() {
    for (const auto& body : mapping_.body) {
      ir::Node node;
      node.op = body.op;
      node.domain = body.domain;
      for (const auto& operand : body.inputs) {
        if (auto added = add(operand, node.inputs); !added) return tl::make_unexpected(added.error());
      }
      while (!node.inputs.empty() && node.inputs.back() == 0) node.inputs.pop_back();
      for (const auto& rule : body.attrs) {
        auto attribute = make(rule, node);
        if (!attribute) return tl::make_unexpected(attribute.error());
        if (*attribute) node.attributes.push_back(**std::move(attribute));
      }
      auto outputs = frame_.engine().emitter().emit(*frame_.scope().target, std::move(node),
                                                    static_cast<std::size_t>(body.num_outputs));
      if (!outputs) return tl::make_unexpected(outputs.error());
      if (auto typed = state_types(body.output_types, *outputs); !typed) return tl::make_unexpected(typed.error());
      locals_.push_back(*std::move(outputs));
    }
    std::vector<Bound> bound;
    for (const auto& operand : mapping_.outputs) {
      std::vector<ir::ValueId> values;
      if (auto added = add(operand, values); !added) return tl::make_unexpected(added.error());
      bound.push_back(values.empty() || values[0] == 0 ? Bound::unbound() : Bound::tensor(values[0]));
    }
    return bound;
  }

 private:
  /// Gives the outputs of a custom node the element types that the mapping states.
  Result<void> state_types(const std::vector<registry::OutputType>& types, const std::vector<ir::ValueId>& outputs) {
    for (std::size_t i = 0; i < types.size() && i < outputs.size(); ++i) {
      ir::DType dtype = types[i].dtype;
      if (!types[i].tf_attr.empty()) {
        const flowport_attr attr = attributes_.get(types[i].tf_attr);
        if (attr.kind != FLOWPORT_ATTR_TYPE || attr.count != 1) {
          return problem(
              Fault::kPlugin,
              fmt::format("the mapping says that output {} has the type '{}', which is neither one of ONNX's "
                          "types nor a type attribute of the node",
                          i, types[i].tf_attr));
        }
        dtype = static_cast<ir::DType>(*static_cast<const std::int32_t*>(attr.data));
      }
      frame_.engine().model().values[outputs[i]].type.dtype = dtype;
    }
    return {};
  }

  Result<void> add_input(std::size_t i, std::vector<ir::ValueId>& values) {
    if (i >= inputs_.size()) {
      return problem(Fault::kPlugin, fmt::format("the mapping uses input {}, the node has {}", i, inputs_.size()));
    }
    auto value = frame_.engine().tensor(inputs_[i]);
    if (!value) return tl::make_unexpected(value.error());
    values.push_back(*value);
    return {};
  }

  Result<void> add(const Operand& operand, std::vector<ir::ValueId>& values) {
    switch (operand.kind) {
      case Operand::Kind::kAbsent: values.push_back(0); return {};
      case Operand::Kind::kInput: return add_input(static_cast<std::size_t>(operand.index), values);
      case Operand::Kind::kLocal:
        values.push_back(locals_[static_cast<std::size_t>(operand.index)][static_cast<std::size_t>(operand.output)]);
        return {};
      case Operand::Kind::kConstant:
        values.push_back(frame_.engine().model().add_constant(operand.constant));
        return {};
      case Operand::Kind::kTfAttr: {
        auto constant = attr_constant(operand.argument);
        if (!constant) return tl::make_unexpected(constant.error());
        values.push_back(frame_.engine().model().add_constant(*constant));
        return {};
      }
      case Operand::Kind::kAllInputs:
        for (std::size_t i = 0; i < inputs_.size(); ++i) {
          if (auto added = add_input(i, values); !added) return added;
        }
        return {};
      case Operand::Kind::kArgument: {
        const auto range = frame_.engine().program().input_range(frame_.node(), operand.argument);
        if (!range) {
          return problem(Fault::kPlugin, fmt::format("{} has no argument '{}'", frame_.node().op, operand.argument));
        }
        for (std::int32_t i = 0; i < range->second; ++i) {
          if (auto added = add_input(static_cast<std::size_t>(range->first + i), values); !added) return added;
        }
        return {};
      }
    }
    return {};
  }

  Result<ir::ConstantPtr> attr_constant(const std::string& name) {
    const flowport_attr attr = attributes_.get(name);
    const auto rank_1 = std::vector<std::int64_t>{attr.count};
    const auto texts = [&] {
      std::vector<std::string> list;
      const auto* p = static_cast<const flowport_str*>(attr.data);
      for (std::uint32_t i = 0; i < attr.count; ++i) list.emplace_back(p[i].data, p[i].size);
      return list;
    };
    switch (attr.kind) {
      case FLOWPORT_ATTR_INT: return ir::Constant::int_scalar(*static_cast<const std::int64_t*>(attr.data));
      case FLOWPORT_ATTR_TYPE: return ir::Constant::int_scalar(*static_cast<const std::int32_t*>(attr.data));
      case FLOWPORT_ATTR_INTS:
        return ir::Constant::ints(std::span(static_cast<const std::int64_t*>(attr.data), attr.count));
      case FLOWPORT_ATTR_FLOAT: return ir::Constant::floats({}, std::span(static_cast<const float*>(attr.data), 1));
      case FLOWPORT_ATTR_FLOATS:
        return ir::Constant::floats(rank_1, std::span(static_cast<const float*>(attr.data), attr.count));
      case FLOWPORT_ATTR_STRING: return ir::Constant::make_strings({}, texts());
      case FLOWPORT_ATTR_STRINGS: return ir::Constant::make_strings(rank_1, texts());
      default: return problem(Fault::kPlugin, fmt::format("TF attribute '{}' is absent or cannot be a constant", name));
    }
  }

  /// The ONNX attribute, or nothing where the TF attribute is absent (ONNX's default holds then).
  Result<std::optional<ir::Attribute>> make(const AttrRule& rule, const ir::Node& node) {
    switch (rule.source) {
      case AttrRule::Source::kValue: return ir::Attribute{rule.name, rule.value};
      case AttrRule::Source::kTfAttr: return from_tf(rule);
      case AttrRule::Source::kInput: return from_input(rule, node);
    }
    return std::nullopt;
  }

  Result<std::optional<ir::Attribute>> from_tf(const AttrRule& rule) {
    const flowport_attr attr = attributes_.get(rule.tf_attr);
    if (attr.kind == FLOWPORT_ATTR_NONE) return std::nullopt;
    const auto text = [](flowport_str s) { return std::string(s.data, s.size); };
    if (!rule.choices.empty()) {
      const std::string key = attribute_text(frame_.engine().program(), frame_.node(), rule.tf_attr);
      const auto choice = rule.choices.find(key);
      if (choice == rule.choices.end()) {
        return problem(Fault::kUnsupported,
                       fmt::format("the mapping has no choice for attribute {} = '{}'", rule.tf_attr, key));
      }
      return ir::Attribute{rule.name, choice->second};
    }
    const auto list = [&]<typename T>(T) {
      const auto* p = static_cast<const T*>(attr.data);
      return std::vector<T>(p, p + attr.count);
    };
    switch (attr.kind) {
      case FLOWPORT_ATTR_INT: return ir::Attribute{rule.name, *static_cast<const std::int64_t*>(attr.data)};
      case FLOWPORT_ATTR_FLOAT: return ir::Attribute{rule.name, *static_cast<const float*>(attr.data)};
      case FLOWPORT_ATTR_STRING: return ir::Attribute{rule.name, text(*static_cast<const flowport_str*>(attr.data))};
      case FLOWPORT_ATTR_INTS: return ir::Attribute{rule.name, list(std::int64_t{})};
      case FLOWPORT_ATTR_FLOATS: return ir::Attribute{rule.name, list(float{})};
      case FLOWPORT_ATTR_STRINGS: {
        std::vector<std::string> texts;
        for (const auto& s : list(flowport_str{})) texts.push_back(text(s));
        return ir::Attribute{rule.name, std::move(texts)};
      }
      case FLOWPORT_ATTR_TYPE:
        return ir::Attribute{rule.name, std::int64_t{*static_cast<const std::int32_t*>(attr.data)}};
      default:
        return problem(Fault::kPlugin,
                       fmt::format("TF attribute '{}' has a kind that no ONNX attribute has", rule.tf_attr));
    }
  }

  /// Input `rule.input` becomes an attribute of the same kind: numbers of rank 0 give one, others a list.
  Result<std::optional<ir::Attribute>> from_input(const AttrRule& rule, const ir::Node&) {
    std::vector<ir::ValueId> values;
    if (auto added = add_input(static_cast<std::size_t>(rule.input), values); !added)
      return tl::make_unexpected(added.error());
    const auto& constant = frame_.engine().model().values[values[0]].constant;
    if (constant == nullptr) {
      return problem(
          Fault::kUnsupported,
          fmt::format("input {} becomes the attribute '{}' and must be known when converting", rule.input, rule.name));
    }
    const bool one = constant->rank() == 0;
    if (constant->dtype() == ir::DType::kString) {
      if (one) return ir::Attribute{rule.name, constant->strings().front()};
      return ir::Attribute{rule.name, constant->strings()};
    }
    const bool floating = constant->dtype() == ir::DType::kFloat || constant->dtype() == ir::DType::kDouble ||
                          constant->dtype() == ir::DType::kFloat16 || constant->dtype() == ir::DType::kBfloat16;
    if (floating) {
      std::vector<float> numbers;
      for (const double number : constant->as_doubles()) numbers.push_back(static_cast<float>(number));
      if (one) return ir::Attribute{rule.name, numbers.front()};
      return ir::Attribute{rule.name, std::move(numbers)};
    }
    auto numbers = constant->as_ints();
    if (one) return ir::Attribute{rule.name, numbers.front()};
    return ir::Attribute{rule.name, std::move(numbers)};
  }

  Frame& frame_;
  const registry::Mapping& mapping_;
  const std::vector<Bound>& inputs_;
  TfAttributes attributes_;
  std::vector<std::vector<ir::ValueId>> locals_;
};

/// The first guard that does not hold, worded; empty where all hold.
std::string broken_guard(Frame& frame, const registry::Row& row) {
  for (const auto& guard : row.when) {
    const std::string text = attribute_text(frame.engine().program(), frame.node(), guard.tf_attr);
    if (std::find(guard.values.begin(), guard.values.end(), text) == guard.values.end()) {
      return fmt::format("it is for {} = {} only, not {}", guard.tf_attr,
                         guard.text.empty() ? join(guard.values, " or ") : guard.text, text);
    }
  }
  return {};
}

}  // namespace

CallOutcome call_mapping(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs, View view) {
  auto& emitter = frame.engine().emitter();
  const auto savepoint = emitter.savepoint(*frame.scope().target);
  CallOutcome outcome;
  if (auto broken = broken_guard(frame, row); !broken.empty()) {
    outcome.status = FLOWPORT_DECLINED;
    outcome.reason = std::move(broken);
    return outcome;
  }
  const auto& mapping = row.mapping->get();
  auto outputs = mapping ? MappingRun(frame, *mapping, inputs, view).run() : tl::make_unexpected(mapping.error());
  if (outputs) {
    outcome.outputs = *std::move(outputs);
  } else {
    const auto& error = outputs.error();
    outcome.status = error.fault == Fault::kUnsupported ? FLOWPORT_UNSUPPORTED : FLOWPORT_BAD_CALL;
    outcome.reason = error.what;
    outcome.hint = error.next;
  }
  outcome = settle(frame, std::move(outcome));
  if (outcome.status != FLOWPORT_OK) emitter.roll_back(savepoint);
  return outcome;
}

}  // namespace flowport::convert
