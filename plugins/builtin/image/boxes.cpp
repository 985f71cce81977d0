// Non-maximum suppression.
#include <flowport/ops.hpp>

#include "image.hpp"

namespace flowport::image {

namespace {

Value one_float(const Value& x) { return reshape(cast(x, DType::kFloat), Ints{1}); }

/// Indices (int64 [k]) of the boxes kept; `iou` and `score` are float [1]; no `score`: all take part.
Value select(const Node& node, const Value& iou, const Value& score) {
  const Value boxes = unsqueeze(cast(node.input(0), DType::kFloat), {0});
  const Value scores = unsqueeze(cast(node.input(1), DType::kFloat), {0, 1});
  std::vector<Value> inputs{boxes, scores, reshape(cast(node.input(2), DType::kInt64), Ints{1}), iou};
  if (score) inputs.push_back(score);
  return gather(node.emit("NonMaxSuppression", inputs), 2, 1);
}

// TF:   NonMaxSuppression(boxes: float [n, 4], scores: float [n], max_output_size: int32) -> selected_indices: int32, attr
//       iou_threshold; V2 has it as input 3; V3 adds input 4, score_threshold
// ONNX: NonMaxSuppression of one batch and one class
void non_max_suppression(const Node& node) {
  const Value iou = node.num_inputs() > 3 ? one_float(node.input(3))
                                          : node.constant(DType::kFloat, Ints{1},
                                                          std::vector<double>{node.attr<float>("iou_threshold", 0.5F)});
  node.bind(cast(select(node, iou, node.num_inputs() > 4 ? one_float(node.input(4)) : Value{}), DType::kInt32));
}

/// `kept` ([k]) filled with 0 up to `size` (int64 [1]).
Value pad_to(const Value& kept, const Value& size) {
  const Value missing = maximum(size - shape_of(kept), 0.0);
  return pad(kept, concat({kept.node().ints({0}), missing}, 0), scalar_like(kept, 0));
}

// TF:   NonMaxSuppressionV4(..., score_threshold) -> selected_indices: int32, valid_outputs: int32; attr pad_to_max_output_size;
//       V5 adds input 5, soft_nms_sigma, and output 1, selected_scores: T
// ONNX: NonMaxSuppression, Pad; V5 gathers the scores
void non_max_suppression_padded(const Node& node) {
  const bool with_scores = node.op() == "NonMaxSuppressionV5";
  if (with_scores && node.input(5).double_scalar() != 0.0) {
    node.unsupported("soft_nms_sigma other than a constant 0", "set it to 0, or do the selection outside of the model");
  }
  const Value kept = select(node, one_float(node.input(3)), one_float(node.input(4)));
  const Value size = reshape(cast(node.input(2), DType::kInt64), Ints{1});
  const bool padded = node.attr<bool>("pad_to_max_output_size", false);
  const auto filled = [&](const Value& v) { return padded ? pad_to(v, size) : v; };
  node.bind(0, filled(cast(kept, DType::kInt32)));
  if (with_scores) node.bind(1, filled(gather(node.input(1), kept)));
  node.bind(with_scores ? 2 : 1, cast(num_elements(kept), DType::kInt32));
}

// TF:   NonMaxSuppressionWithOverlaps(overlaps: float [n, n], scores: float [n], max_output_size: int32,
//       overlap_threshold: float, score_threshold: float) -> selected_indices: int32
// ONNX: Loop over the boxes kept
void non_max_suppression_with_overlaps(const Node& node) {
  const Value overlaps = node.input(0), scores = node.input(1);
  const Value limit = reshape(node.input(3), Ints{}), none = node.scalar(DType::kFloat, -INFINITY);
  const Value start = where(greater(scores, reshape(node.input(4), Ints{})), scores, none);
  const auto left = [&](const Value& open) {
    return greater(reduce_max(concat({reshape(none, Ints{1}), open}, 0), {0}, false), none);
  };
  const Body body = node.body({{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}, {DType::kFloat, Ints{scores.dim(0)}}},
                              [&](const std::vector<Value>& in) {
                                const Value best = arg_max(in[2], 0, false);
                                const Value gone = logical_or(greater(gather(overlaps, best, 1), limit),
                                                              equal(iota(num_elements(in[2])), best));
                                const Value open = where(gone, none, in[2]);
                                return std::vector<Value>{left(open), open, best};
                              });
  const Value trips = reshape(cast(node.input(2), DType::kInt64), Ints{});
  node.bind(cast(node.emit_n("Loop", {trips, left(start), start}, {{"body", body}}, 2)[1], DType::kInt32));
}

// TF:   CombinedNonMaxSuppression(boxes: float [b, n, q, 4], scores: float [b, n, c], max_output_size_per_class: int32,
//       max_total_size: int32, iou_threshold: float, score_threshold: float) -> nmsed_boxes: float [b, k, 4], nmsed_scores [b, k],
//       nmsed_classes [b, k], valid_detections: int32 [b], attrs pad_per_class, clip_boxes; q is 1 or c
// ONNX: NonMaxSuppression, ScatterND of the scores kept, TopK over all classes, Gather
void combined_non_max_suppression(const Node& node) {
  const Value boxes = node.input(0), scores = transpose(node.input(1), {0, 2, 1});
  const std::int64_t q = boxes.dim(2);
  const Value shape = shape_of(scores);
  const auto item = [&](std::int64_t i) { return slice(shape, {i}, {i + 1}, {0}); };
  const Value batches = item(0), classes = item(1), count = item(2);
  const Value per_class = reshape(cast(node.input(2), DType::kInt64), Ints{1});
  // [b, c or 1, n, 4]; where classes may have boxes of their own they are batches to ONNX.
  const Value each = concat({batches, classes, count, node.ints({4})}, 0);
  const Value by_class = transpose(boxes, {0, 2, 1, 3});
  const Value lists =
      reshape(q == 1 ? by_class : expand(by_class, each), concat({node.ints({-1}), count, node.ints({4})}, 0));
  const Value candidates = q == 1 ? scores : reshape(scores, concat({node.ints({-1, 1}), count}, 0));
  const Value kept = node.emit("NonMaxSuppression",
                               {lists, candidates, per_class, one_float(node.input(4)), one_float(node.input(5))});
  const Value none = fill(shape_of(candidates), scores, -INFINITY);
  const Value sparse = node.emit("ScatterND", {none, kept, gather_nd(candidates, kept)});
  const Value flat = reshape(sparse, concat({batches, classes * count}, 0));

  const Value total = reshape(cast(node.input(3), DType::kInt64), Ints{1});
  const Value size = node.attr<bool>("pad_per_class", false) ? minimum(total, per_class * classes) : total;
  const auto best = node.emit_n("TopK", {flat, minimum(size, classes * count)}, {{"axis", 1}}, 2);
  const Value valid = greater(best[0], scalar_like(best[0], -INFINITY));
  const Value list = best[1] / count, place = binary("Mod", best[1], count);
  const Value first = unsqueeze(iota(reshape(batches, Ints{})), {1}) * (q == 1 ? node.ints({1}) : classes);
  const Value row = (q == 1 ? first : first + list) * count + place;
  const Value rows = gather(reshape(lists, {-1, 4}), row);
  const Value clipped = node.attr<bool>("clip_boxes", true) ? minimum(maximum(rows, 0), 1) : rows;
  const Value missing = size - slice(shape_of(valid), {1}, {2}, {0});
  const auto filled = [&](const Value& v, const Value& mask, int rank) {
    std::vector<Value> pads{node.ints(Ints(static_cast<std::size_t>(rank) + 1, 0)), missing};
    if (rank > 2) pads.push_back(node.ints({0}));
    return pad(where(mask, v, 0), concat(pads, 0), scalar_like(v, 0));
  };
  node.bind(0, filled(clipped, unsqueeze(valid, {2}), 3));
  node.bind(1, filled(best[0], valid, 2));
  node.bind(2, filled(cast(list, DType::kFloat), valid, 2));
  node.bind(3, cast(reduce_sum(cast(valid, DType::kInt64), {1}, false), DType::kInt32));
}

constexpr Handler kRows[] = {
    handler<combined_non_max_suppression>("CombinedNonMaxSuppression"),
    handler<non_max_suppression>("NonMaxSuppression"),
    handler<non_max_suppression>("NonMaxSuppressionV2"),
    handler<non_max_suppression>("NonMaxSuppressionV3"),
    handler<non_max_suppression_padded>("NonMaxSuppressionV4"),
    handler<non_max_suppression_padded>("NonMaxSuppressionV5"),
    handler<non_max_suppression_with_overlaps>("NonMaxSuppressionWithOverlaps"),
};

}  // namespace

FLOWPORT_ROWS(kBoxes, kRows);

}  // namespace flowport::image
