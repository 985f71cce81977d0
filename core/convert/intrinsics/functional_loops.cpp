// While, StatelessWhile and For as loops.
#include <fmt/format.h>

#include "convert/emission.h"
#include "convert/functions.h"
#include "convert/intrinsics/control.h"
#include "convert/intrinsics/intrinsics.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

std::string function_attr(Frame& frame, const char* name) {
  const auto* attr = frame.engine().program().attr(frame.node(), name);
  return attr == nullptr ? std::string() : attr->func().name();
}

using StackNumbers = std::vector<std::uint32_t>;

/// Opens `function` on a loop's variables, of which the last are the contents of `stacks`.
Result<Scope*> open_function(Frame& frame, const std::string& function, const StackNumbers& stacks,
                             std::vector<Argument> variables, ir::Graph& target) {
  auto contents = take_contents(stacks, variables);
  auto scope = frame.engine().open_scope(frame.scope(), frame.index(), function, std::move(variables), target);
  if (scope) set_contents(**scope, stacks, std::move(contents));
  return scope;
}

Result<std::vector<Argument>> open_body(Frame& frame, const StackNumbers& stacks, std::vector<Argument> variables,
                                        ir::Graph& target) {
  auto scope = open_function(frame, function_attr(frame, "body"), stacks, std::move(variables), target);
  if (!scope) return tl::make_unexpected(scope.error());
  std::vector<Argument> results;
  for (const auto& ret : (*scope)->graph->rets) results.emplace_back(Ref{*scope, ret});
  if (auto added = add_contents(frame.engine(), stacks, **scope, results); !added) {
    return tl::make_unexpected(added.error());
  }
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
    form.starts.emplace_back(Ref{&frame.scope(), node.inputs[first + i]});
    form.handed_on.push_back(handed_on(**body, i) == static_cast<std::ptrdiff_t>(i + first_argument));
    form.outputs.push_back({frame.index(), static_cast<std::int32_t>(i)});
  }
  if (auto carried = carry_stacks(frame, form); !carried) return tl::make_unexpected(carried.error());
  const auto condition = frame.engine().program().function(function_attr(frame, "cond"));
  if (!form.stacks.empty() && condition && (*condition)->may_use_stacks) {
    return problem(Fault::kUnsupported, "the loop works on a stack where it asks whether it goes on", {},
                   "push and pop in the body of the loop");
  }
  return form;
}

Result<LoopForm> while_form(Frame* frame) {
  auto form = form_of(*frame, 0, 0);
  if (!form) return form;
  Engine& engine = frame->engine();
  Scope& scope = frame->scope();
  const tf::NodeIndex index = frame->index();
  form->condition = [&engine, &scope, index, stacks = form->stacks](std::vector<Argument> variables,
                                                                    ir::Graph& target) -> Result<Argument> {
    Frame loop(engine, scope, index);
    auto opened = open_function(loop, function_attr(loop, "cond"), stacks, std::move(variables), target);
    if (!opened) return tl::make_unexpected(opened.error());
    const auto& rets = (*opened)->graph->rets;
    if (rets.empty()) return problem(Fault::kModel, "the loop's condition gives nothing");
    return Argument(Ref{*opened, rets.front()});
  };
  form->body = [&engine, &scope, index, stacks = form->stacks](std::vector<Argument> variables, ir::Graph& target) {
    Frame loop(engine, scope, index);
    return open_body(loop, stacks, std::move(variables), target);
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
  form->starts.insert(form->starts.begin(), Argument(Ref{&scope, frame->node().inputs[0]}));
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
  form->body = [&engine, &scope, index, number, delta, stacks = form->stacks](
                   std::vector<Argument> variables, ir::Graph& target) -> Result<std::vector<Argument>> {
    auto at = number(variables[0]);
    auto step = number(delta);
    if (!at) return tl::make_unexpected(at.error());
    if (!step) return tl::make_unexpected(step.error());
    Emission emit(engine.emitter(), target);
    const auto next = emit("Add", {*at, *step});
    if (!emit.ok()) return tl::make_unexpected(*emit.problem());
    Frame loop(engine, scope, index);
    auto results = open_body(loop, stacks, std::move(variables), target);
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
