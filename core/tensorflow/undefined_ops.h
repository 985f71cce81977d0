// Nodes of ops that nobody defines: custom ops of graphs that come without a list of their ops.
#pragma once

#include "tensorflow/program.h"

namespace flowport::tf {

class Library;

/// Notes that the output at `edge` has type `type`, where its node's op is not defined. Contradictions keep what came first.
void tell_output_type(Graph& graph, const Library& library, Edge edge, DataType type);

/// Notes all that the nodes of `graph` tell of the outputs of those whose ops are not defined: consumers with a definition the
/// types that they take, attributes by their customary names (output_types, Tout, T, ...) what they presumably say.
void tell_outputs(Graph& graph, const Library& library);

}  // namespace flowport::tf
