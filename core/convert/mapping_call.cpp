// Carries out a YAML mapping: a fixed list of ONNX nodes, through the same emitter and the same staged patch as a handler.
#include <algorithm>
#include <set>
#include <span>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "base/text.h"
#include "convert/attribute_kind.h"
#include "convert/handler_call.h"
#include "convert/tf_attributes.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert {

namespace {

using registry::AttrRule;
using registry::BodyNode;
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
        auto attribute = make(rule);
        if (!attribute) return tl::make_unexpected(attribute.error());
        if (*attribute) node.attributes.push_back(**std::move(attribute));
      }
      if (body.dropped) {
        if (auto passed = pass_others(body, node); !passed) return tl::make_unexpected(passed.error());
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
    auto value = plain(name);
    if (!value) return tl::make_unexpected(value.error());
    if (!*value) return problem(Fault::kUnsupported, fmt::format("TF attribute '{}' is absent", name));
    const auto length = [](const auto& list) { return std::vector{static_cast<std::int64_t>(list.size())}; };
    const auto& storage = **value;
    if (const auto* i = std::get_if<std::int64_t>(&storage)) return ir::Constant::int_scalar(*i);
    if (const auto* f = std::get_if<float>(&storage)) return ir::Constant::floats({}, std::span(f, 1));
    if (const auto* text = std::get_if<std::string>(&storage)) return ir::Constant::make_strings({}, {*text});
    if (const auto* ints = std::get_if<std::vector<std::int64_t>>(&storage)) return ir::Constant::ints(*ints);
    if (const auto* floats = std::get_if<std::vector<float>>(&storage))
      return ir::Constant::floats(length(*floats), *floats);
    const auto& texts = std::get<std::vector<std::string>>(storage);
    return ir::Constant::make_strings(length(texts), texts);
  }

  /// The ONNX attribute, or nothing where the TF attribute is absent (ONNX's default holds then).
  Result<std::optional<ir::Attribute>> make(const AttrRule& rule) {
    auto value = value_of(rule);
    if (!value) return tl::make_unexpected(value.error());
    if (!*value) return std::nullopt;
    Result<ir::Attribute::Storage> made = **std::move(value);
    if (rule.scale != 1 || rule.offset != 0) made = scaled(*std::move(made), rule.scale, rule.offset);
    if (made && rule.kind) made = to_kind(*std::move(made), *rule.kind);
    if (!made) {
      const std::string from = rule.source == AttrRule::Source::kInput ? fmt::format("input {}", rule.input)
                                                                       : fmt::format("TF attribute '{}'", rule.tf_attr);
      return problem(made.error().fault,
                     fmt::format("{} cannot become the attribute '{}': {}", from, rule.name, made.error().what));
    }
    return ir::Attribute{rule.name, *std::move(made)};
  }

  using Value = Result<std::optional<ir::Attribute::Storage>>;

  Value value_of(const AttrRule& rule) {
    switch (rule.source) {
      case AttrRule::Source::kValue: return rule.value;
      case AttrRule::Source::kTfAttr: return from_tf(rule);
      case AttrRule::Source::kInput: return from_input(rule);
    }
    return std::nullopt;
  }

  Value from_tf(const AttrRule& rule) {
    if (rule.choices.empty()) return plain(rule.tf_attr);
    if (attributes_.get(rule.tf_attr).kind == FLOWPORT_ATTR_NONE) return std::nullopt;
    const std::string key = attribute_text(frame_.engine().program(), frame_.node(), rule.tf_attr);
    const auto choice = rule.choices.find(key);
    if (choice == rule.choices.end()) {
      return problem(Fault::kUnsupported,
                     fmt::format("the mapping has no choice for attribute {} = '{}'", rule.tf_attr, key));
    }
    return choice->second;
  }

  /// TF attribute `name` as ONNX has it.
  Value plain(const std::string& name) {
    const flowport_attr attr = attributes_.get(name);
    const auto list = [&]<typename T>(T) {
      const auto* p = static_cast<const T*>(attr.data);
      return std::vector<T>(p, p + attr.count);
    };
    const auto text = [](flowport_str s) { return std::string(s.data, s.size); };
    switch (attr.kind) {
      case FLOWPORT_ATTR_NONE: return std::nullopt;
      case FLOWPORT_ATTR_INT: return *static_cast<const std::int64_t*>(attr.data);
      case FLOWPORT_ATTR_FLOAT: return *static_cast<const float*>(attr.data);
      case FLOWPORT_ATTR_STRING: return text(*static_cast<const flowport_str*>(attr.data));
      case FLOWPORT_ATTR_INTS: return list(std::int64_t{});
      case FLOWPORT_ATTR_FLOATS: return list(float{});
      case FLOWPORT_ATTR_STRINGS: {
        std::vector<std::string> texts;
        for (const auto& s : list(flowport_str{})) texts.push_back(text(s));
        return texts;
      }
      case FLOWPORT_ATTR_TYPE: {
        std::vector<std::int64_t> types;
        for (const std::int32_t type : list(std::int32_t{})) types.push_back(type);
        const auto* value = frame_.engine().program().attr(frame_.node(), name);
        if (value->has_list()) return types;
        return types.front();
      }
      case FLOWPORT_ATTR_SHAPE: {
        const auto shapes = list(flowport_type{});
        if (shapes.size() != 1 || shapes.front().rank < 0) {
          return problem(Fault::kUnsupported, fmt::format("TF attribute '{}' is no shape of known rank", name));
        }
        return std::vector<std::int64_t>(shapes.front().dims, shapes.front().dims + shapes.front().rank);
      }
      default:
        return problem(Fault::kPlugin, fmt::format("TF attribute '{}' has a kind that no ONNX attribute has", name));
    }
  }

  /// Adds the TF attributes that `body` passes on under their own name.
  Result<void> pass_others(const BodyNode& body, ir::Node& node) {
    std::set<std::string, std::less<>> names;
    for (const auto& attr : frame_.node().def->attr()) names.insert(attr.first);
    if (const auto* def = frame_.engine().program().op_def(frame_.node().op)) {
      for (const auto& attr : def->attr()) names.insert(attr.name());
    }
    for (const std::string& name : names) {
      if (name.starts_with('_') || body.dropped->contains(name)) continue;
      auto value = plain(name);
      if (!value) {
        return problem(value.error().fault, value.error().what, {},
                       fmt::format("add '{}' to the mapping's 'drop'", name));
      }
      if (*value) node.attributes.push_back({name, **std::move(value)});
    }
    return {};
  }

  /// Content of input `rule.input`: numbers of rank 0 give one, others a list.
  Value from_input(const AttrRule& rule) {
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
      if (one) return constant->strings().front();
      return constant->strings();
    }
    const bool floating = constant->dtype() == ir::DType::kFloat || constant->dtype() == ir::DType::kDouble ||
                          constant->dtype() == ir::DType::kFloat16 || constant->dtype() == ir::DType::kBfloat16;
    if (floating) {
      std::vector<float> numbers;
      for (const double number : constant->as_doubles()) numbers.push_back(static_cast<float>(number));
      if (one) return numbers.front();
      return numbers;
    }
    auto numbers = constant->as_ints();
    if (one) return numbers.front();
    return numbers;
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
