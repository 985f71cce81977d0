// Rules of Squeeze, Unsqueeze, Reshape and Flatten: which axes become which.
#include <algorithm>

#include "optimize/layout/rules.h"

namespace flowport::optimize::layout {

namespace {

bool same_dim(const ir::Dim& a, const ir::Dim& b) {
  return a.is_known() ? a.size == b.size : a.symbol != 0 && a.symbol == b.symbol;
}

/// What is left of both sides while groups are taken off their ends.
struct Rest {
  const std::vector<ir::Dim>& in;
  const std::vector<ir::Dim>& out;
  std::size_t in_begin, in_end, out_begin, out_end;

  bool has_in() const { return in_begin < in_end; }
  bool has_out() const { return out_begin < out_end; }
  std::size_t take_in(bool front) { return front ? in_begin++ : --in_end; }
  std::size_t take_out(bool front) { return front ? out_begin++ : --out_end; }
  std::int64_t in_size(bool front) const { return in[front ? in_begin : in_end - 1].size; }
  std::int64_t out_size(bool front) const { return out[front ? out_begin : out_end - 1].size; }
};

/// Takes the next group off one end; nullopt when the dims there do not tell, and `rest` is unchanged then.
std::optional<Group> take_group(Rest& rest, bool front) {
  const bool in_unit = rest.has_in() && rest.in_size(front) == 1;
  const bool out_unit = rest.has_out() && rest.out_size(front) == 1;
  if (in_unit && !out_unit) return Group{{rest.take_in(front)}, {}};
  if (out_unit && !in_unit) return Group{{}, {rest.take_out(front)}};
  if (!rest.has_in() || !rest.has_out()) return std::nullopt;
  const auto& in = rest.in[front ? rest.in_begin : rest.in_end - 1];
  const auto& out = rest.out[front ? rest.out_begin : rest.out_end - 1];
  if (same_dim(in, out)) return Group{{rest.take_in(front)}, {rest.take_out(front)}};
  if (!in.is_known() || !out.is_known()) return std::nullopt;
  Rest trial = rest;
  Group group{{trial.take_in(front)}, {trial.take_out(front)}};
  const bool splits = in.size > out.size;
  const std::int64_t whole = splits ? in.size : out.size;
  std::int64_t product = splits ? out.size : in.size;
  while (product < whole) {
    if (!(splits ? trial.has_out() : trial.has_in())) return std::nullopt;
    const std::int64_t next = splits ? trial.out_size(front) : trial.in_size(front);
    if (next < 1 || next > whole / product) return std::nullopt;
    product *= next;
    (splits ? group.out : group.in).push_back(splits ? trial.take_out(front) : trial.take_in(front));
  }
  if (product != whole) return std::nullopt;
  if (!front) {
    std::reverse(group.in.begin(), group.in.end());
    std::reverse(group.out.begin(), group.out.end());
  }
  rest.in_begin = trial.in_begin;
  rest.in_end = trial.in_end;
  rest.out_begin = trial.out_begin;
  rest.out_end = trial.out_end;
  return group;
}

/// Groups of a Reshape from `in` to `out`, or nullopt where the dims do not tell.
std::optional<std::vector<Group>> reshape_groups(const std::vector<ir::Dim>& in, const std::vector<ir::Dim>& out) {
  const auto empty = [](const ir::Dim& dim) { return dim.size == 0; };
  if (std::any_of(in.begin(), in.end(), empty) || std::any_of(out.begin(), out.end(), empty)) return std::nullopt;
  Rest rest{in, out, 0, in.size(), 0, out.size()};
  std::vector<Group> front, back;
  while (auto group = take_group(rest, true)) front.push_back(std::move(*group));
  while (auto group = take_group(rest, false)) back.push_back(std::move(*group));
  const std::size_t in_left = rest.in_end - rest.in_begin;
  const std::size_t out_left = rest.out_end - rest.out_begin;
  if (in_left != 0 || out_left != 0) {
    if (in_left == 0 || out_left == 0 || (in_left != 1 && out_left != 1)) return std::nullopt;
    Group middle;
    while (rest.has_in()) middle.in.push_back(rest.take_in(true));
    while (rest.has_out()) middle.out.push_back(rest.take_out(true));
    front.push_back(std::move(middle));
  }
  front.insert(front.end(), back.rbegin(), back.rend());
  return front;
}

/// The known sizes of the output in `order`, at most one -1 among them; nullopt when more are unknown. A dim that stays at its
/// place is taken over from the input as 0.
std::optional<std::vector<std::int64_t>> target_shape(const Editor& editor, NodeId id, const Permutation& in,
                                                      const Permutation& out) {
  const ir::Node& node = editor.node(id);
  const auto& in_dims = editor.type(node.inputs[0]).dims;
  const auto& out_dims = editor.type(node.outputs[0]).dims;
  std::vector<std::int64_t> shape;
  std::size_t unknown = 0;
  for (std::size_t i = 0; i < out.rank(); ++i) {
    const ir::Dim& dim = out_dims[out[i]];
    shape.push_back(dim.size);
    if (!dim.is_known()) ++unknown;
  }
  for (std::size_t i = 0; i < out.rank() && unknown > 1; ++i) {
    if (shape[i] >= 0 || i >= in.rank() || !same_dim(in_dims[in[i]], out_dims[out[i]])) continue;
    shape[i] = 0;
    --unknown;
  }
  if (unknown > 1) return std::nullopt;
  return shape;
}

bool supports_reshape(const Editor& editor, NodeId id, const Permutation& in, const Permutation& out) {
  return target_shape(editor, id, in, out).has_value();
}

void remap_reshape(Editor& editor, NodeId id, const Permutation& in, const Permutation& out) {
  const auto shape = *target_shape(editor, id, in, out);
  editor.set_op(id, "Reshape");
  editor.clear_attributes(id);
  editor.set_inputs(id, {editor.node(id).inputs[0], editor.add_constant(ir::Constant::ints(shape))});
}

/// Axes that Squeeze takes away or Unsqueeze adds, sorted; they are axes of a tensor of rank `rank`.
std::optional<std::vector<std::size_t>> unit_axes(const Editor& editor, const ir::Node& node, std::size_t rank) {
  std::vector<std::size_t> axes;
  if (node.inputs.size() > 1 && node.inputs[1] != 0) {
    const auto named = ints_of(editor, node.inputs[1]);
    if (!named) return std::nullopt;
    for (const std::int64_t axis : *named) {
      const auto normal = normal_axis(axis, rank);
      if (!normal) return std::nullopt;
      axes.push_back(*normal);
    }
  } else {
    const auto& type = editor.type(node.inputs[0]);
    if (!type.is_static()) return std::nullopt;
    for (std::size_t axis = 0; axis < rank; ++axis) {
      if (type.dims[axis].size == 1) axes.push_back(axis);
    }
  }
  std::sort(axes.begin(), axes.end());
  return axes;
}

void set_unit_axes(Editor& editor, NodeId id, const Permutation& order) {
  std::vector<std::int64_t> moved;
  const auto axes = unit_axes(editor, editor.node(id), order.rank()).value();
  for (const std::size_t axis : axes) {
    moved.push_back(static_cast<std::int64_t>(order.position_of(axis)));
  }
  std::sort(moved.begin(), moved.end());
  editor.set_inputs(id, {editor.node(id).inputs[0], editor.add_constant(ir::Constant::ints(moved))});
}

Rule squeeze_rule(const Editor& editor, const ir::Node& node, std::size_t rank, std::size_t out_rank) {
  const bool adds = node.op == "Unsqueeze";
  const std::size_t larger = adds ? out_rank : rank;
  const auto axes = unit_axes(editor, node, larger);
  if (!axes || axes->size() != larger - std::min(rank, out_rank)) return Fixed{};
  Regroup regroup{rank, out_rank, {}, nullptr, nullptr};
  std::size_t kept = 0;
  for (std::size_t axis = 0; axis < larger; ++axis) {
    std::vector<std::size_t> other;
    if (!std::binary_search(axes->begin(), axes->end(), axis)) other.push_back(kept++);
    regroup.groups.push_back(adds ? Group{other, {axis}} : Group{{axis}, other});
  }
  if (adds) {
    regroup.remap = [](Editor& e, NodeId id, const Permutation&, const Permutation& out) { set_unit_axes(e, id, out); };
  } else {
    regroup.remap = [](Editor& e, NodeId id, const Permutation& in, const Permutation&) { set_unit_axes(e, id, in); };
  }
  return regroup;
}

}  // namespace

std::optional<Rule> reshape_rule(const Editor& editor, const ir::Node& node) {
  const bool squeezes = node.op == "Squeeze" || node.op == "Unsqueeze";
  if (!squeezes && node.op != "Reshape" && node.op != "Flatten") return std::nullopt;
  const auto rank = rank_of(editor, node.inputs[0]);
  const auto out_rank = node.outputs.empty() ? std::nullopt : rank_of(editor, node.outputs[0]);
  if (!rank || !out_rank) return Fixed{};
  if (squeezes) return squeeze_rule(editor, node, *rank, *out_rank);
  const auto groups = reshape_groups(editor.type(node.inputs[0]).dims, editor.type(node.outputs[0]).dims);
  if (!groups) return Fixed{};
  return Regroup{*rank, *out_rank, *groups, &supports_reshape, &remap_reshape};
}

}  // namespace flowport::optimize::layout
