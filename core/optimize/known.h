// Nodes whose inputs are known become constants.
#pragma once

#include <cstddef>

#include "optimize/editor.h"

namespace flowport::optimize {

/// Gives the number of nodes that were replaced by their result.
std::size_t evaluate_known(Editor& editor);

}  // namespace flowport::optimize
