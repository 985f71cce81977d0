// Crops of boxes.
#include <flowport/ops.hpp>

#include "image.hpp"

namespace flowport::image {

namespace {

/// Where the pixels of each box come from along one axis: [boxes, out], in pixels of an image of `size` (float scalar).
Value sample_places(const Value& begin, const Value& end, const Value& size, const Value& out) {
  const Value last = size - 1.0;
  const Value middle = (begin + end) * 0.5 * last;
  const auto count = out.int_scalar();
  if (count == 1) return middle;
  const Value steps = cast(unsqueeze(iota(out), {0}), DType::kFloat);
  const Value gaps = cast(maximum(out - 1, 1), DType::kFloat);
  const Value places = begin * last + steps * ((end - begin) * last / gaps);
  return count ? places : where(equal(out, 1), middle, places);
}

struct Axis {
  Value size;     ///< int64 scalar
  Value places;   ///< float
  Value outside;  ///< bool
};

/// Whole places kept in the image, int64.
Value index_of(const Axis& axis, const Value& whole) {
  const Value index = cast(whole, DType::kInt64);
  return minimum(maximum(index, 0.0), axis.size - 1.0);
}

// TF:   CropAndResize(image: T [b, h, w, c], boxes: float [n, 4], box_ind: int32 [n], crop_size: int32 [2]) -> crops: float,
//       attrs method, extrapolation_value; box corners fall on pixel centres
// ONNX: Gather of the pixels around each sample, linear blends, Where
void crop_and_resize(const Node& node) {
  const Value image = cast(node.input(0), DType::kFloat), boxes = node.input(1);
  const Value crop = cast(node.input(3), DType::kInt64);
  const bool nearest = node.attr<std::string>("method", "bilinear") == "nearest";
  const auto corners = split(boxes, {1, 1, 1, 1}, 1);

  const auto axis_of = [&](int axis, const Value& begin, const Value& end, const Value& out) {
    const Value size = dim_of(image, axis), limit = cast(size, DType::kFloat);
    const Value places = sample_places(begin, end, limit, out);
    const Value inside = logical_and(greater_equal(places, 0.0), less_equal(places, limit - 1.0));
    const bool rows = axis == 1;
    return Axis{size, unsqueeze(places, {rows ? 2 : 1}), unsqueeze(logical_not(inside), {rows ? 2 : 1})};
  };
  const Axis y = axis_of(1, corners[0], corners[2], gather(crop, 0)),
             x = axis_of(2, corners[1], corners[3], gather(crop, 1));

  const Value pixels = reshape(image, concat({node.ints({-1}), slice(shape_of(image), {3}, {4}, {0})}, 0));
  const Value first_row = unsqueeze(cast(node.input(2), DType::kInt64) * y.size, {1, 2});
  const auto at = [&](const Value& row, const Value& column) {
    return gather(pixels, (first_row + row) * x.size + column);
  };

  Value crops;
  if (nearest) {
    crops = at(index_of(y, floor(y.places + 0.5)), index_of(x, floor(x.places + 0.5)));
  } else {
    const Value top = floor(y.places), left = floor(x.places);
    const Value down = unsqueeze(y.places - top, {3}), right = unsqueeze(x.places - left, {3});
    const Value y0 = index_of(y, top), y1 = index_of(y, ceil(y.places)), x0 = index_of(x, left),
                x1 = index_of(x, ceil(x.places));
    const auto blend = [](const Value& a, const Value& b, const Value& share) { return a + (b - a) * share; };
    crops = blend(blend(at(y0, x0), at(y0, x1), right), blend(at(y1, x0), at(y1, x1), right), down);
  }
  const Value outside = unsqueeze(binary("Or", y.outside, x.outside), {3});
  node.bind(where(outside, static_cast<double>(node.attr<float>("extrapolation_value", 0.0F)), crops));
}

constexpr Handler kRows[] = {
    handler<crop_and_resize>("CropAndResize"),
};

}  // namespace

FLOWPORT_ROWS(kCrop, kRows);

}  // namespace flowport::image
