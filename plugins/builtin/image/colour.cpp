// Colours: RGB and HSV, hue and saturation. Images are [..., 3].
#include <flowport/ops.hpp>

#include "image.hpp"

namespace flowport::image {

namespace {

Value clip01(const Value& x) { return minimum(maximum(x, 0.0), 1.0); }

struct Channels {
  Value first, second, third;  // [..., 1] each
};
Channels channels_of(const Value& images) {
  const auto parts = split(images, {1, 1, 1}, -1);
  return {parts[0], parts[1], parts[2]};
}

struct Hue {
  Value hue;        ///< in [0, 1); 0 where all channels are equal
  Value low, high;  ///< least and largest channel
};
Hue hue_of(const Value& images) {
  const auto [r, g, b] = channels_of(images);
  const Value high = maximum(maximum(r, g), b), low = minimum(minimum(r, g), b);
  const Value range = high - low;
  const Value is_grey = less_equal(range, 0.0);
  const Value norm = reciprocal(where(is_grey, 1.0, range) * 6.0);
  const Value from_red = norm * (g - b), from_green = norm * (b - r) + 2.0 / 6.0,
              from_blue = norm * (r - g) + 4.0 / 6.0;
  const Value hue = where(equal(r, high), from_red, where(equal(g, high), from_green, from_blue));
  const Value coloured = where(is_grey, 0.0, hue);
  return {where(less(coloured, 0.0), coloured + 1.0, coloured), low, high};
}

/// How much of each channel a hue has: [..., 3], 0 to 1.
Value pure_colour(const Value& hue) {
  const Value h = hue * 6.0;
  return concat({clip01(abs(h - 3.0) - 1.0), clip01(2.0 - abs(h - 2.0)), clip01(2.0 - abs(h - 4.0))}, -1);
}

Value from_hsv(const Value& h, const Value& s, const Value& v) { return ((1.0 - s) + s * pure_colour(h)) * v; }

Value saturation(const Hue& hue) {
  const Value lit = greater(hue.high, 0.0);
  return where(lit, (hue.high - hue.low) / where(lit, hue.high, 1.0), 0.0);
}

/// Half types are computed in float, as TF does.
Value wide(const Value& x) { return x.dtype() == DType::kDouble ? x : cast(x, DType::kFloat); }

// TF:   RGBToHSV(images: T [..., 3]) -> output: T
// ONNX: Split, comparisons and arithmetic, Concat
void rgb_to_hsv(const Node& node) {
  const Value images = node.input(0);
  const Hue hue = hue_of(wide(images));
  node.bind(cast_like(concat({hue.hue, saturation(hue), hue.high}, -1), images));
}

// TF:   HSVToRGB(images: T [..., 3]) -> output: T
// ONNX: Split, arithmetic, Concat
void hsv_to_rgb(const Node& node) {
  const Value images = node.input(0);
  const auto [h, s, v] = channels_of(wide(images));
  node.bind(cast_like(from_hsv(h, s, v), images));
}

// TF:   AdjustHue(images: T [..., 3], delta: float) -> output: T; delta in turns
// ONNX: the hue turned modulo 1; least and largest channel stay
void adjust_hue(const Node& node) {
  const Value images = node.input(0);
  const Hue hue = hue_of(wide(images));
  const Value turned = hue.hue + cast_like(node.input(1), hue.hue);
  node.bind(cast_like(hue.low + (hue.high - hue.low) * pure_colour(turned - floor(turned)), images));
}

// TF:   AdjustSaturation(images: T [..., 3], scale: float) -> output: T
// ONNX: HSV with its saturation scaled and kept in [0, 1]
void adjust_saturation(const Node& node) {
  const Value images = node.input(0);
  const Hue hue = hue_of(wide(images));
  const Value s = clip01(saturation(hue) * cast_like(node.input(1), hue.hue));
  node.bind(cast_like(from_hsv(hue.hue, s, hue.high), images));
}

constexpr Handler kRows[] = {
    handler<adjust_hue>("AdjustHue"),
    handler<adjust_saturation>("AdjustSaturation"),
    handler<hsv_to_rgb>("HSVToRGB"),
    handler<rgb_to_hsv>("RGBToHSV"),
};

}  // namespace

FLOWPORT_ROWS(kColour, kRows);

}  // namespace flowport::image
