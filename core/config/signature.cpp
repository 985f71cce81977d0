#include "config/signature.h"

#include <charconv>

#include "tensorflow/protos/graph.pb.h"

namespace flowport::config {
namespace {

using registry::Operand;

bool is_list(const tf::proto::OpDef::ArgDef& arg) {
  return !arg.number_attr().empty() || !arg.type_list_attr().empty();
}

Operand flat(int index) {
  Operand operand;
  operand.kind = Operand::Kind::kInput;
  operand.index = index;
  return operand;
}

}  // namespace

Signature::Signature(const tf::proto::OpDef* op, const Entry& entry) : op_(op) {
  if (op != nullptr) {
    bool lists = false;
    for (const auto& arg : op->input_arg()) {
      lists = lists || is_list(arg);
      Operand operand = flat(static_cast<int>(inputs_.size()));
      if (lists) {
        operand = {};
        operand.kind = Operand::Kind::kArgument;
        operand.argument = arg.name();
      }
      inputs_.emplace_back(arg.name(), std::move(operand));
    }
    if (!lists) num_inputs_ = static_cast<int>(inputs_.size());
    for (const auto& arg : op->output_arg()) {
      output_names_.push_back(arg.name());
      has_list_output_ = has_list_output_ || is_list(arg);
    }
  }
  if (entry.input_names) {
    inputs_.clear();
    for (const std::string& name : *entry.input_names)
      inputs_.emplace_back(name, flat(static_cast<int>(inputs_.size())));
    if (op == nullptr) num_inputs_ = static_cast<int>(inputs_.size());
  }
  if (entry.output_names) output_names_ = *entry.output_names;
}

std::optional<Operand> Signature::input(std::string_view name) const {
  for (const auto& [known, operand] : inputs_) {
    if (known == name) return operand;
  }
  if (!name.starts_with('x') || name.size() < 2) return std::nullopt;
  int index = 0;
  const auto [end, code] = std::from_chars(name.data() + 1, name.data() + name.size(), index);
  if (code != std::errc{} || end != name.data() + name.size()) return std::nullopt;
  return input(index);
}

std::optional<Operand> Signature::input(int index) const {
  if (index < 0 || index > 63 || (num_inputs_ && index >= *num_inputs_)) return std::nullopt;
  return flat(index);
}

std::vector<Operand> Signature::inputs() const {
  std::vector<Operand> all;
  if (op_ == nullptr && !num_inputs_) {
    Operand rest;
    rest.kind = Operand::Kind::kAllInputs;
    all.push_back(rest);
  }
  for (const auto& [name, operand] : inputs_) all.push_back(operand);
  return all;
}

std::vector<std::string_view> Signature::input_names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, operand] : inputs_) names.push_back(name);
  return names;
}

}  // namespace flowport::config
