// An op that TensorFlow does not have and no graph file describes: its declaration, in the words of TensorFlow's REGISTER_OP.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::Node;
using flowport::Value;

// TF:   MyWeigh(pieces: N * T, weight: float) -> (total: T, heaviest: T), attr power: float
// ONNX: Mul, Sum, Max
void weigh(const Node& node) {
  const double power = node.attr<float>("power");  // the declaration's default, where the node says nothing
  const Value weight = node.input("weight");
  std::vector<Value> weighed;
  for (const Value& piece : node.some_inputs("pieces"))
    weighed.push_back(pow(piece, scalar_like(piece, power)) * weight);
  node.bind(0, node.emit("Sum", weighed));
  node.bind(1, node.emit("Max", weighed));
}

constexpr flowport::Handler kHandlers[] = {flowport::handler<weigh>("MyWeigh")};

constexpr flowport::TfOp kTfOps[] = {{.op = "MyWeigh",
                                      .inputs = "pieces: N * T, weight: float",
                                      .outputs = "total: T, heaviest: T",
                                      .attrs = "N: int >= 1, T: {float} = DT_FLOAT, power: float = 2.0"}};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.declared_op", .version = "1.0.0", .summary = "MyWeigh", .license = "Apache-2.0"},
                kHandlers, {}, {}, {}, kTfOps)
