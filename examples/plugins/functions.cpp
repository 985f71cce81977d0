// A function attribute: its name tells what to do.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::Node;

// TF:   MyApply(x: T) -> y: T, attr f: func
// ONNX: what is known of the function by name
void apply(const Node& node) {
  const auto name = node.attr<std::string>("f");
  if (name == "swish") return node.bind(node.input(0) * sigmoid(node.input(0)));
  if (name == "gauss") return node.bind(exp(-(node.input(0) * node.input(0))));
  node.unsupported("MyApply of the function " + name, "use swish or gauss");
}

constexpr flowport::Handler kHandlers[] = {flowport::handler<apply>("MyApply")};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.functions", .version = "1.0.0", .summary = "Functions", .license = "Apache-2.0"},
                kHandlers)
