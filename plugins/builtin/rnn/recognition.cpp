// Cells in loops that ONNX has an op for.
#include <array>

#include "rnn.hpp"

namespace flowport::rnn {

namespace {

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

  /// The op that a letter of the pattern matched, as an activation of ONNX.
  std::string activation(const char* letter) const {
    static constexpr std::array kKnown{"Relu", "Sigmoid", "Softplus", "Softsign", "Tanh"};
    const auto op = node.attr<std::string>(letter);
    for (const auto* known : kKnown) {
      if (op == known) return op;
    }
    node.decline("ONNX's recurrent ops know no activation " + op);
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
  const auto made = node.emit_n(
      "LSTM",
      {layer.x, layer.stacked({"Wi", "Wo", "Wf", "Wh"}), layer.stacked({"Ri", "Ro", "Rf", "Rh"}),
       layer.biases({"Bi", "Bo", "Bf", "Bh", "", "", "", ""}), layer.lengths, layer.with_direction(layer.h),
       layer.with_direction(c), peepholes},
      {{"hidden_size", layer.units},
       {"activations", std::vector<std::string>{layer.activation("f"), layer.activation("g"), layer.activation("k")}}},
      3);
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
  bind_states(node,
              node.emit_n("GRU",
                          {layer.x, layer.stacked({"Wz", "Wr", "Wh"}), layer.stacked({"Rz", "Rr", "Rh"}),
                           layer.biases(biases), layer.lengths, layer.with_direction(layer.h)},
                          {{"hidden_size", layer.units},
                           {"linear_before_reset", kAfter},
                           {"activations", std::vector<std::string>{layer.activation("f"), layer.activation("g")}}},
                          2));
}

// A match of kRnn -> ONNX RNN
void rnn(const Node& node) {
  const Layer layer(node);
  bind_states(
      node,
      node.emit_n("RNN",
                  {layer.x, layer.stacked({"Wh"}), layer.stacked({"Rh"}), layer.biases({"Bh", ""}), layer.lengths,
                   layer.with_direction(layer.h)},
                  {{"hidden_size", layer.units}, {"activations", std::vector<std::string>{layer.activation("g")}}}, 2));
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
