// Loop variables that only count iterations: a Loop has that number by itself.
#pragma once

#include "onnx/graph.h"

namespace flowport::recognize {

/// In loops whose number of iterations is known beforehand, counters that nobody wants in the end are the iteration's number, and
/// rows are taken by it as it is. Nodes that nothing uses any longer are left.
void drop_counters(ir::Model& model);

}  // namespace flowport::recognize
