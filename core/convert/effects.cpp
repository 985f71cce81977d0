#include "convert/effects.h"

#include <unordered_map>
#include <utility>

#include "convert/intrinsics/intrinsics.h"
#include "tensorflow/protos/graph.pb.h"
#include "tensorflow/state_writes.h"

namespace flowport::convert {

namespace {

class WriteSearch {
 public:
  explicit WriteSearch(Engine& engine) : engine_(engine) {}

  void from(std::span<const Ref> roots) {
    for (const auto& root : roots) visit(*root.scope, root.edge.node);
    while (!todo_.empty()) {
      const auto [scope, index] = todo_.back();
      todo_.pop_back();
      look_at(*scope, index);
    }
  }

 private:
  void visit(Scope& scope, tf::NodeIndex index) {
    if (index < 0 || !scope.graph->may_write_state) return;
    auto& seen = seen_[&scope];
    if (seen.empty()) seen.resize(scope.graph->nodes.size());
    if (seen[static_cast<std::size_t>(index)]) return;
    seen[static_cast<std::size_t>(index)] = true;
    todo_.emplace_back(&scope, index);
  }

  /// Everything that a call of `scope`'s function carries out.
  void visit_body(Scope& scope) {
    for (const auto& ret : scope.graph->rets) visit(scope, ret.node);
    for (const auto ret : scope.graph->control_rets) visit(scope, ret);
  }

  void look_at(Scope& scope, tf::NodeIndex index) {
    const auto& node = scope.graph->nodes[static_cast<std::size_t>(index)];
    if (tf::writes_state(node.op)) {
      // One that was needed for its output is in the journal already.
      if (scope.states.is_done(index) || is_unread(scope, node)) return;
      Frame frame(engine_, scope, index);
      intrinsics::write_variable(frame);
      return;
    }
    for (const auto& input : node.inputs) visit(scope, input.node);
    for (const auto control : node.control_inputs) visit(scope, control);
    if (engine_.is_call(node.op)) {
      if (auto callee = engine_.callee(scope, index)) visit_body(**callee);
      return;
    }
    for (const auto& function : taken_functions(scope, index)) {
      auto graph = engine_.program().function(function);
      if (!graph || !(*graph)->may_write_state) continue;
      // Values inside a branch or a loop are not followed: without arguments no predicate in there is known.
      std::vector<Argument> arguments((*graph)->args.size(), Bound{});
      auto opened = engine_.open_scope(scope, index, function, std::move(arguments), *scope.target);
      if (opened) visit_body(**opened);
    }
  }

  /// True where nothing that an output depends on by data reads what `node` writes: no output is another for it, in this call
  /// or in a later one. The states of random generators whose numbers inference does not use, and counters of calls.
  bool is_unread(Scope& scope, const tf::Node& node) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Ref input{&scope, node.inputs[i]};
      // What is written comes first; optimizers write the resources behind it, too.
      if (i > 0 && engine_.dtype_of(input) != tf::DataType::kResource) continue;
      const auto variable = engine_.variable_named_by(input);
      if (!variable || engine_.is_read(*variable)) return false;
    }
    return !node.inputs.empty();
  }

  /// The functions in attributes of control flow which may run: of an If with a known predicate only the taken one.
  std::vector<std::string> taken_functions(Scope& scope, tf::NodeIndex index) {
    const auto& node = scope.graph->nodes[static_cast<std::size_t>(index)];
    std::vector<std::string> functions;
    for (const char* name : {"then_branch", "else_branch", "body", "cond"}) {
      const auto* attr = engine_.program().attr(node, name);
      if (attr != nullptr && attr->value_case() == tf::proto::AttrValue::kFunc)
        functions.push_back(attr->func().name());
    }
    if (const auto* branches = engine_.program().attr(node, "branches")) {
      for (const auto& function : branches->list().func()) functions.push_back(function.name());
    }
    if (!node.op.ends_with("If") || functions.size() != 2) return functions;
    if (const auto known = predicate_of(scope, node)) return {functions[*known ? 0 : 1]};
    return functions;
  }

  std::optional<bool> predicate_of(Scope& scope, const tf::Node& node) {
    const Ref predicate{&scope, node.inputs[0]};
    auto& problems = engine_.journal().problems;
    const std::size_t before = problems.size();
    engine_.run(std::span(&predicate, 1));
    problems.resize(before);  // a predicate that cannot be converted is one that is not known
    const Bound bound = engine_.bound(predicate);
    if (!bound.is_tensor()) return std::nullopt;
    return intrinsics::known_predicate(engine_.model(), bound.id);
  }

  Engine& engine_;
  std::unordered_map<const Scope*, std::vector<bool>> seen_;
  std::vector<std::pair<Scope*, tf::NodeIndex>> todo_;
};

}  // namespace

void refuse_writes(Engine& engine, std::span<const Ref> roots) { WriteSearch(engine).from(roots); }

}  // namespace flowport::convert
