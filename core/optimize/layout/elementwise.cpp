// Rules of ops that look at one element of each operand at a time.
#include <algorithm>
#include <array>
#include <string_view>

#include "optimize/layout/rules.h"

namespace flowport::optimize::layout {

namespace {

using namespace std::string_view_literals;

/// Only input 0 is data; the others are scalars. Sorted.
constexpr std::array kUnary = {
    "Abs"sv,      "Acos"sv,    "Acosh"sv,      "Asin"sv,      "Asinh"sv,       "Atan"sv,
    "Atanh"sv,    "BitCast"sv, "BitwiseNot"sv, "Cast"sv,      "CastLike"sv,    "Ceil"sv,
    "Celu"sv,     "Clip"sv,    "Cos"sv,        "Cosh"sv,      "Dropout"sv,     "Elu"sv,
    "Erf"sv,      "Exp"sv,     "Floor"sv,      "Gelu"sv,      "HardSigmoid"sv, "HardSwish"sv,
    "Identity"sv, "IsInf"sv,   "IsNaN"sv,      "LeakyRelu"sv, "Log"sv,         "Mish"sv,
    "Neg"sv,      "Not"sv,     "Reciprocal"sv, "Relu"sv,      "Round"sv,       "Selu"sv,
    "Shrink"sv,   "Sigmoid"sv, "Sign"sv,       "Sin"sv,       "Sinh"sv,        "Softplus"sv,
    "Softsign"sv, "Sqrt"sv,    "Swish"sv,      "Tan"sv,       "Tanh"sv,        "ThresholdedRelu"sv,
};

/// All inputs are data, broadcast to one another. Sorted.
constexpr std::array kBroadcasting = {
    "Add"sv,        "And"sv,         "BitShift"sv, "BitwiseAnd"sv, "BitwiseOr"sv,
    "BitwiseXor"sv, "Div"sv,         "Equal"sv,    "Greater"sv,    "GreaterOrEqual"sv,
    "Less"sv,       "LessOrEqual"sv, "Max"sv,      "Mean"sv,       "Min"sv,
    "Mod"sv,        "Mul"sv,         "Or"sv,       "PRelu"sv,      "Pow"sv,
    "Sub"sv,        "Sum"sv,         "Where"sv,    "Xor"sv,
};

static_assert(std::is_sorted(kUnary.begin(), kUnary.end()));
static_assert(std::is_sorted(kBroadcasting.begin(), kBroadcasting.end()));

void remap_axis(Editor& editor, NodeId id, const Permutation& order) {
  const auto axis = normal_axis(editor.node(id).int_attr("axis", 1), order.rank());
  if (axis) editor.set_attribute(id, "axis", static_cast<std::int64_t>(order.position_of(*axis)));
}

/// QuantizeLinear and DequantizeLinear with one scale, or with one per index of an axis.
Rule quantize_rule(const Editor& editor, const ir::Node& node, std::size_t rank) {
  const auto scale_rank = node.inputs.size() > 1 ? rank_of(editor, node.inputs[1]) : std::nullopt;
  if (!scale_rank || *scale_rank > 1 || node.int_attr("block_size", 0) != 0) return Fixed{};
  Same same{rank, {0}};
  if (*scale_rank == 1) {
    if (!normal_axis(node.int_attr("axis", 1), rank)) return Fixed{};
    same.remap = &remap_axis;
  }
  return same;
}

}  // namespace

std::optional<Rule> elementwise_rule(const Editor& editor, const ir::Node& node) {
  const bool quantize = node.op == "QuantizeLinear" || node.op == "DequantizeLinear";
  if (quantize || std::binary_search(kUnary.begin(), kUnary.end(), std::string_view(node.op))) {
    const auto rank = rank_of(editor, node.inputs[0]);
    if (!rank) return Fixed{};
    if (quantize) return quantize_rule(editor, node, *rank);
    return Same{*rank, {0}};
  }
  if (!std::binary_search(kBroadcasting.begin(), kBroadcasting.end(), std::string_view(node.op))) return std::nullopt;
  Same same;
  for (std::uint32_t slot = 0; slot < node.inputs.size(); ++slot) {
    const auto rank = rank_of(editor, node.inputs[slot]);
    if (!rank) return Fixed{};
    same.rank = std::max(same.rank, *rank);
    same.inputs.push_back(slot);
  }
  return same;
}

}  // namespace flowport::optimize::layout
