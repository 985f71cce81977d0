// `nodes:` of configuration files while a model is run: which rules hold for a node, and which of them changed something.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "registry/registry.h"
#include "tensorflow/program.h"

namespace flowport::convert {

class NodeRules {
 public:
  NodeRules(const registry::Registry& registry, const registry::Target& target);

  bool empty() const { return rules_.empty(); }

  /// What rules make of a node's candidates.
  using Rows = Result<std::vector<const registry::Row*>>;

  /// The rows to ask for `node`, which runs in a scope of that path: `rows`, those of its op, changed by the rules that hold for it.
  /// Good as long as this object lives.
  const Rows& rows_for(const tf::Node& node, std::string_view path, const Rows& rows);

  /// Rules that were to change something and did not, after a run. With `complete` the whole program was run for its outputs;
  /// otherwise only rules are told that no node of the program can fit.
  Problems unused(const tf::Program& program, bool complete) const;

 private:
  struct State {
    const registry::NodeRule* rule = nullptr;
    bool changed = false;             ///< it changed what a node's candidates are
    std::set<std::string> ops;        ///< of the nodes that it was meant for
    std::set<std::string> functions;  ///< some paths of nodes that fitted but for their path
  };
  using Key = std::pair<std::string, std::vector<std::size_t>>;  ///< TF op, rules

  Rows make(std::string_view op, const std::vector<std::size_t>& holding, const Rows& rows);
  /// The rows with the options of `holding` before those of their plugins.
  void add_options(const std::vector<std::size_t>& holding, std::vector<const registry::Row*>& rows);
  Problem worded(const State& state, const tf::Program& program) const;

  const registry::Registry& registry_;
  const registry::Target& target_;
  std::vector<State> rules_;
  std::map<Key, Rows> made_;
  std::deque<registry::Owner> owners_;
  std::deque<registry::Row> rows_;
};

/// What mappings of the user's files are for and nothing knows: not TensorFlow, nor the model, nor a plugin. And those for ops
/// that the core runs itself, where no row is ever asked.
Problems unknown_ops(const tf::Program& program, const registry::Registry& registry);

}  // namespace flowport::convert
