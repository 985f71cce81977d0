// Complex tensors. ONNX computes with none, so that a TF complex tensor is carried as a *pair*: a real tensor with one more
// dim of 2 at its end, for the real and the imaginary part.
#pragma once

#include <vector>

#include "convert/engine.h"
#include "convert/handler_call.h"
#include "registry/registry.h"

namespace flowport::convert {

/// Whether an input or an output of the node is complex.
bool has_complex(Frame& frame, const std::vector<Bound>& inputs);

/// Runs `row` on a node with complex tensors: once, if the row takes pairs; else once with the real and once with the
/// imaginary parts in their place. Emissions are kept when the outcome is OK and dropped otherwise.
CallOutcome call_for_complex(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs);

}  // namespace flowport::convert
