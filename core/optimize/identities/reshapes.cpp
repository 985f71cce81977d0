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
