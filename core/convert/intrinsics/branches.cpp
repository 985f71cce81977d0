// tf.If and tf.Case: one branch where the predicate is known, ONNX If where only the run time knows. TF1's Switch and Merge with
// a known predicate.
#include <algorithm>

#include <fmt/format.h>

#include "convert/intrinsics/intrinsics.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

struct BranchState : StepState {
  bool known = false;
  std::vector<Scope*> scopes;                      // one when known, else one a branch
  std::vector<std::shared_ptr<ir::Graph>> bodies;  // when not known, by branch
};

std::vector<std::string> branch_functions(Frame& frame) {
  const auto& program = frame.engine().program();
  std::vector<std::string> names;
  if (const auto* list = program.attr(frame.node(), "branches")) {
    for (const auto& function : list->list().func()) names.push_back(function.name());
    return names;
  }
  for (const char* name : {"then_branch", "else_branch"}) {
    const auto* attr = program.attr(frame.node(), name);
    names.push_back(attr == nullptr ? std::string() : attr->func().name());
  }
  return names;
}

bool is_case(const Frame& frame) { return frame.node().op.ends_with("Case"); }

/// Index of the branch that runs, where the predicate is known. An index out of range runs the last branch.
std::optional<std::size_t> known_branch(Frame& frame, ir::ValueId predicate, std::size_t count) {
  const auto& model = frame.engine().model();
  if (!is_case(frame)) {
    const auto known = known_predicate(model, predicate);
    return known ? std::optional<std::size_t>(*known ? 0 : 1) : std::nullopt;
  }
  const auto& constant = model.values[predicate].constant;
  if (constant == nullptr) return std::nullopt;
  const std::int64_t index = constant->as_ints().front();
  return index < 0 || index >= static_cast<std::int64_t>(count) ? count - 1 : static_cast<std::size_t>(index);
}

/// Adds an If with outputs typed by what both bodies give.
std::vector<ir::ValueId> add_if(Frame& frame, ir::Graph& graph, ir::ValueId condition,
                                std::shared_ptr<ir::Graph> then_body, std::shared_ptr<ir::Graph> else_body) {
  auto& model = frame.engine().model();
  ir::Node node;
  node.op = "If";
  node.inputs = {condition};
  for (std::size_t i = 0; i < then_body->outputs.size(); ++i) {
    const ir::Type type =
        join_types(model.values[then_body->outputs[i]].type, model.values[else_body->outputs[i]].type);
    node.outputs.push_back(model.add_value(type));
  }
  node.attributes.push_back({"then_branch", std::move(then_body)});
  node.attributes.push_back({"else_branch", std::move(else_body)});
  auto outputs = node.outputs;
  frame.engine().emitter().append(graph, std::move(node));
  return outputs;
}

Step open_branches(Frame& frame, BranchState& state) {
  auto& engine = frame.engine();
  const auto predicate = frame.tensor_input(0);
  if (!predicate) return Step::kDone;
  const auto functions = branch_functions(frame);
  if (functions.empty()) return frame.fail("has no branches", {}, Fault::kModel);
  std::vector<Argument> arguments;
  for (std::size_t i = 1; i < frame.node().inputs.size(); ++i)
    arguments.emplace_back(Ref{&frame.scope(), frame.node().inputs[i]});

  const auto chosen = known_branch(frame, *predicate, functions.size());
  state.known = chosen.has_value();
  for (std::size_t i = 0; i < functions.size(); ++i) {
    if (chosen && i != *chosen) continue;
    ir::Graph* target = frame.scope().target;
    if (!chosen) {
      state.bodies.push_back(Engine::new_body(fmt::format("{}_branch_{}", frame.node().name, i)));
      target = state.bodies.back().get();
    }
    auto scope = engine.open_scope(frame.scope(), frame.index(), functions[i], arguments, *target);
    if (!scope) return frame.fail(scope.error());
    state.scopes.push_back(*scope);
  }
  for (auto* scope : state.scopes) {
    for (const auto& ret : scope->graph->rets) frame.need({scope, ret});
  }
  return Step::kNeed;
}

Step join_branches(Frame& frame, BranchState& state) {
  auto& engine = frame.engine();
  const std::size_t count = state.scopes[0]->graph->rets.size();
  std::vector<Bound> outputs(count);
  std::vector<std::size_t> merged;  // outputs that differ between the branches
  for (std::size_t i = 0; i < count; ++i) {
    outputs[i] = engine.bound({state.scopes[0], state.scopes[0]->graph->rets[i]});
    for (auto* scope : state.scopes) {
      if (i >= scope->graph->rets.size())
        return frame.fail("branches give different numbers of outputs", {}, Fault::kModel);
      const Bound other = engine.bound({scope, scope->graph->rets[i]});
      if (other.kind == Bound::Kind::kNone) return Step::kDone;
      if (!(other == outputs[i]) && (merged.empty() || merged.back() != i)) merged.push_back(i);
    }
    // What is computed inside a body is not visible outside, even where only one branch exists.
    if (!state.known && (merged.empty() || merged.back() != i) && state.scopes.size() == 1) merged.push_back(i);
  }
  if (state.known || merged.empty()) {
    frame.bind(std::move(outputs));
    return Step::kDone;
  }

  for (std::size_t b = 0; b < state.scopes.size(); ++b) {
    for (const auto i : merged) {
      const Bound bound = engine.bound({state.scopes[b], state.scopes[b]->graph->rets[i]});
      auto value = engine.tensor(bound);
      if (!value)
        return frame.fail(fmt::format("output {} is not a tensor in every branch: {}", i, value.error().what));
      state.bodies[b]->outputs.push_back(*value);
    }
  }
  engine.set_origin(frame.scope(), frame.node(), "core");
  auto& emitter = engine.emitter();
  const ir::ValueId predicate = *frame.tensor_input(0);
  std::vector<ir::ValueId> values;
  // Branches from the last backwards: each earlier one is tried first, the rest is its else body.
  std::shared_ptr<ir::Graph> rest = state.bodies.back();
  for (std::size_t b = state.bodies.size() - 1; b-- > 0;) {
    std::shared_ptr<ir::Graph> outer =
        b == 0 ? nullptr : Engine::new_body(fmt::format("{}_from_{}", frame.node().name, b));
    ir::Graph& graph = outer ? *outer : *frame.scope().target;
    auto condition = is_case(frame) ? emitter.emit(graph, "Equal", {predicate, int32_constant(engine.model(), b)})
                                    : as_predicate(emitter, graph, predicate);
    if (!condition) return frame.fail(condition.error());
    values = add_if(frame, graph, *condition, state.bodies[b], std::move(rest));
    if (outer) outer->outputs = values;
    rest = std::move(outer);
  }
  for (std::size_t i = 0; i < merged.size(); ++i) outputs[merged[i]] = Bound::tensor(values[i]);
  frame.bind(std::move(outputs));
  return Step::kDone;
}

}  // namespace

Step branch(Frame& frame) {
  auto& state = frame.state();
  if (state.step == 0) {
    frame.need_input(0);
    return Step::kNeed;
  }
  if (state.state == nullptr) {
    state.state = std::make_unique<BranchState>();
    return open_branches(frame, static_cast<BranchState&>(*state.state));
  }
  return join_branches(frame, static_cast<BranchState&>(*state.state));
}

Step tf1_switch(Frame& frame) {
  if (frame.state().step == 0) {
    frame.need_all_inputs();
    return Step::kNeed;
  }
  const Bound data = frame.input(0);
  const Bound predicate = frame.input(1);
  if (data.kind == Bound::Kind::kNone || predicate.kind == Bound::Kind::kNone) return Step::kDone;
  if (data.kind == Bound::Kind::kDead || predicate.kind == Bound::Kind::kDead) {
    frame.bind({Bound::dead(), Bound::dead()});
    return Step::kDone;
  }
  const auto value = frame.tensor_input(1);
  if (!value) return Step::kDone;
  const auto known = known_predicate(frame.engine().model(), *value);
  if (!known) {
    return frame.fail("a TF1 conditional (Switch/Merge) whose predicate only the run time knows",
                      "feed the predicate as a constant, cut it with --inputs, or save the model with control flow v2");
  }
  frame.bind(*known ? std::vector{Bound::dead(), data} : std::vector{data, Bound::dead()});
  return Step::kDone;
}

Step tf1_merge(Frame& frame) {
  if (frame.state().step == 0) {
    frame.need_all_inputs();
    return Step::kNeed;
  }
  std::optional<std::size_t> alive;
  for (std::size_t i = 0; i < frame.node().inputs.size(); ++i) {
    const Bound input = frame.input(i);
    if (input.kind == Bound::Kind::kNone) return Step::kDone;
    if (input.kind == Bound::Kind::kDead) continue;
    if (alive)
      return frame.fail("more than one input of this TF1 Merge may be taken", "save the model with control flow v2");
    alive = i;
  }
  if (!alive) {
    frame.bind({Bound::dead(), Bound::dead()});
    return Step::kDone;
  }
  frame.bind({frame.input(*alive), Bound::tensor(int32_constant(frame.engine().model(), *alive))});
  return Step::kDone;
}

Step tf1_loop(Frame& frame) {
  return frame.fail("a TF1 loop (Enter/Exit frames)",
                    "save the model with control flow v2 (tf.compat.v1.enable_control_flow_v2)");
}

}  // namespace flowport::convert::intrinsics
