// ONNX wants each output of a graph to be made by a node of that graph, and to be listed once.
#pragma once

#include "base/problem.h"
#include "onnx/graph.h"
#include "write/outline.h"

namespace flowport::write {

/// Puts an Identity before each output of the main graph and of the bodies that is an input, a constant, a value of an outer
/// graph, or listed before. The name of a constant that is an output of the main graph goes to the new output. Errors:
/// Fault::kCheck where the opset has no Identity for the value's type.
Result<void> make_outputs_distinct(ir::Model& model, Outline& outline);

}  // namespace flowport::write
