#include "config/op_names.h"

#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace flowport::config {
namespace {

/// TensorFlow's op that is written as `name` but for case and underscores; nullopt where there is none.
std::optional<std::string_view> same_but_for_case(std::string_view name) {
  const auto folded = [](std::string_view text) {
    std::string out;
    for (const char c : text) {
      if (c != '_') out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return out;
  };
  const std::string wanted = folded(name);
  for (const std::string_view op : tf::OpTable::built_in_names()) {
    if (op.size() <= 2 * name.size() && folded(op) == wanted) return op;
  }
  return std::nullopt;
}

}  // namespace

void check_op_name(const std::string& name, Mark mark, const tf::OpTable& ops, Diagnostics& diagnostics) {
  if (ops.find(name) != nullptr) return;
  const auto op = same_but_for_case(name);
  if (!op) return;
  diagnostics.error(mark, fmt::format("TensorFlow has no op '{}'", name), fmt::format("did you mean '{}'?", *op));
}

}  // namespace flowport::config
