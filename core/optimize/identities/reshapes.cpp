// Reshapes of reshapes and transposes of transposes.
#include <algorithm>

#include "optimize/identities/identities.h"
#include "optimize/permutation.h"

namespace flowport::optimize::identities {

namespace {

bool is_reshape(const ir::Node& node) {
  return node.domain.empty() &&
         (node.op == "Reshape" || node.op == "Squeeze" || node.op == "Unsqueeze" || node.op == "Flatten");
}

/// A target for a Reshape from `from` to `to`: known dims, 0 for dims that stay at their place, at most one -1.
std::optional<std::vector<std::int64_t>> target_shape(const ir::Type& from, const ir::Type& to) {
  if (!to.has_rank) return std::nullopt;
  std::vector<std::int64_t> shape;
  std::size_t unknown = 0;
  for (const ir::Dim& dim : to.dims) {
    if (dim.size == 0) return std::nullopt;
    shape.push_back(dim.size);
    if (!dim.is_known()) ++unknown;
  }
  for (std::size_t i = 0; i < shape.size() && unknown > 1 && from.has_rank; ++i) {
    if (shape[i] >= 0 || i >= from.dims.size()) continue;
    if (to.dims[i].symbol == 0 || to.dims[i].symbol != from.dims[i].symbol) continue;
    shape[i] = 0;
    --unknown;
  }
  if (unknown > 1) return std::nullopt;
  return shape;
}

}  // namespace

bool join_reshapes(Editor& editor, NodeId id) {
  if (!is_reshape(editor.node(id))) return false;
  const NodeId before = editor.producer(editor.node(id).inputs[0]);
  if (before == kNoNode || !is_reshape(editor.node(before))) return false;
  const ir::ValueId origin = editor.node(before).inputs[0];
  const auto shape = target_shape(editor.type(origin), editor.type(editor.node(id).outputs[0]));
  if (!shape) return false;
  editor.set_op(id, "Reshape");
  editor.clear_attributes(id);
  editor.set_inputs(id, {origin, editor.add_constant(ir::Constant::ints(*shape))});
  return true;
}

bool know_target(Editor& editor, NodeId id) {
  const ir::Node& node = editor.node(id);
  if (node.op != "Reshape" || node.int_attr("allowzero", 0) != 0 || editor.constant(node.inputs[1]) != nullptr)
    return false;
  const auto shape = target_shape(editor.type(node.inputs[0]), editor.type(node.outputs[0]));
  if (!shape) return false;
  editor.set_input(id, 1, editor.add_constant(ir::Constant::ints(*shape)));
  return true;
}

bool keep_reduced_dims(Editor& editor, NodeId id) {
  if (!is_reshape(editor.node(id))) return false;
  const ir::ValueId reduced = editor.node(id).inputs[0];
  const NodeId before = editor.producer(reduced);
  if (before == kNoNode || editor.only_user(reduced) != id) return false;
  const ir::Node& node = editor.node(before);
  if (!node.op.starts_with("Reduce") || !node.domain.empty() || node.int_attr("keepdims", 1) != 0) return false;
  std::optional<std::vector<std::int64_t>> axes;
  if (const auto* attribute = node.ints_attr("axes")) {
    axes = *attribute;
  } else if (node.inputs.size() > 1) {
    axes = ints_of(editor, node.inputs[1]);
  }
  ir::Type kept = editor.type(node.inputs[0]);
  if (!axes || axes->empty() || !kept.has_rank) return false;
  for (const std::int64_t axis : *axes) {
    const auto normal = normal_axis(axis, kept.dims.size());
    if (!normal) return false;
    kept.dims[*normal] = {1, 0};
  }
  const ir::ValueId output = editor.node(id).outputs[0];
  if (!same_shape(kept, editor.type(output), true) || editor.graph_of_node(before) != editor.graph_of_node(id))
    return false;
  editor.set_attribute(before, "keepdims", std::int64_t{1});
  editor.remove(id);
  editor.set_output(before, 0, output);
  return true;
}

bool lift_product(Editor& editor, NodeId id) {
  if (editor.node(id).op != "Reshape") return false;
  const NodeId product = editor.producer(editor.node(id).inputs[0]);
  if (product == kNoNode || editor.node(product).op != "MatMul" || !editor.node(product).domain.empty()) return false;
  const NodeId before = editor.producer(editor.node(product).inputs[0]);
  if (before == kNoNode || editor.node(before).op != "Reshape" || !editor.node(before).domain.empty()) return false;
  const ir::ValueId origin = editor.node(before).inputs[0];
  const ir::ValueId matrix = editor.node(product).inputs[1];
  ir::Type from = editor.type(origin);
  const ir::Type& rows = editor.type(editor.node(before).outputs[0]);
  ir::Type to = editor.type(editor.node(id).outputs[0]);
  if (!from.has_rank || !to.has_rank || from.dims.size() < 2 || to.dims.empty()) return false;
  const ir::Type& by = editor.type(matrix);
  if (!rows.has_rank || rows.dims.size() != 2 || !by.has_rank || by.dims.size() != 2) return false;
  if (!by.dims[0].is_known() || !by.dims[1].is_known()) return false;
  if (from.dims.back() != by.dims[0] || to.dims.back() != by.dims[1]) return false;
  // Both have as many rows as the flat product.
  from.dims.pop_back();
  to.dims.pop_back();
  if (!same_shape(from, to, true)) return false;
  editor.set_op(id, "MatMul");
  editor.clear_attributes(id);
  editor.set_inputs(id, {origin, matrix});
  return true;
}

bool join_transposes(Editor& editor, NodeId id) {
  if (editor.node(id).op != "Transpose") return false;
  const NodeId before = editor.producer(editor.node(id).inputs[0]);
  if (before == kNoNode || editor.node(before).op != "Transpose" || !editor.node(before).domain.empty()) return false;
  const ir::ValueId origin = editor.node(before).inputs[0];
  const auto& type = editor.type(origin);
  if (!type.has_rank) return false;
  const auto first = Permutation::of_transpose(editor.node(before), type.dims.size());
  const auto second = Permutation::of_transpose(editor.node(id), type.dims.size());
  if (!first || !second) return false;
  editor.set_attribute(id, "perm", first->then(*second).to_ints());
  editor.set_input(id, 0, origin);
  return true;
}

}  // namespace flowport::optimize::identities
