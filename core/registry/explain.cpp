// The words of resolution: why a row comes where it does, and what to do where no row fits.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "base/text.h"
#include "registry/order.h"
#include "registry/registry.h"

namespace flowport::registry {
namespace {

std::string why_not(const Row& row, const Target& target) {
  const int opset = target.opset(row.domain);
  if (opset == 0) return fmt::format("needs domain {}, which target {} does not have", row.domain, target.id);
  return fmt::format("needs {}, target has {}", range_of(row), opset);
}

/// The ranges of `rows`, each once, lowest first.
std::string ranges_of(std::span<const Row* const> rows) {
  std::set<std::tuple<std::string, int, int>> seen;
  std::vector<std::string> texts;
  std::vector<const Row*> sorted(rows.begin(), rows.end());
  std::ranges::sort(sorted, {}, [](const Row* row) { return std::tie(row->domain, row->opset_min, row->opset_max); });
  for (const Row* row : sorted) {
    if (seen.emplace(row->domain, row->opset_min, row->opset_max).second) texts.push_back(range_of(*row));
  }
  return join(texts, ", ", 6);
}

/// The opset nearest to the target's at which one of `rows` fits; 0 where only other domains would help.
int nearest_opset(std::span<const Row* const> rows, const Target& target) {
  const int have = target.opset();
  int best = 0;
  for (const Row* row : rows) {
    if (!row->domain.empty()) continue;
    const int candidate = have < row->opset_min ? row->opset_min : row->opset_max;
    if (candidate > 0 && (best == 0 || std::abs(candidate - have) < std::abs(best - have))) best = candidate;
  }
  return best;
}

}  // namespace

std::vector<Candidate> Registry::explain(std::string_view tf_op, const Target& target) const {
  const Pin* pin = pin_of(tf_op);
  const std::vector<const Row*> fitting_rows = fitting(tf_op, target, pinned_owner(tf_op));
  std::vector<Candidate> candidates;
  bool is_reachable = true;
  for (std::size_t i = 0; i < fitting_rows.size(); ++i) {
    const Row& row = *fitting_rows[i];
    const Row* next = i + 1 < fitting_rows.size() ? fitting_rows[i + 1] : nullptr;
    const Row* previous = i > 0 ? fitting_rows[i - 1] : nullptr;
    const auto rival =
        std::ranges::find_if(fitting_rows, [&](const Row* other) { return other != &row && is_tie(row, *other); });
    std::string reason;
    if (rival != fitting_rows.end()) {
      reason = fmt::format("tie with {}: same layer ({}), opset_min {} and priority {}; `use: {{{}: {}}}` settles it",
                           label_of(**rival), name_of(row.layer()), row.opset_min, row.priority, tf_op, row.owner->id);
      is_reachable = false;
    } else if (previous == nullptr) {
      reason = pin != nullptr    ? fmt::format("wins: pinned by {}", pin->source)
               : next != nullptr ? fmt::format("wins: {}", difference(row, *next))
                                 : std::string("wins: the only one that fits");
    } else {
      reason = fmt::format("lost: {}; {}", difference(*fitting_rows[0], row),
                           is_reachable ? "tried when those before it decline" : "not tried: a tie comes before it");
    }
    candidates.push_back({&row, true, std::move(reason)});
  }

  std::vector<const Row*> rest;
  for (const Row* row : rows(tf_op)) {
    if (std::ranges::find(fitting_rows, row) == fitting_rows.end()) rest.push_back(row);
  }
  std::ranges::sort(rest, [](const Row* a, const Row* b) {
    if (precedes(*a, *b) || precedes(*b, *a)) return precedes(*a, *b);
    return label_of(*a) < label_of(*b);
  });
  for (const Row* row : rest) {
    candidates.push_back({row, false,
                          fits(*row, target) ? fmt::format("excluded: {} pins this op to {}", pin->source, pin->owner)
                                             : why_not(*row, target)});
  }
  return candidates;
}

Problem Registry::no_handler(std::string_view tf_op, const Target& target) const {
  Problem p{Fault::kUnsupported, {}, {}, {}};
  const auto& all = rows(tf_op);
  const Pin* pin = pin_of(tf_op);

  if (!all.empty()) {
    std::vector<const Row*> usable = all;
    if (pin != nullptr) std::erase_if(usable, [&](const Row* row) { return row->owner->id != pin->owner; });
    const bool pin_is_in_the_way = std::ranges::any_of(all, [&](const Row* row) { return fits(*row, target); });
    if (pin != nullptr && (usable.empty() || pin_is_in_the_way)) {
      p.what =
          fmt::format("TF op '{}' is pinned to '{}', which has no handler for target {}", tf_op, pin->owner, target.id);
      p.where = pin->source;
      p.next = "remove the pin, or ask for a target that its handlers fit: " +
               (usable.empty() ? std::string("it has none for this op") : ranges_of(usable));
      return p;
    }
    p.what = fmt::format("no handler for TF op '{}' at opset {}", tf_op, target.opset());
    const int opset = nearest_opset(usable, target);
    if (opset > 0) {
      p.next = fmt::format("handlers exist for {}; the target has {}: use --opset {}", ranges_of(usable),
                           target.opset(), opset);
    } else {
      p.next = fmt::format("handlers exist for {}; target {} does not have that: use a --target that does",
                           ranges_of(usable), target.id);
    }
    return p;
  }

  p.what = fmt::format("no handler for TF op '{}'", tf_op);
  if (const auto it = absent_.find(tf_op); it != absent_.end()) {
    std::vector<std::string> reasons;
    std::vector<std::string> steps;
    for (const Absent& absent : it->second) {
      reasons.push_back(fmt::format("plugin '{}', which has one, was not loaded: {}", absent.plugin, absent.reason));
      if (!absent.next.empty()) steps.push_back(absent.next);
    }
    std::ranges::sort(reasons);
    std::ranges::sort(steps);
    p.what += "; " + join(reasons, "; ", 4);
    p.next = join(steps, "; ", 4);
    return p;
  }

  std::vector<std::string> near = near_names(tf_op, ops());
  p.next = "write a mapping in YAML (`ops: {" + std::string(tf_op) + ": ...}`) or a plugin for it";
  if (!near.empty()) p.next += fmt::format("; handlers exist for ops of similar name: {}", join(near));
  return p;
}

}  // namespace flowport::registry
