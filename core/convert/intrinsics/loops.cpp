// Loops become ONNX Loop. Variables that the body hands on unchanged are no loop variables; those whose dims change while
// looping get unknown dims, by running the body again until its input and output types agree. Lists: see loop_lists.cpp.
#include <fmt/format.h>

#include "convert/emission.h"
#include "convert/intrinsics/control.h"
#include "convert/intrinsics/intrinsics.h"
#include "convert/lists/operations.h"

namespace flowport::convert::intrinsics {

namespace {

using Carry = LoopVariable::Carry;

/// Binds the node's outputs, given what each variable is behind the loop.
void bind_outputs(Frame& frame, const LoopState& state, std::vector<Bound> variables) {
  variables.erase(variables.begin(), variables.begin() + static_cast<std::ptrdiff_t>(state.form.hidden));
  frame.bind(std::move(variables));
}

/// Opens the first condition, which decides whether the loop runs at all.
Step open_loop(Frame& frame, LoopState& state) {
  state.is_started = true;
  auto& engine = frame.engine();
  const auto& form = state.form;
  bool dead = false;
  for (std::size_t i = 0; i < form.starts.size(); ++i) {
    const Bound start = engine.bound(form.starts[i]);
    if (start.is_none()) return Step::kDone;
    dead = dead || start.kind == Bound::Kind::kDead;
    LoopVariable variable;
    if (form.handed_on[i]) {
      variable.carry = Carry::kHandedOn;
    } else if (start.is_list()) {
      variable.carry = Carry::kCollected;
    } else if (start.is_tensor()) {
      variable.carry = Carry::kTensor;
      variable.start = start.id;
      variable.type = engine.model().values[start.id].type;
    } else if (start.kind == Bound::Kind::kVariable) {
      // By reference, as TF1 has it: the loop may choose between variables and values.
      const auto value = engine.tensor(start);
      if (!value) return frame.fail(value.error());
      variable.carry = Carry::kTensor;
      variable.start = *value;
      variable.type = engine.model().values[*value].type;
    } else if (!dead) {
      return frame.fail(fmt::format("loop variable {} is changed in the loop and is neither a tensor nor a list", i));
    }
    state.variables.push_back(std::move(variable));
  }
  if (dead) {
    bind_outputs(frame, state, std::vector<Bound>(form.starts.size(), Bound::dead()));
    return Step::kDone;
  }
  auto condition = form.condition(form.starts, *frame.scope().target);
  if (!condition) return frame.fail(condition.error());
  state.first_condition = *condition;
  frame.need(state.first_condition);
  return Step::kNeed;
}

/// Opens the body with loop variables of the types known so far.
Step open_body(Frame& frame, LoopState& state) {
  auto& engine = frame.engine();
  auto& model = engine.model();
  state.is_open = true;
  state.symbols = model.symbols.size();
  if (state.graph != nullptr) engine.discard(std::move(state.graph));
  state.graph = Engine::new_body(std::string(frame.node().name) + "_body");
  state.graph->inputs = {model.add_value(ir::Type::tensor(ir::DType::kInt64, {})),
                         model.add_value(ir::Type::tensor(ir::DType::kBool, {}))};
  engine.set_origin(frame.scope(), frame.node(), "core");
  std::vector<Argument> arguments = state.form.starts;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    auto& variable = state.variables[i];
    if (variable.carry == Carry::kHandedOn) continue;
    if (variable.carry == Carry::kTensor) {
      variable.value = model.add_value(variable.type);
      variable.inside = Bound::tensor(variable.value);
    } else {
      const auto list = list_inside(frame, state, i);
      // The list before the loop is one that an outer loop collects: that loop will run its body again.
      if (!list) return Step::kDone;
      variable.inside = engine.add_list(*list);
    }
    if (variable.carry != Carry::kCollected) state.graph->inputs.push_back(variable.value);
    arguments[i] = variable.inside;
  }
  auto results = state.form.body(arguments, *state.graph);
  if (!results) return frame.fail(results.error());
  if (results->size() != arguments.size()) {
    return frame.fail(fmt::format("the loop has {} variables, its body gives {}", arguments.size(), results->size()),
                      {}, Fault::kModel);
  }
  state.results = *std::move(results);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (state.variables[i].carry != Carry::kHandedOn) arguments[i] = state.results[i];
  }
  auto condition = state.form.condition(std::move(arguments), *state.graph);
  if (!condition) return frame.fail(condition.error());
  state.condition = *condition;
  frame.need(state.condition);
  for (std::size_t i = 0; i < state.variables.size(); ++i) {
    if (state.variables[i].carry != Carry::kHandedOn) frame.need(state.results[i]);
  }
  return Step::kNeed;
}

/// Takes what the body gives for variable `i`, a tensor. False where the body is to be run again.
Result<bool> settle_tensor(Frame& frame, LoopVariable& variable, std::size_t i) {
  auto& engine = frame.engine();
  auto value = engine.tensor(variable.given);
  if (!value) return tl::make_unexpected(value.error());
  variable.next = *value;
  if (*value == variable.value) {
    variable.carry = Carry::kHandedOn;
    return false;
  }
  ir::Type joined = join_types(variable.type, engine.model().values[*value].type);
  if (joined.dtype != variable.type.dtype) {
    return problem(Fault::kModel, fmt::format("loop variable {} changes its element type", i));
  }
  if (joined == variable.type) return true;
  variable.type = std::move(joined);
  return false;
}

Step emit_loop(Frame& frame, LoopState& state);

/// Emits the Loop, or opens the body again where a variable turned out to be something else than it was taken for.
Step close_loop(Frame& frame, LoopState& state) {
  auto& engine = frame.engine();
  engine.set_origin(frame.scope(), frame.node(), "core");
  bool again = false;
  bool poisoned = false;
  for (std::size_t i = 0; i < state.variables.size(); ++i) {
    auto& variable = state.variables[i];
    if (variable.carry == Carry::kHandedOn) continue;
    variable.given = engine.bound(state.results[i]);
    if (variable.collection != nullptr && variable.collection->is_read && variable.carry == Carry::kCollected) {
      carry_read_list(state, i);
      again = true;
    } else if (variable.given.is_none()) {
      poisoned = true;
    }
  }
  if (engine.bound(state.condition).is_none()) poisoned = true;
  if (again) return open_body(frame, state);
  if (poisoned) return Step::kDone;

  const LoopFacts facts(engine, state);
  for (std::size_t i = 0; i < state.variables.size(); ++i) {
    auto& variable = state.variables[i];
    if (variable.carry == Carry::kHandedOn) continue;
    if (variable.carry != Carry::kTensor) {
      if (!variable.given.is_list()) {
        return frame.fail(fmt::format("loop variable {} is a list that becomes something else", i), {}, Fault::kModel);
      }
      const Settled settled = settle_list(frame, state, variable, i, facts);
      if (settled == Settled::kNo) return Step::kDone;
      again = again || settled == Settled::kAgain;
      continue;
    }
    auto settled = settle_tensor(frame, variable, i);
    if (!settled) return frame.fail(settled.error());
    again = again || !*settled;
  }
  return again ? open_body(frame, state) : emit_loop(frame, state);
}

/// int64 scalar: the smallest of `limits`; a Loop does not run where it is negative.
ir::ValueId trip_count(Emission& emit, const std::vector<ir::ValueId>& limits) {
  std::vector<ir::ValueId> counts;
  for (const auto limit : limits) counts.push_back(emit.cast(limit, ir::DType::kInt64));
  return counts.size() == 1 ? counts[0] : emit("Min", std::move(counts));
}

/// Type of a scan output of `item`. Where the loop may not run once, ONNX Runtime makes dims that only the run time knows 0.
ir::Type scan_type(Emission& emit, ir::Type item, const std::vector<ir::ValueId>& limits) {
  if (!item.has_rank) return item;
  const auto count = limits.size() == 1 ? emit.known(limits[0]) : std::nullopt;
  const bool runs = count && *count > 0;
  for (auto& dim : item.dims) {
    if (!dim.is_known() && !runs) dim = {};
  }
  item.dims.insert(item.dims.begin(), runs ? ir::Dim{*count, 0} : ir::Dim{});
  return item;
}

/// Takes the dims that `known` has and `type` does not.
void add_dims(ir::Type& type, const ir::Type& known) {
  if (!known.has_rank) return;
  if (!type.has_rank) type.dims.resize(known.dims.size());
  type.has_rank = true;
  for (std::size_t i = 0; i < type.dims.size() && type.dims.size() == known.dims.size(); ++i) {
    if (!type.dims[i].is_known() && known.dims[i].is_known()) type.dims[i] = known.dims[i];
  }
}

Step emit_loop(Frame& frame, LoopState& state) {
  auto& engine = frame.engine();
  auto& model = engine.model();
  auto& emitter = engine.emitter();
  const LoopFacts facts(engine, state);
  Emission outer(emitter, *frame.scope().target);
  ir::Node loop;
  loop.op = "Loop";

  const Bound condition = engine.bound(state.condition);
  const auto limits = facts.trip_limits(outer, condition);
  if (!limits.empty()) {
    loop.inputs = {trip_count(outer, limits), 0};
    Emission body(emitter, *state.graph);
    state.graph->outputs = {body("Identity", {state.graph->inputs[1]})};
  } else {
    auto first_value = engine.tensor(engine.bound(state.first_condition));
    auto next_value = engine.tensor(condition);
    if (!first_value) return frame.fail(first_value.error());
    if (!next_value) return frame.fail(next_value.error());
    auto first = as_predicate(emitter, *frame.scope().target, *first_value);
    auto next = as_predicate(emitter, *state.graph, *next_value);
    if (!first) return frame.fail(first.error());
    if (!next) return frame.fail(next.error());
    loop.inputs = {0, *first};
    state.graph->outputs = {*next};
  }

  std::vector<Bound> outputs(state.variables.size());
  std::vector<ir::ValueId> scans(state.variables.size(), 0);
  for (std::size_t i = 0; i < state.variables.size(); ++i) {
    auto& variable = state.variables[i];
    if (variable.carry == Carry::kHandedOn) outputs[i] = engine.bound(state.form.starts[i]);
    if (variable.carry == Carry::kHandedOn || variable.carry == Carry::kCollected) continue;
    loop.inputs.push_back(variable.start);
    state.graph->outputs.push_back(variable.next);
    loop.outputs.push_back(model.add_value(variable.type));
    const auto value = loop.outputs.back();
    outputs[i] = Bound::tensor(value);
    if (variable.carry == Carry::kTensor) continue;
    const List start = engine.list(engine.bound(state.form.starts[i]));
    outputs[i] = engine.add_list(carried_list(variable, start, value));
  }
  for (std::size_t i = 0; i < state.variables.size(); ++i) {
    const auto& variable = state.variables[i];
    if (variable.carry != Carry::kCollected) continue;
    state.graph->outputs.push_back(variable.next);
    // What the list says of its items holds for what is written: a loop that does not run once has items of that shape.
    add_dims(model.values[variable.next].type, engine.list(engine.bound(state.form.starts[i])).item);
    scans[i] = model.add_value(scan_type(outer, model.values[variable.next].type, limits));
    loop.outputs.push_back(scans[i]);
  }
  if (!outer.ok()) return frame.fail(*outer.problem());
  loop.attributes.push_back({"body", state.graph});
  emitter.append(*frame.scope().target, std::move(loop));
  for (std::size_t i = 0; i < state.variables.size(); ++i) {
    if (scans[i] == 0) continue;
    const List start = engine.list(engine.bound(state.form.starts[i]));
    const List list = collected_list(engine, outer, state.variables[i], start, scans[i], facts, limits);
    outputs[i] = engine.add_list(list);
  }
  if (outer.problem()) return frame.fail(*outer.problem());
  // A list that an outer loop collects was read: that loop will run its body again.
  if (outer.ok()) bind_outputs(frame, state, std::move(outputs));
  return Step::kDone;
}

}  // namespace

Step run_loop(Frame& frame, const std::function<Result<LoopForm>()>& form) {
  auto& node = frame.state();
  if (node.state == nullptr) {
    auto made = form();
    if (!made) return frame.fail(made.error());
    auto state = std::make_unique<LoopState>();
    state->form = *std::move(made);
    for (const auto& start : state->form.starts) frame.need(start);
    node.state = std::move(state);
    return Step::kNeed;
  }
  auto& loop = static_cast<LoopState&>(*node.state);
  if (!loop.is_started) return open_loop(frame, loop);
  if (loop.is_open) return close_loop(frame, loop);
  const Bound first = frame.engine().bound(loop.first_condition);
  if (first.is_none()) return Step::kDone;
  auto value = frame.engine().tensor(first);
  if (!value) return frame.fail(value.error());
  if (known_predicate(frame.engine().model(), *value) == false) {
    std::vector<Bound> outputs;
    for (const auto& start : loop.form.starts) outputs.push_back(frame.engine().bound(start));
    bind_outputs(frame, loop, std::move(outputs));
    return Step::kDone;
  }
  return open_body(frame, loop);
}

}  // namespace flowport::convert::intrinsics
