// A rewrite: a loop that is a linear recurrence, SimpleRNN without activation, is one RNN.
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace {

using flowport::Ints;
using flowport::Node;
using flowport::Value;

constexpr const char* kLinear = R"((x, h) => (h1)
h1 = Sum(MatMul(x, W), MatMul(h, R), B))";

// ONNX has a matrix a direction, with units first.
Value weights(const Node& node, const char* name) { return unsqueeze(transpose(node.input(name), {1, 0}), {0}); }

// Loop: h = x[t] W + h R + B
// ONNX: RNN with the activation Affine, 1 h + 0
void linear(const Node& node) {
  const Value h = node.input("h"), b = node.input("B");
  const std::int64_t units = node.input("R").dim(0);
  if (units < 0) node.decline("the number of units is not known");
  Value biases;
  if (b) biases = unsqueeze(flowport::concat({b, fill(node.ints({units}), b, 0.0)}, 0), {0});
  const auto made = node.emit_n(
      "RNN",
      {node.input("x"), weights(node, "W"), weights(node, "R"), biases, node.input("sequence_lens"), unsqueeze(h, {0})},
      {{"hidden_size", units},
       {"activations", std::vector<std::string>{"Affine"}},
       {"activation_alpha", std::vector<float>{1.0F}},
       {"activation_beta", std::vector<float>{0.0F}}},
      2);
  node.bind(0, squeeze(made[0], Ints{1}));  // the state after every step, stacked
  node.bind(1, squeeze(made[1], Ints{0}));  // its last value
}

constexpr flowport::Rewrite kRewrites[] = {flowport::scan_rewrite<linear>("linear", kLinear)};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.rewrite", .version = "1.0.0", .summary = "Linear RNN", .license = "Apache-2.0"}, {}, {},
                {}, kRewrites)
