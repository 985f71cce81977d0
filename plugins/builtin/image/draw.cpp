// Boxes drawn into images.
#include <flowport/ops.hpp>

#include "image.hpp"

namespace flowport::image {

namespace {

/// TF's colours of its own: yellow, blue, red, lime, purple, olive, maroon, navy, aqua, fuchsia; white in images of one channel.
Value default_colours(const Node& node, std::int64_t channels) {
  constexpr double kTable[][4] = {{1, 1, 0, 1},     {0, 0, 1, 1},   {1, 0, 0, 1},   {0, 1, 0, 1}, {0.5, 0, 0.5, 1},
                                  {0.5, 0.5, 0, 1}, {0.5, 0, 0, 1}, {0, 0, 0.5, 1}, {0, 1, 1, 1}, {1, 0, 1, 1}};
  std::vector<double> numbers;
  for (const auto& colour : kTable) {
    for (std::int64_t c = 0; c < channels; ++c) numbers.push_back(channels == 1 ? 1.0 : colour[c]);
  }
  return node.constant(DType::kFloat, Ints{static_cast<std::int64_t>(std::size(kTable)), channels}, numbers);
}

// TF:   DrawBoundingBoxesV2(images: T [b, h, w, c], boxes: float [b, n, 4], colors: float [k, c or more]) -> output: T;
//       DrawBoundingBoxes(images, boxes) in colours of its own
// ONNX: the number of the last box that runs over each pixel by ReduceMax, Gather of its colour, Where
void draw_bounding_boxes(const Node& node) {
  const Value image = node.input(0);
  const std::int64_t channels = image.dim(-1);
  const bool given = node.num_inputs() > 2 && node.input(2).dim(0) != 0;
  if (channels < 0 || channels > 4) node.unsupported("the number of channels must be known when converting");
  const Value colours = given ? slice(node.input(2), {0}, {channels}, {1}) : default_colours(node, channels);
  const Value height = dim_of(image, 1), width = dim_of(image, 2);
  std::vector<Value> corners;  // [b, n, 1, 1], in pixels
  for (const Value& corner : split(node.input(1), {1, 1, 1, 1}, 2)) {
    const Value size = corners.size() % 2 == 0 ? height : width;
    corners.push_back(cast(unsqueeze(corner, {3}) * cast(size - 1, DType::kFloat), DType::kInt64));
  }
  const Value& top = corners[0];
  const Value& left = corners[1];
  const Value& bottom = corners[2];
  const Value& right = corners[3];
  const Value row = unsqueeze(iota(height), {1}), column = unsqueeze(iota(width), {0});
  const auto within = [](const Value& at, const Value& from, const Value& to) {
    return logical_and(greater_equal(at, from), less_equal(at, to));
  };
  const auto beside = [](const Value& at, const Value& from, const Value& to) {
    return logical_or(equal(at, from), equal(at, to));
  };
  const Value lines = logical_or(logical_and(beside(row, top, bottom), within(column, left, right)),
                                 logical_and(beside(column, left, right), within(row, top, bottom)));
  const Value drawn = logical_and(lines, logical_and(less_equal(top, bottom), less_equal(left, right)));
  const Value number = unsqueeze(iota(dim_of(node.input(1), 1)), {1, 2});
  // A box number of -1 in front, so that there is one where no boxes are.
  const Value none =
      expand(node.int_scalar(-1),
             concat({slice(shape_of(image), {0}, {1}, {0}), node.ints({1}), slice(shape_of(image), {1}, {3}, {0})}, 0));
  const Value last = reduce_max(concat({none, where(drawn, number, -1)}, 1), {1}, false);
  const Value colour = gather(colours, binary("Mod", maximum(last, 0), dim_of(colours, 0)));
  node.bind(where(unsqueeze(less(last, 0), {3}), image, cast_like(colour, image)));
}

constexpr Handler kRows[] = {
    handler<draw_bounding_boxes>("DrawBoundingBoxes"),
    handler<draw_bounding_boxes>("DrawBoundingBoxesV2"),
};

}  // namespace

FLOWPORT_ROWS(kDraw, kRows);

}  // namespace flowport::image
