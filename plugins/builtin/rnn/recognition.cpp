// Cells in loops that ONNX has an op for.
#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "rnn.hpp"

namespace flowport::rnn {

namespace {

/// An activation that ONNX's recurrent ops know by the name of an op, and the op's own alpha and beta where it has them.
struct Activation {
  std::string_view op;
  std::optional<float> alpha, beta;
};

constexpr std::array kActivations = std::to_array<Activation>({
    {"Affine", 1.0F, 0.0F},
    {"Elu", 1.0F, {}},
    {"HardSigmoid", 0.2F, 0.5F},
    {"LeakyRelu", 0.01F, {}},
    {"Relu", {}, {}},
    {"Sigmoid", {}, {}},
    {"Softplus", {}, {}},
    {"Softsign", {}, {}},
    {"Tanh", {}, {}},
    {"ThresholdedRelu", 1.0F, {}},
});

/// What all three ops have in common: the match of a cell whose gates are in the order of the ONNX op.
struct Layer {
  explicit Layer(const Node& match)
      : node(match), x(match.input("x")), h(match.input("h")), lengths(match.input("sequence_lens")) {
    if (x.dtype() != DType::kFloat) node.decline("runtimes have these ops in float only");
    if (x.rank() != 3 || h.rank() != 2) node.decline("the sequence or the state has another rank");
    units = node.input("Rh").dim(-1);
    if (units < 0 || h.dim(1) != units) node.decline("the number of units is not known");
  }

  /// [gates * units, width] from one [width, units] for each gate.
  Value stacked(const std::vector<std::string>& names) const {
    std::vector<Value> gates;
    for (const auto& name : names) {
      const Value gate = node.input(name);
      if (gate.rank() != 2 || gate.dim(1) != units) node.decline("the gates have different widths");
      gates.push_back(gate);
    }
    return unsqueeze(transpose(concat(gates, 1), Ints{1, 0}), Ints{0});
  }

  /// Biases by name, zeros where absent; absent where all are.
  Value biases(const std::vector<std::string>& names) const {
    std::vector<Value> gates;
    bool any = false;
    for (const auto& name : names) {
      Value bias = name.empty() ? Value{} : node.input(name);
      any = any || bias;
      gates.push_back(
          bias ? bias
               : node.constant(DType::kFloat, Ints{units}, std::vector<double>(static_cast<std::size_t>(units), 0.0)));
    }
    return any ? unsqueeze(concat(gates, 0), Ints{0}) : Value{};
  }

  /// `attributes`, and those that say which activations the letters of the pattern matched.
  Attrs with_activations(Attrs attributes, const std::vector<std::string>& letters) const {
    std::vector<std::string> ops;
    std::vector<float> alphas, betas;  // of those activations that have them
    for (const auto& letter : letters) {
      ops.push_back(node.attr<std::string>(letter));
      const auto known = std::ranges::find(kActivations, ops.back(), &Activation::op);
      if (known == kActivations.end()) node.decline("ONNX's recurrent ops know no activation " + ops.back());
      if (known->alpha) alphas.push_back(node.attr<float>(letter + ".alpha", *known->alpha));
      if (known->beta) betas.push_back(node.attr<float>(letter + ".beta", *known->beta));
    }
    attributes.emplace_back("activations", ops);
    if (!alphas.empty()) attributes.emplace_back("activation_alpha", alphas);
    if (!betas.empty()) attributes.emplace_back("activation_beta", betas);
    return attributes;
  }

  Value with_direction(const Value& state) const { return unsqueeze(state, Ints{0}); }

  const Node& node;
  Value x, h, lengths;
  std::int64_t units = 0;
};

// A match of kLstm or kLstmPeepholes -> ONNX LSTM
template <bool kPeepholes>
void lstm(const Node& node) {
  const Layer layer(node);
  const Value c = node.input("c");
  if (c.rank() != 2) node.decline("the cell state has another rank");
  Value peepholes;
  if (kPeepholes) {
    std::vector<Value> gates;
    for (const char* name : {"Pi", "Po", "Pf"}) {
      gates.push_back(node.input(name));
      if (gates.back().rank() != 1 || gates.back().dim(0) != layer.units) node.decline("a peephole is no vector");
    }
    peepholes = unsqueeze(concat(gates, 0), Ints{0});
  }
  const auto made =
      node.emit_n("LSTM",
                  {layer.x, layer.stacked({"Wi", "Wo", "Wf", "Wh"}), layer.stacked({"Ri", "Ro", "Rf", "Rh"}),
                   layer.biases({"Bi", "Bo", "Bf", "Bh", "", "", "", ""}), layer.lengths, layer.with_direction(layer.h),
                   layer.with_direction(c), peepholes},
                  layer.with_activations({{"hidden_size", layer.units}}, {"f", "g", "k"}), 3);
  node.bind(0, squeeze(made[0], Ints{1}));
  node.bind(1, squeeze(made[1], Ints{0}));
  node.bind(3, squeeze(made[2], Ints{0}));
}

/// `made`: outputs of GRU or RNN.
void bind_states(const Node& node, const std::vector<Value>& made) {
  node.bind(0, squeeze(made[0], Ints{1}));
  node.bind(1, squeeze(made[1], Ints{0}));
}

// A match of kGruBefore or kGruAfter -> ONNX GRU
template <bool kAfter>
void gru(const Node& node) {
  const Layer layer(node);
  std::vector<std::string> biases{"Bz", "Br", "Bh", "", "", ""};
  if (kAfter) biases.back() = "Ch";
  bind_states(node, node.emit_n("GRU",
                                {layer.x, layer.stacked({"Wz", "Wr", "Wh"}), layer.stacked({"Rz", "Rr", "Rh"}),
                                 layer.biases(biases), layer.lengths, layer.with_direction(layer.h)},
                                layer.with_activations({{"hidden_size", layer.units}, {"linear_before_reset", kAfter}},
                                                       {"f", "g"}),
                                2));
}

// A match of kRnn -> ONNX RNN
void rnn(const Node& node) {
  const Layer layer(node);
  bind_states(node, node.emit_n("RNN",
                                {layer.x, layer.stacked({"Wh"}), layer.stacked({"Rh"}), layer.biases({"Bh", ""}),
                                 layer.lengths, layer.with_direction(layer.h)},
                                layer.with_activations({{"hidden_size", layer.units}}, {"g"}), 2));
}

constexpr const char* kLstm = R"((x, h, c) => (h1, c1)
f = any.f(Sum(MatMul(x, Wf), MatMul(h, Rf), Bf))
i = any.f(Sum(MatMul(x, Wi), MatMul(h, Ri), Bi))
g = any.g(Sum(MatMul(x, Wh), MatMul(h, Rh), Bh))
o = any.f(Sum(MatMul(x, Wo), MatMul(h, Ro), Bo))
c1 = Sum(Mul(f, c), Mul(i, g))
h1 = Mul(o, any.k(c1)))";

constexpr const char* kLstmPeepholes = R"((x, h, c) => (h1, c1)
f = any.f(Sum(MatMul(x, Wf), MatMul(h, Rf), Bf, Mul(c, Pf)))
i = any.f(Sum(MatMul(x, Wi), MatMul(h, Ri), Bi, Mul(c, Pi)))
g = any.g(Sum(MatMul(x, Wh), MatMul(h, Rh), Bh))
c1 = Sum(Mul(f, c), Mul(i, g))
o = any.f(Sum(MatMul(x, Wo), MatMul(h, Ro), Bo, Mul(c1, Po)))
h1 = Mul(o, any.k(c1)))";

constexpr const char* kGruBefore = R"((x, h) => (h1)
z = any.f(Sum(MatMul(x, Wz), MatMul(h, Rz), Bz))
r = any.f(Sum(MatMul(x, Wr), MatMul(h, Rr), Br))
g = any.g(Sum(MatMul(x, Wh), MatMul(Mul(r, h), Rh), Bh))
h1 = Sum(Mul(z, h), Mul(Sub(1.0, z), g)))";

constexpr const char* kGruAfter = R"((x, h) => (h1)
z = any.f(Sum(MatMul(x, Wz), MatMul(h, Rz), Bz))
r = any.f(Sum(MatMul(x, Wr), MatMul(h, Rr), Br))
g = any.g(Sum(MatMul(x, Wh), Mul(r, Sum(MatMul(h, Rh), Ch)), Bh))
h1 = Sum(Mul(z, h), Mul(Sub(1.0, z), g)))";

constexpr const char* kRnn = R"((x, h) => (h1)
h1 = any.g(Sum(MatMul(x, Wh), MatMul(h, Rh), Bh)))";

constexpr Rewrite kRows[] = {
    scan_rewrite<lstm<false>>("lstm", kLstm),
    scan_rewrite<lstm<true>>("lstm_peepholes", kLstmPeepholes),
    scan_rewrite<gru<false>>("gru_reset_before", kGruBefore),
    scan_rewrite<gru<true>>("gru_reset_after", kGruAfter),
    scan_rewrite<rnn>("rnn", kRnn),
};

}  // namespace

FLOWPORT_REWRITES(kRecognition, kRows);

}  // namespace flowport::rnn
