#include "convert/stacks.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "convert/engine.h"
#include "convert/functions.h"
#include "tensorflow/protos/graph.pb.h"
#include "tensorflow/state_writes.h"

namespace flowport::convert {

namespace {

using Guard = tf::ControlFlow::Guard;

const tf::Node& node_at(const tf::Graph& graph, tf::NodeIndex index) {
  return graph.nodes[static_cast<std::size_t>(index)];
}

bool is_side(const Scope& scope) { return scope.region && scope.region->loop < 0; }

/// The loop whose inside `scope` runs, or a side of a conditional in it; -1: none.
std::int32_t loop_of(const Scope& scope) {
  const Scope* at = &scope;
  while (is_side(*at)) at = at->region->outer;
  return at->region ? at->region->loop : -1;
}

/// What holds wherever nodes of `scope` run.
std::vector<Guard> held_in(const Scope& scope) {
  std::vector<Guard> held;
  for (const Scope* at = &scope; at->region; at = at->region->outer) {
    const Region& region = *at->region;
    if (region.loop < 0) {
      held.push_back({-1, region.predicate, region.side});
      continue;
    }
    const auto condition = scope.flow->loops()[static_cast<std::size_t>(region.loop)].condition;
    if (condition < 0) continue;
    const auto guards = scope.flow->guards_of(condition);
    held.insert(held.end(), guards.begin(), guards.end());
  }
  return held;
}

bool is_in(const std::vector<Guard>& guards, const Guard& guard) {
  return std::ranges::any_of(
      guards, [&](const Guard& other) { return other.predicate == guard.predicate && other.side == guard.side; });
}

/// True where both cannot hold.
bool exclude(const std::vector<Guard>& a, const std::vector<Guard>& b) {
  return std::ranges::any_of(a, [&](const Guard& guard) {
    return std::ranges::any_of(
        b, [&](const Guard& other) { return other.predicate == guard.predicate && other.side != guard.side; });
  });
}

std::vector<Guard> guards_of(const Scope& scope, tf::NodeIndex node) {
  return scope.flow == nullptr ? std::vector<Guard>{} : scope.flow->guards_of(node);
}

bool is_loop(std::string_view op) { return op.ends_with("While") || op == "For"; }

bool makes_stack(std::string_view op) { return op == "Stack" || op == "StackV2"; }

}  // namespace

std::uint32_t Stacks::made_by(Scope& scope, tf::NodeIndex maker) {
  const auto [it, is_new] = numbers_.try_emplace({&scope, maker}, static_cast<std::uint32_t>(stacks_.size()));
  if (is_new) stacks_.push_back({&scope, maker, std::string(node_at(*scope.graph, maker).name), {}, {}});
  return it->second;
}

std::vector<Guard> Stacks::open_guards(const Scope& scope, tf::NodeIndex node) {
  auto guards = guards_of(scope, node);
  if (guards.empty()) return guards;
  const auto held = held_in(scope);
  std::erase_if(guards, [&](const Guard& guard) { return is_in(held, guard); });
  return guards;
}

// ---- what there is in a graph

std::vector<bool> Stacks::run_nodes(const tf::Graph& graph) const {
  std::vector<bool> runs(graph.nodes.size(), false);
  std::vector<tf::NodeIndex> todo;
  const Scope& main = engine_.main();
  const bool is_main = &graph == main.graph;
  const auto visit = [&](tf::NodeIndex index) {
    if (index < 0 || runs[static_cast<std::size_t>(index)]) return;
    runs[static_cast<std::size_t>(index)] = true;
    todo.push_back(index);
  };
  const auto is_cut = [&](tf::Edge edge) { return is_main && main.cuts.contains(Scope::edge_key(edge)); };
  if (is_main) {
    for (const auto& root : roots_) {
      const Scope* scope = root.scope;
      tf::Edge edge = root.edge;
      for (; scope->caller != nullptr; scope = scope->caller) edge = {scope->call, 0};
      if (!is_cut(edge)) visit(edge.node);
    }
  } else {
    // Of a function, TensorFlow runs all that has effects.
    for (const auto& ret : graph.rets) visit(ret.node);
    for (const auto ret : graph.control_rets) visit(ret);
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const auto* def = engine_.program().op_def(graph.nodes[i].op);
      if (def != nullptr && def->is_stateful()) visit(static_cast<tf::NodeIndex>(i));
    }
  }
  while (!todo.empty()) {
    const auto& node = node_at(graph, todo.back());
    todo.pop_back();
    for (const auto& input : node.inputs) {
      if (!is_cut(input)) visit(input.node);
    }
    for (const auto control : node.control_inputs) visit(control);
  }
  return runs;
}

Stacks::Levels& Stacks::levels_of(const tf::Graph& graph, const tf::ControlFlow* flow) {
  const auto [it, is_new] = levels_.try_emplace(&graph);
  Levels& levels = it->second;
  if (!is_new) return levels;
  levels.runs = run_nodes(graph);
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    const auto index = static_cast<tf::NodeIndex>(i);
    auto loop = flow == nullptr ? -1 : flow->loop_of(index);
    for (; loop >= 0; loop = flow->loops()[static_cast<std::size_t>(loop)].outer) {
      levels.members[loop].push_back(index);
    }
    levels.members[-1].push_back(index);
  }
  return levels;
}

Stacks::Level& Stacks::level(const Scope& scope) {
  Levels& levels = levels_of(*scope.graph, scope.flow);
  const auto loop = loop_of(scope);
  Level& level = levels.by_loop[loop];
  if (level.order != nullptr) return level;
  const auto& members = levels.members[loop];
  level.order = std::make_unique<RunOrder>(*scope.graph, scope.flow, loop, members);
  for (const auto index : members) {
    const auto& node = node_at(*scope.graph, index);
    const bool is_op = tf::is_stack_op(node.op) && !makes_stack(node.op) && !node.inputs.empty();
    if (levels.runs[static_cast<std::size_t>(index)] && (is_op || works_inside(node))) level.users.push_back(index);
  }
  return level;
}

bool Stacks::works_inside(const tf::Node& node) const {
  return std::ranges::any_of(functions_of(engine_.program(), node), [&](const std::string& name) {
    const auto graph = engine_.program().function(name);
    return graph && (*graph)->may_use_stacks;
  });
}

// ---- which stack a node works on

Stacks::Origin Stacks::origin(Ref handle) {
  using Kind = Origin::Kind;
  const Origin unclear{Kind::kUnclear, nullptr, -1};
  for (std::size_t steps = 0; steps < engine_.program().node_count() + engine_.scopes().size(); ++steps) {
    const Argument found = engine_.follow(handle);
    if (const auto* bound = std::get_if<Bound>(&found)) {
      if (bound->kind != Bound::Kind::kStack) return {};
      return {Kind::kStack, stacks_[bound->id].scope, stacks_[bound->id].maker};
    }
    handle = std::get<Ref>(found);
    const auto& node = node_at(*handle.scope->graph, handle.edge.node);
    const auto output = static_cast<std::size_t>(handle.edge.output);
    const auto* flow = handle.scope->flow;
    const auto kind = tf::control_kind(node.op);
    if (makes_stack(node.op)) return {Kind::kStack, handle.scope, handle.edge.node};
    if (node.op == "IdentityN" && output < node.inputs.size()) {
      handle.edge = node.inputs[output];
    } else if (kind == tf::Control::kMerge || kind == tf::Control::kLoopCond) {
      const auto loop = flow == nullptr ? -1 : flow->loop_of(handle.edge.node);
      auto variable = flow == nullptr ? std::nullopt : flow->loop_variable(handle.edge.node);
      if (kind == tf::Control::kLoopCond && loop >= 0) variable.emplace(loop, handle.edge.output);
      if (!variable || variable->first < 0) return unclear;
      const auto& variables = flow->loops()[static_cast<std::size_t>(variable->first)].variables;
      const auto i = static_cast<std::size_t>(variable->second);
      if (i >= variables.size() || !flow->hands_on(variable->first, i)) return unclear;
      handle.edge = variables[i].start;
    } else if (is_loop(node.op)) {
      const std::size_t first = node.op == "For" ? 3 : 0;
      const auto* body = engine_.program().attr(node, "body");
      const auto graph = engine_.program().function(body == nullptr ? std::string() : body->func().name());
      if (!graph || output >= (*graph)->rets.size() || first + output >= node.inputs.size()) return unclear;
      const auto argument = static_cast<std::ptrdiff_t>(output + (first == 0 ? 0 : 1));
      if (handed_on(**graph, output) != argument) return unclear;
      handle.edge = node.inputs[first + output];
    } else if (node.op == "Identity" || node.op == "RefIdentity" || kind == tf::Control::kSwitch ||
               kind == tf::Control::kEnter) {
      if (node.inputs.empty()) return {};
      handle.edge = node.inputs[0];
    } else {
      return node.op.ends_with("If") || node.op.ends_with("Case") ? unclear : Origin{};
    }
  }
  return unclear;
}

Result<std::uint32_t> Stacks::used_by(Scope& scope, tf::NodeIndex node) {
  const Origin from = origin({&scope, node_at(*scope.graph, node).inputs[0]});
  if (from.kind == Origin::Kind::kStack) return made_by(*from.scope, from.maker);
  return problem(Fault::kUnsupported, "nothing in the graph tells which stack this node works on", {},
                 "make the stack in the same graph, and do not choose between stacks while running");
}

void Stacks::add_uses(Scope& scope, Uses& uses, tf::NodeIndex index) {
  const auto& node = node_at(*scope.graph, index);
  const bool is_op = tf::is_stack_op(node.op);
  const tf::NodeIndex unit = this->unit(scope, index);
  for (std::size_t i = 0; i < (is_op ? 1 : node.inputs.size()); ++i) {
    const tf::Edge input = node.inputs[i];
    if (input.node < 0) continue;
    const auto type = engine_.program().output_type(node_at(*scope.graph, input.node), input.output);
    const bool is_reference = type != tf::base_type(type);
    if (!is_op && type != tf::DataType::kResource && type != tf::DataType::kInvalid && !is_reference) continue;
    const Origin from = origin({&scope, input});
    if (from.kind == Origin::Kind::kUnclear && !uses.unclear) {
      uses.unclear =
          Problem{Fault::kUnsupported, fmt::format("nothing in the graph tells which stack '{}' works on", node.name),
                  scope.path(), "make the stack in the same graph, and do not choose between stacks while running"};
    }
    if (from.kind != Origin::Kind::kStack) continue;
    // A stack that a loop inside makes anew each time round is its own affair.
    if (from.scope == &scope && this->unit(scope, from.maker) != from.maker) continue;
    const auto stack = made_by(*from.scope, from.maker);
    auto& users = uses.by_stack[stack];
    auto& of_unit = uses.by_unit[unit];
    if (std::ranges::find(of_unit, stack) == of_unit.end()) {
      of_unit.push_back(stack);
      users.push_back({unit, index});
    } else if (is_op) {
      std::ranges::find(users, unit, &Use::unit)->node = index;
    }
  }
}

Stacks::Uses& Stacks::uses_in(Scope& scope) {
  const auto [it, is_new] = uses_.try_emplace(&scope);
  if (is_new) {
    for (const auto user : level(scope).users) add_uses(scope, it->second, user);
  }
  return it->second;
}

Result<std::vector<std::uint32_t>> Stacks::used_inside(Scope& scope, tf::NodeIndex node) {
  if (!scope.graph->may_use_stacks) return {};
  const Uses& uses = uses_in(scope);
  const auto used = uses.by_unit.find(node);
  if (used == uses.by_unit.end()) return {};
  if (uses.unclear) return tl::make_unexpected(*uses.unclear);
  return used->second;
}

// ---- their order

Result<const std::vector<Stacks::Use>*> Stacks::ordered(std::uint32_t stack, Scope& scope) {
  Uses& uses = uses_in(scope);
  if (uses.unclear) return tl::make_unexpected(*uses.unclear);
  auto& users = uses.by_stack[stack];
  const auto [it, is_new] = uses.sorted.try_emplace(stack);
  if (is_new) {
    // A call that gives the stack out is there before all that use it.
    for (const Scope* at = stacks_[stack].scope; at->caller != nullptr; at = at->caller) {
      if (at->caller == &scope && !at->region) users.push_back({unit(scope, at->call), at->call});
    }
    it->second = sort(stack, scope, users);
  }
  if (it->second) return tl::make_unexpected(*it->second);
  return &users;
}

std::optional<Problem> Stacks::sort(std::uint32_t stack, Scope& scope, std::vector<Use>& uses) {
  RunOrder& order = *level(scope).order;
  std::ranges::sort(uses, {}, [&](const Use& use) { return order.place(use.unit); });
  const auto loop = loop_of(scope);
  const auto condition = loop < 0 ? -1 : scope.flow->loops()[static_cast<std::size_t>(loop)].condition;
  std::vector<std::vector<Guard>> guards;
  for (std::size_t i = 0; i < uses.size(); ++i) {
    const auto& name = node_at(*scope.graph, uses[i].node).name;
    if (condition >= 0 && !order.waits_for(uses[i].unit, condition)) {
      return Problem{
          Fault::kUnsupported,
          fmt::format("'{}' works on stack '{}' where the loop asks whether it goes on", name, stacks_[stack].name),
          scope.path(), "push and pop in the body of the loop"};
    }
    guards.push_back(guards_of(scope, uses[i].unit));
    for (std::size_t j = i; j-- > 0;) {
      if (exclude(guards[i], guards[j])) continue;
      if (!order.waits_for(uses[i].unit, uses[j].unit)) {
        return Problem{Fault::kUnsupported,
                       fmt::format("nothing tells whether '{}' or '{}' comes first to stack '{}'",
                                   node_at(*scope.graph, uses[j].node).name, name, stacks_[stack].name),
                       scope.path(), "put a control dependency between them (tf.control_dependencies)"};
      }
      if (std::ranges::all_of(guards[j], [&](const Guard& guard) { return is_in(guards[i], guard); })) break;
    }
  }
  return std::nullopt;
}

// ---- contents

Result<Argument> Stacks::behind(std::uint32_t stack, Scope& scope, tf::NodeIndex node) {
  auto used = used_inside(scope, node);
  if (!used) return tl::make_unexpected(used.error());
  const auto at = std::ranges::find(*used, stack) - used->begin();
  const auto& user = node_at(*scope.graph, node);
  std::size_t outputs = 0;
  if (is_loop(user.op)) {
    outputs = user.inputs.size() - (user.op == "For" ? 3 : 0);
  } else if (tf::control_kind(user.op) == tf::Control::kLoopCond) {
    outputs = scope.flow->loops()[static_cast<std::size_t>(scope.flow->loop_of(node))].variables.size();
  } else if (const auto functions = functions_of(engine_.program(), user);
             user.op.ends_with("If") || user.op.ends_with("Case")) {
    const auto branch = engine_.program().function(functions.empty() ? std::string() : functions.front());
    if (!branch) return tl::make_unexpected(branch.error());
    outputs = (*branch)->rets.size();
  } else {
    return problem(Fault::kUnsupported, fmt::format("'{}' ({}) works on stack '{}' in a function of its own", user.name,
                                                    user.op, stacks_[stack].name));
  }
  return Argument(Ref{&scope, {node, static_cast<std::int32_t>(outputs) + static_cast<std::int32_t>(at)}});
}

Result<Argument> Stacks::after(std::uint32_t stack, Scope& scope, const Use& use) {
  const auto& node = node_at(*scope.graph, use.node);
  const bool is_op = tf::is_stack_op(node.op);
  if (node.op.starts_with("StackClose")) {
    return problem(Fault::kUnsupported,
                   fmt::format("stack '{}' is used after '{}' has closed it", stacks_[stack].name, node.name), {},
                   "close the stack behind its last use");
  }
  // An op on stacks stands for the conditionals and loops around it, too.
  if (is_op && use.node == use.unit) return Argument(Ref{&scope, {use.node, 1}});
  if (!open_guards(scope, use.unit).empty()) {
    if (is_op) return Argument(Ref{&scope, {use.node, 1}});
    return problem(Fault::kUnsupported,
                   fmt::format("'{}' works on stack '{}' in a function and on one side of a TF1 conditional", node.name,
                               stacks_[stack].name),
                   {}, "save the model with control flow v2 (tf.compat.v1.enable_control_flow_v2)");
  }
  return behind(stack, scope, use.unit);
}

Result<Argument> Stacks::find(std::uint32_t stack, Scope* scope, tf::NodeIndex user) {
  while (true) {
    auto found = ordered(stack, *scope);
    if (!found) return tl::make_unexpected(found.error());
    const std::vector<Use>& uses = **found;
    auto last = uses.end();
    if (user >= 0) {
      const RunOrder& order = *level(*scope).order;
      const auto at = order.unit(user);
      const auto place = [&](const Use& use) { return order.place(use.unit); };
      if (at >= 0) last = std::ranges::lower_bound(uses, order.place(at), {}, place);
      if (last == uses.end() || last->unit != at) {
        return problem(Fault::kInternal, fmt::format("'{}' is not known to work on stack '{}'",
                                                     node_at(*scope->graph, user).name, stacks_[stack].name));
      }
    }
    const auto held = held_in(*scope);
    const auto runs_here = [&](const Use& use) {
      // Who closes a stack last has left it as it was, for all that can be said without its next user.
      if (user < 0 && node_at(*scope->graph, use.unit).op.starts_with("StackClose")) return false;
      return !exclude(guards_of(*scope, use.unit), held);
    };
    auto earlier = std::find_if(std::make_reverse_iterator(last), uses.rend(), runs_here);
    if (earlier != uses.rend()) {
      // What is not on this side of a conditional has run outside of it.
      while (is_side(*scope) &&
             !is_in(guards_of(*scope, earlier->unit), {-1, scope->region->predicate, scope->region->side})) {
        scope = scope->region->outer;
      }
      const auto& node = node_at(*scope->graph, earlier->unit);
      if (!engine_.is_call(node.op) || !open_guards(*scope, earlier->unit).empty()) {
        return after(stack, *scope, *earlier);
      }
      auto callee = engine_.callee(*scope, earlier->unit);
      if (!callee) return tl::make_unexpected(callee.error());
      scope = *callee;
      user = -1;
      continue;
    }
    const auto is_made_in = [&](const Scope& at) { return stacks_[stack].scope == &at; };
    while (is_side(*scope) && !is_made_in(*scope)) scope = scope->region->outer;
    if (const auto content = scope->stacks.find(stack); content != scope->stacks.end()) return content->second;
    if (is_made_in(*scope)) return Argument(Ref{scope, {stacks_[stack].maker, 1}});
    if (scope->caller == nullptr || scope->region) {
      return problem(Fault::kInternal, fmt::format("stack '{}' is not known where it is used", stacks_[stack].name));
    }
    user = scope->call;
    scope = scope->caller;
  }
}

Result<Argument> Stacks::before(std::uint32_t stack, Scope& scope, tf::NodeIndex user) {
  return find(stack, &scope, user);
}

Result<Argument> Stacks::at_end(std::uint32_t stack, Scope& scope) { return find(stack, &scope, -1); }

}  // namespace flowport::convert
