// What we know of ops beyond their schemas' inference: shapes from partly known content, content itself, bodies.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/graph.h"

namespace flowport::ir {

/// Longest content that is followed: shapes are short, tables of numbers are not shapes.
constexpr std::int64_t kMostElements = 1024;

/// A node whose inputs are asked for facts. Refers to the model, which must outlive it.
class NodeFacts {
 public:
  NodeFacts(const Model& model, const Node& node) : model_(model), node_(node) {}

  const Model& model() const { return model_; }
  const Node& node() const { return node_; }
  std::size_t input_count() const { return node_.inputs.size(); }
  bool has(std::size_t input) const { return input < node_.inputs.size() && node_.inputs[input] != 0; }
  /// The absent value where there is no such input.
  const Value& value(std::size_t input) const {
    return model_.values[input < node_.inputs.size() ? node_.inputs[input] : 0];
  }
  const Type& type(std::size_t input) const { return value(input).type; }

  /// Elements of an integer or bool input of rank 0 or 1, each known or not; nullopt where their number is unknown or
  /// large.
  std::optional<Content> content(std::size_t input) const;
  /// Elements of a small, fully known integer input of any rank, row-major.
  std::optional<std::vector<std::int64_t>> ints(std::size_t input) const;

 private:
  const Model& model_;
  const Node& node_;
};

/// Refines `outputs` (one type per output, as the schema's inference left them). Gives a sentence when the node is
/// wrong.
using ShapeRule = std::optional<std::string> (*)(const NodeFacts& facts, std::vector<Type>& outputs);

/// Content of `output`, whose type is `type`; nullopt: nothing is known.
using ContentRule = std::optional<Content> (*)(const NodeFacts& facts, std::size_t output, const Type& type);

struct InferRules {
  ShapeRule shape = nullptr;
  ContentRule content = nullptr;
  bool replaces_schema = false;  ///< `shape` does all: the schema's inference is not asked
};

/// The rules for an op of ai.onnx (from opset 13 on), or nullptr.
const InferRules* infer_rules_of(std::string_view op);

/// `dims` of the better known of two types of one value: numbers before symbols before nothing.
void refine_dims(Type& type, const std::vector<Dim>& dims);

}  // namespace flowport::ir
