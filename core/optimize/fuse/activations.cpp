// Activation functions that TensorFlow programs spell out.
#include <numbers>

#include "optimize/fuse/fuse.h"
#include "optimize/fuse/match.h"

namespace flowport::optimize::fuse {

namespace {

bool is_float(const Editor& editor, ir::ValueId value) { return editor.type(value).dtype == ir::DType::kFloat; }

/// 1 + f(u), where f is `op`: gives u.
ir::ValueId one_plus(const Editor& editor, ir::ValueId value, std::string_view op) {
  const auto shifted = as_shifted(editor, value);
  if (!shifted || shifted->number != 1) return 0;
  const ir::Node* node = made_by(editor, shifted->operand, op);
  return node == nullptr ? 0 : node->inputs[0];
}

/// 1 - f(u), where f is `op`: gives u.
ir::ValueId one_minus(const Editor& editor, ir::ValueId value, std::string_view op) {
  const ir::Node* sub = made_by(editor, value, "Sub");
  if (sub == nullptr || number_beside(editor, sub->inputs[0], sub->inputs[1]) != 1.0) return 0;
  const ir::Node* node = made_by(editor, sub->inputs[1], op);
  return node == nullptr ? 0 : node->inputs[0];
}

bool is_multiple(const Editor& editor, ir::ValueId value, double number, ir::ValueId of) {
  const Product product = product_of(editor, value);
  return product.operands.size() == 1 && product.operands[0] == of && is_near(product.number, number);
}

bool is_cube(const Editor& editor, ir::ValueId value, ir::ValueId of) {
  if (const ir::Node* pow = made_by(editor, value, "Pow")) {
    return pow->inputs[0] == of && number_beside(editor, pow->inputs[1], of) == 3.0;
  }
  const ir::Node* outer = made_by(editor, value, "Mul");
  if (outer == nullptr) return false;
  for (const auto& [x, square] : both_ways(*outer)) {
    const ir::Node* inner = made_by(editor, square, "Mul");
    if (x == of && inner != nullptr && inner->inputs[0] == of && inner->inputs[1] == of) return true;
  }
  return false;
}

/// sqrt(2 / pi) * (x + 0.044715 * x^3)
bool is_tanh_argument(const Editor& editor, ir::ValueId value, ir::ValueId x) {
  const Product outer = product_of(editor, value);
  if (outer.operands.size() != 1 || !is_near(outer.number, std::numbers::sqrt2 * std::numbers::inv_sqrtpi))
    return false;
  const ir::Node* sum = made_by(editor, outer.operands[0], "Add");
  if (sum == nullptr) return false;
  for (const auto& [linear, cubic] : both_ways(*sum)) {
    const auto scaled = as_scaled(editor, cubic);
    if (linear == x && scaled && is_near(scaled->number, 0.044715) && is_cube(editor, scaled->operand, x)) return true;
  }
  return false;
}

}  // namespace

bool fuse_gelu(Editor& editor, NodeId id) {
  const ir::ValueId output = editor.node(id).outputs[0];
  if (editor.model().opset() < 20 || !is_float(editor, output) || !takes(editor, id, "Gelu")) return false;
  const Product product = product_of(editor, output);
  if (product.operands.size() != 2 || !is_near(product.number, 0.5)) return false;
  for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
    const ir::ValueId x = product.operands[i];
    const ir::ValueId other = product.operands[1 - i];
    const ir::ValueId plus = one_plus(editor, other, "Erf");
    const ir::ValueId minus = one_minus(editor, other, "Erf");
    const double half_root = std::numbers::sqrt2 / 2;
    const bool exact = (plus != 0 && is_multiple(editor, plus, half_root, x)) ||
                       (minus != 0 && is_multiple(editor, minus, -half_root, x));
    const ir::ValueId tanh = exact ? 0 : one_plus(editor, other, "Tanh");
    if (!exact && (tanh == 0 || !is_tanh_argument(editor, tanh, x))) continue;
    become(editor, id, "Gelu", {x});
    if (!exact) editor.set_attribute(id, "approximate", std::string("tanh"));
    return true;
  }
  return false;
}

bool fuse_hard_sigmoid(Editor& editor, NodeId id) {
  const ir::ValueId output = editor.node(id).outputs[0];
  const auto scaled = as_scaled(editor, output);
  if (!scaled || !is_float(editor, output) || editor.only_user(scaled->operand) != id) return false;
  if (!takes(editor, id, "HardSigmoid")) return false;
  const ir::Node* clip = made_by(editor, scaled->operand, "Clip");
  if (clip == nullptr || clip->inputs.size() != 3 || clip->inputs[1] == 0 || clip->inputs[2] == 0) return false;
  const auto least = scalar_of(editor.constant(clip->inputs[1]));
  const auto most = scalar_of(editor.constant(clip->inputs[2]));
  if (least != 0.0 || !most || !is_near(*most * scaled->number, 1)) return false;
  const auto shifted = as_shifted(editor, clip->inputs[0]);
  const Scaled x = shifted.value_or(Scaled{clip->inputs[0], 0});
  become(editor, id, "HardSigmoid", {x.operand});
  editor.set_attribute(id, "alpha", static_cast<float>(scaled->number));
  editor.set_attribute(id, "beta", static_cast<float>(scaled->number * x.number));
  return true;
}

bool fuse_hard_swish(Editor& editor, NodeId id) {
  if (editor.model().opset() < 14 || !takes(editor, id, "HardSwish")) return false;
  for (const auto& [x, gate] : both_ways(editor.node(id))) {
    const ir::Node* sigmoid = made_by(editor, gate, "HardSigmoid");
    if (sigmoid == nullptr || sigmoid->inputs[0] != x || editor.only_user(gate) != id) continue;
    const auto* alpha = sigmoid->find("alpha");
    const auto* beta = sigmoid->find("beta");
    if (alpha == nullptr || beta == nullptr) continue;
    if (!is_near(std::get<float>(alpha->value), 1.0 / 6) || !is_near(std::get<float>(beta->value), 0.5)) continue;
    become(editor, id, "HardSwish", {x});
    return true;
  }
  return false;
}

bool fuse_prelu(Editor& editor, NodeId id) {
  constexpr std::int64_t kMaxSlopes = 1 << 20;
  if (!takes(editor, id, "PRelu")) return false;
  const bool adds = editor.node(id).op == "Add";
  for (const auto& [positive, negative] : both_ways(editor.node(id))) {
    const ir::Node* relu = made_by(editor, positive, "Relu");
    const ir::Node* product = made_by(editor, negative, "Mul");
    if (relu == nullptr || product == nullptr || !is_float(editor, positive)) continue;
    const ir::ValueId x = relu->inputs[0];
    for (const auto& [mirrored, slope] : both_ways(*product)) {
      const ir::Node* other = made_by(editor, mirrored, "Relu");
      const auto& constant = editor.constant(slope);
      if (other == nullptr || constant == nullptr || constant->count() > kMaxSlopes) continue;
      const ir::Node* neg = made_by(editor, other->inputs[0], "Neg");
      const ir::Type& type = editor.type(x);
      if (neg == nullptr || neg->inputs[0] != x || !type.has_rank || constant->rank() > type.dims.size()) continue;
      if (editor.type(editor.node(id).outputs[0]).dims != type.dims) continue;
      std::vector<float> slopes;
      for (const double number : constant->as_doubles()) slopes.push_back(static_cast<float>(adds ? -number : number));
      become(editor, id, "PRelu", {x, editor.add_constant(ir::Constant::floats(constant->dims(), slopes))});
      return true;
    }
    if (!adds) break;
  }
  return false;
}

}  // namespace flowport::optimize::fuse
