// Lists through loops: what can be known of a loop beforehand, and what a list is behind it.
#include <algorithm>
#include <limits>

#include <fmt/format.h>

#include "convert/emission.h"
#include "convert/intrinsics/control.h"
#include "convert/intrinsics/list_ops.h"
#include "convert/intrinsics/list_uses.h"
#include "convert/lists/nested.h"
#include "convert/lists/operations.h"
#include "convert/stacks.h"

namespace flowport::convert::intrinsics {

using Carry = LoopVariable::Carry;

// ---- LoopFacts

LoopFacts::LoopFacts(Engine& engine, const LoopState& state)
    : engine_(engine), state_(state), inside_(engine.model().values.size(), false) {
  for (const auto input : state.graph->inputs) inside_[input] = true;
  for (const auto& node : state.graph->nodes) {
    for (const auto output : node.outputs) inside_[output] = true;
  }
}

bool LoopFacts::is_outside(ir::ValueId value) const {
  return engine_.model().values[value].constant != nullptr || value >= inside_.size() || !inside_[value];
}

std::optional<LoopFacts::Maker> LoopFacts::maker(ir::ValueId value) const {
  const auto ref = engine_.maker_of(value);
  if (!ref) return std::nullopt;
  Frame frame(engine_, *ref->scope, ref->edge.node);
  Maker made{frame.node().op, {}};
  for (std::size_t i = 0; i < frame.node().inputs.size(); ++i) made.inputs.push_back(frame.input(i));
  return made;
}

std::optional<Counter> LoopFacts::counter(ir::ValueId value, bool is_next) const {
  for (std::size_t i = 0; i < state_.variables.size(); ++i) {
    const auto& variable = state_.variables[i];
    if (variable.carry != Carry::kTensor || (is_next ? variable.next : variable.value) != value) continue;
    const auto made = maker(variable.next);
    if (!made || made->inputs.size() != 2) return std::nullopt;
    const bool adds = made->op == "Add" || made->op == "AddV2";
    const auto constant_of = [&](std::size_t input) -> std::optional<std::int64_t> {
      const auto& constant = engine_.model().values[made->inputs[input].id].constant;
      if (!made->inputs[input].is_tensor() || constant == nullptr || constant->count() != 1) return std::nullopt;
      if (constant->dtype() != ir::DType::kInt32 && constant->dtype() != ir::DType::kInt64) return std::nullopt;
      return constant->as_ints().front();
    };
    if (made->inputs[0] == variable.inside && (adds || made->op == "Sub")) {
      if (const auto step = constant_of(1)) return Counter{i, adds ? *step : -*step};
    }
    if (adds && made->inputs[1] == variable.inside) {
      if (const auto step = constant_of(0)) return Counter{i, *step};
    }
    return std::nullopt;
  }
  return std::nullopt;
}

std::vector<ir::ValueId> LoopFacts::trip_limits(Emission& before, Bound condition) const {
  std::vector<ir::ValueId> limits;
  std::vector<Bound> terms{condition};
  while (!terms.empty()) {
    const Bound term = terms.back();
    terms.pop_back();
    if (!term.is_tensor()) return {};
    const auto& constant = engine_.model().values[term.id].constant;
    if (constant != nullptr && constant->count() == 1 && constant->as_doubles().front() != 0.0) continue;
    const auto made = maker(term.id);
    if (!made || made->inputs.size() != 2) return {};
    if (made->op == "LogicalAnd") {
      terms.insert(terms.end(), made->inputs.begin(), made->inputs.end());
      continue;
    }
    const bool is_less = made->op == "Less";
    if (!is_less && made->op != "Greater") return {};
    const Bound count = made->inputs[is_less ? 0 : 1];
    const Bound limit = made->inputs[is_less ? 1 : 0];
    if (!count.is_tensor() || !limit.is_tensor() || !is_outside(limit.id)) return {};
    const auto& type = before.type(limit.id);
    if (!type.has_rank || !type.dims.empty()) return {};
    const auto counter_of = counter(count.id, true);
    if (!counter_of || counter_of->step != 1) return {};
    const auto start = state_.variables[counter_of->variable].start;
    limits.push_back(before.known(start) == 0 ? limit.id : before("Sub", {limit.id, start}));
  }
  return limits;
}

std::optional<LoopFacts::Places> LoopFacts::places(Emission& before, ir::ValueId index) const {
  if (const auto direct = counter(index, false); direct && direct->step != 0) {
    return Places{state_.variables[direct->variable].start, direct->step};
  }
  const auto made = maker(index);
  if (!made || made->inputs.size() != 2 || !made->inputs[0].is_tensor() || !made->inputs[1].is_tensor()) {
    return std::nullopt;
  }
  const bool adds = made->op == "Add" || made->op == "AddV2";
  if (!adds && made->op != "Sub") return std::nullopt;
  for (std::size_t side = 0; side < 2; ++side) {
    const auto count = counter(made->inputs[side].id, false);
    const auto other = made->inputs[1 - side].id;
    if (!count || count->step == 0 || !is_outside(other)) continue;
    auto start = state_.variables[count->variable].start;
    const bool negated = !adds && side == 1;
    if (before.known(start) == 0 && (adds || side == 1)) {
      start = other;
    } else {
      start = side == 0 ? before(adds ? "Add" : "Sub", {start, other}) : before(adds ? "Add" : "Sub", {other, start});
    }
    return Places{start, negated ? -count->step : count->step};
  }
  return std::nullopt;
}

// ---- lists

namespace {

/// True where items may have different shapes from one iteration to the next, as far as the type tells.
bool varies(const ir::Type& type, const LoopState& state) {
  return !type.has_rank || std::any_of(type.dims.begin(), type.dims.end(), [&](const ir::Dim& dim) {
    return !dim.is_known() && (dim.symbol == 0 || dim.symbol >= state.symbols);
  });
}

/// Says how long a collected list is in the body: as long as before the loop, and an item more each time round.
void measure(Collection& collection, Engine& engine, ir::Graph& target, ir::Graph& body, Bound start) {
  collection.body = &body;
  collection.make_length = [&engine, &target, &body, start]() -> ir::ValueId {
    Emission before(engine.emitter(), target);
    const auto first = before.cast(lists::length(before, engine.list(start)), ir::DType::kInt64);
    if (!before.ok()) return 0;
    Emission inside(engine.emitter(), body);
    return inside.cast(inside("Add", {first, body.inputs[0]}), ir::DType::kInt32);
  };
}

/// Does something take the items apart that the list starts with?
bool is_start_taken_apart(Engine& engine, const LoopState& state, std::size_t number) {
  const auto* start = std::get_if<Ref>(&state.form.starts[number]);
  return !state.is_stack(number) && start != nullptr && is_taken_apart(engine, *start->scope, start->edge);
}

/// Emits what the variable carries before the loop. False where its form cannot say it, or an outer loop collects the list.
bool emit_start(Frame& frame, const LoopState& state, LoopVariable& variable) {
  auto& engine = frame.engine();
  Emission before(engine.emitter(), *frame.scope().target);
  List start = engine.list(variable.before);
  const bool is_blank = start.form == List::Form::kBlank;
  if (is_blank && state.is_stack(variable.number)) {
    // What was pushed anywhere tells of a stack's items.
    const auto& item = engine.stacks().stack(state.stack(variable.number)).item;
    if (item && !varies(*item, state)) start.item = *item;
  }
  const bool is_open = is_blank && start.item.has_rank && !start.item.is_static();
  // Of one shape, which the first item that is set tells.
  const bool is_uniform = is_open && !start.variants && variable.carry == Carry::kDense &&
                          !is_start_taken_apart(engine, state, variable.number);
  // Where items may have different shapes, those that are not set say nothing of the others'.
  if (is_open && !is_uniform && variable.carry == Carry::kDense) return false;
  if (is_uniform) {
    variable.start = lists::blank_rows(before, start);
  } else {
    variable.start = variable.carry == Carry::kDense ? lists::dense(before, start) : lists::sequence(before, start);
  }
  if (!before.ok()) {
    variable.start = 0;
    return false;
  }
  variable.type = engine.model().values[variable.start].type;
  if (is_blank && !start.item.has_rank) {
    // Nobody reads variants that are not set: what is written tells.
    variable.type.has_rank = start.variants && variable.item.has_rank;
    variable.type.dims = start.variants ? variable.item.dims : std::vector<ir::Dim>{};
    for (auto& dim : variable.type.dims) {
      if (!dim.is_known() && dim.symbol >= state.symbols) dim = {};
    }
  }
  // Dims that are 0 until an item is set are not known.
  const std::size_t first = variable.carry == Carry::kDense ? 1 : 0;
  for (std::size_t i = 0; is_open && i + first < variable.type.dims.size(); ++i) {
    variable.type.dims[i + first] = start.item.dims[i].is_known() ? start.item.dims[i] : ir::Dim{};
  }
  return true;
}

/// Emits the items before the loop and how many they are. False where there are none, or no tensor holds them.
bool emit_front(Frame& frame, LoopVariable& variable, const List& start) {
  const bool is_listed = start.form == List::Form::kItems && !start.items.empty();
  if (start.form != List::Form::kFront && start.form != List::Form::kDense && !is_listed) return false;
  Emission before(frame.engine().emitter(), *frame.scope().target);
  variable.rows = is_listed ? lists::dense(before, start) : start.value;
  const auto count = before.cast(lists::length(before, start), ir::DType::kInt64);
  if (!before.ok()) return false;
  variable.start = count;
  variable.type = ir::Type::tensor(ir::DType::kInt64, {});
  return true;
}

/// A collected list is not only written: from now on it is carried, as what was learnt of its items.
void carry_as_learnt(Engine& engine, const LoopState& state, LoopVariable& variable) {
  const auto& collection = *variable.collection;
  variable.carry = state.is_stack(variable.number) || collection.is_popped ? Carry::kFront : Carry::kDense;
  List start = engine.list(variable.before);
  if (collection.learnt.empty() || start.item.has_rank || start.variants ||
      is_start_taken_apart(engine, state, variable.number))
    return;
  start.item = collection.learnt[0];
  variable.before = engine.add_list(start);
}

}  // namespace

List carried_list(const LoopVariable& variable, const List& start, ir::ValueId value) {
  if (variable.carry == Carry::kFront) return lists::front_list(start, variable.rows, value);
  List list = variable.carry == Carry::kDense ? lists::dense_list(start, value) : lists::sequence_list(start, value);
  return variable.keeps_count ? list : lists::uncounted(std::move(list));
}

std::optional<List> list_inside(Frame& frame, LoopState& state, LoopVariable& variable) {
  auto& engine = frame.engine();
  const List start = engine.list(variable.before);
  if (variable.carry == Carry::kCollected) {
    List list;
    list.form = List::Form::kCollecting;
    list.item = start.item;
    list.grows = start.grows;
    list.variants = start.variants;
    if (variable.collection == nullptr) {  // one for all parts of a variable
      const auto collection = std::make_shared<Collection>();
      measure(*collection, engine, *frame.scope().target, *state.graph, variable.before);
      for (auto& part : state.variables) {
        if (part.number == variable.number) part.collection = collection;
      }
    }
    list.collection = variable.collection;
    return list;
  }
  const bool ragged = lists::may_be_ragged(engine.model(), start);
  if (variable.carry == Carry::kFront && (ragged || !emit_front(frame, variable, start)))
    variable.carry = Carry::kDense;
  if (variable.carry == Carry::kDense && (ragged || (variable.start == 0 && !emit_start(frame, state, variable)))) {
    variable.carry = Carry::kSequence;
  }
  if (variable.start == 0 && !emit_start(frame, state, variable)) return std::nullopt;
  variable.value = engine.model().add_value(variable.type);
  return carried_list(variable, start, variable.value);
}

Result<void> settle_read_list(Frame& frame, LoopState& state, std::size_t index) {
  auto& engine = frame.engine();
  const auto at = state.variables.begin() + static_cast<std::ptrdiff_t>(index);
  const std::size_t number = at->number;
  const auto learnt = at->collection->learnt;
  List start = engine.list(at->before);
  if (!learnt.empty() && start.collection != nullptr) {
    start.collection->learnt = learnt;
    start.collection->is_read = true;
    return problem(Fault::kInternal, {});
  }
  if (lists::is_open(start)) {
    if (learnt.empty()) {
      return problem(
          Fault::kUnsupported,
          fmt::format("loop variable {} is a list of variants that is read before anything is written to it", number));
    }
    std::vector<LoopVariable> parts;
    for (const auto& column : lists::opened(start, learnt)) {
      parts.push_back(*at);
      parts.back().before = engine.add_list(column);
      parts.back().item = learnt[parts.size() - 1];
      parts.back().collection = std::make_shared<Collection>();  // nothing of it is read yet
    }
    const auto place = state.variables.erase(at);
    state.variables.insert(place, parts.begin(), parts.end());
    return {};
  }
  for (auto& variable : state.variables) {
    if (variable.number == number && variable.carry == Carry::kCollected) carry_as_learnt(engine, state, variable);
  }
  return {};
}

Settled settle_list(Frame& frame, LoopState& state, LoopVariable& variable, const LoopFacts& facts) {
  auto& engine = frame.engine();
  auto& model = engine.model();
  if (variable.given == variable.inside) {
    variable.carry = Carry::kHandedOn;
    return Settled::kAgain;
  }
  const List given = engine.list(variable.given);
  Emission body(engine.emitter(), *state.graph);
  if (variable.carry == Carry::kCollected) {
    const bool own = given.form == List::Form::kCollecting && given.collection == variable.collection;
    Emission before(engine.emitter(), *frame.scope().target);
    if (own && given.write == List::Write::kNone) {
      variable.carry = Carry::kHandedOn;
      return Settled::kAgain;
    }
    // Written at one place again and again, and never read: without any iteration TensorFlow finds the item not set, too.
    const bool is_blank = engine.list(variable.before).form == List::Form::kBlank;
    const auto has_place = [&] {
      return (is_blank && facts.is_one_place(given.index)) || facts.places(before, given.index);
    };
    const bool is_measured = variable.collection->length != 0;  // which holds where an item is added each time
    const bool in_place = own && (given.write == List::Write::kPush || (!is_measured && has_place()));
    if (!in_place) {
      carry_as_learnt(engine, state, variable);
      return Settled::kAgain;
    }
    variable.next = given.written;
    const auto& item = model.values[variable.next].type;
    const bool ragged =
        varies(item, state) && (given.variants || state.is_stack(variable.number) ||
                                is_taken_apart(engine, frame.scope(), state.form.outputs[variable.number]));
    if (ragged) {
      variable.carry = Carry::kSequence;
      variable.item = item;
    }
    return ragged ? Settled::kAgain : Settled::kYes;
  }
  if (variable.carry == Carry::kFront) {
    if (given.form == List::Form::kFront && given.value == variable.rows) {
      variable.next = given.count;
      return Settled::kYes;
    }
    variable.carry = Carry::kDense;
    variable.start = 0;
    variable.type = {};
    return Settled::kAgain;
  }
  if (variable.keeps_count && given.count != engine.list(variable.inside).count) {
    variable.keeps_count = false;
    return Settled::kAgain;
  }
  if (variable.carry == Carry::kDense) {
    variable.next = lists::may_be_ragged(model, given) ? 0 : lists::dense(body, given);
    const ir::Type joined =
        variable.next == 0 ? ir::Type{} : join_types(variable.type, model.values[variable.next].type);
    const auto vague_item = [&] {
      if (!joined.has_rank || joined.dims.empty()) return true;
      ir::Type item = joined;
      item.dims.erase(item.dims.begin());
      return varies(item, state) &&
             !(item.dims == std::vector(variable.type.dims.begin() + 1, variable.type.dims.end()));
    };
    if (variable.next == 0 || joined.dtype != variable.type.dtype || vague_item()) {
      variable.carry = Carry::kSequence;
      variable.start = 0;
      return Settled::kAgain;
    }
    if (variable.next == variable.value) {
      variable.carry = Carry::kHandedOn;
      return Settled::kAgain;
    }
    const bool same = joined == variable.type;
    variable.type = joined;
    return same ? Settled::kYes : Settled::kAgain;
  }
  variable.next = lists::sequence(body, given);
  if (!body.ok()) {
    if (body.problem()) frame.fail(*body.problem());
    return Settled::kNo;
  }
  const ir::Type joined = join_types(variable.type, model.values[variable.next].type);
  const bool same = joined == variable.type;
  variable.type = joined;
  return same ? Settled::kYes : Settled::kAgain;
}

List collected_list(Engine& engine, Emission& after, const LoopVariable& variable, const List& before,
                    ir::ValueId items, const LoopFacts& facts, const std::vector<ir::ValueId>& trip_limits) {
  const List given = engine.list(variable.given);
  List start = before;
  start.grows = given.grows;
  const List collected = lists::dense_list(start, items);
  const bool blank = start.form == List::Form::kBlank || (start.form == List::Form::kItems && start.items.empty());
  const auto size = start.form == List::Form::kBlank ? start.value : after.scalar(0);
  if (given.write == List::Write::kPush) {
    return blank && after.known(size) == 0 ? lists::uncounted(collected) : lists::append(after, start, collected);
  }
  if (facts.is_one_place(given.index)) {
    return lists::set(after, start, given.index, lists::last_row(after, start, items));
  }
  const auto places = facts.places(after, given.index);
  const bool fills = blank && !trip_limits.empty() &&
                     std::all_of(trip_limits.begin(), trip_limits.end(),
                                 [&](auto limit) { return same_number(after.model(), limit, size); });
  const bool from_start = after.known(places->start) == 0 && places->step == 1;
  if (from_start && fills) return collected;
  if (from_start && blank && start.grows && after.known(size) == 0) return lists::uncounted(collected);
  if (fills && places->step == -1) {
    const auto last = after("Sub", {after.cast(size, ir::DType::kInt64), after.scalar(1)});
    if (after.ok() && same_number(after.model(), last, after.cast(places->start, ir::DType::kInt64))) {
      return lists::dense_list(start, after.slice(items, -1, std::numeric_limits<std::int64_t>::min(), -1));
    }
  }
  const auto count = after("Squeeze", {after.dims(items, 0, 1), after.ints({0})});
  const auto steps = after("Range", {after.scalar(0), count, after.scalar(1)});
  const auto indices =
      after("Add", {after("Mul", {steps, after.scalar(places->step)}), after.cast(places->start, ir::DType::kInt64)});
  return lists::scatter_into(after, start, items, indices);
}

}  // namespace flowport::convert::intrinsics
