#include "config/onnx_name.h"

#include <fmt/format.h>

namespace flowport::config {
namespace {

bool is_name(std::string_view text, bool dots) {
  if (text.empty()) return false;
  bool starts_part = true;
  for (const char c : text) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
    const bool inner = (c >= '0' && c <= '9') || (dots && c == '-');
    if (dots && c == '.' && !starts_part) {
      starts_part = true;
      continue;
    }
    if (!letter && (!inner || starts_part)) return false;
    starts_part = false;
  }
  return !starts_part;
}

}  // namespace

OnnxName read_onnx_name(const YamlNode& node, std::string_view key, Diagnostics& diagnostics) {
  OnnxName name;
  const auto text = text_of(node, key, diagnostics);
  if (!text) return name;
  std::string_view rest = *text;
  const auto colons = rest.find("::");
  const bool custom = colons != std::string_view::npos;
  if (custom) {
    name.domain = rest.substr(0, colons);
    rest.remove_prefix(colons + 2);
    if (const auto at = rest.find('@'); at != std::string_view::npos) {
      YamlNode version = node;
      version.is_plain = true;
      version.text = rest.substr(at + 1);
      rest = rest.substr(0, at);
      const auto number = integer_of(version, "version", 1, 1'000'000, diagnostics);
      if (number) name.version = static_cast<int>(*number);
    }
  }
  name.op = rest;
  if (!is_name(name.op, false) || (custom && !is_name(name.domain, true))) {
    diagnostics.error(node.mark, fmt::format("'{}' does not name an ONNX op", *text),
                      "write Op, or domain::Op@version for a custom domain");
  }
  if (name.domain == "ai.onnx") name.domain.clear();
  return name;
}

}  // namespace flowport::config
