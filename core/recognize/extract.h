// Taking a matched cell out of its loop: what a plugin emits runs over the whole sequence before the loop, which reads the rows
// of its result and goes on with the rest of what it does.
#pragma once

#include <unordered_set>

#include "convert/emitter.h"
#include "recognize/match.h"

namespace flowport::recognize {

struct Place {
  ir::Graph* graph = nullptr;  ///< that has the loop
  std::size_t node = 0;        ///< the loop's place in it
};

struct Extraction {
  bool done = false;
  std::vector<ir::ValueId> rows;  ///< tensors that have a row for each iteration
  std::vector<std::string> notes;
  std::optional<Problem> problem;  ///< a bug of the plugin's
};

/// Calls the rewrite and, where it succeeds and gives all that the loop needs, edits the model: `step`, its index and `place` are
/// stale then. `number` differs between calls.
Extraction extract(convert::Emitter& emitter, const LoopStep& step, const Match& match, const Place& place,
                   std::uint32_t number);

/// What cells gave for their iterations. Rows behind the last iteration, if there are any, are zeros.
using CellRows = std::unordered_set<ir::ValueId>;

/// Scan outputs whose rows are those of one of `cells` become that tensor. Edits the model as extract() does.
void unwrap(convert::Emitter& emitter, const LoopStep& step, const Place& place, const CellRows& cells);

}  // namespace flowport::recognize
