#include "convert/run_order.h"

namespace flowport::convert {

RunOrder::RunOrder(const tf::Graph& graph, const tf::ControlFlow* flow, std::int32_t loop,
                   std::span<const tf::NodeIndex> members)
    : graph_(graph), flow_(flow), loop_(loop) {
  for (const auto node : members) number_.try_emplace(unit(node), static_cast<std::uint32_t>(number_.size()));
  waits_.resize(number_.size());
  link(members);
  sort();
}

tf::NodeIndex RunOrder::unit(tf::NodeIndex node) const {
  if (flow_ == nullptr) return node;
  auto at = flow_->loop_of(node);
  std::int32_t inner = -1;
  while (at != loop_ && at >= 0) {
    inner = at;
    at = flow_->loops()[static_cast<std::size_t>(at)].outer;
  }
  if (at != loop_) return -1;
  if (inner < 0) return node;
  const auto condition = flow_->loops()[static_cast<std::size_t>(inner)].condition;
  return condition < 0 ? node : condition;
}

void RunOrder::link(std::span<const tf::NodeIndex> members) {
  const auto kind_of = [&](tf::NodeIndex node) {
    return tf::control_kind(graph_.nodes[static_cast<std::size_t>(node)].op);
  };
  for (const auto index : members) {
    const auto to = number_.at(unit(index));
    // What goes back to a Merge is for the next time round.
    const auto add = [&](tf::NodeIndex from) {
      if (from < 0 || kind_of(from) == tf::Control::kNextIteration) return;
      const auto it = number_.find(unit(from));
      if (it != number_.end() && it->second != to) waits_[to].push_back(it->second);
    };
    const auto& node = graph_.nodes[static_cast<std::size_t>(index)];
    for (const auto& input : node.inputs) add(input.node);
    for (const auto control : node.control_inputs) add(control);
  }
}

void RunOrder::sort() {
  std::vector<std::vector<std::uint32_t>> followers(waits_.size());
  std::vector<std::size_t> waiting(waits_.size());
  std::vector<std::uint32_t> ready;
  for (std::uint32_t i = 0; i < waits_.size(); ++i) {
    waiting[i] = waits_[i].size();
    for (const auto earlier : waits_[i]) followers[earlier].push_back(i);
    if (waiting[i] == 0) ready.push_back(i);
  }
  places_.assign(waits_.size(), waits_.size());  // of what is part of a cycle: at the end
  for (std::size_t at = 0; at < ready.size(); ++at) {
    places_[ready[at]] = at;
    for (const auto follower : followers[ready[at]]) {
      if (--waiting[follower] == 0) ready.push_back(follower);
    }
  }
}

bool RunOrder::waits_for(tf::NodeIndex later, tf::NodeIndex earlier) {
  const auto [known, is_new] = known_.try_emplace({later, earlier}, false);
  if (!is_new) return known->second;
  const auto from = number_.find(later);
  const auto to = number_.find(earlier);
  if (from == number_.end() || to == number_.end()) return false;
  std::vector<std::uint32_t> todo{from->second};
  std::vector<bool> seen(waits_.size(), false);
  while (!todo.empty()) {
    const auto at = todo.back();
    todo.pop_back();
    if (at == to->second) return known->second = true;
    for (const auto next : waits_[at]) {
      if (seen[next] || places_[next] < places_[to->second]) continue;
      seen[next] = true;
      todo.push_back(next);
    }
  }
  return false;
}

}  // namespace flowport::convert
