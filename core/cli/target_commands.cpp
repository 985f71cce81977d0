// The commands that show targets.
#include <algorithm>
#include <iostream>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>

#include "cli/command.h"
#include "cli/parse.h"
#include "cli/session.h"

namespace flowport::cli {

namespace {

constexpr std::string_view kUsage =
    "usage: flowport target list\n       flowport target show [--target NAME | --opset N]\n\nShows what can be "
    "converted for: opsets, IR version, and what the run-time takes of them.\n\n"
    "  flowport target list\n"
    "  flowport target show --target openvino-2026\n\n";

std::string name_of_op(std::string_view domain, std::string_view op) {
  if (op.empty()) return "every op";
  return domain.empty() ? std::string(op) : fmt::format("{}::{}", domain, op);
}

std::string types_text(std::uint64_t mask) {
  std::vector<std::string_view> types;
  for (int bit = 1; bit < 64; ++bit) {
    if ((mask >> bit & 1) != 0) types.push_back(ir::name_of(static_cast<ir::DType>(bit)));
  }
  return fmt::format("{}", fmt::join(types, ", "));
}

/// `items` after `indent`, as many on a line as fit.
void print_wrapped(std::string_view indent, const std::vector<std::string>& items) {
  constexpr std::size_t kWidth = 100;
  std::string line;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string item = i + 1 < items.size() ? items[i] + "," : items[i];
    if (!line.empty() && line.size() + item.size() + 1 > kWidth) {
      std::cout << indent << line << '\n';
      line.clear();
    }
    if (!line.empty()) line += ' ';
    line += item;
  }
  if (!line.empty()) std::cout << indent << line << '\n';
}

/// Limits that are neither of an op nor of an element type, in one line.
std::string shape_limits(const registry::Target& target) {
  std::vector<std::string> limits;
  if (target.max_rank != 0) limits.push_back(fmt::format("{} dims at most", target.max_rank));
  if (target.static_shapes) limits.emplace_back("inputs of known dims only");
  return fmt::format("{}", fmt::join(limits, ", "));
}

std::string ops_text(const registry::Target& target) {
  std::vector<std::string_view> names;
  for (const auto& allowance : target.allowed) names.push_back(allowance.op);
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::vector<std::string_view> denied;
  for (const auto& denial : target.denials) {
    if (denial.dtypes == 0) denied.push_back(denial.op);
  }
  denied.erase(std::unique(denied.begin(), denied.end()), denied.end());
  if (target.lists_ops) return fmt::format("{} ops", names.size());
  return denied.empty() ? "all ops" : fmt::format("all ops but {}", denied.size());
}

int list_targets(const registry::Registry& registry) {
  std::cout << fmt::format("{:<24} {:<8} {:<6} {:<18} {}\n", "target", "ai.onnx", "IR", "takes", "what it is");
  for (const auto& id : registry.target_ids()) {
    const auto target = registry.target(id);
    if (!target) continue;
    std::string doc = target->doc;
    if (const std::string shapes = shape_limits(*target); !shapes.empty()) doc += fmt::format("; {}", shapes);
    std::cout << fmt::format("{:<24} {:<8} {:<6} {:<18} {}\n", id, target->opset(), target->ir_version,
                             ops_text(*target), doc);
  }
  return 0;
}

void show_denials(const registry::Target& target) {
  std::map<std::string, std::vector<std::string>> whole;  // reason -> ops
  std::vector<const registry::Denial*> by_type;
  for (const auto& denial : target.denials) {
    if (denial.dtypes == 0) {
      whole[denial.reason].push_back(name_of_op(denial.domain, denial.op));
    } else {
      by_type.push_back(&denial);
    }
  }
  for (auto& [reason, ops] : whole) {
    std::cout << fmt::format("  not taken: {}\n", reason);
    ops.erase(std::unique(ops.begin(), ops.end()), ops.end());
    print_wrapped("    ", ops);
  }
  if (by_type.empty()) return;
  std::cout << "  element types not taken\n";
  for (const auto* denial : by_type) {
    const std::string variable = denial->type_var.empty() ? std::string() : fmt::format(" as {}", denial->type_var);
    // An allowance's types are fewer than those that it leaves out.
    const bool is_rest = (denial->dtypes >> 63 & 1) != 0;
    std::cout << (is_rest ? fmt::format("    {:<24} {}{}\n", name_of_op(denial->domain, denial->op), denial->reason,
                                        variable)
                          : fmt::format("    {:<24} not for {}{}: {}\n", name_of_op(denial->domain, denial->op),
                                        types_text(denial->dtypes), variable, denial->reason));
  }
}

int show_target(const registry::Target& target) {
  std::cout << fmt::format("{}\n", target.id);
  if (!target.doc.empty()) std::cout << fmt::format("  what    {}\n", target.doc);
  if (!target.source.empty()) std::cout << fmt::format("  source  {}\n", target.source);
  std::cout << fmt::format("  from    {}\n  IR      {}\n", target.owner->id, target.ir_version);
  for (const auto& [domain, version] : target.domains) {
    std::cout << fmt::format("  opset   {} {}\n", domain.empty() ? "ai.onnx" : domain, version);
  }
  if (const std::string shapes = shape_limits(target); !shapes.empty())
    std::cout << fmt::format("  shapes  {}\n", shapes);
  std::cout << fmt::format("  ops     {}\n", ops_text(target));
  if (target.lists_ops) {
    std::vector<std::string> names;
    for (const auto& allowance : target.allowed) names.push_back(name_of_op(allowance.domain, allowance.op));
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::cout << "  taken\n";
    print_wrapped("    ", names);
  }
  show_denials(target);
  return 0;
}

}  // namespace

int run_target(const Arguments& arguments) {
  SessionOptions session_options;
  boost::program_options::options_description options("options");
  options.add_options()("help,h", "show this text");
  session_options.describe(options);
  auto parsed = parse(arguments, options, {"list|show"}, kUsage);
  if (!parsed) return parsed.error();
  auto session = open_session(session_options, *parsed);
  if (!session) return report_problems(session.error());
  const std::string& what = parsed->positional.at("list|show");
  if (what == "show") return show_target((*session)->target);
  if (what != "list") {
    return report_problems(
        {Problem{Fault::kUsage, fmt::format("there is no `target {}`", what), {}, "there are: list, show"}});
  }
  const auto folder = (*session)->installation.configs / "targets";
  if (auto problems = config::load_builtin_targets(folder, {}, (*session)->registry); !problems.empty())
    return report_problems(problems);
  return list_targets((*session)->registry);
}

}  // namespace flowport::cli
