#include "optimize/layout/rules.h"

#include <algorithm>

namespace flowport::optimize::layout {

namespace {

/// Order in which the groups that have axes on both sides begin in a side whose axes are in `order`; nullopt when a group is torn.
std::optional<std::vector<std::size_t>> group_order(const std::vector<Group>& groups, bool in_side,
                                                    const Permutation& order) {
  constexpr std::size_t kNone = SIZE_MAX;
  std::vector<std::size_t> group_of(order.rank(), kNone);
  std::vector<std::size_t> place(order.rank(), 0);
  for (std::size_t g = 0; g < groups.size(); ++g) {
    const auto& axes = in_side ? groups[g].in : groups[g].out;
    if ((in_side ? groups[g].out : groups[g].in).empty()) continue;
    for (std::size_t i = 0; i < axes.size(); ++i) {
      group_of[axes[i]] = g;
      place[axes[i]] = i;
    }
  }
  std::vector<std::size_t> result;
  std::size_t expected = 0;  // place within the group at hand
  for (std::size_t i = 0; i < order.rank(); ++i) {
    const std::size_t axis = order[i];
    const std::size_t g = group_of[axis];
    if (g == kNone) {
      continue;
    }
    if (place[axis] == 0) {
      if (!result.empty() && expected != (in_side ? groups[result.back()].in : groups[result.back()].out).size()) {
        return std::nullopt;
      }
      result.push_back(g);
      expected = 1;
    } else if (result.empty() || result.back() != g || place[axis] != expected) {
      return std::nullopt;
    } else {
      ++expected;
    }
  }
  if (!result.empty() && expected != (in_side ? groups[result.back()].in : groups[result.back()].out).size()) {
    return std::nullopt;
  }
  return result;
}

}  // namespace

std::optional<Permutation> carried(const std::vector<Group>& groups, const Permutation& in, std::size_t out_rank) {
  const auto sequence = group_order(groups, true, in);
  if (!sequence) return std::nullopt;
  // Axes of empty groups go with the group before them in the original order; those at the beginning stay there.
  std::vector<std::vector<std::size_t>> trailing(groups.size());
  std::vector<std::int64_t> axes;
  std::size_t last = SIZE_MAX;
  for (std::size_t g = 0; g < groups.size(); ++g) {
    if (!groups[g].in.empty() && !groups[g].out.empty()) {
      last = g;
    } else if (!groups[g].out.empty()) {
      for (const std::size_t axis : groups[g].out) {
        if (last == SIZE_MAX) {
          axes.push_back(static_cast<std::int64_t>(axis));
        } else {
          trailing[last].push_back(axis);
        }
      }
    }
  }
  for (const std::size_t g : *sequence) {
    for (const std::size_t axis : groups[g].out) axes.push_back(static_cast<std::int64_t>(axis));
    for (const std::size_t axis : trailing[g]) axes.push_back(static_cast<std::int64_t>(axis));
  }
  return axes.size() == out_rank ? Permutation::of(axes) : std::nullopt;
}

bool agree(const std::vector<Group>& groups, const Permutation& in, const Permutation& out) {
  const auto left = group_order(groups, true, in);
  return left && left == group_order(groups, false, out);
}

std::vector<Group> broadcast_groups(std::size_t low, std::size_t rank) {
  std::vector<Group> groups;
  for (std::size_t axis = 0; axis < rank; ++axis) {
    Group group{{}, {axis}};
    if (axis >= rank - low) group.in.push_back(axis - (rank - low));
    groups.push_back(std::move(group));
  }
  return groups;
}

std::optional<std::size_t> rank_of(const Editor& editor, ir::ValueId value) {
  const auto& type = editor.type(value);
  if (value == 0 || type.kind != ir::Type::Kind::kTensor || !type.has_rank) return std::nullopt;
  if (type.dims.size() > Permutation::kMaxRank) return std::nullopt;
  return type.dims.size();
}

Rule rule_of(const Editor& editor, NodeId id) {
  const ir::Node& node = editor.node(id);
  if (!node.domain.empty() || node.inputs.empty() || node.inputs[0] == 0) return Fixed{};
  if (node.op == "Transpose") {
    const auto rank = rank_of(editor, node.inputs[0]);
    const auto order = rank ? Permutation::of_transpose(node, *rank) : std::nullopt;
    if (order) return Move{*order};
    return Fixed{};
  }
  if (node.op == "Shape" || node.op == "Size") {
    if (rank_of(editor, node.inputs[0])) return Measure{};
    return Fixed{};
  }
  using Finder = std::optional<Rule> (*)(const Editor&, const ir::Node&);
  for (const Finder finder : {&elementwise_rule, &axis_rule, &reduction_rule, &reshape_rule, &dense_rule}) {
    if (auto rule = finder(editor, node)) return *rule;
  }
  return Fixed{};
}

}  // namespace flowport::optimize::layout
