// What a pixel makes of its surroundings beside pools and convolutions.
#include "nn.hpp"
#include "spatial.hpp"

namespace flowport::nn {

namespace {

// TF:   LRN(input: T [b, h, w, c]) -> output: T, attrs depth_radius, bias, alpha, beta
// ONNX: LRN, whose alpha is of the mean over the window, not of the sum
void lrn(const Node& node) {
  const std::int64_t size = 2 * node.attr<std::int64_t>("depth_radius", 5) + 1;
  const float alpha = node.attr<float>("alpha", 1.0F) * static_cast<float>(size);
  const Attrs attrs{{"size", size},
                    {"alpha", alpha},
                    {"beta", node.attr<float>("beta", 0.5F)},
                    {"bias", node.attr<float>("bias", 1.0F)}};
  node.bind(to_channels_last(node.emit("LRN", {to_channels_first(node.input(0), 4)}, attrs), 4));
}

// TF:   MaxPoolWithArgmax(input: T [b, h, w, c]) -> output: T, argmax: Targmax, attrs ksize, strides, padding,
//       include_batch_in_index
// ONNX: MaxPool with indices, which count [b, c, h, w]; TF's count [h, w, c]
void max_pool_with_argmax(const Node& node) {
  const Value x = node.input(0), input = to_channels_first(x, 4);
  const Ints kernel = spatial_items(node, "ksize", 4, true), strides = spatial_items(node, "strides", 4, true);
  const Padding padding = padding_of(node, spatial_sizes(input, 4), kernel, strides, {1, 1}, true);
  const auto out = node.emit_n("MaxPool", {input}, {{"kernel_shape", kernel}, {"strides", strides}, padding.attr()}, 2);
  const Value plane = dim_of(x, 1) * dim_of(x, 2), channels = dim_of(x, 3);
  Value index = binary("Mod", to_channels_last(out[1], 4), plane) * channels + iota(channels);
  if (node.attr<bool>("include_batch_in_index", false)) {
    index = index + unsqueeze(iota(dim_of(x, 0)), {1, 2, 3}) * (plane * channels);
  }
  node.bind(0, to_channels_last(out[0], 4));
  node.bind(1, cast(index, node.output_dtype(1)));
}

// TF:   Dilation2D(input: T [b, h, w, c], filter: T [kh, kw, c]) -> output: T, attrs strides, rates, padding
// ONNX: Pad, then Max over the places of the filter
void dilation2d(const Node& node) {
  const Value x = node.input(0), filter = node.input(1);
  const Ints strides = spatial_items(node, "strides", 4, true), rates = spatial_items(node, "rates", 4, true);
  const Ints kernel{filter.dim(0), filter.dim(1)};
  if (kernel[0] < 0 || kernel[1] < 0) node.unsupported("the filter's size must be known when converting");
  if (!is_floating(x.dtype())) node.unsupported("dilation of integers", "cast the image to float32");
  const bool same = node.attr<std::string>("padding") == "SAME";
  std::vector<Value> before, after, count;  // int64 [1] of rows and columns
  for (int i = 0; i < 2; ++i) {
    const auto at = static_cast<std::size_t>(i);
    const Value length = reshape(dim_of(x, i + 1), Ints{1});
    const auto stride = static_cast<double>(strides[at]), reach = static_cast<double>((kernel[at] - 1) * rates[at] + 1);
    count.push_back(same ? (length + (stride - 1)) / stride : maximum(length - (reach - stride), 0) / stride);
    const Value missing = same ? maximum((count[at] - 1) * stride + reach - length, 0) : node.ints({0});
    before.push_back(missing / 2);
    after.push_back(missing - before[at]);
  }
  const Value zero = node.ints({0});
  const Value padded = same ? pad(x, concat({zero, before[0], before[1], zero, zero, after[0], after[1], zero}, 0),
                                  scalar_like(x, -INFINITY))
                            : x;
  Value best;
  for (std::int64_t i = 0; i < kernel[0]; ++i) {
    for (std::int64_t j = 0; j < kernel[1]; ++j) {
      const Ints start{i * rates[0], j * rates[1]};
      const Value extent = (concat(count, 0) - 1) * node.ints(strides) + 1;
      const Value part =
          slice(padded, node.ints(start), node.ints(start) + extent, node.ints({1, 2}), node.ints(strides));
      const Value raised = part + gather(gather(filter, i), j);
      best = best ? maximum(best, raised) : raised;
    }
  }
  node.bind(best);
}

constexpr Handler kRows[] = {
    handler<dilation2d>("Dilation2D"),
    handler<lrn>("LRN"),
    handler<max_pool_with_argmax>("MaxPoolWithArgmax"),
};

}  // namespace

FLOWPORT_ROWS(kLocal, kRows);

}  // namespace flowport::nn
