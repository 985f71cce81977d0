#include "config/flow_text.h"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

namespace flowport::config {
namespace {

/// Whether plain `text` means the same inside of flow lists and maps, and beside a comment.
bool is_bare(std::string_view text) {
  constexpr std::string_view kOthers = "_.+/-";
  const auto is_harmless = [&](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    return letter || kOthers.find(c) != std::string_view::npos;
  };
  return !text.empty() && text != "-" && text != "null" && std::ranges::all_of(text, is_harmless);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '\n') {
      out += "\\n";
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(c));
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

}  // namespace

std::string to_flow_text(const YamlNode& node) {
  std::string out;
  switch (node.kind) {
    case YamlNode::Kind::kNull: return "null";
    case YamlNode::Kind::kScalar: return node.is_plain && is_bare(node.text) ? node.text : quoted(node.text);
    case YamlNode::Kind::kList:
      for (const YamlNode& item : node.items) out += (out.empty() ? "" : ", ") + to_flow_text(item);
      return "[" + out + "]";
    case YamlNode::Kind::kMap:
      for (const YamlEntry& entry : node.entries) {
        out += (out.empty() ? "" : ", ") + to_flow_text(entry.key) + ": " + to_flow_text(entry.value);
      }
      return "{" + out + "}";
  }
  return out;
}

}  // namespace flowport::config
