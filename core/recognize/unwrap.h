// Behind cells that were taken out of a loop: scan outputs that only hand on their rows.
#pragma once

#include <unordered_set>

#include "recognize/extract.h"

namespace flowport::recognize {

/// What cells gave for their iterations. Rows behind the last iteration, if there are any, are zeros.
using CellRows = std::unordered_set<ir::ValueId>;

/// Scan outputs whose rows are those of one of `cells` become that tensor. Edits the model as extract() does.
void unwrap(convert::Emitter& emitter, const LoopStep& step, const Place& place, const CellRows& cells);

}  // namespace flowport::recognize
