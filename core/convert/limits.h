// Does the target take what came out? The emitter keeps handlers within the target's ops and element types; what else there is to
// keep, and what passes made since, is seen on the final graph only.
#pragma once

#include <string>
#include <vector>

#include "onnx/graph.h"
#include "registry/registry.h"

namespace flowport::convert {

/// A node, or an input of the model, that breaks a limit of the target.
struct LimitBreak {
  std::string op;    ///< ONNX op, "input" for an input of the model
  std::string node;  ///< TF node that it was made for, or the input's name
  std::string path;  ///< function path of the TF node
  std::string reason;
  std::string next;  ///< what to change
};

/// All nodes of `model`, bodies included, that `target` does not take: its ops, element types, ranks; and the inputs whose
/// dims are not known where it wants them to be. In the order of the graphs.
std::vector<LimitBreak> broken_limits(ir::Model& model, const registry::Target& target);

/// What a user can do where `target` does not take an op.
std::string limit_advice(const registry::Target& target);

}  // namespace flowport::convert
