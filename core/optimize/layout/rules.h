// How a node goes along when the axes of its operands are permuted. A rule is found once per node, before anything is changed.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "optimize/editor.h"
#include "optimize/permutation.h"

namespace flowport::optimize::layout {

/// Costs of a layout. Of equal numbers of Transposes, those are better that stand behind inputs of the model and before consumers
/// that are not permuted: there, what surrounds a convolution has its order, and can be folded into it.
struct Cost {
  static constexpr int kTranspose = 17;  ///< one that is there, and one behind a producer that is not permuted
  static constexpr int kBorder = 16;  ///< one behind an input of the model, or before a consumer that is not permuted
  static constexpr int kDense = 4;    ///< MatMul as a 1x1 Conv
  static constexpr int kUnits = 3;    ///< for kTranspose, when it moves axes of size 1 only
  static constexpr int kBorderUnits = 2;
  static constexpr int kMeasure = 1;   ///< Gather behind Shape
  static constexpr int kLastAxis = 2;  ///< working along another axis than the last
};

/// The node works in any order of the axes: operands of its rank and its outputs are all permuted alike, operands of lower rank are
/// broadcast to them.
struct Same {
  std::size_t rank = 0;
  std::vector<std::uint32_t> inputs;  ///< slots that are permuted; the rest are parameters
  /// Can it work in `order`? null: in any.
  bool (*supports)(const Permutation& order) = nullptr;
  /// Rewrites attributes and parameters for `order`; null: nothing to do. Called before the operands are replaced.
  void (*remap)(Editor& editor, NodeId node, const Permutation& order) = nullptr;
  /// What it costs to work in another order, see Cost.
  int price = 0;
};

/// Axes of a tensor that become axes of another, their elements in the same order. One side may be empty: axes of size 1, or
/// reduced axes, which may stand anywhere.
struct Group {
  std::vector<std::size_t> in, out;
};

/// The node turns input 0 into output 0, of other axes.
struct Regroup {
  std::size_t in_rank = 0, out_rank = 0;
  std::vector<Group> groups;  ///< in the order of the axes on both sides
  /// Can it be said for input and output in these orders, which agree? null: always.
  bool (*supports)(const Editor& editor, NodeId node, const Permutation& in, const Permutation& out) = nullptr;
  /// Rewrites attributes and parameters for an input and an output in these orders. Called before they are replaced.
  void (*remap)(Editor& editor, NodeId node, const Permutation& in, const Permutation& out) = nullptr;
};

/// A Transpose.
struct Move {
  Permutation order;
};

/// Shape or Size: looks at nothing but the dims of its input.
struct Measure {};

/// Wants its operands as they are.
struct Fixed {};

using Rule = std::variant<Fixed, Same, Regroup, Move, Measure>;

Rule rule_of(const Editor& editor, NodeId node);

/// The order that `in` takes on in the output of a regrouping, or nullopt when the groups are torn apart. Empty groups of the output
/// stay behind the axis that they stand behind.
std::optional<Permutation> carried(const std::vector<Group>& groups, const Permutation& in, std::size_t out_rank);

/// True when input and output in these orders have their groups in one order.
bool agree(const std::vector<Group>& groups, const Permutation& in, const Permutation& out);

/// Groups that take an operand of lower rank `low` to the rank that it is broadcast to.
std::vector<Group> broadcast_groups(std::size_t low, std::size_t rank);

// One finder per family of ops: nullopt when the op is none of theirs, Fixed when the node cannot go along.
std::optional<Rule> elementwise_rule(const Editor& editor, const ir::Node& node);
std::optional<Rule> axis_rule(const Editor& editor, const ir::Node& node);
std::optional<Rule> reduction_rule(const Editor& editor, const ir::Node& node);
std::optional<Rule> reshape_rule(const Editor& editor, const ir::Node& node);
std::optional<Rule> dense_rule(const Editor& editor, const ir::Node& node);

/// Rank of `value` when it is known and permutations can hold it.
std::optional<std::size_t> rank_of(const Editor& editor, ir::ValueId value);

}  // namespace flowport::optimize::layout
