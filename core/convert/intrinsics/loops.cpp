// Loops become ONNX Loop. Variables that the body hands on unchanged are no loop variables; those whose dims change while
// looping get unknown dims, by running the body again until its input and output types agree. Lists: see loop_lists.cpp.
#include <algorithm>

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

/// True for a variable that the body hands on and nothing takes behind the loop: what it is need not be known.
bool is_idle(Frame& frame, const LoopForm& form, std::size_t i) {
  const Scope& scope = frame.scope();
  const tf::Edge output = form.outputs[i];
  if (!form.handed_on[i] || scope.flow != nullptr || scope.caller == nullptr || output.node < 0) return false;
  return frame.engine().takers().of(*scope.graph, output).empty() && std::ranges::count(scope.graph->rets, output) == 0;
}

/// What each variable is, given what carries it; `handed_on` gives those that the body hands on.
template <class HandedOn>
auto join_parts(Engine& engine, const LoopState& state, const std::vector<Bound>& parts, HandedOn handed_on) {
  std::vector<decltype(handed_on(std::size_t{}))> joined;
  for (std::size_t i = 0, at = 0; i < state.form.starts.size(); ++i) {
    std::vector<Bound> own;
    for (; at < state.variables.size() && state.variables[at].number == i; ++at) own.push_back(parts[at]);
    joined.push_back(own.empty() ? handed_on(i) : engine.add_parts(std::move(own)));
  }
  return joined;
}

/// Opens the first condition, which decides whether the loop runs at all.
Step open_loop(Frame& frame, LoopState& state) {
  state.is_started = true;
  auto& engine = frame.engine();
  const auto& form = state.form;
  bool dead = false;
  for (std::size_t i = 0; i < form.starts.size(); ++i) {
    if (is_idle(frame, form, i)) continue;
    const Bound start = engine.bound(form.starts[i]);
    if (start.is_none()) return Step::kDone;
    dead = dead || start.kind == Bound::Kind::kDead;
    if (form.handed_on[i]) continue;
    for (const Bound part : engine.parts_of(start)) {
      LoopVariable variable;
      variable.number = i;
      variable.before = part;
      if (part.is_list()) {
        variable.carry = Carry::kCollected;
      } else if (part.is_tensor() || part.kind == Bound::Kind::kVariable) {
        // A variable by reference, as TF1 has it: the loop may choose between variables and values.
        const auto value = engine.tensor(part);
        if (!value) return frame.fail(value.error());
        variable.carry = Carry::kTensor;
        variable.start = *value;
        variable.type = engine.model().values[*value].type;
      } else if (!dead) {
        return frame.fail(fmt::format("loop variable {} is changed in the loop and is neither a tensor nor a list", i));
      }
      state.variables.push_back(std::move(variable));
    }
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
  std::vector<Bound> parts;
  for (auto& variable : state.variables) variable.collection = nullptr;
  for (auto& variable : state.variables) {
    if (variable.carry == Carry::kHandedOn) {
      parts.push_back(variable.before);
      continue;
    }
    if (variable.carry == Carry::kTensor) {
      variable.value = model.add_value(variable.type);
      variable.inside = Bound::tensor(variable.value);
    } else {
      const auto list = list_inside(frame, state, variable);
      // The list before the loop is one that an outer loop collects: that loop will run its body again.
      if (!list) return Step::kDone;
      variable.inside = engine.add_list(*list);
    }
    if (variable.carry != Carry::kCollected) state.graph->inputs.push_back(variable.value);
    parts.push_back(variable.inside);
  }
  auto arguments = join_parts(engine, state, parts, [&](std::size_t i) { return Argument(state.form.starts[i]); });
  auto results = state.form.body(arguments, *state.graph);
  if (!results) return frame.fail(results.error());
  if (results->size() != arguments.size()) {
    return frame.fail(fmt::format("the loop has {} variables, its body gives {}", arguments.size(), results->size()),
                      {}, Fault::kModel);
  }
  state.results = *std::move(results);
  for (const auto& variable : state.variables) {
    if (variable.carry != Carry::kHandedOn) arguments[variable.number] = state.results[variable.number];
  }
  auto condition = state.form.condition(std::move(arguments), *state.graph);
  if (!condition) return frame.fail(condition.error());
  state.condition = *condition;
  frame.need(state.condition);
  for (const auto& variable : state.variables) {
    if (variable.carry != Carry::kHandedOn) frame.need(state.results[variable.number]);
  }
  return Step::kNeed;
}

/// Takes what the body gives for a tensor. False where the body is to be run again.
Result<bool> settle_tensor(Frame& frame, LoopVariable& variable) {
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
    return problem(Fault::kModel, fmt::format("loop variable {} changes its element type", variable.number));
  }
  if (joined == variable.type) return true;
  variable.type = std::move(joined);
  return false;
}

Step emit_loop(Frame& frame, LoopState& state);

/// Says how the lists are carried that were read while the body was run. True where there are any: the body is to be run again.
/// A problem without words: an outer loop will run its body again.
Result<bool> read_collections(Frame& frame, LoopState& state) {
  bool again = false;
  for (std::size_t i = 0; i < state.variables.size(); ++i) {
    const auto& variable = state.variables[i];
    if (variable.carry != Carry::kCollected || !variable.collection->is_read) continue;
    again = true;
    auto settled = settle_read_list(frame, state, i);
    if (!settled) return tl::make_unexpected(settled.error());
  }
  return again;
}

/// Emits the Loop, or opens the body again where a variable turned out to be something else than it was taken for.
Step close_loop(Frame& frame, LoopState& state) {
  auto& engine = frame.engine();
  engine.set_origin(frame.scope(), frame.node(), "core");
  bool again = false;
  bool poisoned = false;
  auto read = read_collections(frame, state);
  if (!read) return read.error().what.empty() ? Step::kDone : frame.fail(read.error());
  if (*read) return open_body(frame, state);
  for (std::size_t i = 0, part = 0; i < state.variables.size(); ++i) {
    auto& variable = state.variables[i];
    part = i > 0 && state.variables[i - 1].number == variable.number ? part + 1 : 0;
    if (variable.carry == Carry::kHandedOn) continue;
    const auto given = engine.parts_of(engine.bound(state.results[variable.number]));
    if (part < given.size()) variable.given = given[part];
    poisoned = poisoned || given[0].is_none();
    const bool is_last = i + 1 == state.variables.size() || state.variables[i + 1].number != variable.number;
    if (!poisoned && is_last && given.size() != part + 1) {
      return frame.fail(fmt::format("loop variable {} is a list, or a ragged tensor, that becomes another kind of one",
                                    variable.number));
    }
  }
  if (poisoned || engine.bound(state.condition).is_none()) return Step::kDone;

  const LoopFacts facts(engine, state);
  for (auto& variable : state.variables) {
    if (variable.carry == Carry::kHandedOn) continue;
    if (variable.carry != Carry::kTensor) {
      if (!variable.given.is_list()) {
        return frame.fail(fmt::format("loop variable {} is a list that becomes something else", variable.number), {},
                          Fault::kModel);
      }
      const Settled settled = settle_list(frame, state, variable, facts);
      if (settled == Settled::kNo) return Step::kDone;
      again = again || settled == Settled::kAgain;
      continue;
    }
    auto settled = settle_tensor(frame, variable);
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

  std::vector<Bound> outputs(state.variables.size());  // by part
  std::vector<ir::ValueId> scans(state.variables.size(), 0);
  for (std::size_t i = 0; i < state.variables.size(); ++i) {
    auto& variable = state.variables[i];
    if (variable.carry == Carry::kHandedOn) outputs[i] = variable.before;
    if (variable.carry == Carry::kHandedOn || variable.carry == Carry::kCollected) continue;
    loop.inputs.push_back(variable.start);
    state.graph->outputs.push_back(variable.next);
    loop.outputs.push_back(model.add_value(variable.type));
    const auto value = loop.outputs.back();
    outputs[i] = Bound::tensor(value);
    if (variable.carry == Carry::kTensor) continue;
    outputs[i] = engine.add_list(carried_list(variable, engine.list(variable.before), value));
  }
  for (std::size_t i = 0; i < state.variables.size(); ++i) {
    const auto& variable = state.variables[i];
    if (variable.carry != Carry::kCollected) continue;
    state.graph->outputs.push_back(variable.next);
    // What the list says of its items holds for what is written: a loop that does not run once has items of that shape.
    add_dims(model.values[variable.next].type, engine.list(variable.before).item);
    scans[i] = model.add_value(scan_type(outer, model.values[variable.next].type, limits));
    loop.outputs.push_back(scans[i]);
  }
  if (!outer.ok()) return frame.fail(*outer.problem());
  loop.attributes.push_back({"body", state.graph});
  emitter.append(*frame.scope().target, std::move(loop));
  for (std::size_t i = 0; i < state.variables.size(); ++i) {
    if (scans[i] == 0) continue;
    const List start = engine.list(state.variables[i].before);
    const List list = collected_list(engine, outer, state.variables[i], start, scans[i], facts, limits);
    outputs[i] = engine.add_list(list);
  }
  if (outer.problem()) return frame.fail(*outer.problem());
  // A list that an outer loop collects was read: that loop will run its body again.
  if (outer.ok()) {
    const auto start = [&](std::size_t i) { return engine.bound(state.form.starts[i]); };
    bind_outputs(frame, state, join_parts(engine, state, outputs, start));
  }
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
    for (std::size_t i = 0; i < state->form.starts.size(); ++i) {
      if (!is_idle(frame, state->form, i)) frame.need(state->form.starts[i]);
    }
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
