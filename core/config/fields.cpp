#include "config/fields.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"

namespace flowport::config {
namespace {

constexpr int kHighestOpset = 1000;

std::string quoted(const YamlNode& node) {
  std::string text = node.text.substr(0, 40);
  std::ranges::replace(text, '\n', ' ');
  return "'" + text + (node.text.size() > 40 ? "...'" : "'");
}

std::string found(const YamlNode& node) { return node.is_scalar() ? quoted(node) : std::string(kind_of(node)); }

}  // namespace

void Diagnostics::error(Mark mark, std::string what, std::string next) {
  problems_.push_back({Fault::kPlugin, std::move(what), source_.at(mark), std::move(next)});
}

std::string_view kind_of(const YamlNode& node) {
  switch (node.kind) {
    case YamlNode::Kind::kNull: return "nothing";
    case YamlNode::Kind::kScalar: return "text";
    case YamlNode::Kind::kList: return "a list";
    case YamlNode::Kind::kMap: return "a map";
  }
  return "nothing";
}

std::optional<std::int64_t> int_of(const YamlNode& node) {
  if (!node.is_scalar() || !node.is_plain || node.text.empty()) return std::nullopt;
  std::int64_t value = 0;
  const char* begin = node.text.data();
  const char* end = begin + node.text.size();
  if (*begin == '+') ++begin;
  const auto [rest, code] = std::from_chars(begin, end, value);
  if (code != std::errc{} || rest != end) return std::nullopt;
  return value;
}

std::optional<double> float_of(const YamlNode& node) {
  if (!node.is_scalar() || !node.is_plain || node.text.empty()) return std::nullopt;
  std::string_view text = node.text;
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  if (text == "inf" || text == ".inf") {
    value = std::numeric_limits<double>::infinity();
  } else if (text == "nan" || text == ".nan") {
    value = std::numeric_limits<double>::quiet_NaN();
  } else {
    if (text.empty() || (text[0] != '.' && (text[0] < '0' || text[0] > '9'))) return std::nullopt;
    const auto [rest, code] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (code != std::errc{} || rest != text.data() + text.size()) return std::nullopt;
  }
  return negative ? -value : value;
}

std::optional<bool> bool_of(const YamlNode& node) {
  if (!node.is_scalar() || !node.is_plain) return std::nullopt;
  if (node.text == "true") return true;
  if (node.text == "false") return false;
  return std::nullopt;
}

Fields::Fields(const YamlNode& node, std::string_view what, std::span<const std::string_view> allowed,
               Diagnostics& diagnostics)
    : node_(node), what_(what), diagnostics_(diagnostics) {
  if (!node.is_map()) {
    diagnostics.error(node.mark, fmt::format("{} is a map, not {}", what, found(node)),
                      fmt::format("keys: {}", fmt::join(allowed, ", ")));
    return;
  }
  for (const YamlEntry& entry : node.entries) {
    if (std::ranges::find(allowed, std::string_view(entry.key.text)) != allowed.end()) continue;
    std::string next = did_you_mean(entry.key.text, allowed);
    if (next.empty()) next = fmt::format("keys of {}: {}", what, fmt::join(allowed, ", "));
    diagnostics.error(entry.key.mark, fmt::format("{} has no key {}", what, quoted(entry.key)), std::move(next));
  }
}

const YamlNode* Fields::find(std::string_view key) const {
  const auto it =
      std::ranges::find(node_.entries, key, [](const YamlEntry& e) { return std::string_view(e.key.text); });
  return it == node_.entries.end() ? nullptr : &it->value;
}

const YamlNode* Fields::require(std::string_view key) const {
  const YamlNode* value = find(key);
  if (value == nullptr && node_.is_map()) {
    diagnostics_.error(node_.mark, fmt::format("{} needs the key '{}'", what_, key));
  }
  return value;
}

std::optional<std::string> Fields::text(std::string_view key) const {
  const YamlNode* value = find(key);
  return value == nullptr ? std::nullopt : text_of(*value, key, diagnostics_);
}

std::optional<std::int64_t> Fields::integer(std::string_view key, std::int64_t least, std::int64_t most) const {
  const YamlNode* value = find(key);
  return value == nullptr ? std::nullopt : integer_of(*value, key, least, most, diagnostics_);
}

std::optional<std::vector<std::string>> Fields::texts(std::string_view key) const {
  const YamlNode* value = find(key);
  if (value == nullptr) return std::nullopt;
  if (!value->is_list()) {
    diagnostics_.error(value->mark, fmt::format("'{}' is a list of texts, not {}", key, found(*value)));
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const YamlNode& item : value->items) {
    if (auto text = text_of(item, key, diagnostics_)) texts.push_back(std::move(*text));
  }
  return texts;
}

std::optional<bool> Fields::flag(std::string_view key) const {
  const YamlNode* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto flag = bool_of(*value);
  if (!flag) diagnostics_.error(value->mark, fmt::format("'{}' is true or false, not {}", key, found(*value)));
  return flag;
}

std::optional<double> Fields::number(std::string_view key) const {
  const YamlNode* value = find(key);
  if (value == nullptr) return std::nullopt;
  const auto number = float_of(*value);
  if (!number) diagnostics_.error(value->mark, fmt::format("'{}' is a number, not {}", key, found(*value)));
  return number;
}

std::map<std::string, std::string> Fields::scalars(std::string_view key) const {
  std::map<std::string, std::string> values;
  const YamlNode* map = find(key);
  if (map == nullptr) return values;
  if (!map->is_map()) diagnostics_.error(map->mark, fmt::format("'{}' is a map, not {}", key, found(*map)));
  for (const YamlEntry& entry : map->entries) {
    if (auto text = text_of(entry.value, entry.key.text, diagnostics_)) values[entry.key.text] = std::move(*text);
  }
  return values;
}

std::optional<std::string> text_of(const YamlNode& node, std::string_view key, Diagnostics& diagnostics) {
  if (node.is_scalar() && !node.text.empty()) return node.text;
  diagnostics.error(node.mark,
                    fmt::format("'{}' is text, not {}", key, node.is_scalar() ? "an empty one" : found(node)));
  return std::nullopt;
}

std::optional<std::int64_t> integer_of(const YamlNode& node, std::string_view key, std::int64_t least,
                                       std::int64_t most, Diagnostics& diagnostics) {
  const auto value = int_of(node);
  if (value && *value >= least && *value <= most) return value;
  diagnostics.error(node.mark,
                    fmt::format("'{}' is a whole number from {} to {}, not {}", key, least, most, found(node)));
  return std::nullopt;
}

std::optional<OpsetRange> opset_range_of(const YamlNode& node, Diagnostics& diagnostics) {
  const auto opset = [&](const YamlNode& item) { return integer_of(item, "opset", 1, kHighestOpset, diagnostics); };
  if (node.is_scalar()) {
    const auto min = opset(node);
    if (!min) return std::nullopt;
    return OpsetRange{static_cast<int>(*min), 0};
  }
  if (!node.is_list() || node.items.size() != 2) {
    diagnostics.error(node.mark, "'opset' is a lowest opset or a list of a lowest and a highest one",
                      "for example `opset: 18` or `opset: [13, 17]`");
    return std::nullopt;
  }
  const auto min = opset(node.items[0]);
  const auto max = opset(node.items[1]);
  if (!min || !max) return std::nullopt;
  if (*max < *min) {
    diagnostics.error(node.mark, fmt::format("the opset range ends at {}, before it begins at {}", *max, *min));
    return std::nullopt;
  }
  return OpsetRange{static_cast<int>(*min), static_cast<int>(*max)};
}

}  // namespace flowport::config
