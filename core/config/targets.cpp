#include "config/targets.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "onnx/dtype.h"

namespace flowport::config {
namespace {

std::string domain_of(std::string_view name) { return name == "ai.onnx" ? std::string() : std::string(name); }

std::uint64_t read_types(const YamlNode& node, Diagnostics& diagnostics) {
  constexpr auto kLast = static_cast<std::int32_t>(ir::DType::kInt2);
  std::vector<std::string_view> names;
  for (std::int32_t i = 1; i <= kLast; ++i) names.push_back(name_of(static_cast<ir::DType>(i)));
  std::uint64_t mask = 0;
  if (!node.is_list()) {
    diagnostics.error(node.mark, fmt::format("'types' is a list of ONNX element types, not {}", kind_of(node)));
    return mask;
  }
  for (const YamlNode& item : node.items) {
    const auto text = text_of(item, "types", diagnostics);
    if (!text) continue;
    const auto it = std::ranges::find(names, std::string_view(*text));
    if (it == names.end()) {
      std::string next = did_you_mean(*text, names);
      if (next.empty()) next = "for example float, double, int64, bfloat16";
      diagnostics.error(item.mark, fmt::format("'{}' is no ONNX element type", *text), std::move(next));
    } else {
      mask |= std::uint64_t{1} << (it - names.begin() + 1);
    }
  }
  return mask;
}

/// What an entry of 'deny' or 'allow' speaks of.
struct Subject {
  std::vector<std::string> ops;
  std::string domain, variable;
  std::uint64_t types = 0;
  OpsetRange opset;
};

/// The value of 'op': one, or a list.
std::vector<std::string> read_ops(const YamlNode& node, Diagnostics& diagnostics) {
  std::vector<std::string> ops;
  const auto add = [&](const YamlNode& item) {
    if (auto text = text_of(item, "op", diagnostics)) ops.push_back(std::move(*text));
  };
  if (node.is_list() && node.items.empty()) diagnostics.error(node.mark, "'op' is an empty list");
  if (node.is_list()) {
    for (const YamlNode& item : node.items) add(item);
  } else {
    add(node);
  }
  return ops;
}

Subject read_subject(const Fields& fields, Diagnostics& diagnostics) {
  Subject subject;
  if (const YamlNode* op = fields.find("op")) subject.ops = read_ops(*op, diagnostics);
  subject.domain = domain_of(fields.text("domain").value_or(""));
  subject.variable = fields.text("variable").value_or("");
  if (const YamlNode* types = fields.find("types")) subject.types = read_types(*types, diagnostics);
  if (const YamlNode* opset = fields.find("opset")) {
    subject.opset = opset_range_of(*opset, diagnostics).value_or(OpsetRange{});
  }
  return subject;
}

void read_denial(const YamlNode& node, Diagnostics& diagnostics, registry::Target& target) {
  const Fields fields(node, "an entry of 'deny'", {"op", "domain", "types", "variable", "opset", "reason"},
                      diagnostics);
  fields.require("reason");
  Subject subject = read_subject(fields, diagnostics);
  if (node.is_map() && fields.find("types") == nullptr && fields.find("op") == nullptr) {
    diagnostics.error(node.mark, "an entry of 'deny' needs 'op', 'types' or both");
  }
  if (subject.ops.empty()) subject.ops.emplace_back();
  const std::string reason = fields.text("reason").value_or("");
  for (std::string& op : subject.ops) {
    target.denials.push_back(
        {subject.domain, std::move(op), subject.types, reason, subject.variable, subject.opset.min, subject.opset.max});
  }
}

void read_allowance(const YamlNode& node, Diagnostics& diagnostics, registry::Target& target) {
  const Fields fields(node, "an entry of 'allow'", {"op", "domain", "types", "variable", "opset"}, diagnostics);
  fields.require("op");
  Subject subject = read_subject(fields, diagnostics);
  for (std::string& op : subject.ops) {
    target.allowed.push_back(
        {subject.domain, std::move(op), subject.types, subject.variable, subject.opset.min, subject.opset.max});
  }
}

/// Calls `read` for each item of the list `key`.
template <typename Read>
void read_list(const Fields& fields, std::string_view key, Diagnostics& diagnostics, Read&& read) {
  const YamlNode* list = fields.find(key);
  if (list == nullptr) return;
  if (!list->is_list()) diagnostics.error(list->mark, fmt::format("'{}' is a list, not {}", key, kind_of(*list)));
  for (const YamlNode& item : list->items) read(item);
}

/// The value of `key`, which is true where it is absent.
bool is_taken(const Fields& fields, std::string_view key, Diagnostics& diagnostics) {
  const YamlNode* node = fields.find(key);
  if (node == nullptr) return true;
  const auto value = bool_of(*node);
  if (!value) diagnostics.error(node->mark, fmt::format("'{}' is true or false, not {}", key, kind_of(*node)));
  return value.value_or(true);
}

constexpr std::uint32_t kMostDims = 1000;

}  // namespace

std::optional<registry::Target> read_target(const YamlEntry& entry, Diagnostics& diagnostics) {
  Diagnostics own = diagnostics.nested();
  const Fields fields(
      entry.value, "a target",
      {"parent", "ir", "opsets", "allow", "deny", "control_flow", "dynamic_shapes", "max_rank", "doc", "source"}, own);
  registry::Target target;
  target.id = entry.key.text;
  target.parent = fields.text("parent").value_or("");
  target.doc = fields.text("doc").value_or("");
  target.source = fields.text("source").value_or("");
  if (const auto ir = fields.integer("ir", 3, 1000)) target.ir_version = static_cast<std::uint32_t>(*ir);
  if (const YamlNode* opsets = fields.find("opsets")) {
    if (!opsets->is_map())
      own.error(opsets->mark, fmt::format("'opsets' is a map of domains, not {}", kind_of(*opsets)));
    for (const YamlEntry& opset : opsets->entries) {
      const auto version = integer_of(opset.value, opset.key.text, 1, 1'000'000, own);
      if (version) target.domains[domain_of(opset.key.text)] = static_cast<int>(*version);
    }
  }
  read_list(fields, "allow", own, [&](const YamlNode& item) { read_allowance(item, own, target); });
  read_list(fields, "deny", own, [&](const YamlNode& item) { read_denial(item, own, target); });
  if (!is_taken(fields, "control_flow", own)) {
    for (const char* op : {"If", "Loop", "Scan"})
      target.denials.push_back({{}, op, 0, "it has no control flow", {}, 0, 0});
  }
  target.static_shapes = !is_taken(fields, "dynamic_shapes", own);
  if (const auto rank = fields.integer("max_rank", 1, kMostDims)) target.max_rank = static_cast<std::uint32_t>(*rank);
  if (entry.value.is_map() && target.parent.empty() && (target.ir_version == 0 || !target.domains.contains(""))) {
    own.error(entry.key.mark,
              fmt::format("the target '{}' says neither its parent nor its own opset and IR version", target.id),
              "add `parent: onnx-21`, or `opsets: {ai.onnx: 21}` and `ir: 10`");
  }
  if (own.failed()) return std::nullopt;
  return target;
}

}  // namespace flowport::config
