// A sequence behind what only orders it: axes exchanged, steps reversed.
#pragma once

#include <cstdint>
#include <optional>

#include "recognize/index.h"

namespace flowport::recognize {

/// A sequence as [time, batch, ...]: `base`, or its first two axes exchanged.
struct Sequence {
  ir::ValueId base = 0;
  bool exchanged = false;
  friend bool operator==(const Sequence&, const Sequence&) = default;
};

/// What is reversed, and up to which lengths (0: whole).
struct Reversal {
  ir::ValueId of = 0;
  ir::ValueId lengths = 0;
};

Sequence sequence_of(const Index& index, ir::ValueId value);

/// What `node` reverses along `axis`, which is 0 or 1 and time's; the other of the two is the batch's.
std::optional<Reversal> reversal(const Index& index, const ir::Node& node, std::int64_t axis);

/// Does `node` take the last row of `tensor`, along axis 0?
bool is_last_row(const Index& index, const ir::Node& node, ir::ValueId tensor);

}  // namespace flowport::recognize
