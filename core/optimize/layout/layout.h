// Takes Transposes out of the way: see plan.h and rewrite.h.
#pragma once

#include <cstddef>

#include "optimize/editor.h"

namespace flowport::optimize {

/// Gives the number of Transposes of data that are gone.
std::size_t change_layout(Editor& editor);

}  // namespace flowport::optimize
