// Dilated convolutions, which tf.nn.convolution says as a plain convolution between SpaceToBatchND and BatchToSpaceND.
#include <memory>

#include "nn.hpp"
#include "spatial.hpp"

namespace flowport::nn {

namespace {

bool all_ones(const Ints& items) {
  return std::all_of(items.begin(), items.end(), [](std::int64_t i) { return i == 1; });
}

/// The plain convolution that may stand between the two: stride 1, no padding, channels last.
bool is_plain_convolution(const Node& conv) {
  const bool known = conv.op() == "Conv2D" || conv.op() == "Conv3D" || conv.op() == "DepthwiseConv2dNative";
  return known && channels_last(conv) && conv.attr<std::string>("padding") == "VALID" &&
         all_ones(conv.attr<Ints>("strides", {})) && all_ones(conv.attr<Ints>("dilations", {}));
}

/// A node that the handler only reads; nullptr: it is not there.
using Reader = std::unique_ptr<const Node>;

/// The node that made input `input` of `node`, where it is an `op`; "" takes any.
Reader maker_of(const Node& node, int input, std::string_view op) {
  auto made_by = node.producer(node.input(input));
  if (!made_by) return nullptr;
  auto reader = std::make_unique<const Node>(node.host(), made_by->handle());
  return op.empty() || reader->op() == op ? std::move(reader) : nullptr;
}

// TF:   BatchToSpaceND(input: T, block_shape: Tblock_shape, crops: Tcrops) -> output: T
// ONNX: Pad, Conv with dilations, Slice, where the input is a convolution of SpaceToBatchND with the same block
void dilated_convolution(const Node& node) {
  constexpr const char* kOther = "its input is not a plain convolution over SpaceToBatchND with the same block";
  // 1-D convolutions have Squeeze and ExpandDims around the convolution.
  const Reader squeezed = maker_of(node, 0, "Squeeze");
  const Reader conv_reader = maker_of(squeezed ? *squeezed : node, 0, "");
  if (!conv_reader || !is_plain_convolution(*conv_reader)) node.decline(kOther);
  const Node& conv = *conv_reader;
  const Reader expanded = squeezed ? maker_of(conv, 0, "ExpandDims") : nullptr;
  if (squeezed && !expanded) node.decline(kOther);
  const Reader to_batch = maker_of(expanded ? *expanded : conv, 0, "SpaceToBatchND");
  if (!to_batch) node.decline(kOther);
  const bool is_1d = squeezed != nullptr;

  const auto block = node.input(1).ints(), other_block = to_batch->input(1).ints();
  const Value filter = conv.input(1);
  const int rank = conv.op() == "Conv3D" ? 5 : 4;
  const std::size_t spatial = static_cast<std::size_t>(rank) - 2;
  if (!block || block != other_block || block->size() != (is_1d ? 1 : spatial)) node.decline(kOther);

  // The convolution sees one more spatial dim than a 1-D input has.
  Value x = to_batch->input(0);
  Ints dilations = *block;
  const Value paddings = transpose(cast(to_batch->input(2), DType::kInt64), {1, 0});
  const Value begins = gather(paddings, 0), ends = gather(paddings, 1);
  const Value zero = node.ints({0});
  x = pad(x, concat({zero, begins, zero, zero, ends, zero}, 0), scalar_like(x, 0));
  if (is_1d) {
    x = unsqueeze(x, {1});
    dilations.insert(dilations.begin(), 1);
  }
  Value y = convolve(conv, x, filter, dilations);
  if (is_1d) y = squeeze(y, {1});
  const Value crops = transpose(cast(node.input(2), DType::kInt64), {1, 0});
  const Value first = gather(crops, 0), last = gather(crops, 1);
  Ints axes;
  for (std::size_t i = 1; i <= block->size(); ++i) axes.push_back(static_cast<std::int64_t>(i));
  const Value sizes = slice(shape_of(y), {1}, {static_cast<std::int64_t>(block->size()) + 1}, {0});
  node.bind(slice(y, first, sizes - last, node.ints(axes)));
}

constexpr Handler kRows[] = {
    handler<dilated_convolution>("BatchToSpaceND", {.priority = 10, .id = "DilatedConvolution"}),
};

}  // namespace

FLOWPORT_ROWS(kDilated, kRows);

}  // namespace flowport::nn
