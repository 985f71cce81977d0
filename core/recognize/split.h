// States that are several states side by side, as TF1's cells with state_is_tuple=False have them.
#pragma once

#include "convert/emitter.h"
#include "recognize/extract.h"

namespace flowport::recognize {

/// Makes several states of one that the loop's step cuts into columns and joins again. False where the loop has none; otherwise
/// the model is edited, and `index` and `place` are stale.
bool split_state(convert::Emitter& emitter, const Index& index, const Place& place);

}  // namespace flowport::recognize
