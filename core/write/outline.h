// Where things are in a Model: its graphs in order, and which of them defines each value.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/problem.h"
#include "onnx/graph.h"

namespace flowport::write {

struct Outline {
  static constexpr std::uint32_t kNowhere = UINT32_MAX;

  std::vector<ir::Graph*> graphs;      ///< the main graph, then bodies, each after the graph around it
  std::vector<std::uint32_t> parents;  ///< index of the graph around each one; kNowhere for the main graph
  std::vector<std::uint32_t> definer;  ///< by value: the graph of which it is an input or a node's output, or kNowhere

  /// True for a value that is an initializer where a node uses it.
  bool is_initializer(const ir::Model& model, ir::ValueId id) const {
    return definer[id] == kNowhere && model.values[id].constant != nullptr;
  }
};

/// Fault::kInternal for a model that is malformed: ids out of range, a missing body or constant, a value that nothing defines.
Result<Outline> outline(ir::Model& model);

/// How many bodies lie within one another.
std::size_t nesting(const Outline& outline);

/// The name of a node: that of its first output. Empty until values are named.
const std::string& name_of(const ir::Model& model, const ir::Node& node);

/// "node 'a/b' (Conv), from TF node 'a/b' in 'f/g', by 'flowport.nn/conv2d'", as far as it is known.
std::string place_of(const ir::Model& model, const ir::Node& node);

}  // namespace flowport::write
