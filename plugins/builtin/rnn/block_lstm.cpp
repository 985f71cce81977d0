// A whole LSTM layer as TensorFlow's CPU kernels have it.
#include "rnn.hpp"

namespace flowport::rnn {

namespace {

// TF:   BlockLSTM, BlockLSTMV2(seq_len_max, x, cs_prev, h_prev, w, wci, wcf, wco, b; [forget_bias], cell_clip, use_peephole)
//         -> i, cs, f, o, ci, co, h, each [time, batch, units]; zeros from step seq_len_max on
// ONNX: Loop whose body is LSTMBlockCell's formula; the recogniser makes LSTM of it where that is the same
void block_lstm(const Node& node) {
  const LstmStep step = lstm_step(node);
  const Value x = node.input("x");
  if (x.rank() >= 0 && x.rank() != 3) node.bad_model("x must be [time, batch, inputs]");
  const Value time = squeeze(slice(shape_of(x), Ints{0}, Ints{1}, Ints{0}), Ints{0});
  const Value given = cast(node.input("seq_len_max"), DType::kInt64);
  const Value limit = given.rank() == 0 ? given : reshape(given, Ints{});
  const Value steps = minimum(maximum(limit, node.int_scalar(0)), time);
  const Value cs = node.input("cs_prev");
  const Value h = node.input("h_prev");
  const auto spec = [](const Value& state) { return TypeSpec{state.dtype(), state.dims()}; };
  const Body body = node.body({{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}, spec(cs), spec(h)},
                              [&](const std::vector<Value>& in) {
                                const auto made = run(step, gather(x, in[0], 0), in[2], in[3]);
                                std::vector<Value> out{node.emit("Identity", {in[1]}), made[1], made[6]};
                                // A value is one output only.
                                for (const auto& value : made) out.push_back(node.emit("Identity", {value}));
                                return out;
                              });
  const auto results = node.emit_n("Loop", {steps, Value{}, cs, h}, {{"body", body}}, 9);
  const bool is_whole = steps.int_scalar() && steps.int_scalar() == time.int_scalar();
  const Value rest = unsqueeze(time - steps, Ints{0});
  for (int i = 0; i < 7; ++i) {
    const Value scan = results[static_cast<std::size_t>(i) + 2];
    node.bind(i, is_whole ? scan : pad(scan, concat({node.ints({0, 0, 0}), rest, node.ints({0, 0})}, 0)));
  }
}

constexpr Handler kRows[] = {
    handler<block_lstm>("BlockLSTM"),
    handler<block_lstm>("BlockLSTMV2"),
};

}  // namespace

FLOWPORT_ROWS(kBlockLstm, kRows);

}  // namespace flowport::rnn
