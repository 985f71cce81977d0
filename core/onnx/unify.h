// Dims that are equal whenever the model runs.
#pragma once

#include "onnx/graph.h"

namespace flowport::ir {

/// Makes one symbol of those that a node of the main graph demands to be equal: a model with other dims does not run. The symbol
/// that was made first stays. Nodes in bodies demand nothing, since they may never run. Linear.
void unify_dims(Model& model);

}  // namespace flowport::ir
