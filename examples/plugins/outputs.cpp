// Several outputs.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::Node;

// TF:   MyTopTwo(x: T) -> (values: T, places: int64)
// ONNX: TopK
void top_two(const Node& node) {
  const auto both = node.emit_n("TopK", {node.input(0), node.ints({2})}, {{"axis", -1}}, 2);
  // Of an op that TensorFlow does not know, a node has as many outputs as the model uses.
  for (int i = 0; i < node.num_outputs(); ++i) node.bind(i, both[static_cast<std::size_t>(i)]);
}

constexpr flowport::Handler kHandlers[] = {flowport::handler<top_two>("MyTopTwo")};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.outputs", .version = "1.0.0", .summary = "Two outputs", .license = "Apache-2.0"},
                kHandlers)
