// A family of ops that share their code: one function template, one row an op.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::Node;
using flowport::Value;

Value hard_swish(const Value& x) { return x * minimum(maximum(x + 3.0, 0.0), 6.0) / 6.0; }
Value squared_relu(const Value& x) { return relu(x) * relu(x); }

// TF:   MyHardSwish(x: T) -> y: T, and the like
// ONNX: the formula above
template <auto Formula>
void activation(const Node& node) {
  const Value x = node.input(0);
  if (!is_floating(x.dtype())) node.unsupported("an activation of integers", "cast the input to float");
  node.bind(Formula(x));
}

constexpr flowport::Handler kHandlers[] = {
    flowport::handler<activation<hard_swish>>("MyHardSwish"),
    flowport::handler<activation<squared_relu>>("MySquaredRelu"),
};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.family", .version = "1.0.0", .summary = "Activations", .license = "Apache-2.0"},
                kHandlers)
