// Finds the cells that plugins have patterns for in the loops of a converted model, and lets them be said by the one op that
// ONNX has. Nothing depends on it: a loop that is not recognised stays a Loop, which is as right and slower.
#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/problem.h"
#include "onnx/graph.h"
#include "registry/registry.h"

namespace flowport::recognize {

struct Recognition {
  std::map<std::string, std::size_t> found;  ///< "plugin:rewrite" -> how many
  std::vector<std::string> notes;
  Problems problems;  ///< what plugins did wrong
};

/// Applies the registry's rewrites of phase "scan" to `model`, which is one that convert() has made and nothing has changed since.
Recognition recognize(ir::Model& model, const registry::Registry& registry, const registry::Target& target);

}  // namespace flowport::recognize
