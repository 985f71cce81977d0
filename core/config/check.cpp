#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.h"
#include "config/compile.h"
#include "config/schemas.h"
#include "config/tf_types.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::config {
namespace {

using registry::AttrRule;
using registry::BodyNode;
using registry::Operand;

struct Finding {
  Mark mark;
  std::string what, next;
};

/// "opsets 13 to 17" of the opsets that have `op`, or nothing.
std::string opsets_of(std::string_view op, std::string_view domain) {
  int first = 0;
  int last = 0;
  for (int opset = kLowestOpset; opset <= kHighestOpset; ++opset) {
    if (signature_at(op, domain, opset) == nullptr) continue;
    if (first == 0) first = opset;
    last = opset;
  }
  if (first == 0) return {};
  return last == kHighestOpset ? fmt::format("it is there from opset {} on", first)
                               : fmt::format("it is there from opset {} to {}", first, last);
}

class Checker {
 public:
  Checker(const tf::proto::OpDef* op, const Compiled& compiled) : op_(op), compiled_(compiled) {}

  std::vector<Finding> check(int opset) {
    opset_ = opset;
    findings_.clear();
    for (std::size_t i = 0; i < compiled_.mapping.body.size(); ++i) {
      const BodyNode& node = compiled_.mapping.body[i];
      if (has_schemas(node.domain)) check_node(node, compiled_.places[i]);
    }
    return std::move(findings_);
  }

 private:
  void report(Mark mark, std::string what, std::string next = {}) {
    findings_.push_back({mark, std::move(what), std::move(next)});
  }

  void check_node(const BodyNode& node, const NodePlaces& places) {
    const auto* signature = signature_at(node.op, node.domain, opset_);
    if (signature == nullptr) return missing(node, places.op);
    check_inputs(node, *signature, places.op);
    const auto most = signature->outputs.size();
    if (!signature->variadic_output && static_cast<std::size_t>(node.num_outputs) > most) {
      report(places.op, fmt::format("{} has {} outputs, not {}", node.op, most, node.num_outputs));
    }
    for (std::size_t i = 0; i < node.attrs.size(); ++i) check_attr(node, node.attrs[i], *signature, places.attrs[i]);
    for (const auto& attr : signature->attributes) {
      if (!attr.required || std::ranges::find(node.attrs, attr.name, &AttrRule::name) != node.attrs.end()) continue;
      report(places.op, fmt::format("{} needs the attribute '{}' ({})", node.op, attr.name, kind_name(attr.kind)));
    }
  }

  void missing(const BodyNode& node, Mark mark) {
    std::string next = opsets_of(node.op, node.domain);
    if (next.empty()) {
      // Only the schema library knows all names.
      ir::Model model;
      model.opsets.push_back({node.domain, node.domain.empty() ? kHighestOpset : 5});
      ir::Node probe;
      probe.op = node.op;
      probe.domain = node.domain;
      next = ir::check_node(model, probe).value_or("");
      report(mark, fmt::format("ONNX has no op '{}'", node.op), std::move(next));
    } else {
      report(mark, fmt::format("ONNX has no op '{}' at opset {}", node.op, opset_), std::move(next));
    }
  }

  void check_inputs(const BodyNode& node, const ir::OpSignature& signature, Mark mark) {
    const auto is_list = [](const Operand& operand) {
      return operand.kind == Operand::Kind::kArgument || operand.kind == Operand::Kind::kAllInputs;
    };
    // How many tensors a list has is known when the node is met.
    if (std::ranges::any_of(node.inputs, is_list)) return;
    const auto least = static_cast<std::size_t>(std::max(signature.min_inputs, 0));
    const auto most = signature.inputs.size();
    if (node.inputs.size() < least || (node.inputs.size() > most && !signature.variadic_input)) {
      const std::string range = signature.variadic_input ? fmt::format("at least {}", least)
                                : least == most          ? fmt::format("{}", least)
                                                         : fmt::format("{} to {}", least, most);
      report(mark, fmt::format("{} takes {} inputs, not {}", node.op, range, node.inputs.size()));
      return;
    }
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const auto* slot = input_slot(signature, i);
      if (node.inputs[i].kind == Operand::Kind::kAbsent && slot != nullptr && !slot->optional) {
        report(mark, fmt::format("input {} of {} cannot be left out", i, node.op));
      }
    }
  }

  void check_attr(const BodyNode& node, const AttrRule& rule, const ir::OpSignature& signature, Mark mark) {
    const auto* attr = find_attr(signature, rule.name);
    if (attr == nullptr) {
      std::vector<std::string_view> names;
      for (const auto& known : signature.attributes) names.push_back(known.name);
      std::string next = did_you_mean(rule.name, names);
      if (next.empty()) next = names.empty() ? "it has none" : fmt::format("it has {}", fmt::join(names, ", "));
      report(mark, fmt::format("{} has no attribute '{}' at opset {}", node.op, rule.name, opset_), std::move(next));
      return;
    }
    const auto kind = kind_of_rule(rule);
    if (kind && *kind != attr->kind) {
      report(mark, fmt::format("the ONNX attribute '{}' is of kind {}, not {}", rule.name, kind_name(attr->kind),
                               kind_name(*kind)));
    }
  }

  std::optional<std::size_t> kind_of_rule(const AttrRule& rule) const {
    if (rule.source == AttrRule::Source::kValue) return rule.value.index();
    if (rule.kind) return *rule.kind;
    if (rule.source == AttrRule::Source::kInput) return std::nullopt;
    if (rule.scale != 1 || rule.offset != 0) return std::nullopt;
    if (!rule.choices.empty()) return rule.choices.begin()->second.index();
    if (op_ == nullptr) return std::nullopt;
    const auto it = std::ranges::find(op_->attr(), rule.tf_attr, &tf::proto::OpDef::AttrDef::name);
    // A TF attribute that is not there has been reported by then; a shape or a function has no ONNX kind.
    if (it == op_->attr().end()) return std::nullopt;
    return storage_of(std::string_view(it->type())).value_or(std::variant_size_v<ir::Attribute::Storage>);
  }

  const tf::proto::OpDef* op_;
  const Compiled& compiled_;
  int opset_ = 0;
  std::vector<Finding> findings_;
};

}  // namespace

OpsetRange check_opsets(const Entry& entry, const Compiled& compiled, const tf::OpTable& ops,
                        Diagnostics& diagnostics) {
  Checker checker(ops.find(entry.tf_op), compiled);
  const auto report = [&](const std::vector<Finding>& findings) {
    for (const Finding& finding : findings) diagnostics.error(finding.mark, finding.what, finding.next);
  };
  if (entry.opset) {
    if (entry.opset->min > kHighestOpset || (entry.opset->max != 0 && entry.opset->max < kLowestOpset)) {
      diagnostics.error(entry.opset_mark, fmt::format("no target has an opset in this range: they have {} to {}",
                                                      kLowestOpset, kHighestOpset));
      return *entry.opset;
    }
    const int last = entry.opset->max == 0 ? kHighestOpset : std::min(entry.opset->max, kHighestOpset);
    for (int opset = std::max(entry.opset->min, kLowestOpset); opset <= last; ++opset) {
      const auto findings = checker.check(opset);
      if (findings.empty()) continue;
      report(findings);
      break;
    }
    return *entry.opset;
  }
  int last = kHighestOpset;
  while (last >= kLowestOpset && !checker.check(last).empty()) --last;
  if (last < kLowestOpset) {
    report(checker.check(kHighestOpset));
    return {kLowestOpset, 0};
  }
  int first = last;
  while (first > kLowestOpset && checker.check(first - 1).empty()) --first;
  return {first, last == kHighestOpset ? 0 : last};
}

}  // namespace flowport::config
