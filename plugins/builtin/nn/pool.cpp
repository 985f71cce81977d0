// Pools over the spatial dims.
#include "nn.hpp"
#include "spatial.hpp"

namespace flowport::nn {

namespace {

struct Window {
  Ints kernel, strides;
};

/// ksize and strides, from attributes or, in the V2 ops, from inputs 1 and 2.
Window window_of(const Node& node, int rank, bool last) {
  if (node.op() != "MaxPoolV2")
    return {spatial_items(node, "ksize", rank, last), spatial_items(node, "strides", rank, last)};
  const auto spatial = [&](int input) {
    const Ints all = node.input(input).known_ints();
    if (all.size() != static_cast<std::size_t>(rank)) node.bad_model("ksize and strides should have one item a dim");
    return last ? Ints(all.begin() + 1, all.end() - 1) : Ints(all.begin() + 2, all.end());
  };
  return {spatial(1), spatial(2)};
}

// TF:   MaxPool(input: T) -> output: T, MaxPool3D, AvgPool(value: T), AvgPool3D; MaxPoolV2(input: T, ksize: int32, strides: int32)
// ONNX: MaxPool, AveragePool; padding never counts
template <int kRank>
void pool(const Node& node) {
  const bool last = channels_last(node);
  const bool is_max = node.op().starts_with("Max");
  const Value x = node.input(0);
  const Window window = window_of(node, kRank, last);
  const Value input = last ? to_channels_first(x, kRank) : x;
  const Ints ones(window.kernel.size(), 1);
  const Padding padding = padding_of(node, spatial_sizes(input, kRank), window.kernel, window.strides, ones, last);
  Attrs attrs{{"kernel_shape", window.kernel}, {"strides", window.strides}, padding.attr()};
  if (!is_max) attrs.emplace_back("count_include_pad", 0);
  const Value y = node.emit(is_max ? "MaxPool" : "AveragePool", {input}, attrs);
  node.bind(last ? to_channels_last(y, kRank) : y);
}

constexpr Handler kRows[] = {
    handler<pool<4>>("AvgPool"),
    handler<pool<5>>("AvgPool3D"),
    handler<pool<4>>("MaxPool"),
    handler<pool<5>>("MaxPool3D"),
    handler<pool<4>>("MaxPoolV2", {.const_inputs = inputs_known(1, 2)}),
};

}  // namespace

FLOWPORT_ROWS(kPool, kRows);

}  // namespace flowport::nn
