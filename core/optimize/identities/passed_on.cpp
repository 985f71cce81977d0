// Which nodes give an input back unchanged.
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "optimize/identities/identities.h"
#include "optimize/permutation.h"

namespace flowport::optimize::identities {

namespace {

bool all_are(const std::vector<std::int64_t>& numbers, std::int64_t number) {
  return std::all_of(numbers.begin(), numbers.end(), [number](std::int64_t n) { return n == number; });
}

bool is_floating(ir::DType dtype) {
  return dtype == ir::DType::kFloat || dtype == ir::DType::kDouble || dtype == ir::DType::kFloat16 ||
         dtype == ir::DType::kBfloat16;
}

/// Is every element of a small known tensor `number`, with the sign of a zero?
bool is_filled_with(const Editor& editor, ir::ValueId value, double number) {
  const auto& constant = editor.constant(value);
  if (value == 0 || constant == nullptr || constant->dtype() == ir::DType::kString || constant->count() > 65536)
    return false;
  const auto elements = constant->as_doubles();
  return std::all_of(elements.begin(), elements.end(),
                     [number](double e) { return e == number && std::signbit(e) == std::signbit(number); });
}

/// x * 1, x / 1, x - 0, and x + 0 where that keeps a negative zero.
ir::ValueId neutral_operand(const Editor& editor, const ir::Node& node) {
  const bool floating = is_floating(editor.type(node.outputs[0]).dtype);
  const bool either = node.op == "Mul" || node.op == "Add";
  double neutral = 0;
  if (node.op == "Mul" || node.op == "Div") {
    neutral = 1;
  } else if (node.op == "Add") {
    neutral = floating ? -0.0 : 0.0;
  } else if (node.op != "Sub") {
    return 0;
  }
  for (const std::size_t slot : {std::size_t{1}, std::size_t{0}}) {
    if (slot == 0 && !either) break;
    if (!is_filled_with(editor, node.inputs[slot], neutral)) continue;
    const ir::ValueId other = node.inputs[1 - slot];
    if (same_shape(editor.type(other), editor.type(node.outputs[0]))) return other;
  }
  return 0;
}

/// Can `wide` hold every number of `narrow`?
bool holds(ir::DType wide, ir::DType narrow) {
  using enum ir::DType;
  const auto bits = [](ir::DType type) {
    switch (type) {
      case kInt8:
      case kUint8: return 8;
      case kInt16:
      case kUint16: return 16;
      case kInt32:
      case kUint32: return 32;
      case kInt64:
      case kUint64: return 64;
      default: return 0;
    }
  };
  const auto is_signed = [](ir::DType type) {
    return type == kInt8 || type == kInt16 || type == kInt32 || type == kInt64;
  };
  if (narrow == kBool) return bits(wide) != 0 || is_floating(wide);
  if (bits(narrow) != 0 && bits(wide) != 0) {
    if (is_signed(narrow) == is_signed(wide)) return bits(wide) >= bits(narrow);
    return is_signed(wide) && bits(wide) > bits(narrow);
  }
  if (narrow == kFloat16 || narrow == kBfloat16) return wide == kFloat || wide == kDouble;
  if (narrow == kFloat) return wide == kDouble;
  if (bits(narrow) != 0) return (wide == kDouble && bits(narrow) <= 32) || (wide == kFloat && bits(narrow) <= 16);
  return false;
}

ir::ValueId of_cast(const Editor& editor, const ir::Node& node) {
  const ir::DType to = editor.type(node.outputs[0]).dtype;
  const ir::ValueId input = node.inputs[0];
  if (to == ir::DType::kUndefined) return 0;
  if (editor.type(input).dtype == to) return input;
  // There and back.
  const NodeId before = editor.producer(input);
  if (before == kNoNode || editor.node(before).op != "Cast" || !editor.node(before).domain.empty()) return 0;
  const ir::ValueId origin = editor.node(before).inputs[0];
  return editor.type(origin).dtype == to && holds(editor.type(input).dtype, to) ? origin : 0;
}

bool slices_everything(const Editor& editor, const ir::Node& node) {
  if (node.inputs.size() < 3) return false;
  const auto starts = ints_of(editor, node.inputs[1]);
  const auto ends = ints_of(editor, node.inputs[2]);
  const bool has_steps = node.inputs.size() > 4 && node.inputs[4] != 0;
  const auto steps = has_steps ? ints_of(editor, node.inputs[4]) : std::vector<std::int64_t>{};
  if (!starts || !ends || !steps || !all_are(*starts, 0) || !all_are(*steps, 1)) return false;
  const auto& input = editor.type(node.inputs[0]);
  const bool has_axes = node.inputs.size() > 3 && node.inputs[3] != 0;
  const auto axes = has_axes ? ints_of(editor, node.inputs[3]) : std::vector<std::int64_t>{};
  if (!axes || (has_axes && axes->size() != ends->size())) return false;
  for (std::size_t i = 0; i < ends->size(); ++i) {
    if ((*ends)[i] >= std::numeric_limits<std::int32_t>::max()) continue;
    if (!input.has_rank) return false;
    const auto axis = normal_axis(has_axes ? (*axes)[i] : static_cast<std::int64_t>(i), input.dims.size());
    if (!axis || !input.dims[*axis].is_known() || (*ends)[i] < input.dims[*axis].size) return false;
  }
  return true;
}

/// The node that made `value`, where it is `op` of ai.onnx; else null.
const ir::Node* made_by(const Editor& editor, ir::ValueId value, std::string_view op) {
  const NodeId id = editor.producer(value);
  if (id == kNoNode || editor.node(id).op != op || !editor.node(id).domain.empty()) return nullptr;
  return &editor.node(id);
}

bool is_column(const Editor& editor, const ir::Node* unsqueeze) {
  if (unsqueeze == nullptr || unsqueeze->inputs.size() != 2) return false;
  const auto axes = ints_of(editor, unsqueeze->inputs[1]);
  return axes && *axes == std::vector<std::int64_t>{-1};
}

/// Index of what a Gather takes from the last axis, where that is one known element.
std::optional<std::int64_t> taken_from_last(const Editor& editor, const ir::Node* gather) {
  if (gather == nullptr || gather->int_attr("axis", 0) != -1) return std::nullopt;
  const auto& index = editor.constant(gather->inputs[1]);
  if (index == nullptr || index->rank() != 0) return std::nullopt;
  return index->as_ints().front();
}

/// Tensors joined along a new last axis and taken from it again.
ir::ValueId of_gather(const Editor& editor, const ir::Node& node) {
  const auto index = taken_from_last(editor, &node);
  const ir::Node* stack = index ? made_by(editor, node.inputs[0], "Concat") : nullptr;
  if (stack == nullptr || stack->int_attr("axis", 0) != -1) return 0;
  if (*index < 0 || *index >= static_cast<std::int64_t>(stack->inputs.size())) return 0;
  const auto is_one = [&](ir::ValueId part) { return is_column(editor, made_by(editor, part, "Unsqueeze")); };
  if (!std::ranges::all_of(stack->inputs, is_one)) return 0;
  return made_by(editor, stack->inputs[static_cast<std::size_t>(*index)], "Unsqueeze")->inputs[0];
}

/// All that a last axis has, taken one by one and joined again.
ir::ValueId of_concat(const Editor& editor, const ir::Node& node) {
  if (node.inputs.size() == 1) return node.inputs[0];
  if (node.int_attr("axis", 0) != -1) return 0;
  ir::ValueId whole = 0;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const ir::Node* column = made_by(editor, node.inputs[i], "Unsqueeze");
    if (!is_column(editor, column)) return 0;
    const ir::Node* part = made_by(editor, column->inputs[0], "Gather");
    if (taken_from_last(editor, part) != static_cast<std::int64_t>(i)) return 0;
    if (i > 0 && part->inputs[0] != whole) return 0;
    whole = part->inputs[0];
  }
  const auto& type = editor.type(whole);
  const bool all =
      type.has_rank && !type.dims.empty() && type.dims.back().size == static_cast<std::int64_t>(node.inputs.size());
  return all ? whole : 0;
}

}  // namespace

bool same_shape(const ir::Type& a, const ir::Type& b, bool equal_counts) {
  if (!a.has_rank || !b.has_rank || a.dims.size() != b.dims.size()) return false;
  std::size_t open = 0;
  bool zero = false;
  for (std::size_t i = 0; i < a.dims.size(); ++i) {
    const ir::Dim& left = a.dims[i];
    const ir::Dim& right = b.dims[i];
    if (left.is_known() && right.is_known()) {
      if (left.size != right.size) return false;
      zero |= left.size == 0;
    } else if (left.symbol == 0 || left.symbol != right.symbol) {
      ++open;
    }
  }
  // With equal counts one dim may be open: it is what the others, all known, leave.
  if (open == 0) return true;
  const auto known = std::count_if(a.dims.begin(), a.dims.end(), [](const ir::Dim& dim) { return dim.is_known(); });
  return equal_counts && open == 1 && !zero && static_cast<std::size_t>(known) + 1 >= a.dims.size();
}

ir::ValueId passed_on(const Editor& editor, const ir::Node& node) {
  const auto& op = node.op;
  const ir::ValueId input = node.inputs[0];
  const ir::ValueId output = node.outputs[0];
  if (input == 0 || output == 0) return 0;
  if (op == "Identity") return input;
  if (op == "Cast" || op == "CastLike") return of_cast(editor, node);
  if (op == "Add" || op == "Sub" || op == "Mul" || op == "Div") return neutral_operand(editor, node);
  if (op == "Dropout") {
    const bool trains = node.inputs.size() > 2 && node.inputs[2] != 0 && !is_filled_with(editor, node.inputs[2], 0);
    const bool has_mask = node.outputs.size() > 1 && node.outputs[1] != 0 && !editor.is_unused(node.outputs[1]);
    return trains || has_mask ? 0 : input;
  }
  if (op == "Concat") return of_concat(editor, node);
  if (op == "Gather") return of_gather(editor, node);
  if (op == "Sum" || op == "Max" || op == "Min" || op == "Mean") {
    return node.inputs.size() == 1 ? input : 0;
  }
  if (op == "Split") return node.outputs.size() == 1 ? input : 0;
  if (op == "Reshape" || op == "Squeeze" || op == "Unsqueeze" || op == "Flatten") {
    return same_shape(editor.type(input), editor.type(output), true) ? input : 0;
  }
  if (op == "Expand") return same_shape(editor.type(input), editor.type(output)) ? input : 0;
  if (op == "Transpose") {
    const auto& type = editor.type(input);
    const auto order = type.has_rank ? Permutation::of_transpose(node, type.dims.size()) : std::nullopt;
    return order && order->is_identity() ? input : 0;
  }
  if (node.inputs.size() < 2) return 0;
  if (op == "Pad" || op == "Tile") {
    const auto numbers = ints_of(editor, node.inputs[1]);
    return numbers && all_are(*numbers, op == "Pad" ? 0 : 1) ? input : 0;
  }
  if (op == "Slice") return slices_everything(editor, node) ? input : 0;
  return 0;
}

}  // namespace flowport::optimize::identities
