// A plugin for an op that TensorFlow does not know: Cube(x) -> y.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

// TF:   Cube(x: T) -> y: T
// ONNX: Mul(Mul(x, x), x)
void cube(const flowport::Node& node) { node.bind(node.input(0) * node.input(0) * node.input(0)); }

constexpr flowport::Handler kHandlers[] = {flowport::handler<cube>("Cube")};

}  // namespace

FLOWPORT_PLUGIN({.id = "com.example.cube", .version = "1.0.0", .summary = "Cubes", .license = "Apache-2.0"}, kHandlers)
