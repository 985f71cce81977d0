#include "tensorflow/initializers.h"

#include <algorithm>
#include <string>

#include "tensorflow/protos/saved_model.pb.h"

namespace flowport::tf {
namespace {

void add(std::string_view name, const Graph& main, std::vector<NodeIndex>& nodes) {
  const NodeIndex node = main.find(name.substr(0, name.rfind(':')));
  if (node >= 0 && std::ranges::find(nodes, node) == nodes.end()) nodes.push_back(node);
}

}  // namespace

std::vector<NodeIndex> find_initializers(const proto::MetaGraphDef& meta_graph, const Graph& main) {
  std::vector<NodeIndex> nodes;
  const auto signature = meta_graph.signature_def().find(std::string(kInitSignature));
  if (signature != meta_graph.signature_def().end()) {
    const auto out = signature->second.outputs().find(std::string(kInitSignature));
    if (out != signature->second.outputs().end()) add(out->second.name(), main, nodes);
  }
  for (const std::string_view key : kInitializerCollections) {
    const auto collection = meta_graph.collection_def().find(std::string(key));
    if (collection == meta_graph.collection_def().end()) continue;
    for (const std::string& name : collection->second.node_list().value()) add(name, main, nodes);
  }
  return nodes;
}

}  // namespace flowport::tf
