#include <algorithm>
#include <set>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "registry/registry.h"

namespace flowport::registry {
namespace {

/// Orders "onnx-9" before "onnx-13": runs of digits by value.
bool natural_less(std::string_view a, std::string_view b) {
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  std::size_t i = 0;
  std::size_t j = 0;
  while (i < a.size() && j < b.size()) {
    if (!is_digit(a[i]) || !is_digit(b[j])) {
      if (a[i] != b[j]) return a[i] < b[j];
      ++i;
      ++j;
      continue;
    }
    const auto run = [&](std::string_view text, std::size_t& at) {
      while (at < text.size() && text[at] == '0') ++at;
      const std::size_t begin = at;
      while (at < text.size() && is_digit(text[at])) ++at;
      return text.substr(begin, at - begin);
    };
    const std::string_view x = run(a, i);
    const std::string_view y = run(b, j);
    if (x != y) return std::tuple(x.size(), x) < std::tuple(y.size(), y);
  }
  const std::size_t left_a = a.size() - i;
  const std::size_t left_b = b.size() - j;
  return std::tuple(left_a, a) < std::tuple(left_b, b);
}

/// Of a denial or an allowance.
template <typename Limit>
bool holds(const Limit& limit, const Target& target) {
  const int opset = target.opset(limit.domain);
  return opset > 0 && opset >= limit.opset_min && (limit.opset_max == 0 || opset <= limit.opset_max);
}

template <typename Limit>
auto key_of(const Limit& limit) {
  return std::tuple(std::string_view(limit.domain), std::string_view(limit.op));
}

template <typename Limit>
void keep_what_holds(std::vector<Limit>& limits, const Target& target) {
  std::erase_if(limits, [&](const Limit& limit) { return !holds(limit, target); });
  std::ranges::stable_sort(limits, {}, key_of<Limit>);
}

/// What an allowance with element types says of all the others.
Denial denial_of(const Allowance& allowance, const Target& target) {
  std::vector<std::string> types;
  for (int bit = 1; bit < 64; ++bit) {
    if ((allowance.dtypes >> bit & 1) != 0) types.emplace_back(ir::name_of(static_cast<ir::DType>(bit)));
  }
  return {allowance.domain,
          allowance.op,
          ~allowance.dtypes & ~std::uint64_t{1},
          fmt::format("{} takes {} only", target.id, join(types)),
          allowance.type_var,
          0,
          0};
}

/// Of ONNX's own domains. Ops of others come with a run-time library that the user names.
bool is_standard(std::string_view domain) { return domain.empty() || domain == "ai.onnx.ml"; }

}  // namespace

const Denial* Target::denial(std::string_view domain, std::string_view op, std::string_view type_var, bool is_first,
                             ir::DType dtype) const {
  if (is_standard(domain)) {
    const bool is_listed =
        !lists_ops || std::ranges::binary_search(allowed, std::tuple(domain, op), {}, key_of<Allowance>);
    if (opset(domain) == 0 || !is_listed) return &unlisted;
  }
  const std::uint64_t bit = std::uint64_t{1} << static_cast<unsigned>(dtype);
  for (const std::string_view name : {op, std::string_view()}) {
    const auto key = std::tuple(domain, name);
    const auto end = std::ranges::upper_bound(denials, key, {}, key_of<Denial>);
    for (auto it = std::ranges::lower_bound(denials, key, {}, key_of<Denial>); it != end; ++it) {
      const Denial& denial = *it;
      const bool is_meant = denial.op.empty() || (denial.type_var.empty() ? is_first : denial.type_var == type_var);
      if (denial.dtypes == 0 || (is_meant && (denial.dtypes & bit) != 0)) return &denial;
    }
  }
  return nullptr;
}

Result<void> Registry::add_target(Target target) {
  if (const auto it = targets_.find(target.id); it != targets_.end()) {
    return problem(Fault::kPlugin, fmt::format("target '{}' is defined twice", target.id),
                   fmt::format("by '{}' and by '{}'", it->second.owner->id, target.owner->id),
                   "rename one of them, or extend the other by `parent:`");
  }
  std::string id = target.id;
  targets_.emplace(std::move(id), std::move(target));
  return {};
}

Result<void> Registry::add_schema(CustomSchema schema) {
  auto& versions = schemas_[{schema.domain, schema.op}];
  if (const auto it = versions.find(schema.since_version); it != versions.end()) {
    return problem(
        Fault::kPlugin,
        fmt::format("op {}::{} has two schemas of version {}", schema.domain, schema.op, schema.since_version),
        fmt::format("'{}' and '{}'", it->second.owner->id, schema.owner->id),
        "disable one of the two, or use a domain of your own");
  }
  versions.emplace(schema.since_version, std::move(schema));
  return {};
}

const CustomSchema* Registry::schema(std::string_view domain, std::string_view op, int version) const {
  const auto it = schemas_.find({std::string(domain), std::string(op)});
  if (it == schemas_.end()) return nullptr;
  const auto after = version == 0 ? it->second.end() : it->second.upper_bound(version);
  return after == it->second.begin() ? nullptr : &std::prev(after)->second;
}

std::vector<std::string> Registry::target_ids() const {
  std::vector<std::string> ids;
  for (const auto& [id, raw] : targets_) {
    if (target(id).has_value()) ids.push_back(id);
  }
  std::ranges::sort(ids, natural_less);
  return ids;
}

std::string Registry::missing_target(std::string_view id) const {
  std::set<std::string, std::less<>> seen;
  std::string at(id);
  while (seen.insert(at).second) {
    const auto it = targets_.find(at);
    if (it == targets_.end()) return at;
    if (it->second.parent.empty()) break;
    at = it->second.parent;
  }
  return {};
}

Result<Target> Registry::target(std::string_view id) const {
  const auto found = targets_.find(id);
  if (found == targets_.end()) {
    const std::vector<std::string> ids = target_ids();
    const std::vector<std::string_view> views(ids.begin(), ids.end());
    std::string next = did_you_mean(id, views);
    if (next.empty()) next = ids.empty() ? "no plugin with targets is loaded" : "targets are: " + join(ids, ", ", 20);
    return problem(Fault::kUsage, fmt::format("there is no target '{}'", id), {}, std::move(next));
  }

  Target result = found->second;
  std::set<std::string, std::less<>> seen{result.id};
  std::string parent = result.parent;
  while (!parent.empty()) {
    if (!seen.insert(parent).second) {
      return problem(Fault::kPlugin, fmt::format("target '{}' is its own parent, by way of '{}'", id, result.parent),
                     result.owner->path, "take one `parent` out of the circle");
    }
    const auto it = targets_.find(parent);
    if (it == targets_.end()) {
      return problem(Fault::kPlugin, fmt::format("target '{}' has the parent '{}', which does not exist", id, parent),
                     result.owner->path, "load the plugin or the file that defines it");
    }
    const Target& base = it->second;
    if (result.ir_version == 0) result.ir_version = base.ir_version;
    result.domains.insert(base.domains.begin(), base.domains.end());
    result.denials.insert(result.denials.begin(), base.denials.begin(), base.denials.end());
    result.allowed.insert(result.allowed.begin(), base.allowed.begin(), base.allowed.end());
    if (result.max_rank == 0) result.max_rank = base.max_rank;
    result.static_shapes = result.static_shapes || base.static_shapes;
    if (result.source.empty()) result.source = base.source;
    parent = base.parent;
  }
  if (result.domains.empty()) {
    return problem(Fault::kUsage, fmt::format("target '{}' is only a parent for others: it has no opset", id), {},
                   "use one of those that extend it");
  }
  result.lists_ops = !result.allowed.empty();
  keep_what_holds(result.allowed, result);
  for (const Allowance& allowance : result.allowed) {
    if (allowance.dtypes != 0) result.denials.push_back(denial_of(allowance, result));
  }
  keep_what_holds(result.denials, result);
  result.unlisted.reason = "it is not among the ops that the target takes";
  return result;
}

}  // namespace flowport::registry
