// What TensorFlow keeps beside tensors, and the engine by number: variables, lookup tables, lists.
#include <algorithm>
#include <set>
#include <utility>

#include "convert/engine.h"
#include "convert/intrinsics/intrinsics.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert {

std::uint32_t Engine::variable_of(const tf::Node& node) {
  // By node: variables of a SavedModel may share their shared_name, never their node name.
  const auto [it, added] =
      variable_index_.try_emplace(std::string(node.name), static_cast<std::uint32_t>(variables_.size()));
  if (added) variables_.push_back({&node, 0, false});
  return it->second;
}

std::optional<std::uint32_t> Engine::variable_named_by(Ref ref) {
  while (true) {
    const Resolved resolved = resolve(ref);
    if (resolved.bound && resolved.bound->kind == Bound::Kind::kVariable) return resolved.bound->id;
    if (resolved.bound || resolved.ref.edge.node < 0) return std::nullopt;
    const auto& node = resolved.ref.scope->graph->nodes[static_cast<std::size_t>(resolved.ref.edge.node)];
    const Intrinsic intrinsic = entry(node.op).intrinsic;
    if (intrinsic == intrinsics::variable) return variable_of(node);
    if (intrinsic != intrinsics::identity || node.inputs.empty()) return std::nullopt;
    ref = {resolved.ref.scope, node.inputs[static_cast<std::size_t>(resolved.ref.edge.output)]};
  }
}

bool Engine::is_read(std::uint32_t variable) const {
  const auto name_of = [&](const Variable& each) -> std::string_view {
    const auto* name = program_.attr(*each.node, "shared_name");
    return name == nullptr ? std::string_view() : std::string_view(name->s());
  };
  const auto name = name_of(variables_[variable]);
  return std::ranges::any_of(variables_, [&](const Variable& each) {
    return each.read && (&each == &variables_[variable] || (!name.empty() && name_of(each) == name));
  });
}

Bound Engine::add_list(List list) {
  lists_.push_back(std::move(list));
  return Bound::list(static_cast<std::uint32_t>(lists_.size() - 1));
}

Bound Engine::add_parts(std::vector<Bound> parts) {
  if (parts.size() == 1) return parts[0];
  parts_.push_back(std::move(parts));
  return Bound::parts(static_cast<std::uint32_t>(parts_.size() - 1));
}

std::vector<Bound> Engine::parts_of(Bound bound) const {
  return bound.kind == Bound::Kind::kParts ? parts_[bound.id] : std::vector{bound};
}

std::uint32_t Engine::table_of(const tf::Node& node) {
  const auto [it, added] = table_index_.try_emplace(&node, static_cast<std::uint32_t>(tables_.size()));
  if (added) tables_.push_back({&node, std::nullopt});
  return it->second;
}

const std::vector<Ref>& Engine::table_fillers() {
  if (table_fillers_) return *table_fillers_;
  table_fillers_.emplace();
  const auto fills = [](const tf::Node& node) {
    return node.inputs.size() >= 2 &&
           (node.op.starts_with("InitializeTable") || node.op.starts_with("LookupTableImport"));
  };
  std::set<std::pair<const Scope*, tf::NodeIndex>> seen;
  std::vector<Ref> todo;
  const auto visit = [&](Scope& scope, tf::NodeIndex node) {
    if (node >= 0 && seen.emplace(&scope, node).second) todo.push_back({&scope, {node, 0}});
  };
  for (const auto node : program_.initializers()) visit(*main_, node);
  for (std::size_t i = 0; i < main_->graph->nodes.size(); ++i) {
    if (fills(main_->graph->nodes[i])) visit(*main_, static_cast<tf::NodeIndex>(i));
  }
  while (!todo.empty()) {
    const Ref at = todo.back();
    todo.pop_back();
    const auto& node = at.scope->graph->nodes[static_cast<std::size_t>(at.edge.node)];
    if (fills(node)) table_fillers_->push_back(at);
    for (const auto& input : node.inputs) visit(*at.scope, input.node);
    for (const auto control : node.control_inputs) visit(*at.scope, control);
    if (!is_call(node.op)) continue;
    auto called = callee(*at.scope, at.edge.node);
    if (!called) continue;  // an initializer that cannot be followed fills no table that is known
    for (const auto& ret : (*called)->graph->rets) visit(**called, ret.node);
    for (const auto control : (*called)->graph->control_rets) visit(**called, control);
  }
  return *table_fillers_;
}

}  // namespace flowport::convert
