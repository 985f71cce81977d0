#include "tensorflow/control_flow.h"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "tensorflow/protos/graph.pb.h"

namespace flowport::tf {

Control control_kind(std::string_view op) {
  constexpr std::array kKinds = std::to_array<std::pair<std::string_view, Control>>({
      {"Enter", Control::kEnter},
      {"Exit", Control::kExit},
      {"LoopCond", Control::kLoopCond},
      {"Merge", Control::kMerge},
      {"NextIteration", Control::kNextIteration},
      {"RefEnter", Control::kEnter},
      {"RefExit", Control::kExit},
      {"RefMerge", Control::kMerge},
      {"RefNextIteration", Control::kNextIteration},
      {"RefSwitch", Control::kSwitch},
      {"Switch", Control::kSwitch},
      {"_SwitchN", Control::kSwitch},
  });
  const auto it = std::find_if(kKinds.begin(), kKinds.end(), [&](const auto& entry) { return entry.first == op; });
  return it == kKinds.end() ? Control::kNone : it->second;
}

bool ControlFlow::in_loop(NodeIndex node, std::int32_t loop) const {
  std::int32_t at = loop_of(node);
  while (at >= 0 && at != loop) at = loops_[static_cast<std::size_t>(at)].outer;
  return at == loop;
}

bool ControlFlow::on_side(Edge edge, Edge predicate, std::int32_t side) const {
  const auto& node = graph_->nodes[static_cast<std::size_t>(edge.node)];
  if (control_kind(node.op) == Control::kSwitch && edge.output == side && predicate_of(edge.node) == predicate) {
    return true;
  }
  for (auto at = guard_of_[static_cast<std::size_t>(edge.node)]; at >= 0;) {
    const Guard& guard = guards_[static_cast<std::size_t>(at)];
    if (guard.predicate == predicate && guard.side == side) return true;
    at = guard.outer;
  }
  return false;
}

std::optional<std::pair<std::int32_t, std::int32_t>> ControlFlow::loop_variable(NodeIndex node) const {
  const auto it = variables_.find(node);
  return it == variables_.end() ? std::nullopt : std::optional(it->second);
}

std::int32_t ControlFlow::loop_of_switch(NodeIndex node) const {
  const auto it = loop_switches_.find(node);
  return it == loop_switches_.end() ? -1 : it->second;
}

ControlFlow::Place ControlFlow::place_of(NodeIndex merge) const {
  const auto it = places_.find(merge);
  return it == places_.end() ? Place{} : it->second;
}

namespace {

const Node& node_at(const Graph& graph, NodeIndex index) { return graph.nodes[static_cast<std::size_t>(index)]; }

Edge through_identity(const Graph& graph, Edge edge) {
  for (std::size_t steps = 0; steps < graph.nodes.size() && edge.node >= 0; ++steps) {
    const auto& node = node_at(graph, edge.node);
    if (node.op != "Identity" || node.inputs.size() != 1) break;
    edge = node.inputs[0];
  }
  return edge;
}

}  // namespace

Edge ControlFlow::predicate_of(NodeIndex node) const {
  const auto& inputs = node_at(*graph_, node).inputs;
  if (inputs.size() < 2) return {};
  Edge edge = through_identity(*graph_, inputs[1]);
  while (edge.node >= 0) {
    const auto& from = node_at(*graph_, edge.node);
    if (control_kind(from.op) != Control::kEnter || from.inputs.empty()) break;
    edge = through_identity(*graph_, from.inputs[0]);
  }
  return edge;
}

std::vector<ControlFlow::Guard> ControlFlow::chain(std::int32_t at) const {
  std::vector<Guard> guards;
  for (; at >= 0; at = guards.back().outer) guards.push_back(guards_[static_cast<std::size_t>(at)]);
  std::reverse(guards.begin(), guards.end());
  return guards;
}

bool ControlFlow::hands_on(std::int32_t loop, std::size_t i) const {
  const auto& variable = loops_[static_cast<std::size_t>(loop)].variables[i];
  Edge edge = variable.next;
  for (std::size_t steps = 0; steps < graph_->nodes.size() && edge.node >= 0; ++steps) {
    if (edge.node == variable.merge) return true;
    const auto& node = node_at(*graph_, edge.node);
    const bool passes = node.op == "Identity" || loop_of_switch(edge.node) == loop;
    if (!passes || node.inputs.empty()) return false;
    edge = node.inputs[0];
  }
  return false;
}

// Goes through the nodes in topological order (the way back of a loop left out) and hands loop and guard on.
class ControlFlow::Builder {
 public:
  Builder(const Program& program, const Graph& graph) : program_(program), graph_(graph), flow_(new ControlFlow) {
    flow_->graph_ = &graph;
    flow_->loop_of_.assign(graph.nodes.size(), -1);
    flow_->guard_of_.assign(graph.nodes.size(), -1);
  }

  std::unique_ptr<const ControlFlow> build(std::span<const Edge> roots, const std::function<bool(Edge)>& is_cut) {
    order();
    for (const auto index : order_) visit(index);
    find_exits();
    find_conditionals(wanted(roots, is_cut));
    return std::move(flow_);
  }

 private:
  void order() {
    const std::size_t count = graph_.nodes.size();
    std::vector<std::uint32_t> waiting(count, 0);
    std::vector<std::uint32_t> first(count + 1, 0);
    const auto each_input = [&](std::size_t i, const auto& visit_input) {
      const auto& node = graph_.nodes[i];
      const bool merge = control_kind(node.op) == Control::kMerge;
      for (const auto& input : node.inputs) {
        if (input.node < 0) continue;
        if (merge && control_kind(node_at(graph_, input.node).op) == Control::kNextIteration) continue;
        visit_input(static_cast<std::size_t>(input.node));
      }
      for (const auto control : node.control_inputs) {
        if (control_kind(node_at(graph_, control).op) == Control::kNextIteration) continue;
        visit_input(static_cast<std::size_t>(control));
      }
    };
    for (std::size_t i = 0; i < count; ++i) {
      each_input(i, [&](std::size_t from) {
        ++waiting[i];
        ++first[from + 1];
      });
    }
    for (std::size_t i = 0; i < count; ++i) first[i + 1] += first[i];
    std::vector<NodeIndex> consumers(first[count]);
    std::vector<std::uint32_t> next(first.begin(), first.end() - 1);
    for (std::size_t i = 0; i < count; ++i) {
      each_input(i, [&](std::size_t from) { consumers[next[from]++] = static_cast<NodeIndex>(i); });
    }
    position_.assign(count, 0);
    order_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      if (waiting[i] == 0) order_.push_back(static_cast<NodeIndex>(i));
    }
    for (std::size_t at = 0; at < order_.size(); ++at) {
      const auto from = static_cast<std::size_t>(order_[at]);
      position_[from] = at;
      for (auto c = first[from]; c < first[from + 1]; ++c) {
        if (--waiting[static_cast<std::size_t>(consumers[c])] == 0) order_.push_back(consumers[c]);
      }
    }
  }

  std::int32_t& loop_of(NodeIndex node) { return flow_->loop_of_[static_cast<std::size_t>(node)]; }
  std::int32_t& guard_of(NodeIndex node) { return flow_->guard_of_[static_cast<std::size_t>(node)]; }
  std::int32_t depth(std::int32_t loop) const {
    return loop < 0 ? -1 : flow_->loops_[static_cast<std::size_t>(loop)].depth;
  }

  std::int32_t guard(std::int32_t outer, Edge predicate, std::int32_t side) {
    const auto key = std::tuple(outer, predicate.node, predicate.output, side);
    const auto [it, added] = guard_index_.try_emplace(key, static_cast<std::int32_t>(flow_->guards_.size()));
    if (added) flow_->guards_.push_back({outer, predicate, side});
    return it->second;
  }

  std::vector<Guard> chain(std::int32_t at) const { return flow_->chain(at); }

  static bool has(const std::vector<Guard>& guards, const Guard& guard) {
    return std::any_of(guards.begin(), guards.end(), [&](const Guard& other) {
      return other.predicate == guard.predicate && other.side == guard.side;
    });
  }

  /// Everything that guards `a` or `b`.
  std::int32_t join(std::int32_t a, std::int32_t b) {
    if (a == b || b < 0) return a;
    if (a < 0) return b;
    const auto [it, added] = joined_.try_emplace({a, b}, -1);
    if (!added) return it->second;
    const auto of_a = chain(a);
    const auto of_b = chain(b);
    std::int32_t joined = a;
    if (of_b.size() > of_a.size() && std::all_of(of_a.begin(), of_a.end(), [&](auto& g) { return has(of_b, g); })) {
      joined = b;
    } else {
      for (const auto& g : of_b) {
        if (!has(of_a, g)) joined = guard(joined, g.predicate, g.side);
      }
    }
    return joined_[{a, b}] = joined;
  }

  std::int32_t guard_of_edge(Edge edge) {
    const auto& node = node_at(graph_, edge.node);
    const std::int32_t own = guard_of(edge.node);
    if (control_kind(node.op) != Control::kSwitch || flow_->loop_switches_.contains(edge.node)) return own;
    return guard(own, flow_->predicate_of(edge.node), edge.output);
  }

  void take_in(NodeIndex index, Edge input) {
    if (depth(loop_of(input.node)) > depth(loop_of(index))) loop_of(index) = loop_of(input.node);
    guard_of(index) = join(guard_of(index), guard_of_edge(input));
  }

  void visit(NodeIndex index) {
    const auto& node = node_at(graph_, index);
    const Control kind = control_kind(node.op);
    if (kind == Control::kMerge && !is_loop_merge(node)) return visit_merge(index, node);
    for (const auto& input : node.inputs) {
      if (input.node < 0) continue;
      if (kind == Control::kMerge && control_kind(node_at(graph_, input.node).op) == Control::kNextIteration) continue;
      take_in(index, input);
    }
    for (const auto control : node.control_inputs) {
      if (depth(loop_of(control)) > depth(loop_of(index))) loop_of(index) = loop_of(control);
      // A ControlTrigger runs behind nodes that have not run, too.
      if (node.op != "ControlTrigger") guard_of(index) = join(guard_of(index), guard_of(control));
    }
    switch (kind) {
      case Control::kEnter: loop_of(index) = enter(node, loop_of(index)); break;
      case Control::kExit:
        if (loop_of(index) >= 0) loop_of(index) = flow_->loops_[static_cast<std::size_t>(loop_of(index))].outer;
        break;
      case Control::kLoopCond:
        if (loop_of(index) >= 0) flow_->loops_[static_cast<std::size_t>(loop_of(index))].condition = index;
        break;
      case Control::kSwitch: {
        const Edge predicate = flow_->predicate_of(index);
        if (predicate.node >= 0 && control_kind(node_at(graph_, predicate.node).op) == Control::kLoopCond) {
          flow_->loop_switches_.emplace(index, loop_of(predicate.node));
        }
        break;
      }
      case Control::kMerge: loop_merge(index, node); break;
      default: break;
    }
  }

  bool is_loop_merge(const Node& node) const {
    return std::any_of(node.inputs.begin(), node.inputs.end(), [&](const Edge& input) {
      return input.node >= 0 && control_kind(node_at(graph_, input.node).op) == Control::kNextIteration;
    });
  }

  std::int32_t enter(const Node& node, std::int32_t outer) {
    const auto* attr = program_.attr(node, "frame_name");
    std::string name = attr == nullptr ? std::string() : attr->s();
    const auto [it, added] = frames_.try_emplace({outer, name}, static_cast<std::int32_t>(flow_->loops_.size()));
    if (added) flow_->loops_.push_back({std::move(name), outer, depth(outer) + 1, -1, {}});
    return it->second;
  }

  void loop_merge(NodeIndex index, const Node& node) {
    const std::int32_t loop = loop_of(index);
    if (loop < 0) return;
    LoopVariable variable;
    variable.merge = index;
    for (const auto& input : node.inputs) {
      const Edge edge = through_identity(graph_, input);
      if (edge.node < 0) continue;
      const auto& from = node_at(graph_, edge.node);
      if (from.inputs.empty()) continue;
      (control_kind(from.op) == Control::kNextIteration ? variable.next : variable.start) = from.inputs[0];
    }
    auto& variables = flow_->loops_[static_cast<std::size_t>(loop)].variables;
    flow_->variables_.emplace(index, std::pair(loop, static_cast<std::int32_t>(variables.size())));
    variables.push_back(variable);
  }

  void find_exits() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      const auto& node = graph_.nodes[i];
      if (control_kind(node.op) != Control::kExit || node.inputs.empty()) continue;
      const Edge left = through_identity(graph_, node.inputs[0]);
      if (left.node < 0 || control_kind(node_at(graph_, left.node).op) != Control::kSwitch) continue;
      const Edge merge = through_identity(graph_, node_at(graph_, left.node).inputs[0]);
      if (const auto variable = flow_->loop_variable(merge.node)) {
        const auto index = static_cast<NodeIndex>(i);
        flow_->variables_.emplace(index, *variable);
        auto& loop = flow_->loops_[static_cast<std::size_t>(variable->first)];
        loop.variables[static_cast<std::size_t>(variable->second)].exit = index;
      }
    }
  }

  /// A conditional's Merge lives outside of the guard that its inputs differ by.
  void visit_merge(NodeIndex index, const Node& node) {
    std::vector<std::vector<Guard>> chains;
    for (const auto& input : node.inputs) {
      if (input.node < 0) return;
      if (depth(loop_of(input.node)) > depth(loop_of(index))) loop_of(index) = loop_of(input.node);
      chains.push_back(chain(guard_of_edge(input)));
    }
    if (chains.size() < 2) return;
    std::int32_t common = -1;
    for (const auto& g : chains[0]) {
      if (std::all_of(chains.begin(), chains.end(), [&](auto& other) { return has(other, g); })) {
        common = guard(common, g.predicate, g.side);
      }
    }
    guard_of(index) = common;
    std::vector<Guard> candidates;
    for (const auto& one : chains) candidates.insert(candidates.end(), one.begin(), one.end());
    for (const auto& candidate : candidates) {
      auto sides = sides_by(candidate.predicate, chains);
      if (sides.empty()) continue;
      decided_.emplace(index, Decision{candidate.predicate, std::move(sides)});
      return;
    }
  }

  /// By input: the side of `predicate` on which it exists. At most one may not say: it has the side that is left. Empty where
  /// `predicate` does not tell the inputs apart.
  static std::vector<std::int32_t> sides_by(Edge predicate, const std::vector<std::vector<Guard>>& chains) {
    std::vector<std::int32_t> sides(chains.size(), -1);
    std::vector<bool> taken(chains.size(), false);
    std::ptrdiff_t silent = -1;
    for (std::size_t i = 0; i < chains.size(); ++i) {
      for (const auto& g : chains[i]) {
        if (g.predicate == predicate) sides[i] = g.side;
      }
      if (sides[i] < 0) {
        if (silent >= 0) return {};
        silent = static_cast<std::ptrdiff_t>(i);
        continue;
      }
      const auto side = static_cast<std::size_t>(sides[i]);
      if (side >= taken.size() || taken[side]) return {};
      taken[side] = true;
    }
    if (silent >= 0) {
      const auto left = std::find(taken.begin(), taken.end(), false);
      sides[static_cast<std::size_t>(silent)] = static_cast<std::int32_t>(left - taken.begin());
    }
    return sides;
  }

  std::vector<bool> wanted(std::span<const Edge> roots, const std::function<bool(Edge)>& is_cut) const {
    std::vector<bool> wanted(graph_.nodes.size(), false);
    std::vector<NodeIndex> todo;
    const auto want = [&](Edge edge) {
      if (edge.node < 0 || wanted[static_cast<std::size_t>(edge.node)] || is_cut(edge)) return;
      wanted[static_cast<std::size_t>(edge.node)] = true;
      todo.push_back(edge.node);
    };
    for (const auto& root : roots) want(root);
    while (!todo.empty()) {
      const auto& node = node_at(graph_, todo.back());
      todo.pop_back();
      for (const auto& input : node.inputs) want(input);
      // What is pushed to a stack is wanted by those that run behind it.
      if (!graph_.may_use_stacks) continue;
      for (const auto control : node.control_inputs) want({control, 0});
    }
    return wanted;
  }

  void find_conditionals(const std::vector<bool>& is_wanted) {
    std::map<std::tuple<NodeIndex, std::int32_t, std::int32_t, std::int32_t>, std::vector<NodeIndex>> groups;
    for (const auto index : order_) {
      const auto it = decided_.find(index);
      if (it == decided_.end() || !is_wanted[static_cast<std::size_t>(index)]) continue;
      groups[{it->second.predicate.node, it->second.predicate.output, loop_of(index), guard_of(index)}].push_back(
          index);
    }
    for (const auto& [key, merges] : groups) {
      std::vector<NodeIndex> members;
      for (const auto merge : merges) {
        if (!members.empty() && depends(merge, members)) members.clear();
        if (members.empty()) flow_->conditionals_.push_back(conditional_of(merge));
        auto& conditional = flow_->conditionals_.back();
        flow_->places_[merge] = {static_cast<std::int32_t>(flow_->conditionals_.size()) - 1,
                                 static_cast<std::int32_t>(conditional.outputs.size())};
        conditional.outputs.push_back({merge, inputs_by_side(merge)});
        members.push_back(merge);
      }
    }
  }

  Conditional conditional_of(NodeIndex merge) {
    const auto& decision = decided_.at(merge);
    Conditional conditional;
    conditional.predicate = decision.predicate;
    conditional.sides = static_cast<std::int32_t>(decision.sides.size());
    const auto type = program_.output_type(node_at(graph_, decision.predicate.node), decision.predicate.output);
    conditional.by_index = base_type(type) == DataType::kInt32;
    return conditional;
  }

  std::vector<std::int32_t> inputs_by_side(NodeIndex merge) const {
    const auto& sides = decided_.at(merge).sides;
    std::vector<std::int32_t> inputs(sides.size());
    for (std::size_t i = 0; i < sides.size(); ++i) {
      inputs[static_cast<std::size_t>(sides[i])] = static_cast<std::int32_t>(i);
    }
    return inputs;
  }

  bool depends(NodeIndex merge, const std::vector<NodeIndex>& members) const {
    const std::size_t earliest = position_[static_cast<std::size_t>(members.front())];
    std::vector<bool> seen(graph_.nodes.size(), false);
    std::vector<NodeIndex> todo{merge};
    while (!todo.empty()) {
      const auto& node = node_at(graph_, todo.back());
      todo.pop_back();
      for (const auto& input : node.inputs) {
        if (input.node < 0 || seen[static_cast<std::size_t>(input.node)]) continue;
        if (position_[static_cast<std::size_t>(input.node)] < earliest) continue;
        if (std::find(members.begin(), members.end(), input.node) != members.end()) return true;
        seen[static_cast<std::size_t>(input.node)] = true;
        todo.push_back(input.node);
      }
    }
    return false;
  }

  struct Decision {
    Edge predicate;
    std::vector<std::int32_t> sides;  // by input
  };

  const Program& program_;
  const Graph& graph_;
  std::unique_ptr<ControlFlow> flow_;
  std::vector<NodeIndex> order_;
  std::vector<std::size_t> position_;
  std::map<std::tuple<std::int32_t, NodeIndex, std::int32_t, std::int32_t>, std::int32_t> guard_index_;
  std::map<std::pair<std::int32_t, std::int32_t>, std::int32_t> joined_;
  std::map<std::pair<std::int32_t, std::string>, std::int32_t> frames_;
  std::map<NodeIndex, Decision> decided_;
};

std::unique_ptr<const ControlFlow> ControlFlow::of(const Program& program, const Graph& graph,
                                                   std::span<const Edge> roots,
                                                   const std::function<bool(Edge)>& is_cut) {
  const bool any = std::any_of(graph.nodes.begin(), graph.nodes.end(),
                               [](const Node& node) { return control_kind(node.op) != Control::kNone; });
  return any ? Builder(program, graph).build(roots, is_cut) : nullptr;
}

}  // namespace flowport::tf
