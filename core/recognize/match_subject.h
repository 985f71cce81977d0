// A match as a plugin reads it.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "convert/call_node.h"
#include "recognize/match.h"

namespace flowport::recognize {

class MatchSubject : public convert::CallSubject {
 public:
  struct Argument {
    std::string name;
    ir::ValueId value = 0;
  };
  MatchSubject(const Match& match, std::vector<Argument> arguments, ir::DType dtype)
      : match_(match), arguments_(std::move(arguments)), dtype_(dtype) {}

  std::string_view op() const override { return match_.pattern->rewrite->id; }
  std::string_view name() const override { return match_.pattern->rewrite->id; }
  std::string_view path() const override { return {}; }
  std::size_t input_count() const override { return arguments_.size(); }
  std::size_t output_count() const override { return 2 * match_.states.size(); }
  std::optional<std::pair<std::size_t, std::size_t>> argument(std::string_view name) const override {
    for (std::size_t i = 0; i < arguments_.size(); ++i) {
      if (arguments_[i].name == name) return std::pair{i, std::size_t{1}};
    }
    return std::nullopt;
  }
  Result<ir::ValueId> input(std::size_t i) override { return arguments_[i].value; }
  ir::DType output_type(std::size_t) const override { return dtype_; }
  flowport_attr attribute(std::string_view name) override {
    flowport_attr attribute{};
    const auto dot = name.find('.');
    const auto it = match_.activations.find(std::string(name.substr(0, dot)));
    if (it == match_.activations.end()) return attribute;
    const auto& [op, alpha, beta] = it->second;
    const auto suffix = dot == std::string_view::npos ? std::string_view() : name.substr(dot);
    if (suffix.empty()) {
      text_ = {op.data(), op.size()};
      attribute.kind = FLOWPORT_ATTR_STRING;
      attribute.data = &text_;
    } else {
      const auto& number = suffix == ".alpha" ? alpha : suffix == ".beta" ? beta : std::nullopt;
      if (!number) return attribute;
      attribute.kind = FLOWPORT_ATTR_FLOAT;
      attribute.data = &*number;
    }
    attribute.name = {name.data(), name.size()};
    attribute.count = 1;
    return attribute;
  }
  std::unique_ptr<convert::CallSubject> producer(ir::ValueId) override { return nullptr; }

 private:
  const Match& match_;
  std::vector<Argument> arguments_;
  ir::DType dtype_;
  flowport_str text_{};
};

}  // namespace flowport::recognize
