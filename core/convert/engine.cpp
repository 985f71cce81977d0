#include "convert/engine.h"

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "convert/complex.h"
#include "convert/core_ops.h"
#include "convert/handler_call.h"
#include "convert/stacks.h"
#include "convert/types.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert {

std::string Scope::path() const {
  constexpr std::uint32_t kShown = 16;  // scopes at either end of a very deep path
  std::vector<std::string_view> names;
  bool cut = false;
  for (const Scope* scope = this; scope->caller != nullptr; scope = scope->caller) {
    if (depth > 2 * kShown && scope->depth > kShown && scope->depth + kShown <= depth) {
      cut = true;
      continue;
    }
    if (cut && scope->depth == kShown) names.emplace_back("...");
    names.push_back(scope->graph->name);
  }
  std::string path;
  for (auto it = names.rbegin(); it != names.rend(); ++it) {
    if (!path.empty()) path += '/';
    path += *it;
  }
  return path;
}

std::vector<tf::NodeIndex> NodeStates::done() const {
  std::vector<tf::NodeIndex> nodes;
  for (std::size_t i = 0; i < all_.size(); ++i) {
    if (all_[i].progress == NodeState::Progress::kDone) nodes.push_back(static_cast<tf::NodeIndex>(i));
  }
  for (const auto& [node, state] : some_) {
    if (state.progress == NodeState::Progress::kDone) nodes.push_back(node);
  }
  return nodes;
}

// ---- Frame

void Frame::need(Ref ref) { engine_.request(ref); }

void Frame::need(const Argument& argument) {
  if (const auto* ref = std::get_if<Ref>(&argument)) need(*ref);
}

void Frame::need_all_inputs() {
  for (const auto& input : node().inputs) engine_.request({&scope_, input});
}

Bound Frame::input(std::size_t i) {
  return i < node().inputs.size() ? engine_.bound({&scope_, node().inputs[i]}) : Bound{};
}

std::optional<ir::ValueId> Frame::tensor_input(std::size_t i) {
  const Bound bound = input(i);
  if (bound.kind == Bound::Kind::kNone) return std::nullopt;
  auto value = engine_.tensor(bound);
  if (value) return *value;
  fail(value.error());
  return std::nullopt;
}

Step Frame::fail(std::string reason, std::string next, Fault fault) {
  engine_.record(scope_, node(), "core", std::move(reason), std::move(next), fault);
  state().outputs.clear();
  return Step::kDone;
}

// ---- Engine

Engine::Engine(const tf::Program& program, const registry::Registry& registry, Emitter& emitter, Journal& journal)
    : program_(program),
      registry_(registry),
      emitter_(emitter),
      journal_(journal),
      node_rules_(registry, emitter.target()),
      stacks_(std::make_unique<Stacks>(*this)) {
  main_ = &scopes_.emplace_back();
  main_->graph = &program.main();
  main_->states.resize(main_->graph->nodes.size());
  main_->target = &emitter.model().graph;
}

Engine::~Engine() = default;

Engine::OpEntry& Engine::entry(std::string_view op) {
  const auto [it, added] = entries_.try_emplace(op);
  if (added) {
    it->second.intrinsic = find_intrinsic(op);
    it->second.is_call = is_plain_call(op) || (it->second.intrinsic == nullptr && program_.has_function(op));
  }
  return it->second;
}

Result<Scope*> Engine::open_scope(Scope& caller, tf::NodeIndex call, std::string_view function,
                                  std::vector<Argument> arguments, ir::Graph& target) {
  auto graph = program_.function(function);
  if (!graph) return tl::make_unexpected(graph.error());
  if (arguments.size() != (*graph)->args.size()) {
    return problem(Fault::kModel, fmt::format("function '{}' takes {} arguments and is called with {}", function,
                                              (*graph)->args.size(), arguments.size()));
  }
  Scope& scope = scopes_.emplace_back();
  scope.graph = *graph;
  scope.caller = &caller;
  scope.call = call;
  scope.depth = caller.depth + 1;
  scope.arguments = std::move(arguments);
  scope.target = &target;
  scope.states.resize((*graph)->nodes.size());
  scope.flow = flow_of(**graph);
  // More activations inside each other than there are functions: one of them has called itself.
  if (scope.depth > program_.function_names().size()) {
    std::set<std::string_view> seen;
    for (const Scope* s = &scope; s->caller != nullptr; s = s->caller) {
      if (!seen.insert(s->graph->name).second) {
        gave_up_ = true;
        return problem(Fault::kModel, fmt::format("function '{}' calls itself", s->graph->name), {},
                       "ONNX has no recursion: write the recursion as a loop");
      }
    }
  }
  return &scope;
}

Result<Scope*> Engine::callee(Scope& scope, tf::NodeIndex call) {
  if (const auto it = scope.callees.find(call); it != scope.callees.end()) return it->second;
  const auto& node = scope.graph->nodes[static_cast<std::size_t>(call)];
  std::string_view function = node.op;
  std::size_t first = 0;
  if (!program_.has_function(node.op)) {
    const auto* attr = program_.attr(node, "f");
    if (attr == nullptr || attr->value_case() != tf::proto::AttrValue::kFunc) {
      return problem(Fault::kModel, fmt::format("{} does not say which function it calls (attribute 'f')", node.op));
    }
    function = attr->func().name();
    if (node.op == "RemoteCall") first = 1;  // input 0 is the device
  }
  std::vector<Argument> arguments;
  for (std::size_t i = first; i < node.inputs.size(); ++i) arguments.emplace_back(Ref{&scope, node.inputs[i]});
  auto opened = open_scope(scope, call, function, std::move(arguments), *scope.target);
  if (!opened) return tl::make_unexpected(opened.error());
  ++tallies_[&scope].tf_ops[node.op];
  scope.callees.emplace(call, *opened);
  return *opened;
}

Engine::Resolved Engine::resolve(Ref ref) {
  while (true) {
    Scope& scope = *ref.scope;
    if (gave_up_ || ref.edge.node < 0) return {Bound{}, ref};
    if (!scope.cuts.empty()) {
      if (const auto cut = scope.cuts.find(Scope::edge_key(ref.edge)); cut != scope.cuts.end()) {
        if (const auto* bound = std::get_if<Bound>(&cut->second)) return {*bound, ref};
        ref = std::get<Ref>(cut->second);
        continue;
      }
    }
    if (scope.flow != nullptr) {
      const Ref before = ref;
      if (auto place = follow_control_flow(ref)) return *place;
      if (ref.scope != before.scope || !(ref.edge == before.edge)) continue;
    }
    const auto& node = scope.graph->nodes[static_cast<std::size_t>(ref.edge.node)];
    if (node.op == "_Arg" && scope.caller != nullptr) {
      const auto& args = scope.graph->args;
      auto position = static_cast<std::size_t>(ref.edge.node);  // arguments mostly come first
      if (position >= args.size() || args[position] != ref.edge.node) {
        position = static_cast<std::size_t>(std::find(args.begin(), args.end(), ref.edge.node) - args.begin());
      }
      const Argument& argument = scope.arguments[position];
      if (const auto* bound = std::get_if<Bound>(&argument)) return {*bound, ref};
      ref = std::get<Ref>(argument);
      continue;
    }
    if (!entry(node.op).is_call) return {std::nullopt, ref};
    auto called = callee(scope, ref.edge.node);
    if (!called) {
      if (failed_calls_.emplace(scope.path(), std::string(node.name)).second) {
        record(scope, node, "core", called.error().what, called.error().next, called.error().fault);
      }
      return {Bound{}, ref};
    }
    const auto& rets = (*called)->graph->rets;
    if (ref.edge.output < 0 || static_cast<std::size_t>(ref.edge.output) >= rets.size()) {
      record(scope, node, "core", fmt::format("output {} is used, the function has {}", ref.edge.output, rets.size()),
             {}, Fault::kModel);
      return {Bound{}, ref};
    }
    ref = {*called, rets[static_cast<std::size_t>(ref.edge.output)]};
  }
}

Argument Engine::follow(Ref ref) {
  const Resolved resolved = resolve(ref);
  return resolved.bound ? Argument(*resolved.bound) : Argument(resolved.ref);
}

bool Engine::request(Ref ref) {
  const Resolved resolved = resolve(ref);
  if (resolved.bound) return true;
  auto& state = resolved.ref.scope->states[resolved.ref.edge.node];
  if (state.progress == NodeState::Progress::kDone) return true;
  if (state.progress == NodeState::Progress::kActive) {
    const auto& node = resolved.ref.scope->graph->nodes[static_cast<std::size_t>(resolved.ref.edge.node)];
    give_up(*resolved.ref.scope, node, "the graph has a cycle through this node",
            "only TensorFlow loops may go back; save the model again, or cut the graph with --inputs");
    return false;
  }
  stack_.push_back({resolved.ref.scope, resolved.ref.edge.node});
  return false;
}

Bound Engine::bound(Ref ref) {
  const Resolved resolved = resolve(ref);
  if (resolved.bound) return *resolved.bound;
  const auto& state = resolved.ref.scope->states[resolved.ref.edge.node];
  const auto output = static_cast<std::size_t>(resolved.ref.edge.output);
  if (output < state.outputs.size()) return state.outputs[output];
  // Without any outputs the node could not be converted; with some, its handler gives fewer than are used.
  return state.outputs.empty() ? Bound{} : Bound::unbound();
}

Bound Engine::bound(const Argument& argument) {
  const auto* ref = std::get_if<Ref>(&argument);
  return ref != nullptr ? bound(*ref) : std::get<Bound>(argument);
}

bool Engine::run(std::span<const Ref> roots) {
  if (main_->flow == nullptr) find_main_flow(roots);
  for (auto root = roots.rbegin(); root != roots.rend(); ++root) request(*root);
  while (!stack_.empty() && !gave_up_) {
    const Task task = stack_.back();
    auto& state = task.scope->states[task.node];
    if (state.progress == NodeState::Progress::kDone) {
      stack_.pop_back();
      continue;
    }
    state.progress = NodeState::Progress::kActive;
    const std::size_t before = stack_.size();
    Frame frame(*this, *task.scope, task.node);
    Step outcome = step(frame);
    // What was asked for may be there already, or may turn out to be so at once.
    while (outcome == Step::kNeed && stack_.size() == before && !gave_up_) outcome = step(frame);
    if (outcome != Step::kNeed) {
      state.progress = NodeState::Progress::kDone;
      state.state.reset();
      stack_.resize(before - 1);
      if (outcome == Step::kDone) ++tallies_[&frame.scope()].tf_ops[frame.node().op];
    }
  }
  stack_.clear();
  return !gave_up_;
}

Step Engine::step(Frame& frame) {
  auto& state = frame.state();
  const auto& broken = frame.scope().graph->broken;
  if (const auto it = broken.find(frame.index()); it != broken.end()) return frame.fail(it->second);
  const auto& op = entry(frame.node().op);
  const Step outcome = op.intrinsic != nullptr ? op.intrinsic(frame) : convert(frame);
  ++state.step;
  return outcome;
}

void Engine::set_origin(Scope& scope, const tf::Node& node, std::string handler) {
  emitter_.set_origin({std::string(node.name), scope.path(), std::move(handler)});
}

Step Engine::convert(Frame& frame) {
  const auto& node = frame.node();
  if (frame.state().step == 0) {
    frame.need_all_inputs();
    return Step::kNeed;
  }
  OpEntry& op = entry(node.op);
  if (!op.rows_known) {
    op.rows_known = true;
    op.rows = registry_.resolve(node.op, emitter_.target());
    if (op.rows && op.rows->empty()) op.rows = tl::make_unexpected(registry_.no_handler(node.op, emitter_.target()));
  }
  const NodeRules::Rows& rows =
      node_rules_.empty() ? op.rows : node_rules_.rows_for(node, frame.scope().path(), op.rows);
  if (!rows) return frame.fail(rows.error());

  std::vector<Bound> inputs;
  bool dead = false;
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    const Bound input = frame.input(i);
    if (input.kind == Bound::Kind::kNone) return Step::kDone;  // poisoned: the cause is recorded
    dead = dead || input.kind == Bound::Kind::kDead;
    inputs.push_back(input);
  }
  if (dead) {
    frame.bind(std::vector<Bound>(static_cast<std::size_t>(program_.output_count(node)), Bound::dead()));
    return Step::kDone;
  }

  if (const auto done = step_on_variants(frame)) return *done;

  std::vector<std::string> declined;
  std::string hint;
  /// Whose op it is and who cannot say it: that is a gap, which contributed packs may fill.
  std::optional<std::pair<std::string, CallOutcome>> unsupported;
  const bool complex = has_complex(frame, inputs);
  for (const auto* row : *rows) {
    if (!complex && row->complex == registry::Complex::kPairs) continue;
    if (unsupported && row->layer() != registry::Layer::kContrib) continue;
    const std::string handler = fmt::format("{}/{}", row->owner->id, row->id);
    set_origin(frame.scope(), node, handler);
    CallOutcome outcome;
    for (std::size_t i = 0; i < inputs.size() && i < 64 && outcome.status == FLOWPORT_OK; ++i) {
      if (((row->const_inputs >> i) & 1U) == 0) continue;
      auto value = tensor(inputs[i]);
      if (value && model().values[*value].constant != nullptr) continue;
      outcome.status = FLOWPORT_DECLINED;
      outcome.reason = fmt::format("input {} must be known when converting, and depends on the model's inputs", i);
      outcome.hint = "give the shapes of the model's inputs with --shape, or cut the graph there with --inputs";
    }
    const std::size_t denied = emitter_.denied();
    if (outcome.status == FLOWPORT_OK) {
      outcome = complex ? call_for_complex(frame, *row, inputs) : call_row(frame, *row, inputs, View::kWhole);
    }
    for (auto& note : emitter_.take_notes()) outcome.notes.push_back(std::move(note));
    if (outcome.status == FLOWPORT_OK) {
      auto& tally = tallies_[&frame.scope()];
      for (auto& note : outcome.notes) {
        tally.warnings.push_back(
            {std::string(node.op), std::string(node.name), frame.scope().path(), handler, std::move(note)});
      }
      ++tally.handlers[{node.op, handler}];
      for (std::size_t i = 0; i < outcome.outputs.size(); ++i) {
        if (!outcome.outputs[i].is_tensor()) continue;
        makers_.try_emplace(outcome.outputs[i].id, Ref{&frame.scope(), {frame.index(), static_cast<std::int32_t>(i)}});
      }
      frame.bind(std::move(outcome.outputs));
      return Step::kDone;
    }
    if (outcome.status == FLOWPORT_DECLINED) {
      declined.push_back(fmt::format("{} declined: {}", handler, outcome.reason));
      hint = outcome.hint;
      continue;
    }
    // The target was in the way, not the op: another row may do without the ONNX op that it denies.
    if (outcome.status == FLOWPORT_UNSUPPORTED && emitter_.denied() != denied) {
      declined.push_back(fmt::format("{}: {}", handler, outcome.reason));
      hint = outcome.hint;
      continue;
    }
    if (outcome.status == FLOWPORT_UNSUPPORTED) {
      if (!unsupported) unsupported.emplace(handler, std::move(outcome));
      continue;
    }
    const Fault fault = outcome.status == FLOWPORT_BAD_MODEL ? Fault::kModel : Fault::kPlugin;
    record(frame.scope(), node, handler, outcome.reason, outcome.hint, fault);
    return Step::kDone;
  }
  if (unsupported) {
    auto& [handler, outcome] = *unsupported;
    record(frame.scope(), node, handler, outcome.reason, outcome.hint, Fault::kUnsupported);
    return Step::kDone;
  }
  if (declined.empty()) declined.emplace_back("its handlers are for complex tensors only");
  record(frame.scope(), node, "core", join(declined, "; "), hint, Fault::kUnsupported);
  return Step::kDone;
}

tf::DataType Engine::dtype_of(Ref ref) {
  const Resolved resolved = resolve(ref);
  if (resolved.ref.edge.node < 0) return tf::DataType::kInvalid;
  const Bound bound = this->bound(resolved.ref);
  if (bound.kind == Bound::Kind::kVariable) {
    const auto* dtype = program_.attr(*variables_[bound.id].node, "dtype");
    return dtype == nullptr ? tf::DataType::kInvalid : static_cast<tf::DataType>(dtype->type());
  }
  const auto told = [this](const Ref& at) {
    return program_.output_type(at.scope->graph->nodes[static_cast<std::size_t>(at.edge.node)], at.edge.output);
  };
  // The node itself first: an Exit resolves to its loop's LoopCond, whose type is that of the condition.
  const auto own = ref.edge.node < 0 ? tf::DataType::kInvalid : told(ref);
  return own == tf::DataType::kInvalid ? told(resolved.ref) : own;
}

Result<ir::ValueId> Engine::tensor(Bound bound) {
  switch (bound.kind) {
    case Bound::Kind::kTensor: return bound.id;
    case Bound::Kind::kVariable: {
      auto& variable = variables_[bound.id];
      variable.read = true;
      if (variable.value != 0) return variable.value;
      auto content = program_.variable(*variable.node);
      if (!content) return tl::make_unexpected(content.error());
      auto constant = to_constant(*content);
      if (!constant) return tl::make_unexpected(constant.error());
      variable.value = model().add_constant(*constant, std::string(variable.node->name));
      return variable.value;
    }
    case Bound::Kind::kTable: return problem(Fault::kUnsupported, "a lookup table is used like a tensor");
    case Bound::Kind::kUnbound:
      return problem(Fault::kUnsupported, "an output is used that the op's handler does not give");
    case Bound::Kind::kDead: return problem(Fault::kModel, "an output depends on a branch that is never taken");
    case Bound::Kind::kList:
      return problem(Fault::kUnsupported, "a list of tensors is used where ONNX needs one tensor", {},
                     "choose outputs behind the op that stacks or concatenates the list");
    case Bound::Kind::kParts:
      return problem(Fault::kUnsupported, "a ragged tensor or a list, as a variant, is used where ONNX needs a tensor");
    case Bound::Kind::kArray:
      return problem(Fault::kUnsupported, "a TensorArray's handle is used where ONNX needs a tensor");
    case Bound::Kind::kStack: return problem(Fault::kUnsupported, "a stack is used where ONNX needs a tensor");
    case Bound::Kind::kNone: break;
  }
  return problem(Fault::kInternal, "a value is used that could not be converted");
}

std::optional<Ref> Engine::maker_of(ir::ValueId value) const {
  const auto it = makers_.find(value);
  return it == makers_.end() ? std::nullopt : std::optional(it->second);
}

std::shared_ptr<ir::Graph> Engine::new_body(std::string name) {
  auto body = std::make_shared<ir::Graph>();
  body->name = std::move(name);
  return body;
}

void Engine::record(Scope& scope, const tf::Node& node, std::string handler, std::string reason, std::string next,
                    Fault fault) {
  // A loop's body may be run more than once.
  if (!recorded_.emplace(scope.path(), node.name, reason).second) return;
  journal_.problems.push_back({fault, std::string(node.op), std::string(node.name), scope.path(), std::move(handler),
                               std::move(reason), std::move(next)});
}

void Engine::give_up(Scope& scope, const tf::Node& node, std::string what, std::string next) {
  record(scope, node, "core", std::move(what), std::move(next), Fault::kModel);
  gave_up_ = true;
}

void Engine::settle_journal() {
  std::unordered_set<const ir::Graph*> discarded;
  for (const auto& body : discarded_) discarded.insert(body.get());
  std::unordered_set<const Scope*> void_scopes;  // of a body that was run again, and what they opened
  for (const auto& scope : scopes_) {            // each behind the one that opened it
    const Scope* outer = scope.region ? scope.region->outer : scope.caller;
    if (discarded.contains(scope.target) || void_scopes.contains(outer)) {
      void_scopes.insert(&scope);
      continue;
    }
    if (!gave_up_) count_dropped(scope);
    const auto it = tallies_.find(&scope);
    if (it == tallies_.end()) continue;
    auto& tally = it->second;
    for (const auto& [op, count] : tally.tf_ops) journal_.tf_ops[std::string(op)] += count;
    for (const auto& [key, count] : tally.handlers) journal_.handlers[{std::string(key.first), key.second}] += count;
    std::ranges::move(tally.warnings, std::back_inserter(journal_.warnings));
  }
}

void Engine::count_dropped(const Scope& scope) {
  std::set<tf::NodeIndex> seen;
  std::vector<tf::NodeIndex> todo;
  const auto follow = [&](const tf::Node& node) {
    for (const auto control : node.control_inputs) {
      if (!scope.states.is_done(control) && seen.insert(control).second) todo.push_back(control);
    }
  };
  for (const auto node : scope.states.done()) follow(scope.graph->nodes[static_cast<std::size_t>(node)]);
  while (!todo.empty()) {
    const auto& node = scope.graph->nodes[static_cast<std::size_t>(todo.back())];
    todo.pop_back();
    // In a graph with TF1 control flow these only say where a node belongs.
    const bool marks =
        scope.flow != nullptr && (node.op == "Identity" || tf::control_kind(node.op) != tf::Control::kNone);
    if (node.op != "NoOp" && !marks) ++journal_.dropped[std::string(node.op)];
    follow(node);
  }
}

}  // namespace flowport::convert
