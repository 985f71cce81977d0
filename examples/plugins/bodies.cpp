// Graph-valued attributes: what `body` emits goes into the graph, and may use values from outside.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::DType;
using flowport::Node;
using flowport::TypeSpec;
using flowport::Value;

// TF:   MyPower(x: float, n: int64) -> y: float
// ONNX: Loop that multiplies n times
void power(const Node& node) {
  const Value x = node.input(0);
  const Value none = node.scalar(DType::kBool, 1);
  const TypeSpec state{DType::kFloat, x.dims()};
  const auto body = node.body({{DType::kInt64, flowport::Ints{}}, {DType::kBool, flowport::Ints{}}, state},
                              [&](const std::vector<Value>& in) {
                                return std::vector{node.emit("Identity", {in[1]}), in[2] * x};
                              });
  node.bind(node.emit("Loop", {node.input(1), none, fill(shape_of(x), x, 1.0)}, {{"body", body}}));
}

// TF:   MyChoose(flag: bool, x: float) -> y: float
// ONNX: If
void choose(const Node& node) {
  const Value x = node.input(1);
  const auto yes = node.body({}, [&](const auto&) { return std::vector{x * 10.0}; });
  const auto no = node.body({}, [&](const auto&) { return std::vector{-x}; });
  node.bind(node.emit("If", {node.input(0)}, {{"then_branch", yes}, {"else_branch", no}}));
}

constexpr flowport::Handler kHandlers[] = {flowport::handler<power>("MyPower"), flowport::handler<choose>("MyChoose")};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.bodies", .version = "1.0.0", .summary = "Loops and branches", .license = "Apache-2.0"},
                kHandlers)
