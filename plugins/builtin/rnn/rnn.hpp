// The rows of this plugin, by source file, and the LSTM step that several ops share.
#pragma once

#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace flowport::rnn {

extern const HandlerRows kBlockLstm;
extern const HandlerRows kCells;
extern const HandlerRows kCudnn;
extern const RewriteRows kRecognition;

/// What LSTMBlockCell, BlockLSTM and BlockLSTMV2 have in common: weights [inputs + units, 4 units] and how to use them.
struct LstmStep {
  Value w, b;
  Value wci, wcf, wco;  ///< peepholes; absent where they are not used
  double forget_bias = 0;
  double cell_clip = 0;      ///< the cell state is clipped to [-clip, clip]; no clipping where it is not positive
  bool input_first = false;  ///< gates lie as input, forget, cell, output; else as input, cell, forget, output
};

/// Reads the inputs w, wci, wcf, wco, b and the attributes of the node.
LstmStep lstm_step(const Node& node);

/// i, cs, f, o, ci, co, h: the outputs of the ops, in their order.
std::vector<Value> run(const LstmStep& step, const Value& x, const Value& cs_prev, const Value& h_prev);

}  // namespace flowport::rnn
