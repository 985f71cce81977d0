// MatMul of the last axis with a known matrix: a 1x1 convolution where that axis comes second.
#include "optimize/layout/rules.h"

namespace flowport::optimize::layout {

namespace {

bool channels_second(const Permutation& order) {
  if (order[0] != 0 || order[1] != order.rank() - 1) return false;
  for (std::size_t i = 2; i < order.rank(); ++i) {
    if (order[i] != i - 1) return false;
  }
  return true;
}

void become_conv(Editor& editor, NodeId id, const Permutation& order) {
  const auto inputs = editor.node(id).inputs;
  const auto& matrix = editor.constant(inputs[1]);
  std::vector<std::int64_t> dims = matrix->dims();
  std::vector<std::int64_t> axes{1, 0};
  for (std::size_t i = 2; i < order.rank(); ++i) {
    dims.push_back(1);
    axes.push_back(static_cast<std::int64_t>(i));
  }
  const auto kernel = editor.add_constant(matrix->reshaped(std::move(dims))->transposed(axes));
  editor.set_op(id, "Conv");
  editor.set_attribute(id, "kernel_shape", std::vector<std::int64_t>(order.rank() - 2, 1));
  editor.set_inputs(id, {inputs[0], kernel});
}

}  // namespace

std::optional<Rule> dense_rule(const Editor& editor, const ir::Node& node) {
  if (node.op != "MatMul") return std::nullopt;
  const auto rank = rank_of(editor, node.inputs[0]);
  const auto& matrix = editor.constant(node.inputs[1]);
  if (rank != 4 || matrix == nullptr || matrix->rank() != 2 || !matrix->is_plain()) return Fixed{};
  if (matrix->dtype() != ir::DType::kFloat) return Fixed{};
  return Same{*rank, {0}, &channels_second, &become_conv, Cost::kDense};
}

}  // namespace flowport::optimize::layout
