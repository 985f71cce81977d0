// Rules of ops that reduce axes: with keepdims they keep the rank, without it the axes go away.
#include <algorithm>
#include <string_view>

#include "optimize/layout/rules.h"

namespace flowport::optimize::layout {

namespace {

/// ArgMax and ArgMin name one axis in an attribute.
bool is_arg_op(const ir::Node& node) { return node.op == "ArgMax" || node.op == "ArgMin"; }

/// Axes that `node` reduces, counted from the front; nullopt when they are not known.
std::optional<std::vector<std::size_t>> reduced_axes(const Editor& editor, const ir::Node& node, std::size_t rank) {
  std::vector<std::int64_t> named;
  if (is_arg_op(node)) {
    named = {node.int_attr("axis", 0)};
  } else if (const auto* attribute = node.ints_attr("axes")) {
    named = *attribute;
  } else if (node.inputs.size() > 1 && node.inputs[1] != 0) {
    const auto known = ints_of(editor, node.inputs[1]);
    if (!known) return std::nullopt;
    named = *known;
  }
  std::vector<std::size_t> axes;
  if (named.empty() && node.int_attr("noop_with_empty_axes", 0) == 0) {
    for (std::size_t axis = 0; axis < rank; ++axis) axes.push_back(axis);
  }
  for (const std::int64_t axis : named) {
    const auto normal = normal_axis(axis, rank);
    if (!normal) return std::nullopt;
    axes.push_back(*normal);
  }
  return axes;
}

void remap(Editor& editor, NodeId id, const Permutation& order) {
  const ir::Node& node = editor.node(id);
  auto axes = *reduced_axes(editor, node, order.rank());
  std::vector<std::int64_t> moved;
  for (const std::size_t axis : axes) moved.push_back(static_cast<std::int64_t>(order.position_of(axis)));
  std::sort(moved.begin(), moved.end());
  if (is_arg_op(node)) {
    editor.set_attribute(id, "axis", moved.front());
  } else if (node.ints_attr("axes") != nullptr) {
    editor.set_attribute(id, "axes", moved);
  } else if (node.inputs.size() > 1 && node.inputs[1] != 0 && !moved.empty()) {
    editor.set_input(id, 1, editor.add_constant(ir::Constant::ints(moved)));
  }
}

}  // namespace

std::optional<Rule> reduction_rule(const Editor& editor, const ir::Node& node) {
  if (!node.op.starts_with("Reduce") && !is_arg_op(node)) return std::nullopt;
  const auto rank = rank_of(editor, node.inputs[0]);
  const auto axes = rank ? reduced_axes(editor, node, *rank) : std::nullopt;
  if (!axes) return Fixed{};
  if (node.int_attr("keepdims", 1) != 0) {
    // What normalises the last axis has ops of its own.
    const bool along_last = axes->size() == 1 && axes->front() + 1 == *rank;
    return Same{*rank, {0}, nullptr, &remap, along_last ? Cost::kLastAxis : 0};
  }
  Regroup regroup{
      *rank, 0, {}, nullptr, [](Editor& e, NodeId id, const Permutation& in, const Permutation&) { remap(e, id, in); }};
  for (std::size_t axis = 0; axis < *rank; ++axis) {
    Group group{{axis}, {}};
    if (std::find(axes->begin(), axes->end(), axis) == axes->end()) group.out.push_back(regroup.out_rank++);
    regroup.groups.push_back(std::move(group));
  }
  return regroup;
}

}  // namespace flowport::optimize::layout
