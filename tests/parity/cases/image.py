"""Resizing, colours, boxes."""
import numpy as np

from cases import F, I, case, const, feed

IMAGE = F(2, 6, 5, 3, low=0.0, high=1.0)
for op in ("ResizeBilinear", "ResizeNearestNeighbor", "ResizeBicubic"):
    case(op, images=IMAGE, size=const([9, 3]))
    case(op, images=IMAGE, size=const([9, 3]), half_pixel_centers=True)
    case(op, images=IMAGE, size=const([9, 3]), align_corners=True)
for size in ([3, 2], [9, 4], [1, 13]):
    case("ResizeArea", images=IMAGE, size=const(size))
case("ResizeArea", images=IMAGE, size=const([4, 9]), align_corners=True)
case("ResizeArea", images=I(1, 6, 5, 2), size=feed([4, 9], "int32"))
for kernel in ("lanczos1", "lanczos3", "lanczos5", "gaussian", "box", "triangle", "keyscubic", "mitchellcubic"):
    case("ScaleAndTranslate", images=IMAGE, size=const([4, 9]), scale=const([0.7, 1.9]), translation=const([0.3, -0.8]),
         kernel_type=kernel, antialias=True)
    case("ScaleAndTranslate", images=IMAGE, size=const([4, 9]), scale=feed([0.7, 1.9], "float32"),
         translation=feed([2.3, -0.8], "float32"), kernel_type=kernel, antialias=False)
case("AdjustContrastv2", images=IMAGE, contrast_factor=const(0.4, "float32"))
case("RGBToHSV", images=IMAGE)
case("RGBToHSV", images=feed([[0.5, 0.5, 0.5], [0, 0, 0], [1, 0, 1], [1, 1, 0], [0.2, 0.7, 0.7]], "float64"))
case("HSVToRGB", images=IMAGE)
case("HSVToRGB", images=feed([[0, 0, 0.5], [0.99, 1, 1], [1, 1, 1], [0.5, 0.2, 3]], "float64"))
for delta in (0.3, -0.9):
    case("AdjustHue", images=IMAGE, delta=const(delta, "float32"))
for scale in (0.4, 7.0):
    case("AdjustSaturation", images=IMAGE, scale=const(scale, "float32"))

BOXES = feed([[0.1, 0.2, 0.9, 1.1], [0.8, 0.9, 0.1, 0.0], [-0.3, 0.2, 0.4, 0.6]], "float32")
for method in ("bilinear", "nearest"):
    case("CropAndResize", image=IMAGE, boxes=BOXES, box_ind=feed([1, 0, 1], "int32"), crop_size=const([4, 3]), method=method,
         extrapolation_value=0.25)
    case("CropAndResize", image=I(2, 6, 5, 3), boxes=BOXES, box_ind=const([1, 0, 1]), crop_size=const([1, 3]), method=method)

CORNERS = F(9, 4, low=0.0, high=1.0)
SCORES = F(9, low=0.0, high=1.0)
SIZE, IOU, LEAST = const(4), const(0.3), const(0.2)
case("NonMaxSuppression", boxes=CORNERS, scores=SCORES, max_output_size=SIZE, iou_threshold=0.3)
case("NonMaxSuppressionV2", boxes=CORNERS, scores=SCORES, max_output_size=SIZE, iou_threshold=IOU)
case("NonMaxSuppressionV3", boxes=CORNERS, scores=SCORES, max_output_size=SIZE, iou_threshold=IOU, score_threshold=LEAST)
for pad in (False, True):
    case("NonMaxSuppressionV4", boxes=CORNERS, scores=SCORES, max_output_size=const(12), iou_threshold=IOU, score_threshold=LEAST,
         pad_to_max_output_size=pad)
    case("NonMaxSuppressionV5", boxes=CORNERS, scores=SCORES, max_output_size=const(12), iou_threshold=IOU, score_threshold=LEAST,
         soft_nms_sigma=const(0.0), pad_to_max_output_size=pad)
case("NonMaxSuppressionV5", boxes=CORNERS, scores=SCORES, max_output_size=SIZE, iou_threshold=IOU, score_threshold=LEAST,
     soft_nms_sigma=const(0.5), _refused="soft_nms_sigma")

OVERLAPS = F(9, 9, low=0.0, high=1.0)
case("NonMaxSuppressionWithOverlaps", overlaps=OVERLAPS, scores=SCORES, max_output_size=SIZE, overlap_threshold=const(0.6), score_threshold=LEAST)
case("NonMaxSuppressionWithOverlaps", overlaps=OVERLAPS, scores=SCORES, max_output_size=const(20), overlap_threshold=const(0.3),
     score_threshold=const(0.5))
case("NonMaxSuppressionWithOverlaps", overlaps=OVERLAPS, scores=SCORES, max_output_size=SIZE, overlap_threshold=const(0.3),
     score_threshold=const(2.0))
for q in (1, 3):
    for pad in (False, True):
        case("CombinedNonMaxSuppression", boxes=F(2, 6, q, 4, low=-0.2, high=1.2), scores=F(2, 6, 3, low=0.0, high=1.0),
             max_output_size_per_class=const(2), max_total_size=const(25), iou_threshold=IOU, score_threshold=LEAST, pad_per_class=pad,
             clip_boxes=pad)
    case("CombinedNonMaxSuppression", boxes=F(2, 6, q, 4, low=0.0, high=1.0), scores=F(2, 6, 3, low=0.0, high=1.0),
         max_output_size_per_class=const(4), max_total_size=const(5), iou_threshold=IOU, score_threshold=const(0.9))

EDGES = feed([[[0.1, 0.2, 0.8, 0.9], [-0.5, 0.3, 0.5, 1.7], [0.4, 0.4, 0.4, 0.4]], [[0.9, 0.1, 0.2, 0.8], [1.2, 0.0, 1.4, 1.0],
               [-0.2, -0.3, 1.5, 1.5]]], "float32")
case("DrawBoundingBoxesV2", images=F(2, 9, 7, 3), boxes=EDGES, colors=const([[1.0, 0.5, 0.25], [0.0, 0.1, 0.2]]), _dynamic="channels")
case("DrawBoundingBoxesV2", images=F(2, 9, 7, 1), boxes=EDGES, colors=const(np.zeros((0, 1)), "float32"), _dynamic="channels")
case("DrawBoundingBoxes", images=F(2, 9, 7, 4), boxes=EDGES, _dynamic="channels")
case("DrawBoundingBoxes", images=F(2, 9, 7, 1, dtype="float16"), boxes=EDGES, _dynamic="channels")

TRANSFORMS = feed([[0.9, 0.3, -2.5, -0.2, 1.4, 1.0, 0.01, -0.02], [-1.0, 0.0, 4.0, 0.0, -1.0, -13.0, 0.0, 0.0]], "float32")
for interpolation in ("NEAREST", "BILINEAR"):
    for mode in ("CONSTANT", "REFLECT", "WRAP", "NEAREST"):
        how = dict(interpolation=interpolation, fill_mode=mode)
        case("ImageProjectiveTransformV3", images=IMAGE, transforms=TRANSFORMS, output_shape=const([8, 6]), fill_value=const(0.5), **how)
    case("ImageProjectiveTransformV2", images=I(2, 6, 5, 2), transforms=const([[0.5, 0, 0, 0, 0.5, -1, 0, -0.5]], "float32"),
         output_shape=feed([3, 4], "int32"), interpolation=interpolation)
case("ImageProjectiveTransformV3", images=F(1, 1, 1, 2), transforms=const([[3.0, 0, 0, 0, 2.0, 1, 0, 0]]),
     output_shape=const([3, 3]), fill_value=const(0.5), interpolation="NEAREST", fill_mode="WRAP")

for normalized in (True, False):
    for centered in (True, False):
        for op in ("ExtractGlimpse", "ExtractGlimpseV2"):
            case(op, input=IMAGE, size=const([3, 4]), offsets=feed([[0.1, -0.3], [-1.3, 2.6]], "float32"), normalized=normalized,
                 centered=centered, noise="zero", uniform_noise=False)
case("ExtractGlimpseV2", input=IMAGE, size=const([2, 2]), offsets=feed([[1, 1], [2, 0]], "float32"), normalized=False, centered=False,
     _opsets=(13, 21))
case("ExtractGlimpseV2", input=IMAGE, size=const([3, 4]), offsets=feed([[5, 5], [-2, 0]], "float32"), normalized=False, centered=False,
     _opsets=(13, 21), _no_value=True)
case("ExtractGlimpseV2", input=IMAGE, size=const([3, 4]), offsets=feed([[5, 5], [-2, 0]], "float32"), noise="gaussian", uniform_noise=False,
     _refused="noise")
