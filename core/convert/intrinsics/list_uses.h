#pragma once

#include "convert/engine.h"

namespace flowport::convert::intrinsics {

/// True where something takes the items of `list`, an output in `scope`, one by one or joins them: only then may they have
/// different shapes. Follows the list through ops that hand it on, into functions and out of them.
bool is_taken_apart(Engine& engine, const Scope& scope, tf::Edge list);

}  // namespace flowport::convert::intrinsics
