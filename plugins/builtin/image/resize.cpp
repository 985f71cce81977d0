// Resizing of images [batch, height, width, channels].
#include <flowport/ops.hpp>

#include "image.hpp"

namespace flowport::image {

namespace {

/// Which source place an output pixel comes from. TF: align_corners, half_pixel_centers.
std::string_view coordinates(const Node& node) {
  if (node.attr<bool>("align_corners", false)) return "align_corners";
  return node.attr<bool>("half_pixel_centers", false) ? "half_pixel" : "asymmetric";
}

void resize(const Node& node, const Value& images, Attrs attrs) {
  const Value x = transpose(images, {0, 3, 1, 2});
  const Value size = to_vector(node.input(1));
  attrs.emplace_back("coordinate_transformation_mode", coordinates(node));
  // All sizes, not `axes` (opset 18): ONNX Runtime 1.32 loses track of axes when it moves a Transpose over Resize.
  const Value sizes = concat({slice(shape_of(x), {0}, {2}, {0}), size}, 0);
  node.bind(transpose(node.emit("Resize", {x, {}, {}, sizes}, attrs), {0, 2, 3, 1}));
}

// TF:   ResizeBilinear(images: T, size: int32 [2]) -> resized_images: float, attrs align_corners, half_pixel_centers
// ONNX: Resize, mode linear
void resize_bilinear(const Node& node) { resize(node, cast(node.input(0), DType::kFloat), {{"mode", "linear"}}); }

// TF:   ResizeNearestNeighbor(images: T, size: int32 [2]) -> resized_images: T, attrs align_corners, half_pixel_centers
// ONNX: Resize, mode nearest; TF rounds half up where it rounds, and takes the floor of unshifted places
void resize_nearest(const Node& node) {
  const bool floors = coordinates(node) == "asymmetric";
  resize(node, node.input(0), {{"mode", "nearest"}, {"nearest_mode", floors ? "floor" : "round_prefer_ceil"}});
}

constexpr Handler kRows[] = {
    handler<resize_bilinear>("ResizeBilinear"),
    handler<resize_nearest>("ResizeNearestNeighbor"),
};

}  // namespace

FLOWPORT_ROWS(kResize, kRows);

}  // namespace flowport::image
