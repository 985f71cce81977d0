// Conditionals: one branch where the predicate is known, ONNX If where only the run time knows.
#include <algorithm>

#include <fmt/format.h>

#include "convert/intrinsics/control.h"
#include "convert/intrinsics/intrinsics.h"
#include "convert/lists/nested.h"
#include "convert/lists/operations.h"
#include "convert/stacks.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

struct BranchState : StepState {
  std::optional<std::size_t> chosen;
  std::vector<std::vector<Argument>> results;      // one when chosen, else one a branch
  std::vector<std::shared_ptr<ir::Graph>> bodies;  // when not chosen, by branch
};

/// Index of the branch that runs, where the predicate is known. An index out of range runs the last branch.
std::optional<std::size_t> known_branch(const ir::Model& model, const BranchForm& form, ir::ValueId predicate) {
  if (!form.by_index) {
    const auto known = known_predicate(model, predicate);
    return known ? std::optional<std::size_t>(*known ? 0 : 1) : std::nullopt;
  }
  const auto& constant = model.values[predicate].constant;
  if (constant == nullptr) return std::nullopt;
  const std::int64_t index = constant->as_ints().front();
  const auto count = static_cast<std::int64_t>(form.count);
  return static_cast<std::size_t>(index < 0 || index >= count ? count - 1 : index);
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

Step open_branches(Frame& frame, const BranchForm& form, BranchState& state, ir::ValueId predicate) {
  if (form.count == 0) return frame.fail("has no branches", {}, Fault::kModel);
  state.chosen = known_branch(frame.engine().model(), form, predicate);
  for (std::size_t i = 0; i < form.count; ++i) {
    if (state.chosen && i != *state.chosen) continue;
    ir::Graph* target = frame.scope().target;
    if (!state.chosen) {
      state.bodies.push_back(Engine::new_body(fmt::format("{}_branch_{}", frame.node().name, i)));
      target = state.bodies.back().get();
    }
    auto results = form.open(i, *target);
    if (!results) return frame.fail(results.error());
    if (!state.results.empty() && results->size() != state.results[0].size()) {
      return frame.fail("branches give different numbers of outputs", {}, Fault::kModel);
    }
    state.results.push_back(*std::move(results));
  }
  for (const auto& results : state.results) {
    for (const auto& result : results) frame.need(result);
  }
  return Step::kNeed;
}

/// The tensor of which all of `given` are rows in front, where one is a list of that form; 0 otherwise.
ir::ValueId common_rows(Engine& engine, const std::vector<Bound>& given) {
  ir::ValueId rows = 0;
  bool any_front = false;
  for (const Bound bound : given) {
    if (!bound.is_list()) return 0;
    const List& list = engine.list(bound);
    const bool is_front = list.form == List::Form::kFront;
    if ((!is_front && list.form != List::Form::kDense) || (rows != 0 && list.value != rows)) return 0;
    rows = list.value;
    any_front = any_front || is_front;
  }
  return any_front ? rows : 0;
}

/// What carries a result, by branch: one tensor or list, or one part of it.
using Part = std::vector<Bound>;

/// The parts of result `i`, as many in each branch. A problem without words: an outer loop will run its body again.
Result<std::vector<Part>> parts_of_result(Frame& frame, BranchState& state, std::size_t i) {
  auto& engine = frame.engine();
  std::vector<std::vector<Bound>> by_branch;
  std::size_t most = 0;
  for (std::size_t b = 0; b < state.results.size(); ++b) {
    by_branch.push_back(engine.parts_of(engine.bound(state.results[b][i])));
    if (by_branch[b].size() > by_branch[most].size() || !by_branch[most][0].is_list()) most = b;
  }
  // A list of variants of which no item is set yet, where another branch sets one.
  Columns like;
  for (const Bound part : by_branch[most]) {
    if (part.is_list()) like.push_back(engine.list(part));
  }
  for (std::size_t b = 0; b < by_branch.size() && !like.empty(); ++b) {
    if (by_branch[b].size() != 1 || !by_branch[b][0].is_list()) continue;
    Columns columns{engine.list(by_branch[b][0])};
    if (!lists::is_open(columns[0])) continue;
    Emission emit(engine.emitter(), *state.bodies[b]);
    Columns others = like;
    lists::fit(emit, columns, others);
    if (!emit.ok()) return tl::make_unexpected(emit.problem().value_or(Problem{Fault::kInternal, {}, {}, {}}));
    by_branch[b].clear();
    for (const auto& column : columns) by_branch[b].push_back(engine.add_list(column));
  }
  std::vector<Part> parts(by_branch[0].size());
  for (const auto& bounds : by_branch) {
    if (bounds.size() != parts.size()) {
      return problem(
          Fault::kUnsupported,
          fmt::format("output {} is a list, or a ragged tensor, that is carried in another way in each branch", i));
    }
    for (std::size_t p = 0; p < parts.size(); ++p) parts[p].push_back(bounds[p]);
  }
  return parts;
}

/// Gives each body its output for a part of result `i` that differs between the branches. `like` becomes the list that they all are.
Result<void> add_body_outputs(Frame& frame, BranchState& state, std::size_t i, const Part& given,
                              std::optional<List>& like) {
  auto& engine = frame.engine();
  bool ragged = false;
  for (const Bound bound : given) {
    if (!bound.is_list()) continue;
    const List& list = engine.list(bound);
    const bool shapeless = list.form == List::Form::kBlank && !list.item.is_static();
    ragged = ragged || shapeless || lists::may_be_ragged(engine.model(), list);
    if (!like) like = list;
    if (like->item.dtype == ir::DType::kUndefined) like->item = list.item;
    if (like->count != list.count) like->count = 0;
  }
  const auto rows = common_rows(engine, given);
  for (std::size_t b = 0; b < given.size(); ++b) {
    if (rows != 0) {
      Emission emit(engine.emitter(), *state.bodies[b]);
      const auto count = emit.cast(lists::length(emit, engine.list(given[b])), ir::DType::kInt64);
      if (!emit.ok()) return tl::make_unexpected(emit.problem().value_or(Problem{Fault::kInternal, {}, {}, {}}));
      state.bodies[b]->outputs.push_back(count);
      *like = lists::front_list(*like, rows, 0);
      continue;
    }
    if (like && given[b].is_list()) {
      Emission emit(engine.emitter(), *state.bodies[b]);
      List list = engine.list(given[b]);
      if (list.item.dtype == ir::DType::kUndefined) list.item = like->item;  // of which only another branch tells
      auto value = ragged ? lists::sequence(emit, list) : lists::dense(emit, list);
      constexpr int kIdentityOfSequences = 14;
      if (ragged && value == list.value && engine.model().opset() < kIdentityOfSequences) {
        value = lists::copy_of_sequence(emit, value);
      }
      if (emit.problem()) return tl::make_unexpected(*emit.problem());
      if (!emit.ok()) return problem(Fault::kInternal, {});
      state.bodies[b]->outputs.push_back(value);
      *like = ragged ? lists::sequence_list(*like, 0) : lists::dense_list(*like, 0);
      continue;
    }
    auto value = engine.tensor(given[b]);
    if (!value) {
      return problem(value.error().fault,
                     fmt::format("output {} is not a tensor in every branch: {}", i, value.error().what));
    }
    state.bodies[b]->outputs.push_back(*value);
  }
  return {};
}

Step join_branches(Frame& frame, const BranchForm& form, BranchState& state, ir::ValueId predicate) {
  auto& engine = frame.engine();
  auto& emitter = engine.emitter();
  engine.set_origin(frame.scope(), frame.node(), "core");
  std::vector<Bound> outputs;
  struct Merged {  ///< a part that differs between the branches
    std::size_t result, part;
    std::optional<List> list;
  };
  std::vector<Merged> merged;
  std::vector<std::vector<Bound>> parts(state.results[0].size());  // of merged results
  for (std::size_t i = 0; i < state.results[0].size(); ++i) {
    outputs.push_back(engine.bound(state.results[0][i]));
    // What is computed inside a body is not visible outside, even where only one branch exists.
    bool differs = !state.chosen && state.results.size() == 1;
    for (const auto& results : state.results) {
      const Bound other = engine.bound(results[i]);
      if (other.is_none()) return Step::kDone;
      differs = differs || !(other == outputs[i]);
    }
    if (!differs || state.chosen) continue;
    const auto given = parts_of_result(frame, state, i);
    // A list that an outer loop collects was read: that loop will run its body again.
    if (!given) return given.error().what.empty() ? Step::kDone : frame.fail(given.error());
    for (std::size_t p = 0; p < given->size(); ++p) {
      const Part& part = (*given)[p];
      parts[i].push_back(part[0]);
      const bool same = state.results.size() > 1 && std::ranges::count(part, part[0]) == std::ssize(part);
      if (same) continue;
      merged.push_back({i, p, std::nullopt});
      if (auto added = add_body_outputs(frame, state, i, part, merged.back().list); !added) {
        return added.error().what.empty() ? Step::kDone : frame.fail(added.error());
      }
    }
  }
  if (merged.empty()) {
    frame.bind(std::move(outputs));
    return Step::kDone;
  }
  std::vector<ir::ValueId> values;
  // Branches from the last backwards: each earlier one is tried first, the rest is its else body.
  std::shared_ptr<ir::Graph> rest = state.bodies.back();
  for (std::size_t b = state.bodies.size() - 1; b-- > 0;) {
    std::shared_ptr<ir::Graph> outer =
        b == 0 ? nullptr : Engine::new_body(fmt::format("{}_from_{}", frame.node().name, b));
    ir::Graph& graph = outer ? *outer : *frame.scope().target;
    auto condition = form.by_index ? emitter.emit(graph, "Equal", {predicate, int32_constant(engine.model(), b)})
                                   : as_predicate(emitter, graph, predicate);
    if (!condition) return frame.fail(condition.error());
    values = add_if(frame, graph, *condition, state.bodies[b], std::move(rest));
    if (outer) outer->outputs = values;
    rest = std::move(outer);
  }
  for (std::size_t m = 0; m < merged.size(); ++m) {
    Bound& part = parts[merged[m].result][merged[m].part];
    part = Bound::tensor(values[m]);
    if (!merged[m].list) continue;
    List& list = *merged[m].list;
    (list.form == List::Form::kFront ? list.count : list.value) = values[m];
    part = engine.add_list(list);
  }
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!parts[i].empty()) outputs[i] = engine.add_parts(std::move(parts[i]));
  }
  frame.bind(std::move(outputs));
  return Step::kDone;
}

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

}  // namespace

Step run_branches(Frame& frame, const BranchForm& form) {
  auto& node = frame.state();
  if (node.step == 0) {
    frame.need(form.predicate);
    return Step::kNeed;
  }
  auto& engine = frame.engine();
  const Bound predicate = engine.bound(form.predicate);
  if (predicate.is_none()) return Step::kDone;
  if (predicate.kind == Bound::Kind::kDead) {
    // Nothing behind a branch that is never taken runs.
    const auto count = std::max(engine.program().output_count(frame.node()), frame.node().used_outputs);
    frame.bind(std::vector<Bound>(static_cast<std::size_t>(std::max(count, 2 * form.results)), Bound::dead()));
    return Step::kDone;
  }
  auto value = engine.tensor(predicate);
  if (!value) return frame.fail(value.error());
  if (node.state == nullptr) {
    node.state = std::make_unique<BranchState>();
    return open_branches(frame, form, static_cast<BranchState&>(*node.state), *value);
  }
  return join_branches(frame, form, static_cast<BranchState&>(*node.state), *value);
}

Step branch(Frame& frame) {
  const auto functions = branch_functions(frame);
  const auto stacks = frame.engine().stacks().used_inside(frame.scope(), frame.index());
  if (!stacks) return frame.fail(stacks.error());
  BranchForm form;
  form.predicate = {&frame.scope(), frame.node().inputs[0]};
  form.by_index = frame.node().op.ends_with("Case");
  form.count = functions.size();
  form.open = [&](std::size_t i, ir::Graph& target) -> Result<std::vector<Argument>> {
    std::vector<Argument> arguments;
    for (std::size_t a = 1; a < frame.node().inputs.size(); ++a) {
      arguments.emplace_back(Ref{&frame.scope(), frame.node().inputs[a]});
    }
    auto scope = frame.engine().open_scope(frame.scope(), frame.index(), functions[i], std::move(arguments), target);
    if (!scope) return tl::make_unexpected(scope.error());
    std::vector<Argument> results;
    for (const auto& ret : (*scope)->graph->rets) results.emplace_back(Ref{*scope, ret});
    if (auto added = add_contents(frame.engine(), *stacks, **scope, results); !added) {
      return tl::make_unexpected(added.error());
    }
    return results;
  };
  return run_branches(frame, form);
}

}  // namespace flowport::convert::intrinsics
