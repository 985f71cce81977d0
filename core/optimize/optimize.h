// ONNX-to-ONNX passes: fewer nodes, fewer moves of data, the same numbers (folding a factor into a weight may change the last bits
// of a floating result). Names and order of the graph's inputs and outputs stay. Every pass is linear in nodes and edges.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "onnx/graph.h"

namespace flowport::optimize {

/// A pass as users see it.
struct PassInfo {
  std::string_view name;
  std::string_view doc;  ///< one line
};

/// All passes, in the order in which they run first.
std::span<const PassInfo> passes();

struct OptimizeOptions {
  std::vector<std::string> disabled;  ///< names of passes; unknown names are ignored, see passes()
  /// Does the target take an op of ai.onnx for an element type? Empty: it takes everything.
  std::function<bool(std::string_view op, ir::DType dtype)> takes = {};
};

struct PassResult {
  std::string name;
  std::size_t changes = 0;  ///< summed over all times that the pass ran
};

/// Runs the passes, then drops what is not used. One result for each enabled pass.
std::vector<PassResult> optimize(ir::Model& model, const OptimizeOptions& options);

}  // namespace flowport::optimize
