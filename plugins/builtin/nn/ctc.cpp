// Decoding of connectionist temporal classification.
#include "ctc.hpp"
#include "nn.hpp"

namespace flowport::nn {

namespace {

// TF:   CTCGreedyDecoder(inputs: T [time, b, classes], sequence_length: int32 [b]) -> decoded_indices: int64,
//       decoded_values: int64, decoded_shape: int64, log_probability: T [b, 1], attrs merge_repeated, blank_index
// ONNX: ArgMax; what is no blank, no repetition and within its sequence by NonZero
void ctc_greedy_decoder(const Node& node) {
  const Value x = node.input(0);
  const std::int64_t blank = node.attr<std::int64_t>("blank_index", -1);
  const Value blank_class = blank >= 0 ? node.int_scalar(blank) : dim_of(x, 2) + static_cast<double>(blank);
  const Value lengths = unsqueeze(cast(node.input(1), DType::kInt64), {1});
  const Value within = less(unsqueeze(iota(dim_of(x, 0)), {0}), lengths);
  const Value best = transpose(arg_max(x, 2, false), {1, 0});
  Value kept = logical_and(within, logical_not(equal(best, blank_class)));
  if (node.attr<bool>("merge_repeated", false)) {
    const Value batch = slice(shape_of(x), {1}, {2}, {0});
    const Value none = expand(node.int_scalar(-1), concat({batch, node.ints({1})}, 0));
    kept = logical_and(kept, logical_not(equal(best, slice(concat({none, best}, 1), {0}, {-1}, {1}))));
  }
  const auto [indices, values, shape] = decoded(best, kept);
  node.bind(0, indices);
  node.bind(1, values);
  node.bind(2, shape);
  const Value scores = transpose(reduce_max(x, {2}, false), {1, 0});
  node.bind(3, -reduce_sum(where(within, scores, 0), {1}, true));
}

constexpr Handler kRows[] = {
    handler<ctc_greedy_decoder>("CTCGreedyDecoder"),
};

}  // namespace

FLOWPORT_ROWS(kCtc, kRows);

}  // namespace flowport::nn
