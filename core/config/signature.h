// TF arguments by name, as bodies and entries use them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/entry.h"
#include "registry/mapping.h"

namespace flowport::tf::proto {
class OpDef;
}

namespace flowport::config {

/// What the names in a mapping of one TF op mean.
class Signature {
 public:
  /// `op` may be null: the op is not known, its inputs are x0, x1, ... or `input_names`.
  Signature(const tf::proto::OpDef* op, const Entry& entry);

  bool is_known() const { return op_ != nullptr; }
  /// Flat number of inputs; nullopt where a list argument or an unknown op leaves it open.
  std::optional<int> num_inputs() const { return num_inputs_; }
  /// The input called `name`; nullopt: there is none.
  std::optional<registry::Operand> input(std::string_view name) const;
  /// Flat input `index`; nullopt: there is none.
  std::optional<registry::Operand> input(int index) const;
  /// All inputs in order.
  std::vector<registry::Operand> inputs() const;
  /// Names for messages.
  std::vector<std::string_view> input_names() const;

  /// Names of the outputs by position, and whether one of them is a list (which no mapping can give).
  const std::vector<std::string>& output_names() const { return output_names_; }
  bool has_list_output() const { return has_list_output_; }

 private:
  const tf::proto::OpDef* op_;
  std::vector<std::pair<std::string, registry::Operand>> inputs_;
  std::vector<std::string> output_names_;
  std::optional<int> num_inputs_;
  bool has_list_output_ = false;
};

}  // namespace flowport::config
