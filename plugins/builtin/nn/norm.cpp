// Normalisation.
#include "nn.hpp"
#include "spatial.hpp"

namespace flowport::nn {

namespace {

/// Batch statistics over all dims but the channels, as TF computes them when is_training is set.
void train(const Node& node, const Value& x, int rank, bool last, float epsilon) {
  const Value wide = cast(x, DType::kFloat);
  Ints axes;
  for (int i = 0; i < rank; ++i) {
    if (i == (last ? rank - 1 : 1)) continue;
    axes.push_back(i);
  }
  const Value mean = reduce_mean(wide, axes, true);
  const Value centred = wide - mean;
  const Value variance = reduce_mean(centred * centred, axes, true);
  const auto along_channels = [&](const Value& v) {
    Ints behind;
    for (int i = 2; i < rank; ++i) behind.push_back(i - 1);
    return last ? v : unsqueeze(v, behind);
  };
  const Value y = centred / sqrt(variance + static_cast<double>(epsilon)) * along_channels(node.input(1)) +
                  along_channels(node.input(2));
  node.bind(0, cast_like(y, x));
  const Value flat_mean = reshape(mean, Ints{-1}), flat_variance = reshape(variance, Ints{-1});
  // The variance that TF gives out is the unbiased one.
  const Value count = cast(num_elements(wide), DType::kFloat) / cast(num_elements(flat_mean), DType::kFloat);
  const Value unbiased = flat_variance * (count / maximum(count - 1.0, 1.0));
  node.bind(1, flat_mean);
  node.bind(2, unbiased);
  node.bind(3, flat_mean);
  node.bind(4, flat_variance);
}

// TF:   FusedBatchNormV3(x: T, scale: U, offset: U, mean: U, variance: U) -> y: T, batch_mean: U, batch_variance: U, reserves
// ONNX: BatchNormalization
void fused_batch_norm(const Node& node) {
  const bool last = channels_last(node);
  const Value x = node.input(0);
  const int rank = x.rank() >= 0 ? x.rank() : static_cast<int>(node.attr<std::string>("data_format", "NHWC").size());
  const float epsilon = node.attr<float>("epsilon");
  if (node.attr<bool>("is_training", true)) return train(node, x, rank, last, epsilon);
  const Value input = last ? to_channels_first(x, rank) : x;
  std::vector<Value> inputs{input};
  for (int i = 1; i <= 4; ++i) {
    // Statistics of another element type than x exist from opset 15 on.
    inputs.push_back(node.opset() >= 15 ? node.input(i) : cast_like(node.input(i), x));
  }
  const Value y = node.emit("BatchNormalization", inputs, {{"epsilon", epsilon}});
  node.bind(0, last ? to_channels_last(y, rank) : y);
  for (int i = 1; i < node.num_outputs() && i <= 4; ++i) node.bind(i, node.input(i % 2 == 1 ? 3 : 4));
}

constexpr Handler kRows[] = {
    handler<fused_batch_norm>("FusedBatchNorm"),
    handler<fused_batch_norm>("FusedBatchNormV2"),
    handler<fused_batch_norm>("FusedBatchNormV3"),
};

}  // namespace

FLOWPORT_ROWS(kNorm, kRows);

}  // namespace flowport::nn
