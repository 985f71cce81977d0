// Behind cells that were taken out of a loop: scan outputs that only hand on their rows.
#pragma once

#include <unordered_map>

#include "recognize/extract.h"

namespace flowport::recognize {

/// What cells gave for their iterations, and in the end (0: look at the last row). Rows behind the last iteration, if there are
/// any, are zeros.
using CellRows = std::unordered_map<ir::ValueId, ir::ValueId>;

/// Scan outputs whose rows are those of one of `cells` become that tensor. Edits the model as extract() does.
void unwrap(convert::Emitter& emitter, const LoopStep& step, const Place& place, const CellRows& cells);

}  // namespace flowport::recognize
