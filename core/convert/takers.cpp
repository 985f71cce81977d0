#include "convert/takers.h"

#include "convert/scope.h"

namespace flowport::convert {

const std::vector<Takers::Taker>& Takers::of(const tf::Graph& graph, tf::Edge edge) {
  static const std::vector<Taker> kNone;
  const auto [known, is_new] = graphs_.try_emplace(&graph);
  ByEdge& by_edge = known->second;
  for (std::size_t n = 0; is_new && n < graph.nodes.size(); ++n) {
    const auto& inputs = graph.nodes[n].inputs;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      by_edge[Scope::edge_key(inputs[i])].push_back({static_cast<tf::NodeIndex>(n), i});
    }
  }
  const auto it = by_edge.find(Scope::edge_key(edge));
  return it == by_edge.end() ? kNone : it->second;
}

}  // namespace flowport::convert
