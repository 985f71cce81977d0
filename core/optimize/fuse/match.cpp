#include "optimize/fuse/match.h"

#include <algorithm>
#include <cmath>

namespace flowport::optimize::fuse {

const ir::Node* made_by(const Editor& editor, ir::ValueId value, std::string_view op) {
  const NodeId producer = value == 0 ? kNoNode : editor.producer(value);
  if (producer == kNoNode) return nullptr;
  const ir::Node& node = editor.node(producer);
  return node.op == op && node.domain.empty() ? &node : nullptr;
}

std::array<std::pair<ir::ValueId, ir::ValueId>, 2> both_ways(const ir::Node& node) {
  return {std::pair{node.inputs[0], node.inputs[1]}, std::pair{node.inputs[1], node.inputs[0]}};
}

bool is_near(double a, double b) { return std::abs(a - b) <= 1e-6 * std::max(std::abs(a), std::abs(b)); }

std::optional<double> number_beside(const Editor& editor, ir::ValueId value, ir::ValueId operand) {
  if (value == 0 || editor.constant(value) == nullptr) return std::nullopt;
  const ir::Type& type = editor.type(operand);
  const std::size_t rank = type.has_rank ? type.dims.size() : 0;
  return editor.constant(value)->rank() <= rank ? scalar_of(editor.constant(value)) : std::nullopt;
}

std::optional<Scaled> as_scaled(const Editor& editor, ir::ValueId value) {
  if (const auto* node = made_by(editor, value, "Neg")) return Scaled{node->inputs[0], -1};
  if (const auto* node = made_by(editor, value, "Div")) {
    const auto number = number_beside(editor, node->inputs[1], node->inputs[0]);
    if (number && *number != 0) return Scaled{node->inputs[0], 1 / *number};
  }
  if (const auto* node = made_by(editor, value, "Mul")) {
    for (const auto& [operand, other] : both_ways(*node)) {
      if (const auto number = number_beside(editor, other, operand)) return Scaled{operand, *number};
    }
  }
  return std::nullopt;
}

std::optional<Scaled> as_shifted(const Editor& editor, ir::ValueId value) {
  if (const auto* node = made_by(editor, value, "Sub")) {
    if (const auto number = number_beside(editor, node->inputs[1], node->inputs[0]))
      return Scaled{node->inputs[0], -*number};
  }
  if (const auto* node = made_by(editor, value, "Add")) {
    for (const auto& [operand, other] : both_ways(*node)) {
      if (const auto number = number_beside(editor, other, operand)) return Scaled{operand, *number};
    }
  }
  return std::nullopt;
}

Product product_of(const Editor& editor, ir::ValueId value) {
  constexpr int kMaxScalings = 4;  // on each way
  Product product;
  const auto without_scalings = [&](ir::ValueId operand) {
    for (int i = 0; i < kMaxScalings; ++i) {
      const auto scaled = as_scaled(editor, operand);
      if (!scaled) break;
      product.number *= scaled->number;
      operand = scaled->operand;
    }
    return operand;
  };
  const ir::ValueId inner = without_scalings(value);
  const ir::Node* node = made_by(editor, inner, "Mul");
  if (node == nullptr) {
    product.operands = {inner};
    return product;
  }
  const ir::ValueId left = node->inputs[0];
  const ir::ValueId right = node->inputs[1];
  product.operands = {without_scalings(left), without_scalings(right)};
  return product;
}

bool takes(const Editor& editor, NodeId id, std::string_view op) {
  return editor.takes(op, editor.type(editor.node(id).outputs[0]).dtype);
}

void become(Editor& editor, NodeId id, std::string_view op, std::vector<ir::ValueId> inputs) {
  editor.set_op(id, op);
  editor.clear_attributes(id);
  editor.set_inputs(id, std::move(inputs));
}

}  // namespace flowport::optimize::fuse
