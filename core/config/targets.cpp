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

registry::Denial read_denial(const YamlNode& node, Diagnostics& diagnostics) {
  registry::Denial denial;
  const Fields fields(node, "an entry of 'deny'", {"op", "domain", "types", "variable", "opset", "reason"},
                      diagnostics);
  denial.op = fields.text("op").value_or("");
  denial.domain = domain_of(fields.text("domain").value_or(""));
  denial.type_var = fields.text("variable").value_or("");
  denial.reason = fields.text("reason").value_or("");
  fields.require("reason");
  const YamlNode* types = fields.find("types");
  if (types != nullptr) denial.dtypes = read_types(*types, diagnostics);
  if (const YamlNode* opset = fields.find("opset")) {
    if (const auto range = opset_range_of(*opset, diagnostics)) {
      denial.opset_min = range->min;
      denial.opset_max = range->max;
    }
  }
  if (node.is_map() && types == nullptr && fields.find("op") == nullptr) {
    diagnostics.error(node.mark, "an entry of 'deny' needs 'op', 'types' or both");
  }
  return denial;
}

}  // namespace

std::optional<registry::Target> read_target(const YamlEntry& entry, Diagnostics& diagnostics) {
  Diagnostics own = diagnostics.nested();
  const Fields fields(entry.value, "a target", {"parent", "ir", "opsets", "deny", "doc"}, own);
  registry::Target target;
  target.id = entry.key.text;
  target.parent = fields.text("parent").value_or("");
  target.doc = fields.text("doc").value_or("");
  if (const auto ir = fields.integer("ir", 3, 1000)) target.ir_version = static_cast<std::uint32_t>(*ir);
  if (const YamlNode* opsets = fields.find("opsets")) {
    if (!opsets->is_map())
      own.error(opsets->mark, fmt::format("'opsets' is a map of domains, not {}", kind_of(*opsets)));
    for (const YamlEntry& opset : opsets->entries) {
      const auto version = integer_of(opset.value, opset.key.text, 1, 1'000'000, own);
      if (version) target.domains[domain_of(opset.key.text)] = static_cast<int>(*version);
    }
  }
  if (const YamlNode* deny = fields.find("deny")) {
    if (!deny->is_list()) own.error(deny->mark, fmt::format("'deny' is a list, not {}", kind_of(*deny)));
    for (const YamlNode& item : deny->items) target.denials.push_back(read_denial(item, own));
  }
  if (entry.value.is_map() && target.parent.empty() && (target.ir_version == 0 || !target.domains.contains(""))) {
    own.error(entry.key.mark,
              fmt::format("the target '{}' says neither its parent nor its own opset and IR version", target.id),
              "add `parent: onnx-21`, or `opsets: {ai.onnx: 21}` and `ir: 10`");
  }
  if (own.failed()) return std::nullopt;
  return target;
}

}  // namespace flowport::config
