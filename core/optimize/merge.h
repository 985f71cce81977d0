// Equal nodes with equal inputs are computed once; equal constants are kept once.
#pragma once

#include <cstddef>

#include "optimize/editor.h"

namespace flowport::optimize {

/// Gives the number of nodes that were merged into another one.
std::size_t merge_equal(Editor& editor);

}  // namespace flowport::optimize
