#include "registry/registry.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "registry/order.h"
#include "tensorflow/op_declaration.h"

namespace flowport::registry {

const Owner* Registry::add_owner(Owner owner) { return &owners_.emplace_back(std::move(owner)); }

Result<void> Registry::add_row(Row row) {
  for (const Row* other : rows(row.tf_op)) {
    if (other->owner != row.owner || !conflict(*other, row)) continue;
    return problem(Fault::kPlugin,
                   fmt::format("'{}' has two rows for TF op '{}' that overlap: {} and {}", row.owner->id, row.tf_op,
                               range_of(*other), range_of(row)),
                   fmt::format("{} and {}", other->source.empty() ? "the first" : other->source,
                               row.source.empty() ? "the second" : row.source),
                   "make the ranges disjoint, or give one of the rows a higher priority");
  }
  const Row& kept = rows_.emplace_back(std::move(row));
  by_op_[kept.tf_op].push_back(&kept);
  return {};
}

Result<void> Registry::add_tf_op(TfOp op) {
  if (const TfOp* other = other_definition(op)) {
    return problem(
        Fault::kPlugin, fmt::format("TF op '{}' is declared in two ways: {} and {}", op.op, other->text, op.text),
        fmt::format("{} and {}", other->where(), op.where()), "leave one of the two out, or make them the same");
  }
  std::string name = op.op;
  tf_ops_.try_emplace(std::move(name), std::move(op));
  return {};
}

const TfOp* Registry::other_definition(const TfOp& op) const {
  const TfOp* known = tf_op(op.op);
  return known == nullptr || known->definition == op.definition ? nullptr : known;
}

std::string Registry::tf_op_list() const {
  std::vector<std::string_view> definitions;
  for (const auto& [name, op] : tf_ops_) definitions.push_back(op.definition);
  return tf::op_list_of(definitions);
}

const TfOp* Registry::tf_op(std::string_view op) const {
  const auto it = tf_ops_.find(op);
  return it == tf_ops_.end() ? nullptr : &it->second;
}

void Registry::pin(std::string tf_op, std::string owner, std::string source) {
  pins_.insert_or_assign(std::move(tf_op), Pin{std::move(owner), std::move(source)});
}

void Registry::add_absent(std::string tf_op, Absent absent) { absent_[std::move(tf_op)].push_back(std::move(absent)); }

const std::vector<const Row*>& Registry::rows(std::string_view tf_op) const {
  static const std::vector<const Row*> kNone;
  const auto it = by_op_.find(std::string(tf_op));
  return it == by_op_.end() ? kNone : it->second;
}

std::vector<std::string_view> Registry::ops() const {
  std::vector<std::string_view> names;
  names.reserve(by_op_.size());
  for (const auto& [name, rows] : by_op_) names.push_back(name);
  std::ranges::sort(names);
  return names;
}

const Registry::Pin* Registry::pin_of(std::string_view tf_op) const {
  const auto it = pins_.find(tf_op);
  return it == pins_.end() ? nullptr : &it->second;
}

std::string_view Registry::pinned_owner(std::string_view tf_op) const {
  const Pin* pin = pin_of(tf_op);
  return pin == nullptr ? std::string_view() : std::string_view(pin->owner);
}

std::vector<const Row*> Registry::fitting(std::string_view tf_op, const Target& target, std::string_view owner) const {
  std::vector<const Row*> found;
  for (const Row* row : rows(tf_op)) {
    if (fits(*row, target) && (owner.empty() || row->owner->id == owner)) found.push_back(row);
  }
  // Names settle the order of ties, so that what is printed about them does not depend on the load order.
  const auto by_name = [](const Row& row) { return std::tie(row.owner->id, row.id, row.domain, row.source); };
  std::ranges::sort(found, [&](const Row* a, const Row* b) {
    if (precedes(*a, *b) || precedes(*b, *a)) return precedes(*a, *b);
    return by_name(*a) < by_name(*b);
  });
  return found;
}

Result<std::vector<const Row*>> Registry::resolve(std::string_view tf_op, const Target& target) const {
  return resolve(tf_op, target, pinned_owner(tf_op));
}

Result<std::vector<const Row*>> Registry::resolve(std::string_view tf_op, const Target& target,
                                                  std::string_view owner) const {
  std::vector<const Row*> found = fitting(tf_op, target, owner);
  const auto rival_of = [&](auto row) {
    return std::find_if(row + 1, found.end(), [&](const Row* other) { return is_tie(**row, *other); });
  };
  auto tied = found.begin();
  while (tied != found.end() && rival_of(tied) == found.end()) ++tied;
  if (tied == found.end()) return found;
  if (tied != found.begin()) {
    found.erase(tied, found.end());
    return found;
  }

  const Row& a = *found[0];
  const Row& b = **rival_of(tied);
  std::string where = a.source;
  if (!b.source.empty()) where += (where.empty() ? "" : " and ") + b.source;
  if (a.owner->id == b.owner->id) {
    return problem(
        Fault::kPlugin,
        fmt::format("two {} rows of '{}' for TF op '{}' are equally good", name_of(a.layer()), a.owner->id, tf_op),
        where, "remove one of them, or give it another priority");
  }
  return problem(
      Fault::kPlugin,
      fmt::format("'{}' and '{}' both convert TF op '{}' ({}, opset_min {}, priority {}), and nothing says which "
                  "one to take",
                  a.owner->id, b.owner->id, tf_op, name_of(a.layer()), a.opset_min, a.priority),
      where,
      fmt::format("put `use: {{{}: {}}}` or `use: {{{}: {}}}` into a configuration file", tf_op, a.owner->id, tf_op,
                  b.owner->id));
}

std::optional<Problem> Registry::check_pin(std::string_view tf_op, const Pin& pin) const {
  const auto& candidates = rows(tf_op);
  const auto is_meant = [&](const Owner& owner) { return owner.id == pin.owner; };
  if (std::ranges::any_of(candidates, [&](const Row* row) { return is_meant(*row->owner); })) return std::nullopt;
  const bool is_loaded = std::ranges::any_of(owners_, is_meant);
  if (tf_op.empty() && is_loaded) return std::nullopt;

  Problem p{Fault::kPlugin, {}, pin.source, {}};
  const std::string subject = tf_op.empty() ? std::string("nodes are") : fmt::format("TF op '{}' is", tf_op);
  if (is_loaded) {
    p.what = fmt::format("{} to be converted by '{}', which does not handle it", subject, pin.owner);
  } else {
    p.what = fmt::format("{} to be converted by '{}', which is not loaded", subject, pin.owner);
    std::vector<std::string_view> owners;
    for (const Owner& owner : owners_) owners.push_back(owner.id);
    std::ranges::sort(owners);
    p.next = did_you_mean(pin.owner, owners);
  }
  std::vector<std::string> have;
  for (const Row* row : candidates) have.push_back(row->owner->id);
  std::ranges::sort(have);
  have.erase(std::unique(have.begin(), have.end()), have.end());
  if (p.next.empty()) {
    p.next = !have.empty()   ? "name one that handles it: " + join(have, ", ", 8)
             : tf_op.empty() ? "`flowport plugin list` shows what is loaded"
                             : "no plugin or mapping handles this op: remove the entry, or load the plugin that does";
  }
  return p;
}

Problems Registry::check_pins() const {
  Problems problems;
  const auto check = [&](std::string_view tf_op, const Pin& pin) {
    if (auto wrong = check_pin(tf_op, pin)) problems.push_back(*std::move(wrong));
  };
  for (const auto& [tf_op, pin] : pins_) check(tf_op, pin);
  for (const NodeRule& rule : node_rules_) {
    if (!rule.use.empty()) check(rule.op, {rule.use, rule.source});
  }
  return problems;
}

std::vector<const Rewrite*> Registry::rewrites(Problems& problems) const {
  std::vector<const Rewrite*> sorted;
  for (const auto& rewrite : rewrites_) sorted.push_back(&rewrite);
  for (const auto& code : rewriting_) {
    auto loaded = code->rewrites();
    if (loaded) {
      sorted.insert(sorted.end(), loaded->begin(), loaded->end());
    } else {
      problems.push_back(std::move(loaded.error()));
    }
  }
  std::stable_sort(sorted.begin(), sorted.end(), [](const Rewrite* a, const Rewrite* b) {
    return std::tie(a->owner->layer, a->owner->id) < std::tie(b->owner->layer, b->owner->id);
  });
  return sorted;
}

}  // namespace flowport::registry
