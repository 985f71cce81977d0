// Cross entropies.
#include <flowport/ops.hpp>

#include "math.hpp"

namespace flowport::math {

namespace {

struct Softmax {
  Value log, value;
};

Softmax softmax(const Value& logits) {
  const Node& node = logits.node();
  return {node.emit("LogSoftmax", {logits}, {{"axis", -1}}), node.emit("Softmax", {logits}, {{"axis", -1}})};
}

// TF:   SoftmaxCrossEntropyWithLogits(features: T [n, c], labels: T [n, c]) -> loss: T [n], backprop: T [n, c]
// ONNX: LogSoftmax, ReduceSum; Softmax
void dense_labels(const Node& node) {
  const Value labels = node.input(1);
  const Softmax s = softmax(node.input(0));
  node.bind(0, -reduce_sum(labels * s.log, {1}, false));
  node.bind(1, s.value - labels);
}

// TF:   SparseSoftmaxCrossEntropyWithLogits(features: T [n, c], labels: Tlabels [n]) -> loss: T [n], backprop: T [n, c]
// ONNX: LogSoftmax, GatherElements; Softmax
void sparse_labels(const Node& node) {
  const Value features = node.input(0), labels = unsqueeze(cast(node.input(1), DType::kInt64), {1});
  const Softmax s = softmax(features);
  node.bind(0, -squeeze(node.emit("GatherElements", {s.log, labels}, {{"axis", 1}}), {1}));
  const Value classes = unsqueeze(iota(dim_of(features, 1)), {0});
  node.bind(1, s.value - cast_like(flowport::equal(classes, labels), features));
}

constexpr Handler kRows[] = {
    handler<dense_labels>("SoftmaxCrossEntropyWithLogits"),
    handler<sparse_labels>("SparseSoftmaxCrossEntropyWithLogits"),
};

}  // namespace

FLOWPORT_ROWS(kLoss, kRows);

}  // namespace flowport::math
