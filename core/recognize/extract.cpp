#include "recognize/extract.h"

#include <algorithm>
#include <limits>
#include <map>
#include <memory>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

#include "convert/emission.h"
#include "onnx/schema.h"
#include "recognize/match_subject.h"

namespace flowport::recognize {

namespace {

using convert::Emission;

/// What the body still computes when `stops` are given from elsewhere and `skipped` outputs are gone.
std::unordered_set<ir::ValueId> live_values(const LoopStep& step, const std::unordered_set<ir::ValueId>& stops,
                                            const std::vector<bool>& skipped) {
  std::vector<ir::ValueId> todo;
  for (std::size_t i = 0; i < step.body().outputs.size(); ++i) {
    if (!skipped[i]) todo.push_back(step.body().outputs[i]);
  }
  std::unordered_set<ir::ValueId> live;
  while (!todo.empty()) {
    const ir::ValueId value = todo.back();
    todo.pop_back();
    if (value == 0 || stops.contains(value) || !live.insert(value).second) continue;
    const auto* node = step.index().maker(value);
    if (node == nullptr) continue;
    todo.insert(todo.end(), node->inputs.begin(), node->inputs.end());
    for (const auto& attribute : node->attributes) {
      const auto* inner = std::get_if<std::shared_ptr<ir::Graph>>(&attribute.value);
      if (inner != nullptr) todo.insert(todo.end(), (*inner)->outputs.begin(), (*inner)->outputs.end());
    }
  }
  return live;
}

class Extractor {
 public:
  Extractor(convert::Emitter& emitter, const LoopStep& step, const Match& match, const Place& place,
            const Packer& packer)
      : step_(step),
        match_(match),
        place_(place),
        packer_(packer),
        model_(emitter.model()),
        before_(emitter, scratch_),
        emitter_(emitter) {}

  Extraction run(std::uint32_t number);
  const Packer& packer() const { return packer_; }

 private:
  /// A state that hands on what the cell gave last.
  struct Follower {
    std::size_t state = 0;   // of the loop
    std::size_t leader = 0;  // of the pattern
    ir::ValueId last = 0;    // 0: not wanted
  };
  std::vector<MatchSubject::Argument> arguments();
  ir::ValueId steps_of(ir::ValueId tensor);
  ir::ValueId weight(const Weight& weight);
  ir::ValueId columns(ir::ValueId value, std::int64_t axis, std::int64_t begin, std::int64_t end);
  ir::ValueId start(std::size_t state, ir::ValueId sequence);
  ir::ValueId last(std::size_t state, ir::ValueId given);
  ir::ValueId after(std::size_t k, std::size_t state);
  bool find_uses(const flowport_node& call);
  void find_held();
  void find_masked();
  void redirect(ir::ValueId value, ir::ValueId tensor);
  bool all_held() const;
  void order_weights();
  void edit();

  const LoopStep& step_;
  const Match& match_;
  Place place_;
  Packer packer_;
  ir::Model& model_;
  ir::Graph scratch_;
  Emission before_;
  convert::Emitter& emitter_;
  Packed packed_;                        // where the cell takes the steps of a mask
  std::size_t first_weight_ = 0;         // nodes before it are no weights'
  ir::ValueId sequence_ = 0, mask_ = 0;  // with a row for each iteration, neither of them packed
  ir::ValueId lengths_ = 0;
  std::vector<ir::ValueId> every_, given_,
      last_;  // by state of the pattern, the last ones as the call gives them; 0: not there
  std::map<std::pair<std::size_t, ir::ValueId>, ir::ValueId> after_;
  std::map<ir::ValueId, ir::ValueId> at_end_;  // of what after() gave: the last row, where the call gives it
  std::vector<Follower> followers_;
  std::vector<std::pair<ir::ValueId, ir::ValueId>> redirect_;  // value of the body -> tensor whose row it is
};

ir::ValueId Extractor::columns(ir::ValueId value, std::int64_t axis, std::int64_t begin, std::int64_t end) {
  if (end < 0) return value;
  return before_("Slice", {value, before_.ints({begin}), before_.ints({end}), before_.ints({axis})});
}

ir::ValueId Extractor::weight(const Weight& weight) {
  if (weight.part.value != 0) {
    const auto rows = columns(weight.part.value, 0, weight.row_begin, weight.row_end);
    return columns(rows, -1, weight.part.begin, weight.part.end);
  }
  ir::ValueId total = 0;
  for (const auto& constant : weight.sum) {
    auto value = columns(constant.part.value, -1, constant.part.begin, constant.part.end);
    if (constant.sign < 0) value = before_("Neg", {value});
    total = total == 0 ? value : before_("Add", {total, value});
  }
  if (total == 0 || !before_.ok()) return total;
  const auto& type = model_.values[total].type;
  const bool is_wide = type.dims.size() == 1 && type.dims[0].size == weight.width;
  return is_wide || weight.width < 0 ? total : before_("Expand", {total, before_.ints({weight.width})});
}

/// A state of the loop before it, with as many lanes as `sequence`: TensorFlow lets one lane stand for all.
ir::ValueId Extractor::start(std::size_t state, ir::ValueId sequence) {
  const auto value = step_.start(state);
  const auto& type = model_.values[value].type;
  const auto& rows = model_.values[sequence].type;
  if (!type.has_rank || type.dims.size() != 2 || !rows.has_rank || rows.dims.size() != 3) return value;
  const ir::Dim own = type.dims[0], lanes = rows.dims[1];
  const bool is_same = own == lanes && (own.is_known() || own.symbol != 0);
  if (!is_same && lanes.size == 1) before_.fail("one lane of the sequence stands for all");
  if (is_same || (own.is_known() && own.size != 1)) return value;
  return before_("Expand", {value, before_("Concat", {before_.dims(sequence, 1, 2), before_.dims(value, 1, 2)}, [] {
                              std::vector<ir::Attribute> attributes;
                              attributes.push_back({"axis", std::int64_t{0}});
                              return attributes;
                            }())});
}

/// A row for each iteration, and no more.
ir::ValueId Extractor::steps_of(ir::ValueId tensor) {
  if (step_.has_row_each(tensor)) return tensor;
  return before_("Slice", {tensor, before_.ints({0}), iterations(before_, step_), before_.ints({0})});
}

std::vector<MatchSubject::Argument> Extractor::arguments() {
  std::vector<MatchSubject::Argument> arguments;
  const auto& pattern = *match_.pattern;
  for (std::size_t i = 0; i < pattern.sequences.size(); ++i) {
    // With lengths, rows behind the last iteration are behind every lane's end.
    sequence_ = match_.steps.lengths == 0 ? steps_of(match_.sequences[i]) : match_.sequences[i];
    auto given = sequence_;
    if (match_.steps.mask != 0) {
      // A mask that has other steps than a sequence taken whole is an error, whether its dims tell or not.
      mask_ = sequence_ == match_.sequences[i] ? match_.steps.mask : steps_of(match_.steps.mask);
      const auto& type = model_.values[sequence_].type;
      if (!type.has_rank || type.dims.size() != 3) before_.fail("a sequence of another rank");
      if (!before_.ok()) return arguments;
      packed_ = packer_.pack(before_, step_.index(), sequence_, mask_);
      lengths_ = packed_.lengths;
      given = packed_.sequence;
    }
    arguments.push_back({pattern.sequences[i], given});
  }
  first_weight_ = scratch_.nodes.size();
  for (std::size_t i = 0; i < pattern.states.size(); ++i) {
    const auto state = match_.states[i];
    arguments.push_back({pattern.states[i], sequence_ == 0 ? step_.start(state) : start(state, sequence_)});
  }
  for (const auto& name : pattern.weights) {
    const auto it = match_.weights.find(name);
    arguments.push_back({name, it == match_.weights.end() ? 0 : weight(it->second)});
  }
  if (match_.steps.lengths != 0) {
    const auto given = before_.cast(match_.steps.lengths, ir::DType::kInt64);
    const bool reaches = sequence_ != 0 && step_.reaches(match_.steps.lengths, sequence_);
    const auto most = before_("Min", {given, reaches ? before_.dims(sequence_, 0, 1) : iterations(before_, step_)});
    lengths_ = before_.cast(before_("Max", {most, before_.scalar(0)}), ir::DType::kInt32);
  }
  arguments.push_back({"sequence_lens", lengths_});
  return arguments;
}

/// Runtimes do not agree on the last state of a lane without steps, and ONNX Runtime leaves some of them unset: it is the
/// state before the loop. `state` is one of the loop's.
ir::ValueId Extractor::last(std::size_t state, ir::ValueId given) {
  const auto value = step_.start(state);
  const auto& trip = model_.values[step_.trip_count()].constant;
  const auto& lengths = model_.values[lengths_].constant;
  const auto none_empty = [&] {
    const auto numbers = lengths->as_ints();
    return std::all_of(numbers.begin(), numbers.end(), [](std::int64_t n) { return n > 0; });
  };
  const bool runs = trip != nullptr && trip->as_ints().front() > 0;
  if (runs && (lengths_ == 0 || (lengths != nullptr && none_empty()))) return given;
  ir::ValueId has_steps = 0;
  if (lengths_ != 0) {
    const auto zero = before_.cast(before_.scalar(0), ir::DType::kInt32);
    has_steps = before_("Unsqueeze", {before_("Greater", {lengths_, zero}), before_.ints({1})});
  } else {
    has_steps = before_("Greater", {before_.cast(step_.trip_count(), ir::DType::kInt64), before_.scalar(0)});
  }
  return before_("Where", {has_steps, given, value});
}

/// True where nothing that the loop gives for a lane depends on what the cell makes of steps that do not count.
bool Extractor::all_held() const {
  const auto is_held = [&](ir::ValueId value, std::size_t state) {
    return step_.index().behind(step_.next(state)) == step_.index().behind(value);
  };
  for (std::size_t i = 1; i < step_.body().outputs.size(); ++i) {
    const auto value = step_.body().outputs[i];
    if (i <= step_.state_count() && step_.is_counter(step_.state(i - 1))) continue;
    const auto held = step_.held(value);
    if (!held || held->steps != match_.steps) return false;
    const auto state = step_.state_of(held->held);
    if (!(state && is_held(value, *state)) && !step_.is_invariant(held->held)) return false;
  }
  return true;
}

void Extractor::redirect(ir::ValueId value, ir::ValueId tensor) { redirect_.emplace_back(value, tensor); }

/// What lanes have after each step that takes state `k` of the pattern on, where `state` of the loop is what they had before.
ir::ValueId Extractor::after(std::size_t k, std::size_t state) {
  const auto& index = step_.index();
  // All zeros are one.
  const auto from = step_.start(state);
  const auto [known, is_new] = after_.try_emplace({k, index.is_zero(from) ? 0 : from});
  if (is_new) {
    known->second = Packer::unpack(before_, packed_, start(state, sequence_), every_[k]);
    packer_.note(packed_, known->second, every_[k]);
    if (given_[k] != 0) at_end_[known->second] = last(state, given_[k]);
  }
  return known->second;
}

/// Behind a lane's end the rows of the call are zeros, as are those of Where(ended, 0, next).
void Extractor::find_held() {
  for (const auto& node : step_.body().nodes) {
    if (node.op != "Where" || !node.domain.empty()) continue;
    const auto held = step_.held(node.outputs[0]);
    if (!held || held->steps != match_.steps || !step_.index().is_zero(held->held)) continue;
    const auto it = std::find(match_.next.begin(), match_.next.end(), held->given);
    if (it == match_.next.end()) continue;
    const auto every = every_[static_cast<std::size_t>(it - match_.next.begin())];
    if (every != 0) redirect(node.outputs[0], every);
  }
}

/// With a mask: what the cell gave last, at steps that do not count too, or something else there.
void Extractor::find_masked() {
  for (const auto& node : step_.body().nodes) {
    if (node.op != "Where" || !node.domain.empty()) continue;
    const auto held = step_.held(node.outputs[0]);
    if (!held || held->steps != match_.steps) continue;
    const auto it = std::find(match_.next.begin(), match_.next.end(), held->given);
    if (it == match_.next.end()) continue;
    const auto k = static_cast<std::size_t>(it - match_.next.begin());
    if (every_[k] == 0) continue;
    const auto state = step_.state_of(held->held);
    if (state && step_.index().behind(step_.next(*state)) == node.outputs[0]) {
      redirect(node.outputs[0], after(k, *state));
      if (*state != match_.states[k]) followers_.push_back({*state, k, 0});
    } else if (step_.is_invariant(held->held)) {
      const auto& type = model_.values[mask_].type;
      const auto mask = type.dims.size() == 2 ? before_("Unsqueeze", {mask_, before_.ints({2})}) : mask_;
      // Zeros may be sized by what is gone afterwards.
      const auto zero = step_.index().is_zero(held->held);
      const auto otherwise = zero ? before_.zeros(model_.values[every_[k]].type.dtype, before_.ints({})) : held->held;
      redirect(node.outputs[0], before_("Where", {mask, after(k, match_.states[k]), otherwise}));
    }
  }
}

/// Finds what of the loop has to be given by the call. False where the call does not give it.
bool Extractor::find_uses(const flowport_node& call) {
  const auto& outputs = step_.body().outputs;
  const auto is_wanted = [&](std::size_t state) { return step_.index().is_used(step_.loop().outputs[state]); };
  std::vector<bool> skipped(outputs.size(), false);
  for (std::size_t k = 0; k < match_.states.size(); ++k) {
    const auto state = match_.states[k];
    every_.push_back(call.outputs[2 * k].value_or(0));
    given_.push_back(call.outputs[2 * k + 1].value_or(0));
    if (is_wanted(state) && given_[k] == 0) return false;
    last_.push_back(is_wanted(state) ? last(state, given_[k]) : 0);
    skipped[1 + state] = true;
  }
  if (match_.steps.lengths != 0) find_held();
  if (match_.steps.mask != 0) find_masked();
  // One that does not get its last value from the call stays.
  std::erase_if(followers_, [&](const Follower& f) { return is_wanted(f.state) && given_[f.leader] == 0; });
  for (auto& follower : followers_) {
    if (is_wanted(follower.state)) follower.last = last(follower.state, given_[follower.leader]);
    skipped[1 + follower.state] = true;
  }
  const bool may_read = match_.steps.are_all() || all_held();
  for (std::size_t k = 0; k < match_.next.size() && may_read; ++k) {
    if (every_[k] == 0) continue;
    redirect(match_.next[k], match_.steps.mask == 0 ? every_[k] : after(k, match_.states[k]));
  }
  std::unordered_set<ir::ValueId> stops;
  for (const auto& [value, tensor] : redirect_) stops.insert(value);
  const auto live = live_values(step_, stops, skipped);
  const auto is_live = [&](std::size_t state) { return live.contains(step_.state(state)); };
  return std::none_of(match_.states.begin(), match_.states.end(), is_live) &&
         std::none_of(followers_.begin(), followers_.end(), [&](const auto& f) { return is_live(f.state); });
}

/// Computes what the call emitted of known weights alone, whatever their size: they come as cut and joined again in the order that
/// the op wants, and one copy in that order is left.
void Extractor::order_weights() {
  std::vector<ir::Node> kept;
  std::vector<ir::ValueId> computed;
  std::unordered_set<ir::ValueId> used(every_.begin(), every_.end());
  used.insert(last_.begin(), last_.end());
  for (const auto& follower : followers_) used.insert(follower.last);
  for (const auto& [value, tensor] : redirect_) used.insert(tensor);
  for (const auto& [tensor, last] : at_end_) used.insert(last);
  for (std::size_t i = 0; i < scratch_.nodes.size(); ++i) {
    auto& node = scratch_.nodes[i];
    const bool known =
        i >= first_weight_ && std::all_of(node.inputs.begin(), node.inputs.end(), [&](ir::ValueId input) {
          return input == 0 || model_.values[input].constant != nullptr;
        });
    constexpr std::size_t kAnySize = std::numeric_limits<std::size_t>::max() / 2;
    auto results = known ? ir::evaluate_node(model_, node, kAnySize) : std::nullopt;
    if (!results) {
      used.insert(node.inputs.begin(), node.inputs.end());
      kept.push_back(std::move(node));
      continue;
    }
    for (std::size_t o = 0; o < node.outputs.size(); ++o) {
      if (node.outputs[o] == 0) continue;
      auto& value = model_.values[node.outputs[o]];
      value.type = ir::Type::tensor_of(*(*results)[o]);
      value.constant = (*results)[o];
      value.content = nullptr;
      computed.push_back(node.outputs[o]);
    }
  }
  for (const auto value : computed) {
    if (!used.contains(value)) model_.values[value].constant = nullptr;
  }
  scratch_.nodes = std::move(kept);
}

void Extractor::edit() {
  auto& loop = place_.graph->nodes[place_.node];
  auto& body = *std::get<std::shared_ptr<ir::Graph>>(loop.attributes.front().value);
  std::vector<ir::Node> after;
  const auto alias = [&](ir::ValueId to, ir::ValueId from) {
    ir::Node identity;
    identity.op = "Identity";
    identity.inputs = {from};
    identity.outputs = {to};
    identity.origin = loop.origin;
    after.push_back(std::move(identity));
  };
  // In the body: rows of the call's results in place of what was computed.
  std::vector<ir::Node> reads;
  for (const auto& [value, tensor] : redirect_) {
    for (auto& node : body.nodes) {
      for (auto& output : node.outputs) {
        if (output == value) output = model_.add_value(model_.values[value].type);
      }
    }
    ir::Node read;
    read.op = "Gather";
    read.inputs = {tensor, body.inputs[0]};
    read.outputs = {value};
    read.origin = loop.origin;
    read.attributes.push_back({"axis", std::int64_t{0}});
    reads.push_back(std::move(read));
  }
  body.nodes.insert(body.nodes.begin(), std::make_move_iterator(reads.begin()), std::make_move_iterator(reads.end()));
  // The states are the call's.
  std::vector<std::size_t> gone;
  for (std::size_t k = 0; k < match_.states.size(); ++k) {
    const std::size_t state = match_.states[k];
    gone.push_back(state);
    const auto output = loop.outputs[state];
    if (last_[k] != 0) alias(output, last_[k]);
  }
  for (const auto& follower : followers_) {
    gone.push_back(follower.state);
    if (follower.last != 0) alias(loop.outputs[follower.state], follower.last);
  }
  std::sort(gone.rbegin(), gone.rend());
  const auto erase = [](std::vector<ir::ValueId>& list, std::size_t i) {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
  };
  for (const auto state : gone) {
    erase(loop.inputs, 2 + state);
    erase(loop.outputs, state);
    erase(body.inputs, 2 + state);
    erase(body.outputs, 1 + state);
  }
  auto& nodes = place_.graph->nodes;
  const auto at = nodes.begin() + static_cast<std::ptrdiff_t>(place_.node);
  std::vector<ir::Node> added = std::move(scratch_.nodes);
  added.insert(added.end(), std::make_move_iterator(after.begin()), std::make_move_iterator(after.end()));
  nodes.insert(at, std::make_move_iterator(added.begin()), std::make_move_iterator(added.end()));
}

Extraction Extractor::run(std::uint32_t number) {
  Extraction result;
  const auto& rewrite = *match_.pattern->rewrite;
  const auto& origin = model_.origins[step_.loop().origin];
  const auto savepoint = emitter_.savepoint(scratch_);
  emitter_.set_origin({origin.tf_node, origin.path, rewrite.owner->id + ":" + rewrite.id});
  const auto undo = [&] {
    emitter_.roll_back(savepoint);
    return result;
  };
  auto given = arguments();
  if (!before_.ok()) return undo();
  const auto dtype = model_.values[step_.start(match_.states[0])].type.dtype;
  flowport_node call(std::make_unique<MatchSubject>(match_, std::move(given), dtype), *rewrite.owner, emitter_,
                     scratch_, number);
  convert::run_call(call, rewrite.id, rewrite.apply);
  const auto status = call.outcome.status;
  if (status == FLOWPORT_BAD_CALL || status == FLOWPORT_PLUGIN_BUG || status == FLOWPORT_NO_MEMORY) {
    result.problem = Problem{Fault::kPlugin, fmt::format("rewrite '{}': {}", rewrite.id, call.outcome.reason),
                             rewrite.owner->id, call.outcome.hint};
  }
  if (status != FLOWPORT_OK || !find_uses(call) || !before_.ok()) return undo();
  order_weights();
  edit();
  result.done = true;
  for (const auto& [value, tensor] : redirect_)
    result.rows.push_back({tensor, at_end_.contains(tensor) ? at_end_.at(tensor) : 0});
  result.notes = std::move(call.outcome.notes);
  return result;
}

}  // namespace

ir::ValueId iterations(Emission& emit, const LoopStep& step) {
  const auto count = emit("Max", {emit.cast(step.trip_count(), ir::DType::kInt64), emit.scalar(0)});
  return emit.ok() && emit.type(count).dims.empty() ? emit.unsqueeze(count) : count;
}

Extraction extract(convert::Emitter& emitter, const LoopStep& step, const Match& match, const Place& place,
                   Packer& packer, std::uint32_t number) {
  Extractor extractor(emitter, step, match, place, packer);
  auto result = extractor.run(number);
  if (result.done) packer = extractor.packer();
  return result;
}

}  // namespace flowport::recognize
