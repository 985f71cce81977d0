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

constexpr Handler kRows[] = {
    handler<non_max_suppression>("NonMaxSuppression"),
    handler<non_max_suppression>("NonMaxSuppressionV2"),
    handler<non_max_suppression>("NonMaxSuppressionV3"),
    handler<non_max_suppression_padded>("NonMaxSuppressionV4"),
    handler<non_max_suppression_padded>("NonMaxSuppressionV5"),
};

}  // namespace

const HandlerRows kBoxes = kRows;

}  // namespace flowport::image
