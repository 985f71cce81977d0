// Transposed convolutions: TF's gradients of convolutions with respect to their input.
#include "nn.hpp"
#include "spatial.hpp"

namespace flowport::nn {

namespace {

/// A full transposed convolution (no padding taken off), then exactly the window that TensorFlow's padding keeps. `input_sizes`
/// are the sizes of the result; where only the run time knows them the window is cut by Slice.
Value transposed_conv(const Node& node, const Value& input_sizes, const Value& gradient, const Value& weight,
                      const Ints& kernel, std::int64_t groups, int rank, bool last) {
  const Ints strides = spatial_items(node, "strides", rank, last);
  const Ints dilations = spatial_items(node, "dilations", rank, last);
  const std::size_t n = kernel.size();
  const auto items = input_sizes.items();
  Ints sizes(n, -1);
  for (std::size_t i = 0; i < n && items.size() == n + 2; ++i) {
    const auto& item = items[last ? i + 1 : i + 2];
    if (item.known != 0) sizes[i] = item.value;
  }
  Attrs attrs{{"kernel_shape", kernel}, {"strides", strides}, {"dilations", dilations}, {"group", groups}};

  const Padding padding = padding_of(node, sizes, kernel, strides, dilations, last);
  Ints covered(n, -1);  // what the gradient reaches: (in - 1) * stride + (kernel - 1) * dilation + 1
  bool all_known = !padding.same_upper;
  for (std::size_t i = 0; i < n; ++i) {
    const std::int64_t in = gradient.dim(static_cast<int>(i) + 2);
    if (in >= 0) covered[i] = (in - 1) * strides[i] + (kernel[i] - 1) * dilations[i] + 1;
    all_known = all_known && in >= 0 && sizes[i] >= 0;
  }
  if (all_known) {
    // pads take off, output_padding adds zeros that nothing reaches (stride larger than needed).
    Ints pads = padding.pads, extra(n, 0);
    bool fits = true;
    for (std::size_t i = 0; i < n; ++i) {
      const std::int64_t end = covered[i] - padding.pads[i] - sizes[i];
      pads[n + i] = std::max<std::int64_t>(end, 0);
      extra[i] = std::max<std::int64_t>(-end, 0);
      fits = fits && extra[i] < std::max(strides[i], dilations[i]);
    }
    if (!fits) node.bad_model("input_sizes do not fit the gradient, the filter and the strides");
    attrs.emplace_back("pads", pads);
    attrs.emplace_back("output_padding", extra);
    return node.emit("ConvTranspose", {gradient, weight}, attrs);
  }

  // The full result, padded where it is short, then the window [begin, begin + size).
  const Value full = node.emit("ConvTranspose", {gradient, weight}, attrs);
  const Value wanted =
      slice(cast(input_sizes, DType::kInt64), {last ? 1 : 2}, {static_cast<std::int64_t>(last ? n + 1 : n + 2)}, {0});
  const Value reached = slice(shape_of(full), {2}, {INT64_MAX}, {0});
  Value begin;
  if (padding.same_upper) {
    // total = max((ceil(size / stride) - 1) * stride + effective kernel - size, 0), half of it (rounded down) before
    Ints effective;
    for (std::size_t i = 0; i < n; ++i) effective.push_back((kernel[i] - 1) * dilations[i] + 1);
    const Value stride = node.ints(strides);
    const Value windows = (wanted + (stride - 1.0)) / stride;
    const Value total = maximum((windows - 1.0) * stride + node.ints(effective) - wanted, 0.0);
    begin = total / 2.0;
  } else {
    begin = node.ints(Ints(padding.pads.begin(), padding.pads.begin() + static_cast<std::ptrdiff_t>(n)));
  }
  const Value end = begin + wanted;
  const Value missing = maximum(end - reached, 0.0);
  const Value zeros = node.ints(Ints(2, 0));
  const Value padded = pad(full, concat({zeros, node.ints(Ints(n, 0)), zeros, missing}, 0), scalar_like(full, 0));
  Ints axes;
  for (std::size_t i = 0; i < n; ++i) axes.push_back(static_cast<std::int64_t>(i) + 2);
  return slice(padded, begin, end, node.ints(axes));
}

// TF:   Conv2DBackpropInput(input_sizes: int32, filter: T [h, w, in, out], out_backprop: T) -> output: T;
//       Conv3DBackpropInputV2(input_sizes: Tshape, ...) likewise
// ONNX: ConvTranspose, weights [out, in, spatial...]
template <int kRank>
void conv_backprop_input(const Node& node) {
  const bool last = channels_last(node);
  const Value filter = node.input(1), gradient = node.input(2);
  Ints kernel, perm{kRank - 1, kRank - 2};
  for (int i = 0; i < kRank - 2; ++i) {
    if (filter.dim(i) < 0) node.unsupported("the filter's spatial size must be known when converting");
    kernel.push_back(filter.dim(i));
    perm.push_back(i);
  }
  // The channels of the result may be a multiple of the filter's: a grouped convolution's gradient.
  std::int64_t groups = 1;
  const auto items = node.input(0).items();
  const std::size_t channel = last ? kRank - 1 : 1;
  if (items.size() == kRank && items[channel].known != 0 && filter.dim(kRank - 2) > 0) {
    groups = items[channel].value / filter.dim(kRank - 2);
  }
  const Value input = last ? to_channels_first(gradient, kRank) : gradient;
  const Value y = transposed_conv(node, node.input(0), input, transpose(filter, perm), kernel, groups, kRank, last);
  node.bind(last ? to_channels_last(y, kRank) : y);
}

// TF:   DepthwiseConv2dNativeBackpropInput(input_sizes: int32, filter: T [h, w, in, multiplier], out_backprop: T) -> output: T
// ONNX: ConvTranspose with one group a channel
void depthwise_backprop_input(const Node& node) {
  const bool last = channels_last(node);
  const Value filter = node.input(1), gradient = node.input(2);
  const auto dims = filter.static_dims();
  if (!dims) node.unsupported("the filter's size must be known when converting");
  if (dims->size() != 4) node.bad_model("the filter does not have 4 dims");
  const std::int64_t channels = (*dims)[2], multiplier = (*dims)[3];
  const Ints kernel{(*dims)[0], (*dims)[1]};
  const Value weight = reshape(transpose(filter, {2, 3, 0, 1}), {channels * multiplier, 1, kernel[0], kernel[1]});
  const Value input = last ? to_channels_first(gradient, 4) : gradient;
  const Value y = transposed_conv(node, node.input(0), input, weight, kernel, channels, 4, last);
  node.bind(last ? to_channels_last(y, 4) : y);
}

constexpr Handler kRows[] = {
    handler<conv_backprop_input<4>>("Conv2DBackpropInput"),
    handler<conv_backprop_input<5>>("Conv3DBackpropInput"),
    handler<conv_backprop_input<5>>("Conv3DBackpropInputV2"),
    handler<depthwise_backprop_input>("DepthwiseConv2dNativeBackpropInput"),
};

}  // namespace

FLOWPORT_ROWS(kConvTranspose, kRows);

}  // namespace flowport::nn
