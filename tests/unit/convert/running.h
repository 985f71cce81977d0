// Runs graphs given as text through convert(), with the built-in plugins and mappings.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "convert/convert.h"

namespace flowport::convert {

/// What is built in, loaded once.
const registry::Registry& builtin_registry();

struct Converted {
  explicit Converted(const std::string& graph, const InterfaceOptions& options = {}, int opset = 21,
                     const registry::Registry& registry = builtin_registry());

  /// "op" of every node of `graph` (the main one), in order.
  std::vector<std::string> ops() const { return ops_of(result.model.graph); }
  static std::vector<std::string> ops_of(const ir::Graph& graph);
  /// "name: type" of the inputs and outputs.
  std::vector<std::string> inputs() const { return worded(result.model.graph.inputs); }
  std::vector<std::string> outputs() const { return worded(result.model.graph.outputs); }
  /// "op node in path: reason" of each problem with a node, then "what" of the other problems.
  std::vector<std::string> problems() const;
  /// What each problem says to do next, in the same order.
  std::vector<std::string> next() const;
  /// Body `attribute` of the first node of that op in the main graph.
  const ir::Graph& body(const std::string& op, const std::string& attribute) const;
  const ir::Value& value(ir::ValueId id) const { return result.model.values[id]; }

  std::unique_ptr<tf::Program> program;
  Conversion result;

 private:
  std::vector<std::string> worded(const std::vector<ir::ValueId>& values) const;
};

/// Options with these outputs.
inline InterfaceOptions outputs(std::vector<std::string> names) {
  InterfaceOptions options;
  options.outputs = std::move(names);
  return options;
}

}  // namespace flowport::convert
