// What a TensorFlow tensor is bound to while the program runs symbolically, and the scopes in which nodes run.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "onnx/graph.h"
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
  };
  Kind kind = Kind::kNone;
  std::uint32_t id = 0;

  static Bound tensor(ir::ValueId value) { return {Kind::kTensor, value}; }
  static Bound variable(std::uint32_t index) { return {Kind::kVariable, index}; }
  static Bound table(std::uint32_t index) { return {Kind::kTable, index}; }
  static Bound unbound() { return {Kind::kUnbound, 0}; }
  static Bound dead() { return {Kind::kDead, 0}; }
  bool is_tensor() const { return kind == Kind::kTensor; }
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

/// An argument of a function: the caller's tensor, run only when the callee asks for it, or a bound value (a loop variable).
using Argument = std::variant<Ref, Bound>;

/// One activation of the main graph or of a function. Nodes run in it at most once; what they emit goes to `target`.
struct Scope {
  const tf::Graph* graph = nullptr;
  Scope* caller = nullptr;  ///< null for the main graph
  tf::NodeIndex call = -1;  ///< the calling node in `caller`
  std::uint32_t depth = 0;  ///< number of callers
  std::vector<Argument> arguments;
  ir::Graph* target = nullptr;
  std::vector<NodeState> states;                      ///< by node
  std::unordered_map<tf::NodeIndex, Scope*> callees;  ///< scopes of plain calls, by calling node
  std::unordered_map<std::uint64_t, Bound> cuts;      ///< main graph: tensors that are fed, by edge_key

  static std::uint64_t edge_key(tf::Edge edge) {
    return (static_cast<std::uint64_t>(static_cast<std::uint32_t>(edge.node)) << 32) |
           static_cast<std::uint32_t>(edge.output);
  }
  /// Function names from the outermost call inwards, '/'-joined; the middle is left out where there are very many.
  std::string path() const;
};

}  // namespace flowport::convert
