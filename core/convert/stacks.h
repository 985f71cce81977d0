// TensorFlow's stacks while the program runs symbolically. A stack is a thing that nodes change, one after the other. Here its
// content is a list, and each node that works on the stack takes the content from the node that did so before it, as if an edge
// led there: through calls, into loops and conditionals, and out of them.
//
// Such a node must have been ordered by TensorFlow's data and control edges; a content is then found by going backwards from
// its user. Nothing is run for it.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "convert/run_order.h"
#include "convert/scope.h"
#include "onnx/graph.h"

namespace flowport::convert {

class Engine;

class Stacks {
 public:
  explicit Stacks(Engine& engine) : engine_(engine) {}
  /// TensorFlow runs only what these outputs wait for.
  void set_roots(std::span<const Ref> roots) { roots_.assign(roots.begin(), roots.end()); }

  /// Number of the stack that `maker` (StackV2) makes in `scope`.
  std::uint32_t made_by(Scope& scope, tf::NodeIndex maker);
  /// Number of the stack on which `node` of `scope`, an op on stacks, works; a Problem where that cannot be told.
  Result<std::uint32_t> used_by(Scope& scope, tf::NodeIndex node);
  /// Numbers of the stacks from outside on which `node` of `scope` works inside: a loop, a conditional.
  Result<std::vector<std::uint32_t>> used_inside(Scope& scope, tf::NodeIndex node);
  struct Stack {
    Scope* scope = nullptr;  ///< that made it, by node `maker`
    tf::NodeIndex maker = -1;
    std::string name;
    std::optional<std::int64_t> limit;  ///< so many items it may have, where that is known
    std::optional<ir::Type> item;       ///< what all items have in common that were pushed so far
  };
  Stack& stack(std::uint32_t number) { return stacks_[number]; }

  /// Where the content of `stack` is found as it is before `user` of `scope` runs.
  Result<Argument> before(std::uint32_t stack, Scope& scope, tf::NodeIndex user);
  /// As it is behind `node` of `scope`, a loop or a conditional that works on it inside.
  Result<Argument> behind(std::uint32_t stack, Scope& scope, tf::NodeIndex node);
  /// As it is when all of `scope` has run.
  Result<Argument> at_end(std::uint32_t stack, Scope& scope);

  /// What `node` counts as in `scope`: itself, or the LoopCond of a TF1 loop.
  tf::NodeIndex unit(Scope& scope, tf::NodeIndex node) { return level(scope).order->unit(node); }
  /// What must hold for `node` to run that `scope` does not say.
  static std::vector<tf::ControlFlow::Guard> open_guards(const Scope& scope, tf::NodeIndex node);

 private:
  /// A node that works on a stack, and what it counts as.
  struct Use {
    tf::NodeIndex unit = -1;
    tf::NodeIndex node = -1;
  };
  struct Uses {
    std::map<std::uint32_t, std::vector<Use>> by_stack;
    std::unordered_map<tf::NodeIndex, std::vector<std::uint32_t>> by_unit;
    std::map<std::uint32_t, std::optional<Problem>> sorted;  ///< stacks whose uses are in order, or why they have none
    std::optional<Problem> unclear;
  };
  struct Level {
    std::unique_ptr<RunOrder> order;
    std::vector<tf::NodeIndex> users;  ///< nodes that work on stacks, themselves or by functions
  };
  struct Levels {
    std::map<std::int32_t, std::vector<tf::NodeIndex>> members;
    std::map<std::int32_t, Level> by_loop;
    std::vector<bool> runs;
  };
  /// Where a handle comes from.
  struct Origin {
    enum class Kind : std::uint8_t { kStack, kOther, kUnclear } kind = Kind::kOther;
    Scope* scope = nullptr;
    tf::NodeIndex maker = -1;
  };

  Levels& levels_of(const tf::Graph& graph, const tf::ControlFlow* flow);
  Level& level(const Scope& scope);
  /// Nodes that TensorFlow runs.
  std::vector<bool> run_nodes(const tf::Graph& graph) const;
  bool works_inside(const tf::Node& node) const;
  Origin origin(Ref handle);
  Uses& uses_in(Scope& scope);
  void add_uses(Scope& scope, Uses& uses, tf::NodeIndex node);
  Result<const std::vector<Use>*> ordered(std::uint32_t stack, Scope& scope);
  std::optional<Problem> sort(std::uint32_t stack, Scope& scope, std::vector<Use>& uses);
  /// Where the content is after `use`, which is no call.
  Result<Argument> after(std::uint32_t stack, Scope& scope, const Use& use);
  /// Before `user`; at the end where that is -1.
  Result<Argument> find(std::uint32_t stack, Scope* scope, tf::NodeIndex user);

  Engine& engine_;
  std::vector<Ref> roots_;
  std::vector<Stack> stacks_;
  std::map<std::pair<const Scope*, tf::NodeIndex>, std::uint32_t> numbers_;
  std::unordered_map<const tf::Graph*, Levels> levels_;
  std::unordered_map<const Scope*, Uses> uses_;
};

}  // namespace flowport::convert
