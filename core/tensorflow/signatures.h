// The signatures of a SavedModel.
#pragma once

#include <string_view>
#include <vector>

#include "tensorflow/program.h"

namespace flowport::tf {

namespace proto {
class MetaGraphDef;
}

/// Sorted by key; endpoints in the order that program.h tells, those that the graph does not have last. A sparse endpoint
/// is three ("x/indices", "x/values", "x/dense_shape"), another composite one has its components numbered ("x/0").
std::vector<Signature> read_signatures(const proto::MetaGraphDef& meta_graph, const Graph& main);

/// The tensor called "node:1" or "node"; its node is -1 where the graph has none.
Edge edge_of(const Graph& main, std::string_view tensor);

}  // namespace flowport::tf
