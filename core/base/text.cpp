#include "base/text.h"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace flowport {
namespace {

/// Names come from files: however long they are, looking for near ones stays cheap.
constexpr std::size_t kMostEdits = 8;

/// The edit distance (insert, delete, replace, each 1) of two names, or `limit + 1` where it is more than `limit`.
/// Only the band of the table that can stay within the limit is filled in.
std::size_t edit_distance(std::string_view a, std::string_view b, std::size_t limit) {
  const std::size_t far = limit + 1;
  if (a.size() > b.size()) std::swap(a, b);
  if (b.size() - a.size() > limit) return far;

  std::vector<std::size_t> above(b.size() + 1, far);
  std::vector<std::size_t> row(b.size() + 1, far);
  for (std::size_t j = 0; j <= std::min(b.size(), limit); ++j) above[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    const std::size_t from = i > limit ? i - limit : 0;
    const std::size_t to = std::min(b.size(), i + limit);
    std::size_t best = far;
    for (std::size_t j = from; j <= to; ++j) {
      std::size_t cost = far;
      if (j == 0) {
        cost = i;
      } else {
        cost = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
        if (j < i + limit) cost = std::min(cost, above[j] + 1);
        if (j > from) cost = std::min(cost, row[j - 1] + 1);
      }
      row[j] = std::min(cost, far);
      best = std::min(best, row[j]);
    }
    if (best > limit) return far;
    std::swap(above, row);
  }
  return above[b.size()];
}

}  // namespace

std::vector<std::string> near_names(std::string_view name, std::span<const std::string_view> candidates,
                                    std::size_t most) {
  const std::size_t limit = std::min(name.size() / 3, kMostEdits);
  std::vector<std::pair<std::size_t, std::string_view>> near;
  for (const std::string_view candidate : candidates) {
    const std::size_t distance = edit_distance(name, candidate, limit);
    if (distance <= limit) near.emplace_back(distance, candidate);
  }
  std::sort(near.begin(), near.end());
  near.erase(std::unique(near.begin(), near.end()), near.end());

  std::vector<std::string> names;
  for (const auto& [distance, candidate] : near) {
    if (names.size() == most) break;
    names.emplace_back(candidate);
  }
  return names;
}

std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates) {
  const std::vector<std::string> names = near_names(name, candidates);
  if (names.empty()) return {};
  std::string text = "did you mean ";
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) text += i + 1 == names.size() ? " or " : ", ";
    text += "'" + names[i] + "'";
  }
  return text + "?";
}

std::string join(std::span<const std::string> items, std::string_view separator, std::size_t most) {
  std::string text;
  const std::size_t shown = std::min(items.size(), most);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0) text += separator;
    text += items[i];
  }
  if (shown < items.size()) {
    if (shown > 0) text += separator;
    text += "... (" + std::to_string(items.size() - shown) + " more)";
  }
  return text;
}

}  // namespace flowport
