// Convolutions. TF filters are [spatial..., in / groups, out]; ONNX weights are [out, in / groups, spatial...].
#include <algorithm>

#include "nn.hpp"
#include "spatial.hpp"

namespace flowport::nn {

namespace {

/// [spatial..., in, out] -> [out, in, spatial...]
Value to_onnx_weight(const Value& filter, int rank) {
  Ints perm{rank - 1, rank - 2};
  for (int i = 0; i < rank - 2; ++i) perm.push_back(i);
  return transpose(filter, perm);
}

/// The filter's spatial dims, -1 for unknown ones.
Ints kernel_of(const Value& filter, int rank) {
  Ints kernel;
  for (int i = 0; i < rank - 2; ++i) kernel.push_back(filter.dim(i));
  return kernel;
}

/// A Conv; `weight` is ONNX's.
Value emit_conv(const Node& node, const Value& x, const Value& weight, const Ints& kernel, std::int64_t groups,
                const Ints& dilations) {
  const int rank = static_cast<int>(kernel.size()) + 2;
  const bool last = channels_last(node);
  const Ints strides = spatial_items(node, "strides", rank, last);
  const Value input = last ? to_channels_first(x, rank) : x;
  const bool known = std::find(kernel.begin(), kernel.end(), -1) == kernel.end();
  const Padding padding = known || node.attr<std::string>("padding") != "SAME"
                              ? padding_of(node, spatial_sizes(input, rank), kernel, strides, dilations, last)
                              : Padding{{}, true};
  Attrs attrs{{"strides", strides}, {"dilations", dilations}, {"group", groups}, padding.attr()};
  if (known) attrs.emplace_back("kernel_shape", kernel);
  const Value y = x.node().emit("Conv", {input, weight}, attrs);
  return last ? to_channels_last(y, rank) : y;
}

std::int64_t groups_of(const Node& node, const Value& x, const Value& filter, int rank) {
  const std::int64_t channels = x.dim(channels_last(node) ? rank - 1 : 1);
  const std::int64_t per_group = filter.dim(rank - 2);
  if (per_group < 0) node.unsupported("the filter's size must be known when converting");
  if (channels < 0) return 1;  // with more groups the run time will refuse the weights' size
  if (per_group == 0 || channels % per_group != 0) node.bad_model("the filter does not fit the input's channels");
  return channels / per_group;
}

}  // namespace

Value convolve(const Node& conv, const Value& x, const Value& filter, const Ints& dilations) {
  if (conv.op() != "DepthwiseConv2dNative") {
    const int rank = conv.op() == "Conv3D" ? 5 : 4;
    return emit_conv(conv, x, to_onnx_weight(filter, rank), kernel_of(filter, rank), groups_of(conv, x, filter, rank),
                     dilations);
  }
  const std::int64_t channels = filter.dim(2), multiplier = filter.dim(3);
  if (channels < 0 || multiplier < 0) conv.unsupported("the filter's size must be known when converting");
  const Ints kernel = kernel_of(filter, 4);
  if (kernel[0] < 0 || kernel[1] < 0) conv.unsupported("the filter's spatial size must be known when converting");
  const Value weight = reshape(transpose(filter, {2, 3, 0, 1}), {channels * multiplier, 1, kernel[0], kernel[1]});
  return emit_conv(conv, x, weight, kernel, channels, dilations);
}

namespace {

// TF:   Conv2D(input: T, filter: T) -> output: T, Conv3D likewise;
//       DepthwiseConv2dNative(input: T, filter: T [h, w, in, multiplier]) -> output: T [..., in * multiplier]
// ONNX: Conv; depthwise with one group a channel
void conv(const Node& node) {
  const int rank = node.op() == "Conv3D" ? 5 : 4;
  node.bind(convolve(node, node.input(0), node.input(1), spatial_items(node, "dilations", rank, channels_last(node))));
}

constexpr Handler kRows[] = {
    handler<conv>("Conv2D"),
    handler<conv>("Conv3D"),
    handler<conv>("DepthwiseConv2dNative"),
};

}  // namespace

FLOWPORT_ROWS(kConv, kRows);

}  // namespace flowport::nn
