// Sequences that have their steps along another axis than the first, as x[:, t] takes them.
#pragma once

#include <cstdint>
#include <vector>

#include "convert/emitter.h"
#include "recognize/extract.h"

namespace flowport::recognize {

/// A Gather that took `tensor` along `axis`, by what it gives.
struct Column {
  ir::ValueId output = 0, tensor = 0;
  std::int64_t axis = 0;
};

/// Makes slices of outside tensors that each iteration takes by its number rows of the transposed tensors, which are emitted
/// before the loop. Gives what it changed; where that is anything, `index` and `place` are stale.
std::vector<Column> turn_columns(convert::Emitter& emitter, const Index& index, const Place& place);
/// Puts back in `body` those that are still there: a loop that stays as it was needs no transposed tensor.
void put_back(ir::Graph& body, const std::vector<Column>& columns);

}  // namespace flowport::recognize
