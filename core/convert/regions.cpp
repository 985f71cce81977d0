// TF1 control flow in the engine: the regions of a graph that loops and conditionals run, and where an edge leads in them.
#include <span>
#include <utility>

#include "convert/engine.h"

namespace flowport::convert {

Scope& Engine::open_region(const Region& region, ir::Graph& target) {
  Scope& scope = scopes_.emplace_back();
  const Scope& outer = *region.outer;
  scope.graph = outer.graph;
  scope.caller = outer.caller;
  scope.call = outer.call;
  scope.depth = outer.depth;
  scope.target = &target;
  scope.flow = outer.flow;
  scope.region = region;
  return scope;
}

const tf::ControlFlow* Engine::flow_of(const tf::Graph& graph) {
  const auto [it, added] = flows_.try_emplace(&graph);
  if (added) it->second = tf::ControlFlow::of(program_, graph, graph.rets, [](tf::Edge) { return false; });
  return it->second.get();
}

void Engine::find_main_flow(std::span<const Ref> roots) {
  if (flows_.contains(main_->graph)) return;
  std::vector<tf::Edge> wanted;
  for (const auto& root : roots) {
    const Scope* scope = root.scope;
    tf::Edge edge = root.edge;
    for (; scope->caller != nullptr; scope = scope->caller) edge = {scope->call, 0};
    wanted.push_back(edge);
  }
  const auto is_cut = [this](tf::Edge edge) { return main_->cuts.contains(Scope::edge_key(edge)); };
  main_->flow = (flows_[main_->graph] = tf::ControlFlow::of(program_, *main_->graph, wanted, is_cut)).get();
}

namespace {

/// The side of a conditional by `predicate` in which `scope` is; null where it is in none.
const Region* side_around(const Scope& scope, tf::Edge predicate) {
  for (const Scope* at = &scope; at->region; at = at->region->outer) {
    if (at->region->loop < 0 && at->region->predicate == predicate) return &*at->region;
  }
  return nullptr;
}

}  // namespace

std::optional<Engine::Resolved> Engine::follow_control_flow(Ref& ref) {
  Scope& scope = *ref.scope;
  const auto& flow = *scope.flow;
  const auto index = ref.edge.node;
  const auto& node = scope.graph->nodes[static_cast<std::size_t>(index)];
  const tf::Control kind = tf::control_kind(node.op);
  if (node.inputs.empty() && kind != tf::Control::kNone) return std::nullopt;
  if (scope.region) {
    const Region& region = *scope.region;
    if (region.loop >= 0) {
      const bool own = flow.loop_of(index) == region.loop;
      if (own && kind == tf::Control::kEnter) {
        ref = {region.outer, node.inputs[0]};
        return std::nullopt;
      }
      if (own && kind == tf::Control::kLoopCond) {
        ref.edge = node.inputs[0];
        return std::nullopt;
      }
      if (!flow.in_loop(index, region.loop)) {
        ref.scope = region.outer;
        return std::nullopt;
      }
    } else {
      if (kind == tf::Control::kSwitch && ref.edge.output == region.side &&
          flow.predicate_of(index) == region.predicate) {
        ref.edge = node.inputs[0];
        return std::nullopt;
      }
      if (!flow.on_side(ref.edge, region.predicate, region.side)) {
        ref.scope = region.outer;
        return std::nullopt;
      }
    }
  }
  if (kind == tf::Control::kSwitch && flow.loop_of_switch(index) >= 0) {
    ref.edge = node.inputs[0];
  } else if (const auto* side = kind == tf::Control::kSwitch ? side_around(scope, flow.predicate_of(index)) : nullptr) {
    if (ref.edge.output != side->side) return Resolved{Bound::dead(), ref};
    ref.edge = node.inputs[0];
  } else if (kind == tf::Control::kExit) {
    if (const auto variable = flow.loop_variable(index)) {
      const auto condition = flow.loops()[static_cast<std::size_t>(variable->first)].condition;
      if (condition >= 0) return Resolved{std::nullopt, {&scope, {condition, variable->second}}};
    }
  } else if (kind == tf::Control::kMerge) {
    const auto place = flow.place_of(index);
    if (place.conditional >= 0) {
      const auto& conditional = flow.conditionals()[static_cast<std::size_t>(place.conditional)];
      return Resolved{std::nullopt, {&scope, {conditional.outputs[0].merge, 2 * place.output + ref.edge.output}}};
    }
  }
  return std::nullopt;
}

}  // namespace flowport::convert
