// One step of a recurrent layer.
#include "rnn.hpp"

namespace flowport::rnn {

namespace {

/// `x` cut into `count` equal parts along axis 1.
std::vector<Value> parts(const Value& x, int count, std::int64_t size) {
  return split(x, Ints(static_cast<std::size_t>(count), size), 1);
}

std::int64_t units_of(const Node& node, const Value& bias, std::int64_t gates) {
  const std::int64_t width = bias.known_rank() == 1 ? bias.dim(0) : -1;
  if (width < 0)
    node.unsupported("the number of units is not known", "freeze the model, so that its weights are constants");
  if (width % gates != 0) node.bad_model("the bias does not have " + std::to_string(gates) + " equal parts");
  return width / gates;
}

}  // namespace

LstmStep lstm_step(const Node& node) {
  LstmStep step;
  step.w = node.input("w");
  step.b = node.input("b");
  if (node.attr<bool>("use_peephole")) {
    step.wci = node.input("wci");
    step.wcf = node.input("wcf");
    step.wco = node.input("wco");
  }
  step.forget_bias = static_cast<double>(node.attr<float>("forget_bias", 0.0F));
  step.cell_clip = static_cast<double>(node.attr<float>("cell_clip"));
  step.input_first = node.op() == "BlockLSTMV2";
  return step;
}

std::vector<Value> run(const LstmStep& step, const Value& x, const Value& cs_prev, const Value& h_prev) {
  const Value z = matmul(concat({x, h_prev}, 1), step.w) + step.b;
  const auto gates = parts(z, 4, units_of(x.node(), step.b, 4));
  const auto seen = [](const Value& gate, const Value& peephole, const Value& cs) {
    return peephole ? gate + cs * peephole : gate;
  };
  const Value forget =
      step.forget_bias != 0 ? gates[step.input_first ? 1 : 2] + step.forget_bias : gates[step.input_first ? 1 : 2];
  const Value i = sigmoid(seen(gates[0], step.wci, cs_prev));
  const Value f = sigmoid(seen(forget, step.wcf, cs_prev));
  const Value ci = tanh(gates[step.input_first ? 2 : 1]);
  Value cs = ci * i + cs_prev * f;
  if (step.cell_clip > 0) cs = maximum(minimum(cs, step.cell_clip), -step.cell_clip);
  const Value o = sigmoid(seen(gates[3], step.wco, cs));
  const Value co = tanh(cs);
  return {i, cs, f, o, ci, co, co * o};
}

namespace {

// TF:   LSTMBlockCell(x, cs_prev, h_prev, w, wci, wcf, wco, b; forget_bias, cell_clip, use_peephole)
//         -> i, cs, f, o, ci, co, h
// ONNX: the formula; clipping the cell state is not what LSTM's `clip` does
void lstm_block_cell(const Node& node) {
  node.bind_all(run(lstm_step(node), node.input("x"), node.input("cs_prev"), node.input("h_prev")));
}

// TF:   GRUBlockCell(x, h_prev, w_ru, w_c, b_ru, b_c) -> r, u, c, h: h = u * h_prev + (1 - u) * c
// ONNX: the formula
void gru_block_cell(const Node& node) {
  const Value x = node.input("x");
  const Value h = node.input("h_prev");
  const Value b_ru = node.input("b_ru");
  const auto gates = parts(matmul(concat({x, h}, 1), node.input("w_ru")) + b_ru, 2, units_of(node, b_ru, 2));
  const Value r = sigmoid(gates[0]);
  const Value u = sigmoid(gates[1]);
  const Value c = tanh(matmul(concat({x, h * r}, 1), node.input("w_c")) + node.input("b_c"));
  node.bind_all({r, u, c, u * h + (1.0 - u) * c});
}

constexpr Handler kRows[] = {
    handler<gru_block_cell>("GRUBlockCell"),
    handler<lstm_block_cell>("LSTMBlockCell"),
};

}  // namespace

FLOWPORT_ROWS(kCells, kRows);

}  // namespace flowport::rnn
