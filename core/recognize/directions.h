// Directions of ONNX's recurrent ops: a forward one over a reversed sequence is a reverse one over the sequence, and two over
// one sequence, one each way, are one bidirectional one.
#pragma once

#include "onnx/graph.h"

namespace flowport::recognize {

void join_directions(ir::Model& model);

}  // namespace flowport::recognize
