// One evaluation: the node, its known inputs and how large a result may be.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "onnx/evaluate/indexing.h"
#include "onnx/graph.h"

namespace flowport::ir::evaluation {

/// One constant per output of the op; nullopt: not evaluated.
using Results = std::optional<std::vector<ConstantPtr>>;

class Call {
 public:
  Call(const Model& model, const Node& node, std::size_t limit) : model_(model), node_(node), limit_(limit) {}

  const Node& node() const { return node_; }
  std::size_t limit() const { return limit_; }
  std::int64_t opset() const { return model_.opset(); }
  std::int64_t int_attr(std::string_view name, std::int64_t otherwise) const { return node_.int_attr(name, otherwise); }

  std::size_t input_count() const { return node_.inputs.size(); }
  bool has(std::size_t input) const { return input < node_.inputs.size() && node_.inputs[input] != 0; }
  const Type& type(std::size_t input) const { return model_.values[node_.inputs[input]].type; }
  /// Null when the input is absent, or not known.
  ConstantPtr input(std::size_t i) const { return has(i) ? model_.values[node_.inputs[i]].constant : nullptr; }

  /// Integers of an input or, where the node has no such input, of the attribute of that name (`int` or `ints`).
  std::optional<Dims> ints(std::size_t input, std::string_view attribute) const;
  /// The only element of such a list.
  std::optional<std::int64_t> integer(std::size_t input, std::string_view attribute) const;

  /// True when a tensor of that type and dims exists (no negative dim) and is not larger than the limit.
  bool fits(DType dtype, DimsView dims) const;

 private:
  const Model& model_;
  const Node& node_;
  std::size_t limit_;
};

/// A result of one output.
inline Results result(ConstantPtr constant) {
  std::vector<ConstantPtr> results;
  results.push_back(std::move(constant));
  return results;
}

/// A result of one output: elements of `source` at `positions` (see pick). Not evaluated where strings outgrow the limit.
Results picked(const Call& call, const Constant& source, Dims dims, std::span<const std::int64_t> positions);

}  // namespace flowport::ir::evaluation
