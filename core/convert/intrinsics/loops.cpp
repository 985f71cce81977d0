// tf.While becomes ONNX Loop. Variables that the body hands on unchanged are no loop variables; those whose dims change while
// looping get unknown dims, by running the body again until its input and output types agree.
#include <fmt/format.h>

#include "convert/intrinsics/intrinsics.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

struct LoopState : StepState {
  std::vector<bool> invariant;         // by loop variable
  std::vector<ir::Type> types;         // of the loop variables inside the loop
  std::vector<ir::ValueId> variables;  // body inputs, by loop variable; 0 where invariant
  Scope* first_condition = nullptr;
  Scope* body = nullptr;
  Scope* condition = nullptr;
  std::shared_ptr<ir::Graph> graph;
};

std::string function_attr(Frame& frame, const char* name) {
  const auto* attr = frame.engine().program().attr(frame.node(), name);
  return attr == nullptr ? std::string() : attr->func().name();
}

/// Loop variable that output `i` of the body hands on, following Identity only; -1 where it is computed.
std::ptrdiff_t handed_on(const tf::Graph& body, std::size_t i) {
  tf::Edge edge = body.rets[i];
  for (std::size_t steps = 0; steps < body.nodes.size(); ++steps) {
    const auto& node = body.nodes[static_cast<std::size_t>(edge.node)];
    if (node.op == "_Arg") {
      for (std::size_t a = 0; a < body.args.size(); ++a) {
        if (body.args[a] == edge.node) return static_cast<std::ptrdiff_t>(a);
      }
    }
    if (node.op != "Identity" || node.inputs.size() != 1) return -1;
    edge = node.inputs[0];
  }
  return -1;
}

std::vector<Argument> outer_arguments(Frame& frame) {
  std::vector<Argument> arguments;
  for (const auto& input : frame.node().inputs) arguments.emplace_back(Ref{&frame.scope(), input});
  return arguments;
}

/// Opens the first condition, which decides whether the loop runs at all, and finds the variables that do not change.
Step open_loop(Frame& frame, LoopState& state) {
  auto& engine = frame.engine();
  auto body = engine.program().function(function_attr(frame, "body"));
  if (!body) return frame.fail(body.error());
  const std::size_t count = frame.node().inputs.size();
  if ((*body)->rets.size() != count || (*body)->args.size() != count) {
    return frame.fail(fmt::format("the loop has {} variables, its body takes {} and gives {}", count,
                                  (*body)->args.size(), (*body)->rets.size()),
                      {}, Fault::kModel);
  }
  for (std::size_t i = 0; i < count; ++i) {
    const Bound input = frame.input(i);
    if (input.kind == Bound::Kind::kNone) return Step::kDone;
    state.invariant.push_back(handed_on(**body, i) == static_cast<std::ptrdiff_t>(i));
    if (!input.is_tensor() && !state.invariant[i]) {
      return frame.fail(fmt::format("loop variable {} is not a tensor", i));
    }
    state.types.push_back(input.is_tensor() ? engine.model().values[input.id].type : ir::Type{});
  }
  auto scope = engine.open_scope(frame.scope(), frame.index(), function_attr(frame, "cond"), outer_arguments(frame),
                                 *frame.scope().target);
  if (!scope) return frame.fail(scope.error());
  state.first_condition = *scope;
  frame.need({*scope, (*scope)->graph->rets[0]});
  return Step::kNeed;
}

/// Opens the body with loop variables of the types known so far.
Step open_body(Frame& frame, LoopState& state) {
  auto& engine = frame.engine();
  auto& model = engine.model();
  state.graph = Engine::new_body(std::string(frame.node().name) + "_body");
  state.graph->inputs = {model.add_value(ir::Type::tensor(ir::DType::kInt64, {})),
                         model.add_value(ir::Type::tensor(ir::DType::kBool, {}))};
  std::vector<Argument> arguments = outer_arguments(frame);
  state.variables.assign(arguments.size(), 0);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (state.invariant[i]) continue;
    state.variables[i] = model.add_value(state.types[i]);
    state.graph->inputs.push_back(state.variables[i]);
    arguments[i] = Bound::tensor(state.variables[i]);
  }
  auto body = engine.open_scope(frame.scope(), frame.index(), function_attr(frame, "body"), arguments, *state.graph);
  if (!body) return frame.fail(body.error());
  state.body = *body;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!state.invariant[i]) arguments[i] = Ref{*body, (*body)->graph->rets[i]};
  }
  auto condition =
      engine.open_scope(frame.scope(), frame.index(), function_attr(frame, "cond"), std::move(arguments), *state.graph);
  if (!condition) return frame.fail(condition.error());
  state.condition = *condition;
  frame.need({*condition, (*condition)->graph->rets[0]});
  for (std::size_t i = 0; i < state.invariant.size(); ++i) {
    if (!state.invariant[i]) frame.need({*body, (*body)->graph->rets[i]});
  }
  return Step::kNeed;
}

/// Emits the Loop, or opens the body again where a variable turned out not to change or to change its type.
Step close_loop(Frame& frame, LoopState& state) {
  auto& engine = frame.engine();
  auto& model = engine.model();
  const std::size_t count = state.invariant.size();
  std::vector<ir::ValueId> next(count, 0);
  bool again = false;
  for (std::size_t i = 0; i < count; ++i) {
    if (state.invariant[i]) continue;
    const Bound bound = engine.bound({state.body, state.body->graph->rets[i]});
    if (bound.kind == Bound::Kind::kNone) return Step::kDone;
    auto value = engine.tensor(bound);
    if (!value) return frame.fail(value.error());
    next[i] = *value;
    if (*value == state.variables[i]) {
      state.invariant[i] = true;
      again = true;
      continue;
    }
    const ir::Type joined = join_types(state.types[i], model.values[*value].type);
    if (joined.dtype != state.types[i].dtype) {
      return frame.fail(fmt::format("loop variable {} changes its element type", i), {}, Fault::kModel);
    }
    if (!(joined == state.types[i])) {
      state.types[i] = joined;
      again = true;
    }
  }
  if (again) return open_body(frame, state);

  auto& emitter = engine.emitter();
  engine.set_origin(frame.scope(), frame.node(), "core");
  const Bound first_bound = engine.bound({state.first_condition, state.first_condition->graph->rets[0]});
  const Bound next_bound = engine.bound({state.condition, state.condition->graph->rets[0]});
  auto first_value = engine.tensor(first_bound);
  auto next_value = engine.tensor(next_bound);
  if (next_bound.kind == Bound::Kind::kNone) return Step::kDone;
  if (!first_value) return frame.fail(first_value.error());
  if (!next_value) return frame.fail(next_value.error());
  auto first = as_predicate(emitter, *frame.scope().target, *first_value);
  auto again_condition = as_predicate(emitter, *state.graph, *next_value);
  if (!first) return frame.fail(first.error());
  if (!again_condition) return frame.fail(again_condition.error());

  ir::Node loop;
  loop.op = "Loop";
  loop.inputs = {0, *first};
  state.graph->outputs = {*again_condition};
  std::vector<Bound> outputs(count);
  for (std::size_t i = 0; i < count; ++i) {
    if (state.invariant[i]) {
      outputs[i] = frame.input(i);
      continue;
    }
    loop.inputs.push_back(*engine.tensor(frame.input(i)));
    state.graph->outputs.push_back(next[i]);
    loop.outputs.push_back(model.add_value(state.types[i]));
    outputs[i] = Bound::tensor(loop.outputs.back());
  }
  loop.attributes.push_back({"body", state.graph});
  emitter.append(*frame.scope().target, std::move(loop));
  frame.bind(std::move(outputs));
  return Step::kDone;
}

}  // namespace

Step while_loop(Frame& frame) {
  auto& state = frame.state();
  if (state.step == 0) {
    frame.need_all_inputs();
    return Step::kNeed;
  }
  if (state.state == nullptr) {
    state.state = std::make_unique<LoopState>();
    return open_loop(frame, static_cast<LoopState&>(*state.state));
  }
  auto& loop = static_cast<LoopState&>(*state.state);
  if (loop.body != nullptr) return close_loop(frame, loop);
  const Bound first = frame.engine().bound({loop.first_condition, loop.first_condition->graph->rets[0]});
  if (first.kind == Bound::Kind::kNone) return Step::kDone;
  auto value = frame.engine().tensor(first);
  if (!value) return frame.fail(value.error());
  if (known_predicate(frame.engine().model(), *value) == false) {
    std::vector<Bound> outputs;
    for (std::size_t i = 0; i < frame.node().inputs.size(); ++i) outputs.push_back(frame.input(i));
    frame.bind(std::move(outputs));
    return Step::kDone;
  }
  return open_body(frame, loop);
}

}  // namespace flowport::convert::intrinsics
