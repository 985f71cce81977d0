// Names for everything in a model.
#pragma once

#include "base/problem.h"
#include "onnx/graph.h"
#include "write/outline.h"

namespace flowport::write {

/// Gives every value that is used a name that no other value has, every symbol a name that no other symbol has, and every graph
/// a name. Names of the main graph's inputs and outputs stay; other given names stay unless they are taken. The rest is
/// named after where it comes from: "<TF node>/<op>" for the first output of a node, with ":1" for the next; "<node>/in2" for a
/// constant that this node was the first to use; "<node>/<attribute>/in0" for an input of a body.
/// Errors: Fault::kCheck where two inputs or outputs of the main graph have the same name.
Result<void> name_everything(ir::Model& model, const Outline& outline);

}  // namespace flowport::write
