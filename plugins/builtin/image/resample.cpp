// Resizing by weights: each output row is a weighted sum of input rows, each column of columns, so two MatMuls do it.
#include <flowport/ops.hpp>

#include <functional>

#include "image.hpp"

namespace flowport::image {

namespace {

Value float_dim(const Value& x, int axis) { return cast(dim_of(x, axis), DType::kFloat); }
/// 0, 1, ... limit - 1 (a scalar of any integer type) as float.
Value float_iota(const Value& limit) { return cast(iota(cast(limit, DType::kInt64)), DType::kFloat); }

/// images [b, h, w, c], rows [out h, h], columns [out w, w] -> [b, out h, out w, c], float
Value resample(const Value& images, const Value& rows, const Value& columns) {
  const Value x = transpose(cast(images, DType::kFloat), {0, 3, 1, 2});
  return transpose(matmul(matmul(rows, x), transpose(columns, {1, 0})), {0, 2, 3, 1});
}

/// Shares of the input places in each output place of ResizeArea: [out, in]. What reaches beyond the last place is its own.
Value area_weights(const Value& in, const Value& out, bool align_corners) {
  const Value wanted = cast(out, DType::kFloat);
  Value step = in / wanted;
  if (align_corners) step = where(greater(wanted, 1.0), (in - 1.0) / maximum(wanted - 1.0, 1.0), step);
  const Value place = unsqueeze(float_iota(in), {0}), row = unsqueeze(float_iota(out), {1});
  const Value end = where(equal(place, in - 1.0), 3e38, place + 1.0);
  return maximum(minimum((row + 1.0) * step, end) - maximum(row * step, place), 0.0) / step;
}

// TF:   ResizeArea(images: T, size: int32 [2]) -> resized_images: float, attr align_corners
// ONNX: two MatMuls with the shares of each input row and column
void resize_area(const Node& node) {
  const Value x = node.input(0), size = node.input(1);
  const bool align_corners = node.attr<bool>("align_corners", false);
  node.bind(resample(x, area_weights(float_dim(x, 1), gather(size, 0), align_corners),
                     area_weights(float_dim(x, 2), gather(size, 1), align_corners)));
}

/// Weights of the four input places around each output place of ResizeBicubic: [out, in]. Distances are in steps of 1 / 1024, as
/// in TF's table. Half pixels: a = -0.5, places off the image do not count; else a = -0.75 and they are those of the border.
Value cubic_weights(const Node& node, const Value& in, const Value& out) {
  const bool half_pixel = node.attr<bool>("half_pixel_centers", false);
  const double a = half_pixel ? -0.5 : -0.75;
  const Value wanted = cast(out, DType::kFloat);
  Value step = in / wanted;
  if (node.attr<bool>("align_corners", false)) {
    step = where(greater(wanted, 1.0), (in - 1.0) / maximum(wanted - 1.0, 1.0), step);
  }
  const Value row = unsqueeze(float_iota(out), {1}), place = unsqueeze(float_iota(in), {0});
  const Value sample = half_pixel ? (row + 0.5) * step - 0.5 : row * step;
  const Value base = floor(sample);
  const Value after = round((sample - base) * 1024.0) / 1024.0, before = 1.0 - after;
  const auto inner = [a](const Value& x) { return (x * (a + 2) - (a + 3)) * x * x + 1.0; };
  const auto outer = [a](const Value& x) { return ((x * a - 5 * a) * x + 8 * a) * x - 4 * a; };
  const Value weights[] = {outer(after + 1.0), inner(after), inner(before), outer(before + 1.0)};
  Value sum;
  for (int i = 0; i < 4; ++i) {
    Value at = base + static_cast<double>(i - 1);
    if (!half_pixel) at = minimum(maximum(at, 0.0), in - 1.0);
    const Value part = where(equal(place, at), weights[i], 0.0);
    sum = i == 0 ? part : sum + part;
  }
  return half_pixel ? sum / reduce_sum(sum, {1}, true) : sum;
}

// TF:   ResizeBicubic(images: T, size: int32 [2]) -> resized_images: float, attrs align_corners, half_pixel_centers
// ONNX: two MatMuls with the weights of each input row and column
void resize_bicubic(const Node& node) {
  const Value x = node.input(0), size = node.input(1);
  node.bind(resample(x, cubic_weights(node, float_dim(x, 1), gather(size, 0)),
                     cubic_weights(node, float_dim(x, 2), gather(size, 1))));
}

constexpr double kPi = 3.14159265358979323846;

struct Kernel {
  double radius;
  std::function<Value(const Value&)> weight;  ///< of the distance, at least 0; what is beyond the radius does not count
};

Kernel kernel_of(const Node& node) {
  const auto name = node.attr<std::string>("kernel_type", "lanczos3");
  const auto lanczos = [](double radius) {
    return Kernel{radius, [radius](const Value& x) {
                    const Value safe = maximum(x, 1e-3);
                    const Value wave =
                        radius * (sin(safe * kPi) * sin(safe * (kPi / radius))) / (safe * safe * (kPi * kPi));
                    return where(less_equal(x, 1e-3), 1.0, where(greater(x, scalar_like(x, radius)), 0.0, wave));
                  }};
  };
  const auto pieces = [](const Value& x, const Value& inner, const Value& outer) {
    return where(less(x, 1.0), inner, where(less(x, 2.0), outer, 0.0));
  };
  if (name == "lanczos1") return lanczos(1);
  if (name == "lanczos3") return lanczos(3);
  if (name == "lanczos5") return lanczos(5);
  if (name == "gaussian") {
    return {1.5, [](const Value& x) { return where(less(x, 1.5), exp(x * x * -2.0), 0.0); }};
  }
  if (name == "box") {
    return {0.5,
            [](const Value& x) { return where(less(x, 0.5), scalar_like(x, 1), where(equal(x, 0.5), 0.5, x * 0.0)); }};
  }
  if (name == "triangle") return {1, [](const Value& x) { return maximum(1.0 - x, 0.0); }};
  if (name == "keyscubic") {
    return {2, [pieces](const Value& x) {
              return pieces(x, (x * 1.5 - 2.5) * x * x + 1.0, ((x * -0.5 + 2.5) * x - 4.0) * x + 2.0);
            }};
  }
  if (name == "mitchellcubic") {
    return {2, [pieces](const Value& x) {
              return pieces(x, (x * (7.0 / 6) - 2.0) * x * x + 8.0 / 9,
                            ((x * (-7.0 / 18) + 2.0) * x - 10.0 / 3) * x + 16.0 / 9);
            }};
  }
  node.unsupported("kernel_type '" + name + "'");
}

/// Weights of the input places in each output place of ScaleAndTranslate: [out, in]; none where the sample is off the image.
Value kernel_weights(const Node& node, const Kernel& kernel, const Value& in, const Value& out, int axis) {
  const Value inverse = reciprocal(gather(node.input(2), axis)), shift = gather(node.input(3), axis);
  const Value widen = node.attr<bool>("antialias", true) ? maximum(inverse, 1.0) : node.scalar(DType::kFloat, 1);
  const Value sample = unsqueeze((float_iota(out) + 0.5) * inverse - inverse * shift, {1});
  const Value place = unsqueeze(float_iota(in) + 0.5, {0});
  const Value weights = kernel.weight(abs(place - sample) / widen);
  const Value sum = reduce_sum(weights, {1}, true);
  const Value off = logical_not(logical_and(greater_equal(sample, 0.0), less_equal(sample, in)));
  const Value usable = greater(abs(sum), 1.2e-35);
  return where(off, 0.0, weights / where(usable, sum, 1.0));
}

// TF:   ScaleAndTranslate(images: T, size: int32 [2], scale: float [2], translation: float [2]) -> resized_images: float,
//       attrs kernel_type, antialias
// ONNX: two MatMuls with weights computed as TF's are
void scale_and_translate(const Node& node) {
  const Value x = node.input(0), size = node.input(1);
  const Kernel kernel = kernel_of(node);
  node.bind(resample(x, kernel_weights(node, kernel, float_dim(x, 1), gather(size, 0), 0),
                     kernel_weights(node, kernel, float_dim(x, 2), gather(size, 1), 1)));
}

constexpr Handler kRows[] = {
    handler<resize_area>("ResizeArea"),
    handler<resize_bicubic>("ResizeBicubic"),
    handler<scale_and_translate>("ScaleAndTranslate"),
};

}  // namespace

FLOWPORT_ROWS(kResample, kRows);

}  // namespace flowport::image
