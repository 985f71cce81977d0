// Steps that a mask leaves out. A lane keeps its state through such a step, so a recurrent op may run over the others alone: they
// are packed to the front, as many as the lane has are its length, and what a lane has after a step is found by how many had come.
#pragma once

#include <compare>
#include <map>
#include <utility>

#include "convert/emission.h"
#include "recognize/index.h"

namespace flowport::recognize {

/// A sequence or a mask behind what orders its steps: axes 0 and 1 exchanged, then time reversed.
struct Ordered {
  ir::ValueId base = 0;
  bool exchanged = false;
  bool reversed = false;
  friend auto operator<=>(const Ordered&, const Ordered&) = default;
};

struct Packed {
  ir::ValueId sequence = 0;  ///< [time, batch, ...]: the steps that count, then the others
  ir::ValueId lengths = 0;   ///< int32 [batch]
  ir::ValueId after = 0;     ///< int64 [time, batch, 2], indices of GatherND: how many steps have come, and the lane
  bool reversed = false;     ///< steps of `after` are in the order of time, those of the loop are not
  Ordered mask;
};

/// Packs the sequences of loops in one graph, each of them once. A copy is a savepoint.
class Packer {
 public:
  /// `sequence` is [time, batch, ...] and `mask` bool [time, batch] or [time, batch, 1], true for steps that count. Both have
  /// the same steps; one lane of the mask may stand for all.
  Packed pack(convert::Emission& emit, const Index& index, ir::ValueId sequence, ir::ValueId mask);
  /// [time, batch, ...]: what lanes have after each step: `start`, until there is a row of `rows`, which are packed.
  static ir::ValueId unpack(convert::Emission& emit, const Packed& packed, ir::ValueId start, ir::ValueId rows);
  /// `unpacked` is what unpack() made of `rows`: to pack it again is to take those.
  void note(const Packed& packed, ir::ValueId unpacked, ir::ValueId rows);

 private:
  struct Plan {
    ir::ValueId lengths = 0;
    ir::ValueId places = 0;             ///< int64 [time, batch, 2]: where a step goes, and the lane
    ir::ValueId come = 0, to_come = 0;  ///< int64 [time, batch]: steps that count, this one included
    ir::ValueId lanes = 0;              ///< int64 [time, batch, 1]
  };
  /// With the first two dims of `dims_of`, if there is one.
  static Plan plan(convert::Emission& emit, const Ordered& mask, ir::ValueId dims_of);

  std::map<std::pair<Ordered, ir::ValueId>, Plan> plans_;      // by mask and, where dims may differ, by sequence
  std::map<std::pair<Ordered, Ordered>, ir::ValueId> packed_;  // by sequence and mask
};

}  // namespace flowport::recognize
