// The symbolic run. From the requested outputs back to the inputs, nodes run once per scope, on an explicit stack: the depth
// of graphs, calls and control flow is bounded by memory only.
//
// A node runs in steps. An intrinsic asks for what it needs (Frame::need) and is stepped again when that is there; every
// other op needs all its inputs and is then converted by the first row of the registry that takes it. Plain calls are not
// nodes here: an output of a call *is* the output of the callee's body, and an argument *is* the caller's tensor, so that
// only what is used is run.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/problem.h"
#include "convert/emitter.h"
#include "convert/lists/list.h"
#include "convert/node_rules.h"
#include "convert/scope.h"
#include "convert/takers.h"
#include "registry/registry.h"
#include "tensorflow/program.h"

namespace flowport::convert {

class Engine;
class Stacks;

/// A node that cannot be converted, for the one list that the user sees.
struct NodeProblem {
  Fault fault = Fault::kUnsupported;
  std::string op, node, path, handler, reason, next;
};

/// What a problem is and the file or place it names, for a node that it is told of.
inline std::string sentence(const Problem& problem) {
  return problem.where.empty() ? problem.what : problem.what + " (" + problem.where + ")";
}

/// What happened, for the report.
struct Journal {
  std::vector<NodeProblem> problems;
  struct Warning {
    std::string op, node, path, handler, text;
  };
  std::vector<Warning> warnings;
  std::map<std::string, std::size_t> tf_ops;                            ///< nodes run, by TF op
  std::map<std::pair<std::string, std::string>, std::size_t> handlers;  ///< (TF op, handler) -> nodes
  std::map<std::string, std::size_t> dropped;                           ///< control-only nodes left out, by TF op
};

/// Keys and values of a lookup table: two constants with as many items along their first axis.
struct TableContent {
  ir::ConstantPtr keys, values;
};

/// A lookup table: the node that makes it, and its content once an op has asked for it.
struct LookupTable {
  const tf::Node* node = nullptr;
  std::optional<TableContent> content;
};

enum class Step {
  kDone,
  kNeed,
  kStandIn,  ///< done; it stood for the same node in other scopes, where that is run
};

/// One node while it is stepped.
class Frame {
 public:
  Frame(Engine& engine, Scope& scope, tf::NodeIndex index) : engine_(engine), scope_(scope), index_(index) {}

  Engine& engine() { return engine_; }
  Scope& scope() { return scope_; }
  tf::NodeIndex index() const { return index_; }
  const tf::Node& node() const { return scope_.graph->nodes[static_cast<std::size_t>(index_)]; }
  NodeState& state() { return scope_.states[index_]; }

  /// Asks for `ref` to be run before the next step. kDone when everything asked for in this step is there already.
  void need(Ref ref);
  void need(const Argument& argument);
  void need_input(std::size_t i) { need({&scope_, node().inputs[i]}); }
  void need_all_inputs();

  Bound input(std::size_t i);
  /// Input as an ONNX value; a variable gives its value. Nullopt where it is neither (poisoned, or a problem was recorded).
  std::optional<ir::ValueId> tensor_input(std::size_t i);

  void bind(std::vector<Bound> outputs) { state().outputs = std::move(outputs); }
  void bind(Bound output) { state().outputs = {output}; }
  /// Records why this node cannot be converted; its outputs are poisoned. Gives kDone.
  Step fail(std::string reason, std::string next = {}, Fault fault = Fault::kUnsupported);
  Step fail(const Problem& problem) { return fail(sentence(problem), problem.next, problem.fault); }

 private:
  Engine& engine_;
  Scope& scope_;
  tf::NodeIndex index_;
};

using Intrinsic = Step (*)(Frame&);

/// The intrinsic for `op`, or null. One table for all, in intrinsics.cpp.
Intrinsic find_intrinsic(std::string_view op);
/// Steps a node of another op whose inputs are there, if it is one on variants (lists, ragged tensors).
std::optional<Step> step_on_variants(Frame& frame);

class Engine {
 public:
  Engine(const tf::Program& program, const registry::Registry& registry, Emitter& emitter, Journal& journal);
  ~Engine();

  Scope& main() { return *main_; }
  /// Runs what `roots` need. Problems go to the journal. False when the run had to be given up (cycle, recursion).
  bool run(std::span<const Ref> roots);

  /// What `ref` is bound to, once it has run.
  Bound bound(Ref ref);
  Bound bound(const Argument& argument);
  /// TensorFlow's element type of what `ref` has run to; a variable gives that of its content.
  tf::DataType dtype_of(Ref ref);
  /// Where `ref` leads to through calls and TF1 control flow, without anything being run.
  Argument follow(Ref ref);
  /// An ONNX value for `bound`: the tensor, or the variable's content. A Problem names a variable that has none.
  Result<ir::ValueId> tensor(Bound bound);

  Takers& takers() { return takers_; }
  Stacks& stacks() { return *stacks_; }
  const tf::Program& program() const { return program_; }
  const registry::Registry& registry() const { return registry_; }
  const NodeRules& node_rules() const { return node_rules_; }
  Emitter& emitter() { return emitter_; }
  ir::Model& model() { return emitter_.model(); }
  Journal& journal() { return journal_; }

  // ---- for intrinsics

  /// A new activation of `function`. `target` is where its nodes are emitted.
  Result<Scope*> open_scope(Scope& caller, tf::NodeIndex call, std::string_view function,
                            std::vector<Argument> arguments, ir::Graph& target);
  /// A new scope for `region` of the graph that `region.outer` runs. Its cuts are the caller's to fill.
  Scope& open_region(const Region& region, ir::Graph& target);
  /// The activation that the plain call `call` in `scope` makes; the same each time.
  Result<Scope*> callee(Scope& scope, tf::NodeIndex call);
  /// True for PartitionedCall and kin, and for nodes whose op is a library function's name.
  bool is_call(std::string_view op) { return entry(op).is_call; }
  /// Index of the variable that `node` stands for; the same for every node that names it.
  std::uint32_t variable_of(const tf::Node& node);
  const tf::Node& variable_node(std::uint32_t variable) const { return *variables_[variable].node; }
  /// The variable that `ref` names, through calls and Identity; none where that is not known without running it.
  std::optional<std::uint32_t> variable_named_by(Ref ref);
  /// True where something that has run asked for the variable's content, or that of another one of its shared_name.
  bool is_read(std::uint32_t variable) const;
  Bound add_list(List list);
  const List& list(Bound bound) const { return lists_[bound.id]; }
  /// A variant that `parts` carry, all tensors or all lists; a single one carries it by itself.
  Bound add_parts(std::vector<Bound> parts);
  /// What carries a variant; of anything else, itself.
  std::vector<Bound> parts_of(Bound bound) const;
  /// Index of the lookup table that `node` makes.
  std::uint32_t table_of(const tf::Node& node);
  LookupTable& table(std::uint32_t table) { return tables_[table]; }
  /// Nodes that fill lookup tables: in the main graph, and in what TensorFlow runs after loading.
  const std::vector<Ref>& table_fillers();
  /// The node that gave `value` out first, where a handler did.
  std::optional<Ref> maker_of(ir::ValueId value) const;
  /// Says that `value` is output `ref`, where an intrinsic made it.
  void note_maker(ir::ValueId value, Ref ref) { makers_.try_emplace(value, ref); }
  /// Graph-valued attributes under construction.
  static std::shared_ptr<ir::Graph> new_body(std::string name);
  /// A number for each call of a handler, by which it tells its own values from others'.
  std::uint32_t next_generation() { return ++generation_; }
  /// Placeholders that are met and not fed become inputs of the model; otherwise they are a problem.
  void set_open_inputs(bool open) { open_inputs_ = open; }
  bool open_inputs() const { return open_inputs_; }
  std::deque<Scope>& scopes() { return scopes_; }
  void set_origin(Scope& scope, const tf::Node& node, std::string handler);
  bool gave_up() const { return gave_up_; }
  /// Steps a node by the rows of the registry: for intrinsics that are one for some inputs only.
  Step convert(Frame& frame);
  /// Once all has run: notes in the journal what was run by which handler, and which nodes were only there to be run first
  /// (control inputs).
  void settle_journal();
  /// `body` is run again, in another graph: nothing of what was run for it counts.
  void discard(std::shared_ptr<ir::Graph> body) { discarded_.push_back(std::move(body)); }

  // ---- for Frame

  /// True when `ref` has run (or needs no running); otherwise it is put on the stack.
  bool request(Ref ref);
  void record(Scope& scope, const tf::Node& node, std::string handler, std::string reason, std::string next,
              Fault fault);

 private:
  struct Task {
    Scope* scope;
    tf::NodeIndex node;
  };
  struct Variable {
    const tf::Node* node = nullptr;
    ir::ValueId value = 0;  ///< 0 until it is loaded
    bool read = false;      ///< its content was asked for
  };
  struct OpEntry {
    Intrinsic intrinsic = nullptr;
    bool is_call = false;
    bool rows_known = false;
    NodeRules::Rows rows;  ///< or why there are none: no handler, a tie
  };
  struct Resolved {
    std::optional<Bound> bound;
    Ref ref;
  };

  OpEntry& entry(std::string_view op);
  Resolved resolve(Ref ref);
  /// What TF1 control flow makes of `ref`: a tensor elsewhere, or the node that stands for a whole loop or conditional.
  std::optional<Resolved> follow_control_flow(Ref& ref);
  const tf::ControlFlow* flow_of(const tf::Graph& graph);
  void find_main_flow(std::span<const Ref> roots);
  Step step(Frame& frame);
  void give_up(Scope& scope, const tf::Node& node, std::string what, std::string next);

  const tf::Program& program_;
  const registry::Registry& registry_;
  Emitter& emitter_;
  Journal& journal_;
  NodeRules node_rules_;
  Takers takers_;
  std::unique_ptr<Stacks> stacks_;
  /// What was run in one scope.
  struct Tally {
    std::map<std::string_view, std::size_t> tf_ops;
    std::map<std::pair<std::string_view, std::string>, std::size_t> handlers;
    std::vector<Journal::Warning> warnings;
  };
  void count_dropped(const Scope& scope);

  std::deque<Scope> scopes_;
  std::unordered_map<const Scope*, Tally> tallies_;
  std::vector<std::shared_ptr<ir::Graph>> discarded_;  // kept, so that no other graph gets the address of one
  Scope* main_ = nullptr;
  std::vector<Task> stack_;
  std::vector<Variable> variables_;
  std::deque<List> lists_;
  std::deque<std::vector<Bound>> parts_;
  std::unordered_map<const tf::Graph*, std::unique_ptr<const tf::ControlFlow>> flows_;
  std::map<std::string, std::uint32_t, std::less<>> variable_index_;
  std::deque<LookupTable> tables_;
  std::unordered_map<const tf::Node*, std::uint32_t> table_index_;
  std::optional<std::vector<Ref>> table_fillers_;
  std::unordered_map<std::string_view, OpEntry> entries_;
  std::set<std::tuple<std::string, std::string>> failed_calls_;
  std::set<std::tuple<std::string, std::string, std::string>> recorded_;  ///< path, node, reason
  std::unordered_map<ir::ValueId, Ref> makers_;
  std::uint32_t generation_ = 0;
  bool open_inputs_ = false;
  bool gave_up_ = false;
};

}  // namespace flowport::convert
