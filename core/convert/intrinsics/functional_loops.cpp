// While, StatelessWhile and For as loops.
#include <algorithm>

#include <fmt/format.h>

#include "convert/emission.h"
#include "convert/intrinsics/control.h"
#include "convert/intrinsics/intrinsics.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

std::string function_attr(Frame& frame, const char* name) {
  const auto* attr = frame.engine().program().attr(frame.node(), name);
  return attr == nullptr ? std::string() : attr->func().name();
}

/// Argument that output `i` of the body hands on, following Identity only; -1 where it is computed.
std::ptrdiff_t handed_on(const tf::Graph& body, std::size_t i) {
  tf::Edge edge = body.rets[i];
  for (std::size_t steps = 0; steps < body.nodes.size(); ++steps) {
    const auto& node = body.nodes[static_cast<std::size_t>(edge.node)];
    if (node.op == "_Arg") {
      const auto arg = std::find(body.args.begin(), body.args.end(), edge.node);
      return arg == body.args.end() ? -1 : arg - body.args.begin();
    }
    if (node.op != "Identity" || node.inputs.size() != 1) return -1;
    edge = node.inputs[0];
  }
  return -1;
}

Result<std::vector<Argument>> open_function(Frame& frame, const std::string& function, std::vector<Argument> arguments,
                                            ir::Graph& target) {
  auto scope = frame.engine().open_scope(frame.scope(), frame.index(), function, std::move(arguments), target);
  if (!scope) return tl::make_unexpected(scope.error());
  std::vector<Argument> results;
  for (const auto& ret : (*scope)->graph->rets) results.emplace_back(Ref{*scope, ret});
  return results;
}

/// The parts of a loop node's body: its variables from input `first` on are arguments of the body from `first_argument` on.
Result<LoopForm> form_of(Frame& frame, std::size_t first, std::size_t first_argument) {
  const auto& node = frame.node();
  const std::size_t count = node.inputs.size() - first;
  auto body = frame.engine().program().function(function_attr(frame, "body"));
  if (!body) return tl::make_unexpected(body.error());
  if ((*body)->rets.size() != count || (*body)->args.size() != count + first_argument) {
    return problem(Fault::kModel, fmt::format("the loop has {} variables, its body takes {} and gives {}", count,
                                              (*body)->args.size() - first_argument, (*body)->rets.size()));
  }
  LoopForm form;
  for (std::size_t i = 0; i < count; ++i) {
    form.starts.push_back({&frame.scope(), node.inputs[first + i]});
    form.handed_on.push_back(handed_on(**body, i) == static_cast<std::ptrdiff_t>(i + first_argument));
    form.outputs.push_back({frame.index(), static_cast<std::int32_t>(i)});
  }
  return form;
}

Result<LoopForm> while_form(Frame* frame) {
  auto form = form_of(*frame, 0, 0);
  if (!form) return form;
  Engine& engine = frame->engine();
  Scope& scope = frame->scope();
  const tf::NodeIndex index = frame->index();
  form->condition = [&engine, &scope, index](std::vector<Argument> variables, ir::Graph& target) -> Result<Argument> {
    Frame loop(engine, scope, index);
    auto results = open_function(loop, function_attr(loop, "cond"), std::move(variables), target);
    if (!results) return tl::make_unexpected(results.error());
    if (results->empty()) return problem(Fault::kModel, "the loop's condition gives nothing");
    return results->front();
  };
  form->body = [&engine, &scope, index](std::vector<Argument> variables, ir::Graph& target) {
    Frame loop(engine, scope, index);
    return open_function(loop, function_attr(loop, "body"), std::move(variables), target);
  };
  return form;
}

/// For counts in a variable of its own, which is number 0 and which the node does not give out.
Result<LoopForm> for_form(Frame* frame) {
  auto form = form_of(*frame, 3, 1);
  if (!form) return form;
  Engine& engine = frame->engine();
  Scope& scope = frame->scope();
  const tf::NodeIndex index = frame->index();
  form->starts.insert(form->starts.begin(), Ref{&scope, frame->node().inputs[0]});
  form->handed_on.insert(form->handed_on.begin(), false);
  form->outputs.insert(form->outputs.begin(), tf::Edge{});
  form->hidden = 1;
  const auto number = [&engine](const Argument& argument) { return engine.tensor(engine.bound(argument)); };
  const Argument limit = Ref{&scope, frame->node().inputs[1]};
  const Argument delta = Ref{&scope, frame->node().inputs[2]};
  form->condition = [&engine, number, limit, delta](std::vector<Argument> variables,
                                                    ir::Graph& target) -> Result<Argument> {
    auto at = number(variables[0]);
    auto end = number(limit);
    auto step = number(delta);
    for (const auto* value : {&at, &end, &step}) {
      if (!*value) return tl::make_unexpected(value->error());
    }
    Emission emit(engine.emitter(), target);
    const auto up = emit("Less", {*at, *end});
    const auto known = emit.known(*step);
    auto goes_on = up;
    if (!known || *known <= 0) {
      const auto down = emit("Greater", {*at, *end});
      const auto zero = emit.cast(emit.scalar(0), ir::DType::kInt32);
      goes_on = emit("Where", {emit("Greater", {*step, zero}), up, down});
    }
    if (!emit.ok()) return tl::make_unexpected(*emit.problem());
    return Argument(Bound::tensor(goes_on));
  };
  form->body = [&engine, &scope, index, number, delta](std::vector<Argument> variables,
                                                       ir::Graph& target) -> Result<std::vector<Argument>> {
    auto at = number(variables[0]);
    auto step = number(delta);
    if (!at) return tl::make_unexpected(at.error());
    if (!step) return tl::make_unexpected(step.error());
    Emission emit(engine.emitter(), target);
    const auto next = emit("Add", {*at, *step});
    if (!emit.ok()) return tl::make_unexpected(*emit.problem());
    Frame loop(engine, scope, index);
    auto results = open_function(loop, function_attr(loop, "body"), std::move(variables), target);
    if (results) results->insert(results->begin(), Argument(Bound::tensor(next)));
    return results;
  };
  return form;
}

}  // namespace

Step for_loop(Frame& frame) {
  if (frame.state().step == 0) {
    frame.need_all_inputs();
    return Step::kNeed;
  }
  for (std::size_t i = 0; i < 3; ++i) {
    if (frame.input(i).is_none()) return Step::kDone;
  }
  return run_loop(frame, [&frame] { return for_form(&frame); });
}

Step while_loop(Frame& frame) {
  return run_loop(frame, [&frame] { return while_form(&frame); });
}

}  // namespace flowport::convert::intrinsics
