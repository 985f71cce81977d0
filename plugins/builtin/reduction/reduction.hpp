// The rows of this plugin, by source file, and what its files share.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::reduction {

extern const HandlerRows kBincount;
extern const HandlerRows kReduce;
extern const HandlerRows kSegment;

/// What a segment is made of: the rows' sum, product, largest or smallest.
enum class Combine { kSum, kProd, kMax, kMin };

/// Combines the rows of `data` ([n, ...], of known rank) whose id is the same. `ids`: int64 [n]; `count`: int64 scalar.
/// Result: [count, ...] of data's type. Ids below 0 or from `count` on take part in nothing; rows that nothing is in hold
/// what combines neutrally (0, 1, the lowest or the highest finite number).
Value combine_segments(Combine how, const Value& data, const Value& ids, const Value& count);

}  // namespace flowport::reduction
