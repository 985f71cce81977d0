// Taking a matched cell out of its loop: what a plugin emits runs over the whole sequence before the loop, which reads the rows
// of its result and goes on with the rest of what it does.
#pragma once

#include "convert/emission.h"
#include "recognize/match.h"
#include "recognize/packing.h"

namespace flowport::recognize {

struct Place {
  ir::Graph* graph = nullptr;  ///< that has the loop
  std::size_t node = 0;        ///< the loop's place in it
};

struct Extraction {
  bool done = false;
  /// A tensor that has a row for each iteration, and what lanes have in the end where that comes by itself (0: it does not).
  struct Rows {
    ir::ValueId tensor = 0, last = 0;
  };
  std::vector<Rows> rows;
  std::vector<std::string> notes;
  std::optional<Problem> problem;  ///< a bug of the plugin's
};

/// int64 [1]: how often the loop runs, at least 0.
ir::ValueId iterations(convert::Emission& emit, const LoopStep& step);

/// Calls the rewrite and, where it succeeds and gives all that the loop needs, edits the model: `step`, its index and `place` are
/// stale then. `number` differs between calls, and `packer` is that of the loop's graph.
Extraction extract(convert::Emitter& emitter, const LoopStep& step, const Match& match, const Place& place,
                   Packer& packer, std::uint32_t number);

}  // namespace flowport::recognize
