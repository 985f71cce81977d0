// Windows of a tensor laid out as rows.
#include <flowport/ops.hpp>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

/// Along one axis of `x`: where each window stands and what its elements are.
struct Windows {
  Value before, after;  // int64 [1]: zeros to pad
  Value count;          // int64 scalar
  Value index;          // int64 [count, size], into the padded axis
};

Windows windows_of(const Value& x, int axis, std::int64_t size, std::int64_t stride, std::int64_t rate, bool same) {
  const Node& node = x.node();
  const std::int64_t reach = (size - 1) * rate + 1;
  const Value length = dim_of(x, axis), zero = node.ints({0});
  Windows w{zero, zero, {}, {}};
  if (same) {
    w.count = (length + static_cast<double>(stride - 1)) / static_cast<double>(stride);
    const Value missing = maximum((w.count - 1) * static_cast<double>(stride) + static_cast<double>(reach) - length, 0);
    const Value before = missing / 2;
    w.before = reshape(before, Ints{1});
    w.after = reshape(missing - before, Ints{1});
  } else {
    w.count = maximum((length - static_cast<double>(reach - stride)) / static_cast<double>(stride), 0);
  }
  Ints within;
  for (std::int64_t i = 0; i < size; ++i) within.push_back(i * rate);
  w.index = unsqueeze(iota(w.count) * static_cast<double>(stride), {1}) + unsqueeze(node.ints(within), {0});
  return w;
}

/// Windows over the axes between the batch and the channels; their elements and channels become the last axis.
void extract(const Node& node, const Ints& sizes, const Ints& strides, const Ints& rates) {
  const Value x = node.input(0);
  const std::size_t rank = sizes.size(), spatial = rank - 2;
  if (x.known_rank() != static_cast<int>(rank)) node.bad_model("the input's rank is not that of ksizes");
  if (strides.size() != rank || rates.size() != rank) node.bad_model("ksizes, strides and rates differ in length");
  for (std::size_t i = 0; i < rank; ++i) {
    const bool moves = i > 0 && i + 1 < rank;
    if (sizes[i] < 1 || strides[i] < 1 || rates[i] < 1 || (!moves && sizes[i] * strides[i] * rates[i] != 1)) {
      node.bad_model("a size, stride or rate is below 1, or other than 1 for the batch or the channels");
    }
  }
  const auto padding = node.attr<std::string>("padding");
  if (padding != "SAME" && padding != "VALID") node.unsupported("padding " + padding);
  std::vector<Windows> windows;
  for (std::size_t i = 1; i <= spatial; ++i) {
    windows.push_back(windows_of(x, static_cast<int>(i), sizes[i], strides[i], rates[i], padding == "SAME"));
  }
  const Value zero = node.ints({0});
  Value y = x;
  if (padding == "SAME") {
    std::vector<Value> pads{zero};
    for (const auto& w : windows) pads.push_back(w.before);
    pads.push_back(zero);
    pads.push_back(zero);
    for (const auto& w : windows) pads.push_back(w.after);
    pads.push_back(zero);
    y = pad(y, concat(pads, 0), scalar_like(x, 0));
  }
  std::int64_t elements = 1;
  Ints order{0}, inner;
  std::vector<Value> shape{reshape(dim_of(x, 0), Ints{1})};
  for (std::size_t i = 0; i < spatial; ++i) {
    y = gather(y, windows[i].index, static_cast<std::int64_t>(2 * i) + 1);
    order.push_back(static_cast<std::int64_t>(2 * i) + 1);
    inner.push_back(static_cast<std::int64_t>(2 * i) + 2);
    elements *= sizes[i + 1];
    shape.push_back(reshape(windows[i].count, Ints{1}));
  }
  order.insert(order.end(), inner.begin(), inner.end());
  order.push_back(static_cast<std::int64_t>(2 * spatial) + 1);
  shape.push_back(reshape(dim_of(x, static_cast<int>(rank) - 1) * static_cast<double>(elements), Ints{1}));
  node.bind(reshape(transpose(y, order), concat(shape, 0)));
}

// TF:   ExtractImagePatches(images: T [b, h, w, c]) -> patches: T [b, rows, columns, kh * kw * c]
//       attrs ksizes, strides, rates, padding
// ONNX: Pad, Gather of each axis by window, Transpose, Reshape
void extract_image_patches(const Node& node) {
  const auto sizes = node.attr<Ints>("ksizes");
  if (sizes.size() != 4) node.bad_model("ksizes has not 4 items");
  extract(node, sizes, node.attr<Ints>("strides"), node.attr<Ints>("rates"));
}

// TF:   ExtractVolumePatches(input: T [b, d, h, w, c]) -> patches: T [b, planes, rows, columns, kd * kh * kw * c]
//       attrs ksizes, strides, padding
// ONNX: as ExtractImagePatches
void extract_volume_patches(const Node& node) {
  const auto sizes = node.attr<Ints>("ksizes");
  if (sizes.size() != 5) node.bad_model("ksizes has not 5 items");
  extract(node, sizes, node.attr<Ints>("strides"), Ints(5, 1));
}

constexpr Handler kRows[] = {
    handler<extract_image_patches>("ExtractImagePatches", {.complex = Complex::kParts}),
    handler<extract_volume_patches>("ExtractVolumePatches"),
};

}  // namespace

FLOWPORT_ROWS(kPatches, kRows);

}  // namespace flowport::tensor
