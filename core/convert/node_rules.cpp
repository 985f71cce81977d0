#include "convert/node_rules.h"

#include <fnmatch.h>

#include <algorithm>
#include <functional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "base/text.h"
#include "convert/core_ops.h"
#include "registry/order.h"
#include "tensorflow/op_table.h"

namespace flowport::convert {

namespace {

constexpr std::size_t kShown = 3;  // functions, ops or nodes that a message names

bool fits_glob(const std::string& glob, std::string_view text) {
  return glob.empty() || ::fnmatch(glob.c_str(), std::string(text).c_str(), 0) == 0;
}

bool fits_node(const registry::NodeRule& rule, const tf::Node& node) {
  return (rule.op.empty() || rule.op == node.op) && fits_glob(rule.name, node.name);
}

bool is_of_core(std::string_view op) { return core_op(op) != CoreOp::kNone; }

/// "name 'a*', op Softmax" of a rule.
std::string selectors(const registry::NodeRule& rule) {
  std::vector<std::string> parts;
  if (!rule.op.empty()) parts.push_back("op " + rule.op);
  if (!rule.name.empty()) parts.push_back("name '" + rule.name + "'");
  if (!rule.function.empty()) parts.push_back("function '" + rule.function + "'");
  return join(parts);
}

void each_graph(const tf::Program& program, const std::function<void(const tf::Graph&)>& visit) {
  visit(program.main());
  for (const auto name : program.function_names()) {
    if (const auto function = program.function(name)) visit(**function);
  }
}

bool have_mapping_only(const std::vector<const registry::Row*>& rows) {
  return std::ranges::all_of(rows, [](const registry::Row* row) { return row->mapping != nullptr; });
}

}  // namespace

NodeRules::NodeRules(const registry::Registry& registry, const registry::Target& target)
    : registry_(registry), target_(target) {
  for (const auto& rule : registry.node_rules()) {
    State state;
    state.rule = &rule;
    rules_.push_back(std::move(state));
  }
}

const NodeRules::Rows& NodeRules::rows_for(const tf::Node& node, std::string_view path, const Rows& rows) {
  std::vector<std::size_t> holding;
  for (std::size_t i = 0; i < rules_.size(); ++i) {
    State& state = rules_[i];
    if (!fits_node(*state.rule, node)) continue;
    if (fits_glob(state.rule->function, path)) {
      holding.push_back(i);
    } else if (state.functions.size() < kShown) {
      state.functions.emplace(path);
    }
  }
  if (holding.empty()) return rows;
  Key key(node.op, holding);
  if (const auto known = made_.find(key); known != made_.end()) return known->second;
  Rows made = make(node.op, holding, rows);
  return made_.emplace(std::move(key), std::move(made)).first->second;
}

NodeRules::Rows NodeRules::make(std::string_view op, const std::vector<std::size_t>& holding, const Rows& rows) {
  Rows made = rows;
  for (auto i = holding.rbegin(); i != holding.rend(); ++i) {
    State& state = rules_[*i];
    const auto& rule = *state.rule;
    state.ops.emplace(op);
    if (rule.mapping) {
      state.changed = true;
      if (!registry::fits(*rule.mapping, target_)) continue;
      if (!made) made.emplace();
      made->insert(made->begin(), &*rule.mapping);
      break;
    }
    if (rule.use.empty()) continue;
    const auto& all = registry_.rows(op);
    // Without `op` a rule is for what its owner can convert.
    if (std::ranges::none_of(all, [&](const registry::Row* row) { return row->owner->id == rule.use; })) continue;
    state.changed = true;
    made = registry_.resolve(op, target_, rule.use);
    if (made && made->empty()) {
      made = problem(
          Fault::kUnsupported,
          fmt::format("the node is to be converted by '{}', which has no handler for target {}", rule.use, target_.id),
          rule.source, "remove the rule, or ask for another --opset");
    }
    break;
  }
  if (made) add_options(holding, *made);
  return made;
}

void NodeRules::add_options(const std::vector<std::size_t>& holding, std::vector<const registry::Row*>& rows) {
  std::map<std::string, std::string> options;
  for (const std::size_t i : holding) {
    for (const auto& [name, value] : rules_[i].rule->options) options[name] = value;
    if (!rules_[i].rule->options.empty() && !have_mapping_only(rows)) rules_[i].changed = true;
  }
  if (options.empty()) return;
  for (const registry::Row*& row : rows) {
    if (row->mapping != nullptr) continue;
    registry::Owner owner = *row->owner;
    for (const auto& [name, value] : options) owner.options[name] = value;
    registry::Row copy = *row;
    copy.owner = &owners_.emplace_back(std::move(owner));
    row = &rows_.emplace_back(std::move(copy));
  }
}

Problems NodeRules::unused(const tf::Program& program, bool complete) const {
  Problems problems;
  for (const State& state : rules_) {
    if (state.changed || state.rule->optional) continue;
    bool may_fit = false;
    each_graph(program, [&](const tf::Graph& graph) {
      may_fit = may_fit || std::ranges::any_of(graph.nodes, [&](const tf::Node& node) {
                  return fits_node(*state.rule, node) && !is_of_core(node.op);
                });
    });
    if (may_fit && !complete) continue;
    // Nodes that no output needs are there, but nothing is made of them.
    if (may_fit && state.ops.empty() && state.functions.empty()) continue;
    problems.push_back(worded(state, program));
  }
  return problems;
}

Problem NodeRules::worded(const State& state, const tf::Program& program) const {
  const auto& rule = *state.rule;
  Problem p{Fault::kPlugin, {}, rule.source, {}};
  const std::string otherwise = "correct the rule, or write `optional: true` if it is for other models";
  if (!state.ops.empty()) {
    p.what = fmt::format("this rule changes nothing for the nodes that it is for ({}): {}", selectors(rule),
                         rule.use.empty() ? "no plugin converts them, which could ask for the options"
                                          : fmt::format("'{}' converts none of their ops", rule.use));
    p.next = fmt::format("they have the ops {}; {}", fmt::join(state.ops, ", "), otherwise);
    return p;
  }
  p.what = fmt::format("no node of the model is what this rule is for ({})", selectors(rule));
  if (!state.functions.empty()) {
    p.next = fmt::format("nodes of that name are in '{}'; {}", fmt::join(state.functions, "', '"), otherwise);
    return p;
  }
  std::set<std::string_view> names;
  std::set<std::string_view> of_core;
  each_graph(program, [&](const tf::Graph& graph) {
    for (const tf::Node& node : graph.nodes) {
      if (fits_node(rule, node)) of_core.insert(node.op);
      if ((rule.op.empty() || rule.op == node.op) && !is_of_core(node.op)) names.insert(node.name);
    }
  });
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  if (!of_core.empty()) {
    p.next = fmt::format("those of that name are run by the core itself ({}); {}", fmt::join(of_core, ", "), otherwise);
  } else if (auto near = did_you_mean(rule.name, candidates); !near.empty()) {
    p.next = near + "; or write `optional: true` if it is for other models";
  } else if (!rule.op.empty() && !candidates.empty()) {
    const std::vector<std::string> shown(candidates.begin(), candidates.end());
    p.next = fmt::format("nodes of that op: {}; {}", join(shown, ", ", kShown), otherwise);
  } else {
    p.next = otherwise;
  }
  return p;
}

Problems unknown_ops(const tf::Program& program, const registry::Registry& registry) {
  std::vector<const registry::Row*> asked;
  const auto is_file = [](const registry::Owner& owner) { return owner.layer == registry::Layer::kUserMapping; };
  if (std::ranges::none_of(registry.owners(), is_file)) return {};
  for (const std::string_view op : registry.ops()) {
    const auto& rows = registry.rows(op);
    const auto is_users = [](const registry::Row* row) { return row->layer() == registry::Layer::kUserMapping; };
    if (!std::ranges::all_of(rows, is_users)) continue;
    if (std::ranges::any_of(rows, &registry::Row::optional)) continue;
    if (is_of_core(op) || program.op_def(op) == nullptr) asked.push_back(rows.front());
  }
  Problems problems;
  if (asked.empty()) return problems;
  std::set<std::string_view> ops;
  each_graph(program, [&](const tf::Graph& graph) {
    for (const tf::Node& node : graph.nodes) ops.insert(node.op);
  });
  const std::vector<std::string_view> names(ops.begin(), ops.end());
  for (const registry::Row* row : asked) {
    if (is_of_core(row->tf_op)) {
      problems.push_back(
          {Fault::kPlugin,
           fmt::format("the mapping of '{}' is never asked: the core itself knows what the op means", row->tf_op),
           row->source, "remove it"});
    } else if (!ops.contains(row->tf_op)) {
      std::string next = did_you_mean(row->tf_op, names);
      next += next.empty() ? "write" : " Or write";
      problems.push_back(
          {Fault::kPlugin,
           fmt::format("there is no op '{}': not in TensorFlow, nor in this model, nor in a plugin", row->tf_op),
           row->source, next + " `optional: true` beside it if other models have it"});
    }
  }
  return problems;
}

}  // namespace flowport::convert
