// What convolutions and pools share: data formats, strides and padding of the spatial dims.
#pragma once

#include <flowport/ops.hpp>

#include <algorithm>
#include <string>
#include <vector>

namespace flowport::nn {

/// Where TF keeps the channels. TF: data_format NHWC, NDHWC, NWC, NHC (last) or NCHW, NCDHW, NCW (first).
inline bool channels_last(const Node& node) {
  const auto format = node.attr<std::string>("data_format", "NHWC");
  return format.ends_with('C');
}

/// Moves the channels of a tensor of `rank` dims from the end to place 1, and back.
inline Value to_channels_first(const Value& x, int rank) {
  Ints perm{0, rank - 1};
  for (int i = 1; i < rank - 1; ++i) perm.push_back(i);
  return transpose(x, perm);
}
inline Value to_channels_last(const Value& x, int rank) {
  Ints perm{0};
  for (int i = 2; i < rank; ++i) perm.push_back(i);
  perm.push_back(1);
  return transpose(x, perm);
}

/// The spatial items of an attribute with one item a dim, such as strides; batch and channel items must be 1.
inline Ints spatial_items(const Node& node, std::string_view attr, int rank, bool last) {
  const Ints all = node.attr<Ints>(attr, Ints(static_cast<std::size_t>(rank), 1));
  if (all.size() != static_cast<std::size_t>(rank))
    node.bad_model("attribute '" + std::string(attr) + "' should have one item a dim");
  const std::size_t channel = last ? all.size() - 1 : 1;
  if (all[0] != 1 || all[channel] != 1) {
    node.unsupported(std::string(attr) + " over the batch or the channels");
  }
  Ints items;
  for (std::size_t i = 1; i < all.size(); ++i) {
    if (i != channel) items.push_back(all[i]);
  }
  return items;
}

/// Number of outputs, and zeros before and after, along one spatial dim under TF's padding SAME.
struct SamePadding {
  std::int64_t begin = 0, end = 0;
};
inline SamePadding same_padding(std::int64_t size, std::int64_t kernel, std::int64_t stride, std::int64_t dilation) {
  const std::int64_t out = (size + stride - 1) / stride;
  const std::int64_t total = std::max<std::int64_t>((out - 1) * stride + (kernel - 1) * dilation + 1 - size, 0);
  return {total / 2, total - total / 2};
}

/// Padding of all spatial dims, in ONNX's order: all begins, then all ends; or auto_pad where sizes are unknown.
struct Padding {
  Ints pads;
  bool same_upper = false;  ///< pads are not known: auto_pad = SAME_UPPER

  Attr attr() const { return same_upper ? Attr("auto_pad", "SAME_UPPER") : Attr("pads", pads); }
  bool is_zero() const {
    return !same_upper && std::all_of(pads.begin(), pads.end(), [](std::int64_t p) { return p == 0; });
  }
};

/// `sizes`, `kernel`, `strides`, `dilations`: spatial dims; unknown sizes are -1. TF: padding, explicit_paddings.
inline Padding padding_of(const Node& node, const Ints& sizes, const Ints& kernel, const Ints& strides,
                          const Ints& dilations, bool last) {
  const std::size_t n = kernel.size();
  const auto kind = node.attr<std::string>("padding");
  if (std::any_of(strides.begin(), strides.end(), [](std::int64_t s) { return s < 1; }))
    node.bad_model("a stride is less than 1");
  Padding padding{Ints(2 * n, 0)};
  if (kind == "VALID") return padding;
  if (kind == "EXPLICIT") {
    const Ints all = node.attr<Ints>("explicit_paddings");
    if (all.size() != 2 * (n + 2)) node.bad_model("explicit_paddings should have two items a dim");
    for (std::size_t i = 0; i < n; ++i) {
      const std::size_t dim = last ? i + 1 : i + 2;
      padding.pads[i] = all[2 * dim];
      padding.pads[n + i] = all[2 * dim + 1];
    }
    return padding;
  }
  for (std::size_t i = 0; i < n; ++i) {
    if (sizes[i] < 0 && strides[i] != 1) {  // with stride 1 the padding does not depend on the size
      padding.same_upper = true;
      padding.pads.clear();
      return padding;
    }
    const auto same = same_padding(std::max<std::int64_t>(sizes[i], 1), kernel[i], strides[i], dilations[i]);
    padding.pads[i] = same.begin;
    padding.pads[n + i] = same.end;
  }
  return padding;
}

/// The spatial dims of a tensor with its channels at place 1; -1 for unknown ones.
inline Ints spatial_sizes(const Value& channels_first, int rank) {
  Ints sizes;
  for (int i = 2; i < rank; ++i) sizes.push_back(channels_first.dim(i));
  return sizes;
}

}  // namespace flowport::nn
