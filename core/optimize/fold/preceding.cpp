// Factors before a convolution.
#include <cmath>

#include "optimize/fold/fold.h"

namespace flowport::optimize::fold {

namespace {

/// Factors on both axes of a weight are multiplied out when it is written; only small weights are worth that.
constexpr std::int64_t kMaxWeight = 1 << 18;

}  // namespace

std::size_t fold_preceding(Editor& editor, NodeId id) {
  const ir::Node& node = editor.node(id);
  if (node.op != "Conv") return 0;
  const auto& weight = editor.constant(node.inputs[1]);
  if (weight == nullptr || weight->dtype() != ir::DType::kFloat || !editor.is_used_once(node.inputs[1])) return 0;
  const ir::ValueId input = node.inputs[0];
  const NodeId before = editor.producer(input);
  if (before == kNoNode || editor.only_user(input) != id) return 0;
  const ir::Node& scaling = editor.node(before);
  if (scaling.op != "Mul" && scaling.op != "Div") return 0;
  const std::size_t slot = editor.constant(scaling.inputs[1]) != nullptr ? 0 : 1;
  const auto affine = affine_of(editor, scaling, scaling.inputs[slot], 1);
  if (!affine || affine->factors.empty() || editor.constant(scaling.inputs[slot]) != nullptr) return 0;

  const auto& dims = weight->dims();
  const auto count = static_cast<std::int64_t>(affine->factors.size());
  const bool depthwise = node.int_attr("group", 1) != 1;
  if (weight->count() > kMaxWeight || (count != 1 && depthwise && (dims[1] != 1 || dims[0] != count))) return 0;
  const std::size_t axis = count == 1 || depthwise ? 0 : 1;
  if (count != 1 && dims[axis] != count) return 0;
  std::vector<float> factors;
  for (std::int64_t i = 0; i < dims[axis]; ++i) {
    factors.push_back(static_cast<float>(affine->factors[count == 1 ? 0 : static_cast<std::size_t>(i)]));
    if (!std::isfinite(factors.back())) return 0;
  }
  editor.set_input(id, 1, editor.add_constant(weight->scaled(axis, std::move(factors))));
  editor.set_input(id, 0, scaling.inputs[slot]);
  editor.remove(before);
  return 1;
}

}  // namespace flowport::optimize::fold
