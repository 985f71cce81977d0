#include "recognize/match.h"

#include <algorithm>
#include <utility>

namespace flowport::recognize {

namespace {

class Matcher {
 public:
  Matcher(const Pattern& pattern, const LoopStep& step) : pattern_(pattern), step_(step), index_(step.index()) {
    found_.at.resize(pattern.terms.size());
  }
  std::optional<Match> run(std::size_t first);

 private:
  /// What is known so far; copied where there is a choice.
  struct Found {
    std::vector<std::optional<Part>> at;  // by term
    std::map<std::string, Weight> weights;
    std::map<std::string, Activation> activations;
  };

  bool term(TermId id, const Part& part);
  bool kind(const Term& wanted, TermId id, const Part& part);
  bool node(const Term& wanted, const Part& part);
  bool activation(const Term& wanted, const ActivationOf& made);
  bool sum(const std::vector<TermId>& args, const std::vector<int>& signs, const Part& part);
  bool addends(std::span<const std::pair<TermId, int>> wanted, const LinearForm& form, std::vector<bool>& taken);
  bool constants(const std::vector<TermId>& args, const std::vector<int>& signs, const LinearForm& form,
                 std::int64_t width);
  bool bind(const std::string& name, Weight weight);
  const Term& at(TermId id) const { return pattern_.terms[id]; }
  bool is_product(TermId id) const { return at(id).kind == Term::Kind::kNode && at(id).name == "MatMul"; }

  const Pattern& pattern_;
  const LoopStep& step_;
  const Index& index_;
  Found found_;
};

bool Matcher::bind(const std::string& name, Weight weight) {
  const auto [it, is_new] = found_.weights.emplace(name, weight);
  return is_new || it->second == weight;
}

bool Matcher::term(TermId id, const Part& part) {
  if (found_.at[id]) return *found_.at[id] == part;
  if (!kind(at(id), id, part)) return false;
  found_.at[id] = part;
  return true;
}

bool Matcher::kind(const Term& wanted, TermId id, const Part& part) {
  switch (wanted.kind) {
    case Term::Kind::kSequence: return part.is_whole() && step_.rows(part.value).has_value();
    case Term::Kind::kState: return part.is_whole() && step_.state_of(part.value) && !step_.is_counter(part.value);
    case Term::Kind::kNumber: return index_.number(part.value) == wanted.number;
    case Term::Kind::kWeight: {
      Weight weight;
      weight.part = part;
      return step_.is_invariant(part.value) && bind(wanted.name, std::move(weight));
    }
    case Term::Kind::kSum: return sum(wanted.args, wanted.signs, part);
    case Term::Kind::kAny: {
      const Found before = found_;
      const auto made = activation_of(step_, part);
      if (made && activation(wanted, *made)) return true;
      found_ = before;
      return activation(wanted, {{"Affine", 1.0F, 0.0F}, part});  // no activation at all
    }
    case Term::Kind::kNode: return is_product(id) ? sum({id}, {1}, part) : node(wanted, part);
  }
  return false;
}

bool Matcher::activation(const Term& wanted, const ActivationOf& made) {
  const auto [it, is_new] = found_.activations.emplace(wanted.name, made.activation);
  return (is_new || it->second == made.activation) && term(wanted.args[0], made.operand);
}

bool Matcher::node(const Term& wanted, const Part& part) {
  const auto* made = index_.made_by(part.value, wanted.name);
  if (made == nullptr || made->inputs.size() != wanted.args.size() || !made->attributes.empty()) return false;
  std::vector<Part> operands;
  for (std::size_t i = 0; i < made->inputs.size(); ++i) {
    const auto operand = step_.operand(*made, i, part);
    if (!operand) return false;
    operands.push_back(*operand);
  }
  const auto all = [&] {
    for (std::size_t i = 0; i < operands.size(); ++i) {
      if (!term(wanted.args[i], operands[i])) return false;
    }
    return true;
  };
  const Found before = found_;
  if (all()) return true;
  found_ = before;
  if (wanted.name != "Mul") return false;
  std::swap(operands[0], operands[1]);
  return all();
}

bool Matcher::addends(std::span<const std::pair<TermId, int>> wanted, const LinearForm& form,
                      std::vector<bool>& taken) {
  if (wanted.empty()) return std::find(taken.begin(), taken.end(), false) == taken.end();
  const auto [id, sign] = wanted.front();
  for (std::size_t i = 0; i < form.addends.size(); ++i) {
    const auto& addend = form.addends[i];
    if (taken[i] || addend.sign != sign || (addend.weight.value != 0) != is_product(id)) continue;
    const Found before = found_;
    bool fits = false;
    if (is_product(id)) {
      Weight weight{addend.weight, addend.row_begin, addend.row_end, {}, -1};
      fits = term(at(id).args[0], addend.atom) && bind(at(at(id).args[1]).name, std::move(weight));
    } else {
      fits = term(id, addend.atom);
    }
    taken[i] = true;
    if (fits && addends(wanted.subspan(1), form, taken)) return true;
    taken[i] = false;
    found_ = before;
  }
  return false;
}

/// The numbers and the weight among `args` take all constants of the form.
bool Matcher::constants(const std::vector<TermId>& args, const std::vector<int>& signs, const LinearForm& form,
                        std::int64_t width) {
  std::vector<Constant> left = form.constants;
  std::optional<TermId> bias;
  for (std::size_t i = 0; i < args.size(); ++i) {
    if (at(args[i]).kind == Term::Kind::kWeight) {
      if (bias || signs[i] != 1) return false;
      bias = args[i];
    }
    if (at(args[i]).kind != Term::Kind::kNumber) continue;
    const auto it = std::find_if(left.begin(), left.end(), [&](const Constant& c) {
      return c.sign == signs[i] && index_.number(c.part.value) == at(args[i]).number;
    });
    if (it == left.end()) return false;
    left.erase(it);
  }
  if (!bias) return left.empty();
  for (const auto& each : left) {
    const auto& type = index_.type(each.part.value);
    if (!type.has_rank || type.dims.size() > 1) return false;
  }
  Weight weight;
  weight.sum = std::move(left);
  weight.width = width;
  return bind(at(*bias).name, std::move(weight));
}

bool Matcher::sum(const std::vector<TermId>& args, const std::vector<int>& signs, const Part& part) {
  const LinearForm form = step_.linear(part);
  std::vector<std::pair<TermId, int>> wanted;
  for (std::size_t i = 0; i < args.size(); ++i) {
    const auto kind = at(args[i]).kind;
    if (kind != Term::Kind::kWeight && kind != Term::Kind::kNumber) wanted.emplace_back(args[i], signs[i]);
  }
  if (wanted.size() != form.addends.size() || !constants(args, signs, form, step_.width(part))) return false;
  std::vector<bool> taken(form.addends.size(), false);
  return addends(wanted, form, taken);
}

std::optional<Match> Matcher::run(std::size_t first) {
  Match match;
  match.pattern = &pattern_;
  const auto held = step_.held(step_.next(first));
  match.steps = held ? held->steps : Steps{};
  for (std::size_t i = 0; i < pattern_.states.size(); ++i) {
    // The terms of the inputs come first: sequences, then states.
    const TermId variable = pattern_.sequences.size() + i;
    if (i == 0) found_.at[variable] = Part{step_.state(first)};
    if (!found_.at[variable]) return std::nullopt;
    const auto state = step_.state_of(found_.at[variable]->value);
    if (!state) return std::nullopt;
    if (std::find(match.states.begin(), match.states.end(), *state) != match.states.end()) return std::nullopt;
    ir::ValueId next = index_.behind(step_.next(*state));
    const auto own = step_.held(next);
    if ((own ? own->steps : Steps{}) != match.steps) return std::nullopt;
    if (own) {
      if (own->held != step_.state(*state)) return std::nullopt;
      next = own->given;
    }
    if (!term(pattern_.next[i], step_.canonical({next}))) return std::nullopt;
    match.states.push_back(*state);
    match.next.push_back(next);
  }
  for (std::size_t i = 0; i < pattern_.sequences.size(); ++i) {
    if (!found_.at[i]) return std::nullopt;
    match.sequences.push_back(step_.rows(found_.at[i]->value)->tensor);
  }
  match.weights = std::move(found_.weights);
  match.activations = std::move(found_.activations);
  return match;
}

}  // namespace

std::optional<Match> match(const Pattern& pattern, const LoopStep& step, std::size_t first) {
  return Matcher(pattern, step).run(first);
}

}  // namespace flowport::recognize
