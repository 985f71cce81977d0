// Which order the axes of every value shall have, so that few Transposes are left. Values that must have the same order, because
// a node that works in any order connects them, form a region; regions meet in Transposes and in nodes that change the rank.
// A region takes the order with the least cost given its neighbours' orders, those that win most by it first; when it changes, its
// neighbours are asked again. Each region changes a bounded number of times and looks at a bounded number of orders, so
// the work is linear in nodes and edges, but for keeping the queue in order.
#pragma once

#include <cstdint>
#include <vector>

#include "optimize/layout/rules.h"

namespace flowport::optimize::layout {

struct Plan {
  static constexpr std::uint32_t kNoRegion = UINT32_MAX;

  std::vector<Rule> rules;               ///< by NodeId
  std::vector<std::uint32_t> region_of;  ///< by ValueId; kNoRegion for constants and values of unknown rank
  std::vector<Permutation> orders;       ///< by region: how its values are permuted

  /// The order planned for `value`; identity of rank 0 where it has no region.
  Permutation order_of(ir::ValueId value) const {
    return region_of[value] == kNoRegion ? Permutation() : orders[region_of[value]];
  }
};

Plan make_plan(const Editor& editor, const std::vector<NodeId>& nodes);

}  // namespace flowport::optimize::layout
