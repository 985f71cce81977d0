// TF1 control flow: Switch and Merge as conditionals, frames (Enter ... Exit) as loops. tf::ControlFlow knows which nodes make
// them up; Engine::resolve leads an Exit to its loop's LoopCond, which stands for the loop, and a Merge to the first Merge of its
// conditional, which stands for all of them.
#include <algorithm>

#include <fmt/format.h>

#include "convert/intrinsics/control.h"
#include "convert/intrinsics/intrinsics.h"

namespace flowport::convert::intrinsics {

namespace {

/// A Merge whose inputs do not tell by which predicate they differ: the one that is alive is taken.
Step merge_alive(Frame& frame) {
  if (frame.state().step == 0) {
    frame.need_all_inputs();
    return Step::kNeed;
  }
  std::optional<std::size_t> alive;
  for (std::size_t i = 0; i < frame.node().inputs.size(); ++i) {
    const Bound input = frame.input(i);
    if (input.is_none()) return Step::kDone;
    if (input.kind == Bound::Kind::kDead) continue;
    if (alive) {
      return frame.fail("nothing in the graph says which input of this Merge is taken",
                        "save the model with control flow v2 (tf.compat.v1.enable_control_flow_v2)");
    }
    alive = i;
  }
  if (!alive) {
    frame.bind({Bound::dead(), Bound::dead()});
    return Step::kDone;
  }
  frame.bind({frame.input(*alive), Bound::tensor(int32_constant(frame.engine().model(), *alive))});
  return Step::kDone;
}

const tf::Graph& graph_of(Frame& frame) { return *frame.scope().graph; }

Result<LoopForm> frame_form(Frame& frame) {
  const auto* flow = frame.scope().flow;
  const auto number = flow == nullptr ? -1 : flow->loop_of(frame.index());
  if (number < 0 || frame.node().inputs.empty()) {
    return problem(Fault::kModel, "a LoopCond outside of any loop", {}, "save the model again");
  }
  const auto& loop = flow->loops()[static_cast<std::size_t>(number)];
  LoopForm form;
  for (std::size_t i = 0; i < loop.variables.size(); ++i) {
    const auto& variable = loop.variables[i];
    if (variable.start.node < 0 || variable.next.node < 0) {
      return problem(Fault::kModel,
                     fmt::format("variable {} of loop '{}' has no first or no next value", i, loop.name));
    }
    form.starts.emplace_back(Ref{&frame.scope(), variable.start});
    form.handed_on.push_back(flow->hands_on(number, i));
    form.outputs.push_back({variable.exit, 0});
  }
  Engine& engine = frame.engine();
  Region region;
  region.outer = &frame.scope();
  region.loop = number;
  if (auto carried = carry_stacks(frame, form); !carried) return tl::make_unexpected(carried.error());
  const auto open = [&engine, &loop, region, stacks = form.stacks](std::vector<Argument> variables,
                                                                   ir::Graph& target) -> Scope& {
    Scope& scope = engine.open_region(region, target);
    set_contents(scope, stacks, take_contents(stacks, variables));
    for (std::size_t i = 0; i < variables.size(); ++i) {
      scope.cuts[Scope::edge_key({loop.variables[i].merge, 0})] = std::move(variables[i]);
    }
    return scope;
  };
  const tf::Edge predicate = frame.node().inputs[0];
  form.condition = [open, predicate](std::vector<Argument> variables, ir::Graph& target) -> Result<Argument> {
    return Argument(Ref{&open(std::move(variables), target), predicate});
  };
  form.body = [open, &engine, &loop, stacks = form.stacks](std::vector<Argument> variables,
                                                           ir::Graph& target) -> Result<std::vector<Argument>> {
    Scope& scope = open(std::move(variables), target);
    std::vector<Argument> results;
    for (const auto& variable : loop.variables) results.emplace_back(Ref{&scope, variable.next});
    if (auto added = add_contents(engine, stacks, scope, results); !added) return tl::make_unexpected(added.error());
    return results;
  };
  return form;
}

}  // namespace

Step tf1_switch(Frame& frame) {
  if (frame.state().step == 0) {
    frame.need_all_inputs();
    return Step::kNeed;
  }
  const Bound data = frame.input(0);
  const Bound predicate = frame.input(1);
  if (data.is_none() || predicate.is_none()) return Step::kDone;
  const auto count = static_cast<std::size_t>(std::max(frame.engine().program().output_count(frame.node()), 2));
  std::vector<Bound> outputs(count, Bound::dead());
  if (data.kind != Bound::Kind::kDead && predicate.kind != Bound::Kind::kDead) {
    const auto value = frame.tensor_input(1);
    if (!value) return Step::kDone;
    const auto& constant = frame.engine().model().values[*value].constant;
    if (constant == nullptr) {
      return frame.fail("this tensor exists only where a condition of the run time goes one way",
                        "choose outputs behind the Merge that ends the conditional");
    }
    std::size_t side = *known_predicate(frame.engine().model(), *value) ? 1 : 0;
    if (frame.node().op == "_SwitchN") {
      const auto index = constant->as_ints().front();
      side = index < 0 || index >= static_cast<std::int64_t>(count) ? count - 1 : static_cast<std::size_t>(index);
    }
    outputs[side] = data;
  }
  frame.bind(std::move(outputs));
  return Step::kDone;
}

Step tf1_merge(Frame& frame) {
  const auto* flow = frame.scope().flow;
  const auto place = flow == nullptr ? tf::ControlFlow::Place{} : flow->place_of(frame.index());
  if (place.conditional < 0) return merge_alive(frame);
  const auto& conditional = flow->conditionals()[static_cast<std::size_t>(place.conditional)];
  BranchForm form;
  form.predicate = {&frame.scope(), conditional.predicate};
  form.by_index = conditional.by_index;
  form.count = static_cast<std::size_t>(conditional.sides);
  form.results = static_cast<std::int32_t>(conditional.outputs.size());
  form.open = [&](std::size_t i, ir::Graph& target) -> Result<std::vector<Argument>> {
    // Output 1 of a Switch is for true, which is branch 0 of an If.
    const auto side = static_cast<std::int32_t>(conditional.by_index ? i : 1 - i);
    Scope* scope = &frame.scope();
    if (&target != scope->target) {
      Region region;
      region.outer = scope;
      region.predicate = conditional.predicate;
      region.side = side;
      scope = &frame.engine().open_region(region, target);
    }
    std::vector<Argument> results;
    for (const auto& output : conditional.outputs) {
      const auto& merge = graph_of(frame).nodes[static_cast<std::size_t>(output.merge)];
      const auto input = output.input_of_side[static_cast<std::size_t>(side)];
      results.emplace_back(Ref{scope, merge.inputs[static_cast<std::size_t>(input)]});
      results.emplace_back(merge.used_outputs > 1
                               ? Bound::tensor(int32_constant(frame.engine().model(), static_cast<std::size_t>(input)))
                               : Bound::unbound());
    }
    return results;
  };
  return run_branches(frame, form);
}

Step tf1_loop(Frame& frame) {
  return run_loop(frame, [&frame] { return frame_form(frame); });
}

Step tf1_stray(Frame& frame) {
  return frame.fail(
      fmt::format("{} is no part of a complete loop (Enter, Merge, LoopCond, Switch, NextIteration, Exit)",
                  frame.node().op),
      "save the model again, with control flow v2 where it can be", Fault::kModel);
}

}  // namespace flowport::convert::intrinsics
