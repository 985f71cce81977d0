// What a TensorFlow tensor is bound to while the program runs symbolically, and the scopes in which nodes run.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "onnx/graph.h"
#include "tensorflow/control_flow.h"
#include "tensorflow/program.h"

namespace flowport::convert {

/// What one output of a TF node is.
struct Bound {
  enum class Kind : std::uint8_t {
    kNone,      ///< could not be converted; the problem is recorded where it arose
    kTensor,    ///< ONNX value `id`
    kVariable,  ///< Engine's variable `id`
    kTable,     ///< Engine's lookup table `id`
    kUnbound,   ///< an output that the node's handler does not give
    kDead,      ///< the untaken side of a TF1 Switch whose predicate is known
    kList,      ///< Engine's tensor list `id` (TensorList ops; TensorArray's flow)
    kArray,     ///< the handle of a TensorArray, which says nothing: the flow is the list
    kStack,     ///< the handle of stack `id` (stacks.h)
    kParts,     ///< a variant that several tensors or lists carry together: Engine's `id`
  };
  Kind kind = Kind::kNone;
  std::uint32_t id = 0;

  static Bound tensor(ir::ValueId value) { return {Kind::kTensor, value}; }
  static Bound variable(std::uint32_t index) { return {Kind::kVariable, index}; }
  static Bound table(std::uint32_t index) { return {Kind::kTable, index}; }
  static Bound unbound() { return {Kind::kUnbound, 0}; }
  static Bound dead() { return {Kind::kDead, 0}; }
  static Bound list(std::uint32_t index) { return {Kind::kList, index}; }
  static Bound array() { return {Kind::kArray, 0}; }
  static Bound stack(std::uint32_t index) { return {Kind::kStack, index}; }
  static Bound parts(std::uint32_t index) { return {Kind::kParts, index}; }
  bool is_none() const { return kind == Kind::kNone; }
  bool is_tensor() const { return kind == Kind::kTensor; }
  bool is_list() const { return kind == Kind::kList; }
  friend bool operator==(const Bound&, const Bound&) = default;
};

struct Scope;

/// An output of a node in a scope.
struct Ref {
  Scope* scope = nullptr;
  tf::Edge edge;
};

/// What an intrinsic keeps between its steps (see engine.h).
struct StepState {
  virtual ~StepState() = default;
};

struct NodeState {
  enum class Progress : std::uint8_t { kNew, kActive, kDone };
  Progress progress = Progress::kNew;
  std::uint32_t step = 0;  ///< how often the node has been stepped
  std::vector<Bound> outputs;
  std::unique_ptr<StepState> state;
};

/// The states of a scope's nodes: an array, or a map for scopes that run few of their graph's nodes.
class NodeStates {
 public:
  /// Makes room for all nodes of a graph; without it, states are made when they are first asked for.
  void resize(std::size_t count) { all_.resize(count); }
  NodeState& operator[](tf::NodeIndex node) {
    return all_.empty() ? some_[node] : all_[static_cast<std::size_t>(node)];
  }
  bool is_done(tf::NodeIndex node) const {
    if (!all_.empty()) return all_[static_cast<std::size_t>(node)].progress == NodeState::Progress::kDone;
    const auto it = some_.find(node);
    return it != some_.end() && it->second.progress == NodeState::Progress::kDone;
  }
  std::vector<tf::NodeIndex> done() const;

 private:
  std::vector<NodeState> all_;
  std::unordered_map<tf::NodeIndex, NodeState> some_;
};

/// An argument of a function: the caller's tensor, run only when the callee asks for it, or a bound value (a loop variable).
using Argument = std::variant<Ref, Bound>;

/// The part of a graph that a scope runs, where it is not all of it: the inside of a TF1 loop, or one side of a TF1
/// conditional. The outer scope runs the rest.
struct Region {
  Scope* outer = nullptr;
  std::int32_t loop = -1;  ///< ControlFlow's loop; -1: a side of a conditional
  tf::Edge predicate;
  std::int32_t side = 0;
};

/// One activation of the main graph or of a function, or of a region of them. Nodes run in it at most once; what they emit
/// goes to `target`.
struct Scope {
  const tf::Graph* graph = nullptr;
  Scope* caller = nullptr;  ///< null for the main graph
  tf::NodeIndex call = -1;  ///< the calling node in `caller`
  std::uint32_t depth = 0;  ///< number of callers
  std::vector<Argument> arguments;
  ir::Graph* target = nullptr;
  const tf::ControlFlow* flow = nullptr;  ///< null where the graph has no TF1 control flow
  std::optional<Region> region;
  NodeStates states;
  std::unordered_map<tf::NodeIndex, Scope*> callees;  ///< scopes of plain calls, by calling node
  std::unordered_map<std::uint64_t, Argument>
      cuts;  ///< tensors that are fed (main graph, TF1 loop variables), by edge_key
  std::unordered_map<std::uint32_t, Argument> stacks;  ///< contents as the scope begins: a loop's variables

  static std::uint64_t edge_key(tf::Edge edge) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(edge.node)) << 32) |
           static_cast<std::uint32_t>(edge.output);
  }
  /// Function names from the outermost call inwards, '/'-joined; the middle is left out where there are very many.
  std::string path() const;
};

}  // namespace flowport::convert
