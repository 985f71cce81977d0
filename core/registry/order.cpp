#include "registry/order.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

namespace flowport::registry {

std::string_view name_of(Layer layer) {
  switch (layer) {
    case Layer::kUserMapping: return "user mapping";
    case Layer::kUserPlugin: return "user plugin";
    case Layer::kBuiltin: return "builtin";
    case Layer::kContrib: return "contrib";
  }
  return "unknown layer";
}

std::string label_of(const Row& row) {
  const std::string& id = row.owner->id;
  if (row.mapping != nullptr && !row.source.empty()) return row.source;
  return row.id.empty() || row.id == row.tf_op ? id : id + "/" + row.id;
}

std::string range_of(const Row& row) {
  const std::string name = row.domain.empty() ? "opset" : "opset of " + row.domain;
  if (row.opset_max == 0) return fmt::format("{} >= {}", name, row.opset_min);
  if (row.opset_max == row.opset_min) return fmt::format("{} {}", name, row.opset_min);
  return fmt::format("{} {} to {}", name, row.opset_min, row.opset_max);
}

bool fits(const Row& row, const Target& target) {
  const int opset = target.opset(row.domain);
  return opset > 0 && opset >= row.opset_min && (row.opset_max == 0 || opset <= row.opset_max);
}

bool precedes(const Row& a, const Row& b) {
  return std::tuple(a.layer(), -a.opset_min, -a.priority) < std::tuple(b.layer(), -b.opset_min, -b.priority);
}

namespace {

/// Whether one of the two is for nodes with complex tensors only, and the other for the others only.
bool differ_in_complex(const Row& a, const Row& b) {
  const auto is_for = [](const Row& row, const Row& other) {
    return row.complex == Complex::kPairs && other.complex == Complex::kNone;
  };
  return is_for(a, b) || is_for(b, a);
}

}  // namespace

bool are_exclusive(const Row& a, const Row& b) {
  if (differ_in_complex(a, b)) return true;
  const auto have_common = [](const Guard& x, const Guard& y) {
    return std::ranges::any_of(x.values,
                               [&](const std::string& v) { return std::ranges::find(y.values, v) != y.values.end(); });
  };
  return std::ranges::any_of(a.when, [&](const Guard& x) {
    return std::ranges::any_of(b.when, [&](const Guard& y) { return x.tf_attr == y.tf_attr && !have_common(x, y); });
  });
}

bool is_tie(const Row& a, const Row& b) { return !precedes(a, b) && !precedes(b, a) && !are_exclusive(a, b); }

std::string difference(const Row& winner, const Row& loser) {
  if (differ_in_complex(winner, loser)) return "each is for other nodes";
  if (winner.layer() != loser.layer()) {
    return fmt::format("{} before {}", name_of(winner.layer()), name_of(loser.layer()));
  }
  if (winner.opset_min != loser.opset_min) return fmt::format("opset_min {} > {}", winner.opset_min, loser.opset_min);
  if (winner.priority != loser.priority) return fmt::format("priority {} > {}", winner.priority, loser.priority);
  return "each is for other nodes";
}

bool conflict(const Row& a, const Row& b) {
  if (a.tf_op != b.tf_op || a.priority != b.priority || are_exclusive(a, b)) return false;
  if (a.domain != b.domain) return a.opset_min == b.opset_min;
  const auto ends_before = [](const Row& x, const Row& y) { return x.opset_max != 0 && x.opset_max < y.opset_min; };
  return !ends_before(a, b) && !ends_before(b, a);
}

}  // namespace flowport::registry
