// TF1 control flow in a graph: loop frames (Enter ... Exit) and conditionals (Switch ... Merge), told from the graph's structure.
// Nothing is run and nothing is changed; the symbolic run reads from it which nodes make up a loop's body or a branch.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tensorflow/program.h"

namespace flowport::tf {

/// The frames and conditionals of one graph. Ops by their names of either kind: "Switch" means RefSwitch and _SwitchN too, and
/// likewise for Merge, Enter, Exit and NextIteration.
class ControlFlow {
 public:
  /// One loop variable: Merge(Enter(start), NextIteration(next)).
  struct LoopVariable {
    NodeIndex merge = -1;
    Edge start;
    Edge next;
    NodeIndex exit = -1;  ///< -1: nothing uses it behind the loop
  };
  struct Loop {
    std::string name;         ///< frame_name
    std::int32_t outer = -1;  ///< the loop around this one; -1: none
    std::int32_t depth = 0;
    NodeIndex condition = -1;  ///< LoopCond
    std::vector<LoopVariable> variables;
  };
  /// That `predicate` sends its data to output `side` of a Switch, inside of guard `outer` (-1: none).
  struct Guard {
    std::int32_t outer = -1;
    Edge predicate;
    std::int32_t side = 0;
    friend bool operator==(const Guard&, const Guard&) = default;
  };
  /// The Merges that one predicate decides and of which none depends on another: one If or Case.
  struct Conditional {
    Edge predicate;
    std::int32_t sides = 2;
    bool by_index = false;  ///< _SwitchN: the predicate is the number of the side
    struct Output {
      NodeIndex merge = -1;
      std::vector<std::int32_t> input_of_side;
    };
    std::vector<Output> outputs;
  };
  /// Where a Merge is found: conditional and number of its output.
  struct Place {
    std::int32_t conditional = -1;
    std::int32_t output = 0;
  };

  /// Null where `graph` has no TF1 control flow. `roots`: what is wanted of the graph; `is_cut`: edges that are fed.
  static std::unique_ptr<const ControlFlow> of(const Program& program, const Graph& graph, std::span<const Edge> roots,
                                               const std::function<bool(Edge)>& is_cut);

  const std::vector<Loop>& loops() const { return loops_; }
  const std::vector<Conditional>& conditionals() const { return conditionals_; }

  /// The innermost loop in which the outputs of `node` live; -1: none.
  std::int32_t loop_of(NodeIndex node) const { return loop_of_[static_cast<std::size_t>(node)]; }
  /// True when `node` is in loop `loop` or in a loop inside of it.
  bool in_loop(NodeIndex node, std::int32_t loop) const;
  /// True when `edge` exists only where `predicate` goes to `side`.
  bool on_side(Edge edge, Edge predicate, std::int32_t side) const;

  /// The loop variable that the Merge `node` is, or that the Exit `node` gives out: its loop and number.
  std::optional<std::pair<std::int32_t, std::int32_t>> loop_variable(NodeIndex node) const;
  /// The loop whose LoopCond decides the Switch `node`; -1: it belongs to a conditional.
  std::int32_t loop_of_switch(NodeIndex node) const;
  /// The conditional of the Merge `node`; conditional -1 where its inputs do not tell one.
  Place place_of(NodeIndex merge) const;
  /// What must hold for `node` to run; of a Switch, for its inputs to exist. The outermost comes first.
  std::vector<Guard> guards_of(NodeIndex node) const { return chain(guard_of_[static_cast<std::size_t>(node)]); }
  /// True when the body of `loop` gives variable `i` back as it is, seen through Identity and the loop's Switch.
  bool hands_on(std::int32_t loop, std::size_t i) const;
  /// The predicate of the Switch `node`, seen through Identity and into loops that it is the same in all the time.
  Edge predicate_of(NodeIndex node) const;

 private:
  class Builder;
  ControlFlow() = default;
  /// The guards of `guard` and around it, outermost first.
  std::vector<Guard> chain(std::int32_t guard) const;

  const Graph* graph_ = nullptr;
  std::vector<Loop> loops_;
  std::vector<Guard> guards_;
  std::vector<Conditional> conditionals_;
  std::vector<std::int32_t> loop_of_;
  std::vector<std::int32_t> guard_of_;  // of a Switch: of its inputs
  std::map<NodeIndex, std::pair<std::int32_t, std::int32_t>> variables_;
  std::map<NodeIndex, std::int32_t> loop_switches_;
  std::map<NodeIndex, Place> places_;
};

/// The kinds of TF1 control-flow ops.
enum class Control : std::uint8_t { kNone, kSwitch, kMerge, kEnter, kExit, kNextIteration, kLoopCond };
Control control_kind(std::string_view op);

}  // namespace flowport::tf
