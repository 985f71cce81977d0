// Images seen through a projective transform, and windows of images.
#include <flowport/ops.hpp>

#include "image.hpp"

namespace flowport::image {

namespace {

/// Pixels of a batch of images, gathered by row and column (int64, broadcast to [b, rows, columns]) where both are inside.
class Pixels {
 public:
  explicit Pixels(const Value& image)
      : height_(dim_of(image, 1)),
        width_(dim_of(image, 2)),
        all_(flattened(image)),
        image_(unsqueeze(numbers(image), {1, 2})) {}

  Value at(const Value& row, const Value& column, const Value& outside) const {
    const Value inside = logical_and(logical_and(greater_equal(row, 0), less(row, height_)),
                                     logical_and(greater_equal(column, 0), less(column, width_)));
    const Value index = (image_ * height_ + row) * width_ + column;
    return where(unsqueeze(inside, {3}), gather(all_, where(inside, index, 0)), outside);
  }
  const Value& height() const { return height_; }
  const Value& width() const { return width_; }

 private:
  static Value numbers(const Value& image) { return iota(dim_of(image, 0)); }
  static Value flattened(const Value& image) {
    return reshape(image, concat({image.node().ints({-1}), slice(shape_of(image), {3}, {4}, {0})}, 0));
  }
  Value height_, width_, all_, image_;
};

/// `x` / `by` without its fraction.
Value whole_part(const Value& x, const Value& by) { return cast(cast(x / by, DType::kInt64), DType::kFloat); }

/// Where a coordinate outside of [0, size - 1] is taken from; `size` is a float scalar.
Value mapped(const Node& node, const Value& x, const Value& size) {
  const auto mode = node.attr<std::string>("fill_mode", "CONSTANT");
  if (mode == "CONSTANT") return x;
  const Value last = size - 1.0;
  const auto clamped = [&](const Value& v) { return minimum(maximum(v, 0), last); };
  if (mode == "NEAREST") return clamped(x);
  const Value before = less(x, 0), behind = greater(x, last);
  Value moved;
  if (mode == "REFLECT") {
    const Value period = size * 2.0;
    const Value low = x + period * whole_part(-x, period), high = x - period * whole_part(x, period);
    moved = where(before, where(less(low, -size), low + period, -low - 1.0),
                  where(greater_equal(high, size), period - high - 1.0, high));
  } else if (mode == "WRAP") {
    const Value span = maximum(last, 1);
    moved = where(before, x + size * (whole_part(-x, span) + 1.0), x - size * whole_part(x, span));
  } else {
    node.unsupported("fill_mode " + mode);
  }
  return clamped(where(logical_or(before, behind), moved, x));
}

/// Rounds halves away from 0.
Value rounded(const Value& x) {
  const Value size = flowport::abs(x), whole = floor(size);
  return sign(x) * (whole + cast(greater_equal(size - whole, 0.5), DType::kFloat));
}

// TF:   ImageProjectiveTransformV3(images: dtype [b, h, w, c], transforms: float [b or 1, 8], output_shape: int32 [2],
//       fill_value: float) -> transformed_images: dtype, attrs interpolation, fill_mode; V2 fills with 0
// ONNX: Gather of the pixels around each place, linear blends, Where
void image_projective_transform(const Node& node) {
  const Value image = node.input(0), size = cast(node.input(2), DType::kInt64);
  const auto interpolation = node.attr<std::string>("interpolation");
  if (interpolation != "NEAREST" && interpolation != "BILINEAR") node.unsupported("interpolation " + interpolation);
  const Value fill_value = node.num_inputs() > 3 ? cast_like(node.input(3), image) : scalar_like(image, 0);
  const auto steps = [&](std::int64_t item) { return cast(iota(gather(size, item)), DType::kFloat); };
  const Value row = unsqueeze(steps(0), {1}), column = unsqueeze(steps(1), {0});
  std::vector<Value> t;
  for (const Value& part : split(node.input(1), Ints(8, 1), 1)) t.push_back(unsqueeze(part, {2}));
  const Value depth = t[6] * column + t[7] * row + 1.0;
  const Value infinite = equal(depth, 0);
  const Value divisor = where(infinite, 1, depth);
  const Pixels pixels(image);
  const Value x = mapped(node, (t[0] * column + t[1] * row + t[2]) / divisor, cast(pixels.width(), DType::kFloat));
  const Value y = mapped(node, (t[3] * column + t[4] * row + t[5]) / divisor, cast(pixels.height(), DType::kFloat));
  const auto whole = [](const Value& v) { return cast(v, DType::kInt64); };
  Value out;
  if (interpolation == "NEAREST") {
    out = pixels.at(whole(rounded(y)), whole(rounded(x)), fill_value);
  } else {
    const Value top = floor(y), left = floor(x), bottom = top + 1.0, right = left + 1.0;
    const auto line = [&](const Value& at_row) {
      const auto pixel = [&](const Value& at_column) {
        return cast(pixels.at(whole(at_row), whole(at_column), fill_value), DType::kFloat);
      };
      return unsqueeze(right - x, {3}) * pixel(left) + unsqueeze(x - left, {3}) * pixel(right);
    };
    out = cast_like(unsqueeze(bottom - y, {3}) * line(top) + unsqueeze(y - top, {3}) * line(bottom), image);
  }
  node.bind(where(unsqueeze(infinite, {3}), fill_value, out));
}

/// What stands where a glimpse reaches out of its image: [b, rows, columns, channels].
Value noise_for(const Node& node, const Value& image, const Value& rows, const Value& columns) {
  auto kind = node.attr<std::string>("noise", "uniform");
  if (kind.empty()) kind = node.attr<bool>("uniform_noise", true) ? "uniform" : "gaussian";
  if (kind == "zero") return scalar_like(image, 0);
  if (kind != "uniform") node.unsupported("noise other than 'zero' and 'uniform'", "use noise='zero'");
  node.note(
      "beyond the image the random numbers are of the same distribution as TensorFlow's, but not the same numbers");
  const auto ends = [&](const char* op) { return reduce(op, image, {1, 2, 3}, true); };
  const Value shape = shape_of(image), least = ends("ReduceMin");
  const auto part = [&](std::int64_t from) { return slice(shape, {from}, {from + 1}, {0}); };
  const Value like = fill(concat({part(0), reshape(rows, Ints{1}), reshape(columns, Ints{1}), part(3)}, 0), image, 0);
  return least + node.emit("RandomUniformLike", {like}) * (ends("ReduceMax") - least);
}

// TF:   ExtractGlimpseV2(input: float [b, h, w, c], size: int32 [2], offsets: float [b, 2]) -> glimpse: float, attrs centered,
//       normalized, uniform_noise, noise; ExtractGlimpse likewise, with the offsets always at the middle of the glimpse
// ONNX: Gather of the pixels; beyond the image 0 or RandomUniformLike
void extract_glimpse(const Node& node) {
  const Value image = node.input(0), size = cast(node.input(1), DType::kInt64);
  const bool normalized = node.attr<bool>("normalized", true), centered = node.attr<bool>("centered", true);
  const bool first_version = node.op() == "ExtractGlimpse";
  const Pixels pixels(image);
  const Value rows = gather(size, 0), columns = gather(size, 1);
  const auto places = [&](std::int64_t axis, const Value& extent, const Value& length) {
    const Value half = cast(length, DType::kFloat) / 2.0, window = cast(extent, DType::kFloat) / 2.0;
    Value start = slice(node.input(2), {axis}, {axis + 1}, {1});
    if (normalized) start = start * cast(length, DType::kFloat);
    if (centered) start = normalized || first_version ? start / 2.0 + half : start + half;
    if (first_version || (normalized && centered)) start = start - window;
    return cast(start, DType::kInt64) + unsqueeze(iota(extent), {0});
  };
  const Value row = unsqueeze(places(0, rows, pixels.height()), {2});
  const Value column = unsqueeze(places(1, columns, pixels.width()), {1});
  node.bind(pixels.at(row, column, noise_for(node, image, rows, columns)));
}

constexpr Handler kRows[] = {
    handler<extract_glimpse>("ExtractGlimpse"),
    handler<extract_glimpse>("ExtractGlimpseV2"),
    handler<image_projective_transform>("ImageProjectiveTransformV2"),
    handler<image_projective_transform>("ImageProjectiveTransformV3"),
};

}  // namespace

FLOWPORT_ROWS(kTransform, kRows);

}  // namespace flowport::image
