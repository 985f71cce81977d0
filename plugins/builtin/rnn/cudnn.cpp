// CudnnRNN: several layers, one or two directions, all weights in one vector. TensorFlow has no kernel for them but cuDNN's;
// the formulas and the packing are those of cuDNN's documentation.
#include "rnn.hpp"

namespace flowport::rnn {

namespace {

struct Cudnn {
  std::string_view op;     ///< ONNX
  std::vector<int> order;  ///< ONNX's gates by their place in cuDNN's weights
  const char* activation;  ///< of RNN, or null
};

Cudnn kind_of(const Node& node) {
  const auto mode = node.attr<std::string>("rnn_mode");
  if (mode == "lstm") return {"LSTM", {0, 3, 1, 2}, nullptr};  // i f g o -> i o f g
  if (mode == "gru") return {"GRU", {1, 0, 2}, nullptr};       // r z n -> z r n
  if (mode == "rnn_tanh") return {"RNN", {0}, "Tanh"};
  if (mode == "rnn_relu") return {"RNN", {0}, "Relu"};
  node.bad_model("rnn_mode '" + mode + "' is not one of lstm, gru, rnn_tanh and rnn_relu");
}

/// Takes pieces off a vector, front to back.
class Packed {
 public:
  explicit Packed(const Value& all) : all_(all) {}
  Value take(std::int64_t count) {
    const std::int64_t begin = at_;
    at_ += count;
    return slice(all_, Ints{begin}, Ints{at_}, Ints{0});
  }
  std::int64_t taken() const { return at_; }

 private:
  Value all_;
  std::int64_t at_ = 0;
};

/// The gates of a piece [gates * rows, width] or [gates * rows], in ONNX's order.
Value reordered(const Value& piece, const Cudnn& kind, std::int64_t rows) {
  std::vector<Value> gates;
  for (const int gate : kind.order) gates.push_back(slice(piece, Ints{gate * rows}, Ints{(gate + 1) * rows}, Ints{0}));
  return concat(gates, 0);
}

void check_attributes(const Node& node) {
  if (node.attr<bool>("is_training", true) && node.attr<float>("dropout", 0.0F) > 0) {
    node.unsupported("dropout while training", "export the model for inference (is_training=False)");
  }
  if (node.attr<std::int64_t>("num_proj", 0) > 0) {
    node.unsupported("a projection of the output (num_proj)", "ONNX LSTM has none; project by a layer of its own");
  }
}

// TF:   CudnnRNN, V2(input, input_h, input_c, params), V3(..., sequence_lengths; time_major)
//         -> output, output_h, output_c, reserve_space, [host_reserved]
// ONNX: LSTM, GRU(linear_before_reset=1) or RNN for each layer
void cudnn_rnn(const Node& node) {
  check_attributes(node);
  const Cudnn kind = kind_of(node);
  const bool is_lstm = kind.op == "LSTM";
  const bool has_lengths = node.op() == "CudnnRNNV3";
  const bool time_major = !has_lengths || node.attr<bool>("time_major", true);
  const int directions = node.attr<std::string>("direction") == "bidirectional" ? 2 : 1;
  const auto to_time_major = [&](const Value& v) { return time_major ? v : transpose(v, Ints{1, 0, 2}); };

  Value x = to_time_major(node.input("input"));
  const Value h = to_time_major(node.input("input_h"));
  const Value c = is_lstm ? to_time_major(node.input("input_c")) : Value{};
  const std::int64_t stacked = h.known_rank() == 3 ? h.dim(0) : -1;
  const std::int64_t units = h.known_rank() == 3 ? h.dim(2) : -1;
  std::int64_t width = x.known_rank() == 3 ? x.dim(2) : -1;
  if (stacked < 1 || units < 1 || width < 1) {
    node.unsupported("the number of layers, units or inputs is not known",
                     "give the inputs shapes with these dims known");
  }
  if (stacked % directions != 0) node.bad_model("input_h has a layer with one direction only");
  const auto input_mode = node.attr<std::string>("input_mode", "linear_input");
  if (input_mode == "skip_input" || (input_mode == "auto_select" && width == units)) {
    node.unsupported("a first layer without input weights (input_mode '" + input_mode + "')",
                     "build the layer with input_mode 'linear_input'");
  }
  const int layers = static_cast<int>(stacked) / directions;
  const auto gates = static_cast<std::int64_t>(kind.order.size());
  const Value params = reshape(node.input("params"), Ints{-1});
  const Value lengths = has_lengths ? cast(node.input("sequence_lengths"), DType::kInt32) : Value{};

  // All matrices come before all biases; each time layers, their directions, then input and recurrent weights.
  Packed packed(params);
  struct Weights {
    std::vector<Value> w, r, b;
  };
  std::vector<Weights> weights(static_cast<std::size_t>(layers));
  for (auto& layer : weights) {
    for (int d = 0; d < directions; ++d) {
      const Value w = reshape(packed.take(gates * units * width), Ints{gates * units, width});
      const Value r = reshape(packed.take(gates * units * units), Ints{gates * units, units});
      layer.w.push_back(unsqueeze(reordered(w, kind, units), Ints{0}));
      layer.r.push_back(unsqueeze(reordered(r, kind, units), Ints{0}));
    }
    width = units * directions;
  }
  for (auto& layer : weights) {
    for (int d = 0; d < directions; ++d) {
      const Value w = reordered(packed.take(gates * units), kind, units);
      const Value r = reordered(packed.take(gates * units), kind, units);
      layer.b.push_back(unsqueeze(concat({w, r}, 0), Ints{0}));
    }
  }
  if (params.dim(0) >= 0 && params.dim(0) != packed.taken()) {
    node.bad_model("params has " + std::to_string(params.dim(0)) + " numbers, these layers need " +
                   std::to_string(packed.taken()));
  }

  Attrs attributes{{"hidden_size", units}, {"direction", directions == 2 ? "bidirectional" : "forward"}};
  if (kind.op == "GRU") attributes.emplace_back("linear_before_reset", 1);
  if (kind.activation != nullptr) {
    attributes.emplace_back("activations",
                            std::vector<std::string>(static_cast<std::size_t>(directions), kind.activation));
  }
  std::vector<Value> last_h, last_c;
  for (int i = 0; i < layers; ++i) {
    const auto& layer = weights[static_cast<std::size_t>(i)];
    const auto of_layer = [&](const Value& states) {
      return slice(states, Ints{i * directions}, Ints{(i + 1) * directions}, Ints{0});
    };
    std::vector<Value> inputs{x, concat(layer.w, 0), concat(layer.r, 0), concat(layer.b, 0), lengths, of_layer(h)};
    if (is_lstm) inputs.push_back(of_layer(c));
    const auto made = node.emit_n(kind.op, inputs, attributes, is_lstm ? 3 : 2);
    last_h.push_back(made[1]);
    if (is_lstm) last_c.push_back(made[2]);
    // [time, directions, batch, units] -> [time, batch, directions * units]
    x = directions == 1 ? squeeze(made[0], Ints{1})
                        : node.emit("Reshape", {transpose(made[0], Ints{0, 2, 1, 3}), node.ints({0, 0, 2 * units})});
  }
  node.bind(0, to_time_major(x));
  node.bind(1, to_time_major(concat(last_h, 0)));
  // cuDNN leaves output_c alone where there is no cell state: the kernel gives an empty tensor.
  node.bind(2,
            is_lstm ? to_time_major(concat(last_c, 0)) : node.constant(h.dtype(), Ints{0}, std::span<const double>()));
}

constexpr Handler kRows[] = {
    handler<cudnn_rnn>("CudnnRNN"),
    handler<cudnn_rnn>("CudnnRNNV2"),
    handler<cudnn_rnn>("CudnnRNNV3"),
};

}  // namespace

FLOWPORT_ROWS(kCudnn, kRows);

}  // namespace flowport::rnn
