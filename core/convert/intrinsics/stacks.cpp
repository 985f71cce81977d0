// Stacks: Stack, StackPush, StackPop, StackClose and their V2. Besides what TensorFlow's op gives, each gives the content of the
// stack behind it, as output 1.
#include "convert/stacks.h"

#include <fmt/format.h>

#include "convert/emission.h"
#include "convert/intrinsics/control.h"
#include "convert/intrinsics/intrinsics.h"
#include "convert/lists/operations.h"
#include "convert/types.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

using Guard = tf::ControlFlow::Guard;

/// The op goes where TensorFlow runs it: on one side of a conditional. What it stands for here is the stack behind that.
Step run_guarded(Frame& frame, const Guard& guard, const Argument& before) {
  BranchForm form;
  form.predicate = {&frame.scope(), guard.predicate};
  form.count = 2;
  form.open = [&](std::size_t i, ir::Graph& target) -> Result<std::vector<Argument>> {
    // Output 1 of a Switch is for true, which is branch 0 of an If.
    if (guard.side != static_cast<std::int32_t>(1 - i)) return std::vector<Argument>{Bound::unbound(), before};
    Region region;
    region.outer = &frame.scope();
    region.predicate = guard.predicate;
    region.side = guard.side;
    Scope& side = frame.engine().open_region(region, target);
    return std::vector<Argument>{Bound::unbound(), Ref{&side, {frame.index(), 1}}};
  };
  const Step step = run_branches(frame, form);
  return step == Step::kDone ? Step::kStandIn : step;
}

/// Gives nothing but the stack's content, which something else made.
Step hand_on(Frame& frame, Bound output, const Result<Argument>& content) {
  if (!content) return frame.fail(content.error());
  if (const auto* ref = std::get_if<Ref>(&*content); ref != nullptr && !frame.engine().request(*ref))
    return Step::kNeed;
  const Bound list = frame.engine().bound(*content);
  if (!list.is_none()) frame.bind({output, list});
  return Step::kStandIn;
}

Step push(Frame& frame, std::uint32_t number, const List& list) {
  auto& engine = frame.engine();
  const auto item = frame.tensor_input(1);
  if (!item) return Step::kDone;
  if (engine.model().values[*item].type.dtype != list.item.dtype) {
    return frame.fail("the element is of another type than the stack",
                      "make the stack with the elem_type of what is pushed");
  }
  const auto& type = engine.model().values[*item].type;
  auto& common = engine.stacks().stack(number).item;
  common = common ? join_types(*common, type) : type;
  const auto limit = engine.stacks().stack(number).limit;
  const bool is_counted = list.form == List::Form::kItems || list.form == List::Form::kBlank;
  if (limit && is_counted && static_cast<std::int64_t>(list.items.size()) >= *limit) {
    return frame.fail(fmt::format("pushes to a stack that is full: its max_size is {}", *limit),
                      "make the stack with a larger max_size");
  }
  Emission emit(engine.emitter(), *frame.scope().target);
  const List pushed = lists::push(emit, list, *item);
  if (emit.problem()) return frame.fail(*emit.problem());
  if (emit.ok()) frame.bind({Bound::tensor(*item), engine.add_list(pushed)});
  return Step::kDone;
}

Step pop(Frame& frame, const List& list) {
  Emission emit(frame.engine().emitter(), *frame.scope().target);
  const auto [rest, item] = lists::pop(emit, list, 0);
  if (emit.problem()) return frame.fail(*emit.problem());
  if (emit.ok()) frame.bind({Bound::tensor(item), frame.engine().add_list(rest)});
  return Step::kDone;
}

}  // namespace

Step stack(Frame& frame) {
  if (frame.state().step == 0) {
    frame.need_all_inputs();
    return Step::kNeed;
  }
  auto& engine = frame.engine();
  const auto number = engine.stacks().made_by(frame.scope(), frame.index());
  if (!frame.node().inputs.empty()) {
    const auto limit = frame.tensor_input(0);
    if (!limit) return Step::kDone;
    const auto& constant = engine.model().values[*limit].constant;
    if (constant != nullptr && constant->as_ints().front() >= 0) {
      engine.stacks().stack(number).limit = constant->as_ints().front();
    }
  }
  const auto* dtype = engine.program().attr(frame.node(), "elem_type");
  List list;
  list.item =
      ir::Type::tensor(dtype == nullptr ? ir::DType::kUndefined : carried(static_cast<tf::DataType>(dtype->type())));
  list.value = list.count = engine.model().add_constant(ir::Constant::int_scalar(0));
  frame.bind({Bound::stack(number), engine.add_list(std::move(list))});
  return Step::kDone;
}

Step stack_use(Frame& frame) {
  auto& engine = frame.engine();
  auto& scope = frame.scope();
  auto& stacks = engine.stacks();
  if (frame.node().inputs.empty()) return frame.fail("has no stack", {}, Fault::kModel);
  const auto number = stacks.used_by(scope, frame.index());
  if (!number) return frame.fail(number.error());
  const auto before = stacks.before(*number, scope, frame.index());
  if (!before) return frame.fail(before.error());

  const auto unit = stacks.unit(scope, frame.index());
  for (const auto& guard : Stacks::open_guards(scope, unit)) {
    const Ref predicate{&scope, guard.predicate};
    if (!engine.request(predicate)) return Step::kNeed;
    const Bound bound = engine.bound(predicate);
    if (bound.is_none()) return Step::kDone;
    if (bound.kind == Bound::Kind::kDead) return hand_on(frame, Bound::dead(), before);
    const auto value = engine.tensor(bound);
    if (!value) return frame.fail(value.error());
    if (engine.model().values[*value].type.dtype != ir::DType::kBool) {
      return frame.fail("works on a stack on one of several sides of a TF1 conditional",
                        "save the model with control flow v2 (tf.compat.v1.enable_control_flow_v2)");
    }
    const auto known = known_predicate(engine.model(), *value);
    if (!known) return run_guarded(frame, guard, *before);
    if (*known != (guard.side == 1)) return hand_on(frame, Bound::dead(), before);
  }
  // In a loop that this scope does not run: the loop does.
  if (unit != frame.index()) {
    return hand_on(frame, Bound::unbound(), stacks.behind(*number, scope, unit));
  }

  if (const auto* ref = std::get_if<Ref>(&*before); ref != nullptr && !engine.request(*ref)) return Step::kNeed;
  if (frame.state().state == nullptr) {
    frame.state().state = std::make_unique<StepState>();
    frame.need_all_inputs();
    return Step::kNeed;
  }
  const Bound content = engine.bound(*before);
  if (content.is_none()) return Step::kDone;
  for (std::size_t i = 0; i < frame.node().inputs.size(); ++i) {
    if (frame.input(i).is_none()) return Step::kDone;
  }
  if (!content.is_list()) return frame.fail("works on a stack that was made on the untaken side of a conditional");
  engine.set_origin(scope, frame.node(), "core");
  if (frame.node().op.starts_with("StackPush")) return push(frame, *number, engine.list(content));
  if (frame.node().op.starts_with("StackPop")) return pop(frame, engine.list(content));
  frame.bind({Bound::unbound(), content});
  return Step::kDone;
}

// ---- through loops and conditionals

Result<void> carry_stacks(Frame& frame, LoopForm& form) {
  auto& stacks = frame.engine().stacks();
  auto used = stacks.used_inside(frame.scope(), frame.index());
  if (!used) return tl::make_unexpected(used.error());
  form.stacks = *std::move(used);
  for (const auto stack : form.stacks) {
    auto content = stacks.before(stack, frame.scope(), frame.index());
    if (!content) return tl::make_unexpected(content.error());
    form.starts.push_back(*std::move(content));
    form.handed_on.push_back(false);
    form.outputs.emplace_back();
  }
  return {};
}

std::vector<Argument> take_contents(const std::vector<std::uint32_t>& stacks, std::vector<Argument>& variables) {
  const auto first = variables.end() - static_cast<std::ptrdiff_t>(stacks.size());
  std::vector<Argument> contents(first, variables.end());
  variables.erase(first, variables.end());
  return contents;
}

void set_contents(Scope& scope, const std::vector<std::uint32_t>& stacks, std::vector<Argument> contents) {
  for (std::size_t i = 0; i < stacks.size(); ++i) scope.stacks[stacks[i]] = std::move(contents[i]);
}

Result<void> add_contents(Engine& engine, const std::vector<std::uint32_t>& stacks, Scope& scope,
                          std::vector<Argument>& results) {
  for (const auto stack : stacks) {
    auto content = engine.stacks().at_end(stack, scope);
    if (!content) return tl::make_unexpected(content.error());
    results.push_back(*std::move(content));
  }
  return {};
}

}  // namespace flowport::convert::intrinsics
