// Rules of ops that name axes and keep the rank: the axes are renamed.
#include <string_view>

#include "optimize/layout/rules.h"

namespace flowport::optimize::layout {

namespace {

std::int64_t moved(std::int64_t axis, const Permutation& order) {
  return static_cast<std::int64_t>(order.position_of(*normal_axis(axis, order.rank())));
}

struct AxisOp {
  std::string_view op;
  std::int64_t otherwise;  ///< the axis where the attribute is left out
  bool all_inputs;         ///< every input is permuted, not only the first
};

constexpr AxisOp kAxisOps[] = {
    {"Concat", 0, true},
    {"GatherElements", 0, true},
    {"Hardmax", -1, false},
    {"LogSoftmax", -1, false},
    {"LpNormalization", -1, false},
    {"ScatterElements", 0, true},
    {"Softmax", -1, false},
    {"Split", 0, false},
    {"TopK", -1, false},
};

template <std::int64_t kOtherwise>
void remap_axis(Editor& editor, NodeId id, const Permutation& order) {
  editor.set_attribute(id, "axis", moved(editor.node(id).int_attr("axis", kOtherwise), order));
}

std::optional<Rule> axis_attribute_rule(const Editor& editor, const ir::Node& node, std::size_t rank) {
  for (const AxisOp& op : kAxisOps) {
    if (op.op != node.op) continue;
    if (!normal_axis(node.int_attr("axis", op.otherwise), rank)) return Fixed{};
    Same same{rank, {0}};
    if (op.all_inputs) {
      same.inputs.clear();
      for (std::uint32_t slot = 0; slot < node.inputs.size(); ++slot) {
        if (rank_of(editor, node.inputs[slot]) != rank) return Fixed{};
        same.inputs.push_back(slot);
      }
    }
    same.remap = op.otherwise == 0 ? &remap_axis<0> : &remap_axis<-1>;
    // Softmax and the like are at their best along the last axis.
    const bool along_last = normal_axis(node.int_attr("axis", op.otherwise), rank) == rank - 1;
    if (op.otherwise == -1 && along_last) same.price = Cost::kLastAxis;
    return same;
  }
  return std::nullopt;
}

/// Gather of a list of indices; a single index takes the axis away, which is a regrouping.
Rule gather_rule(const Editor& editor, const ir::Node& node, std::size_t rank) {
  const auto axis = normal_axis(node.int_attr("axis", 0), rank);
  const auto indices_rank = rank_of(editor, node.inputs[1]);
  if (!axis || !indices_rank || *indices_rank > 1) return Fixed{};
  if (*indices_rank == 1) return Same{rank, {0}, nullptr, &remap_axis<0>};
  Regroup regroup{rank, rank - 1, {}, nullptr, [](Editor& e, NodeId id, const Permutation& in, const Permutation&) {
                    e.set_attribute(id, "axis", moved(e.node(id).int_attr("axis", 0), in));
                  }};
  for (std::size_t i = 0; i < rank; ++i) {
    Group group{{i}, {}};
    if (i != *axis) group.out.push_back(i < *axis ? i : i - 1);
    regroup.groups.push_back(std::move(group));
  }
  return regroup;
}

void remap_slice(Editor& editor, NodeId id, const Permutation& order) {
  auto inputs = editor.node(id).inputs;
  std::vector<std::int64_t> axes;
  if (inputs.size() > 3 && inputs[3] != 0) {
    axes = *ints_of(editor, inputs[3]);
  } else {
    const auto count = editor.type(inputs[1]).dims[0].size;
    for (std::int64_t axis = 0; axis < count; ++axis) axes.push_back(axis);
  }
  for (auto& axis : axes) axis = moved(axis, order);
  if (inputs.size() < 4) inputs.resize(4, 0);
  inputs[3] = editor.add_constant(ir::Constant::ints(axes));
  editor.set_inputs(id, std::move(inputs));
}

/// Slice with known axes; where it starts and ends need not be known.
Rule slice_rule(const Editor& editor, const ir::Node& node, std::size_t rank) {
  if (node.inputs.size() > 3 && node.inputs[3] != 0) {
    const auto axes = ints_of(editor, node.inputs[3]);
    if (!axes) return Fixed{};
    for (const auto axis : *axes) {
      if (!normal_axis(axis, rank)) return Fixed{};
    }
  } else {
    const auto& starts = editor.type(node.inputs[1]);
    if (!starts.has_rank || starts.dims.size() != 1 || !starts.dims[0].is_known()) return Fixed{};
    if (starts.dims[0].size > static_cast<std::int64_t>(rank)) return Fixed{};
  }
  return Same{rank, {0}, nullptr, &remap_slice};
}

/// True when `value` is a list of `count` numbers, known or not.
bool is_list_of(const Editor& editor, ir::ValueId value, std::size_t count) {
  const auto& type = editor.type(value);
  return type.has_rank && type.dims.size() == 1 && type.dims[0].size == static_cast<std::int64_t>(count);
}

/// Parameter 1 becomes the list of its elements at `places`: by a Gather where only the run time knows them.
void pick(Editor& editor, NodeId id, const std::vector<std::int64_t>& places) {
  const ir::ValueId list = editor.node(id).inputs[1];
  if (const auto numbers = ints_of(editor, list)) {
    std::vector<std::int64_t> picked;
    for (const auto place : places) picked.push_back((*numbers)[static_cast<std::size_t>(place)]);
    editor.set_input(id, 1, editor.add_constant(ir::Constant::ints(picked)));
    return;
  }
  ir::Node gather;
  gather.op = "Gather";
  gather.inputs = {list, editor.add_constant(ir::Constant::ints(places))};
  gather.outputs = {editor.add_value(editor.type(list))};
  gather.origin = editor.node(id).origin;
  const ir::ValueId picked = gather.outputs[0];
  editor.insert_before(id, std::move(gather));
  editor.set_input(id, 1, picked);
}

int price_of_pick(const Editor& editor, ir::ValueId list) { return ints_of(editor, list) ? 0 : Cost::kMeasure; }

void remap_pad(Editor& editor, NodeId id, const Permutation& order) {
  const auto& inputs = editor.node(id).inputs;
  if (inputs.size() > 3 && inputs[3] != 0) {
    auto axes = *ints_of(editor, inputs[3]);
    for (auto& axis : axes) axis = moved(axis, order);
    editor.set_input(id, 3, editor.add_constant(ir::Constant::ints(axes)));
    return;
  }
  std::vector<std::int64_t> places;
  for (const std::size_t half : {std::size_t{0}, order.rank()}) {
    for (std::size_t i = 0; i < order.rank(); ++i) places.push_back(static_cast<std::int64_t>(half + order[i]));
  }
  pick(editor, id, places);
}

/// Pad with known axes; how much it pads need not be known.
Rule pad_rule(const Editor& editor, const ir::Node& node, std::size_t rank) {
  if (node.inputs.size() > 3 && node.inputs[3] != 0) {
    const auto axes = ints_of(editor, node.inputs[3]);
    if (!axes) return Fixed{};
    for (const auto axis : *axes) {
      if (!normal_axis(axis, rank)) return Fixed{};
    }
    return Same{rank, {0}, nullptr, &remap_pad};
  }
  if (!is_list_of(editor, node.inputs[1], 2 * rank)) return Fixed{};
  return Same{rank, {0}, nullptr, &remap_pad, price_of_pick(editor, node.inputs[1])};
}

/// Parameter 1 has a number for each axis: Tile's repeats, Expand's shape.
void remap_per_axis(Editor& editor, NodeId id, const Permutation& order) {
  std::vector<std::int64_t> places;
  for (std::size_t i = 0; i < order.rank(); ++i) places.push_back(static_cast<std::int64_t>(order[i]));
  pick(editor, id, places);
}

void remap_cum_sum(Editor& editor, NodeId id, const Permutation& order) {
  const auto axis = ints_of(editor, editor.node(id).inputs[1])->front();
  editor.set_input(id, 1, editor.add_constant(ir::Constant::int_scalar(moved(axis, order))));
}

}  // namespace

std::optional<Rule> axis_rule(const Editor& editor, const ir::Node& node) {
  const auto& op = node.op;
  const auto rank = rank_of(editor, node.inputs[0]);
  if (!rank || *rank == 0) return std::nullopt;
  if (auto rule = axis_attribute_rule(editor, node, *rank)) return rule;
  if (node.inputs.size() < 2) return std::nullopt;
  if (op == "Gather") return gather_rule(editor, node, *rank);
  if (op == "Slice") return slice_rule(editor, node, *rank);
  if (op == "Pad") return pad_rule(editor, node, *rank);
  if (op == "Tile" || op == "Expand") {
    if (!is_list_of(editor, node.inputs[1], *rank)) return Fixed{};
    return Same{*rank, {0}, nullptr, &remap_per_axis, price_of_pick(editor, node.inputs[1])};
  }
  if (op == "CumSum") {
    const auto axis = ints_of(editor, node.inputs[1]);
    if (!axis || axis->size() != 1 || !normal_axis(axis->front(), *rank)) return Fixed{};
    return Same{*rank, {0}, nullptr, &remap_cum_sum};
  }
  return std::nullopt;
}

}  // namespace flowport::optimize::layout
