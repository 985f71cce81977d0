#include <algorithm>
#include <iterator>
#include <map>
#include <numeric>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"
#include "report/report.h"

namespace flowport::report {
namespace {

constexpr std::size_t kMostOps = 5;
constexpr const char* kUnits[] = {"kB", "MB", "GB"};

std::string count_text(std::size_t count, std::string_view one, std::string_view many) {
  return fmt::format("{} {}", count, count == 1 ? one : many);
}

std::string size_text(std::uint64_t bytes) {
  if (bytes < 1000) return fmt::format("{} bytes", bytes);
  double size = static_cast<double>(bytes) / 1000;
  std::size_t unit = 0;
  while (size >= 999.95 && unit + 1 < std::size(kUnits)) {
    size /= 1000;
    ++unit;
  }
  return fmt::format("{:.1f} {}", size, kUnits[unit]);
}

/// "Conv 52, Relu 35, ... (9 more)", most frequent first.
std::string ops_text(const std::map<std::string, std::size_t>& ops) {
  std::vector<std::pair<std::string, std::size_t>> sorted(ops.begin(), ops.end());
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  std::vector<std::string> items;
  items.reserve(sorted.size());
  for (const auto& [op, count] : sorted) items.push_back(fmt::format("{} {}", op, count));
  return join(items, ", ", kMostOps);
}

std::size_t sum(const std::map<std::string, std::size_t>& ops) {
  return std::accumulate(ops.begin(), ops.end(), std::size_t{0},
                         [](std::size_t total, const auto& each) { return total + each.second; });
}

std::string endpoints_text(const std::vector<Endpoint>& endpoints) {
  std::vector<std::string> items;
  items.reserve(endpoints.size());
  for (const Endpoint& each : endpoints) items.push_back(fmt::format("{}: {}", each.name, each.type));
  return join(items, ", ");
}

std::string place_text(const OpProblem::Place& place) {
  return place.path.empty() ? place.node : fmt::format("{} in {}", place.node, place.path);
}

/// A label and what follows it, in columns; nothing where there is nothing to say.
void add_line(std::string& text, std::string_view label, std::string_view value) {
  if (!value.empty()) text += fmt::format("{:<10} {}\n", label, value);
}

void add_detail(std::string& text, std::string_view label, std::string_view value) {
  if (!value.empty()) text += fmt::format("    {:<5} {}\n", label, value);
}

std::string model_text(const Report& report) {
  std::vector<std::string> details;
  if (!report.format.empty()) details.push_back(report.format);
  if (!report.signature.empty()) details.push_back("signature " + report.signature);
  return details.empty() ? report.model : fmt::format("{} ({})", report.model, join(details, ", "));
}

std::string target_text(const Report& report) {
  std::vector<std::string> items;
  if (!report.target.empty()) items.push_back(report.target);
  for (const auto& [domain, version] : report.opsets) {
    items.push_back(fmt::format("{} {}", domain.empty() ? "ai.onnx" : domain, version));
  }
  if (report.ir_version != 0) items.push_back(fmt::format("IR {}", report.ir_version));
  return join(items, ", ");
}

/// What the run-time needs beside ONNX's own ops, told once for all ops of a library.
void add_needs(std::string& text, const std::vector<RuntimeNeed>& needs) {
  std::map<std::tuple<std::string, std::int64_t, std::string, std::string>, std::vector<std::string>> groups;
  for (const RuntimeNeed& need : needs)
    groups[{need.domain, need.version, need.library, need.registration}].push_back(need.op);
  for (const auto& [key, ops] : groups) {
    const auto& [domain, version, library, registration] = key;
    add_line(text, "To run", fmt::format("domain {} version {}: {}", domain, version, join(ops, ", ")));
    if (!library.empty()) add_line(text, "", "library   " + library);
    if (!registration.empty()) add_line(text, "", "register  " + registration);
    if (library.empty() && registration.empty()) add_line(text, "", "whoever declared the ops names no library");
  }
}

std::string time_text(const Report& report) {
  if (report.phases.empty()) return {};
  const double ms = std::accumulate(report.phases.begin(), report.phases.end(), 0.0,
                                    [](double total, const Phase& each) { return total + each.ms; });
  std::string text = fmt::format("{:.2f} s", ms / 1000);
  if (report.peak_memory != 0) text += fmt::format(", {} at most in memory", size_text(report.peak_memory));
  return text;
}

}  // namespace

std::string summary_text(const Report& report) {
  std::string text;
  add_line(text, "Model", model_text(report));
  add_line(text, "Target", target_text(report));
  add_line(text, "Inputs", endpoints_text(report.inputs));
  add_line(text, "Outputs", endpoints_text(report.outputs));
  if (!report.tf_ops.empty()) {
    add_line(text, "TensorFlow",
             fmt::format("{}: {}", count_text(sum(report.tf_ops), "node", "nodes"), ops_text(report.tf_ops)));
  }
  if (!report.onnx_ops.empty()) {
    add_line(text, "ONNX",
             fmt::format("{}: {}", count_text(sum(report.onnx_ops), "node", "nodes"), ops_text(report.onnx_ops)));
  }
  if (!report.dropped.empty()) {
    add_line(text, "Left out",
             fmt::format("{} on which no output depends by data: {}", count_text(sum(report.dropped), "node", "nodes"),
                         ops_text(report.dropped)));
  }
  for (const Warning& warning : report.warnings) {
    add_line(text, "Warning",
             warning.where.empty() ? warning.text : fmt::format("{} ({})", warning.text, warning.where));
  }
  for (const OutputFile& file : report.files)
    add_line(text, "Written", fmt::format("{} ({})", file.path, size_text(file.bytes)));
  add_line(text, "Time", time_text(report));
  add_needs(text, report.runtime_needs);
  return text;
}

namespace {

std::string grouped_text(const Problems& problems, std::string_view kind) {
  struct Group {
    const Problem* first;
    std::vector<std::string> places;
  };
  std::vector<Group> groups;
  std::map<std::tuple<Fault, std::string_view, std::string_view>, std::size_t> index;
  for (const Problem& each : problems) {
    const auto [found, is_new] = index.try_emplace({each.fault, each.what, each.next}, groups.size());
    if (is_new) groups.push_back({&each, {}});
    if (!each.where.empty()) groups[found->second].places.push_back(each.where);
  }
  std::string text;
  for (const Group& group : groups) {
    text +=
        fmt::format("{}: {}\n", group.first->fault == Fault::kInternal ? "internal error" : kind, group.first->what);
    add_detail(text, "at", join(group.places, "; ", kMostPlaces));
    add_detail(text, "next", group.first->next);
  }
  return text;
}

}  // namespace

std::string problems_text(const Problems& problems) { return grouped_text(problems, "error"); }

std::string warnings_text(const Problems& warnings) { return grouped_text(warnings, "warning"); }

std::string problems_text(std::span<const OpProblem> problems) {
  if (problems.empty()) return {};
  std::map<std::string, std::size_t> ops;
  for (const OpProblem& each : problems) ops[each.op] += each.count;
  std::string text = fmt::format("error: {} cannot be converted, in {}\n", count_text(ops.size(), "op", "ops"),
                                 count_text(sum(ops), "node", "nodes"));
  for (const OpProblem& each : problems) {
    text += fmt::format("  {} ({})\n", each.op, count_text(each.count, "node", "nodes"));
    std::vector<std::string> places;
    for (const OpProblem::Place& place : each.places) places.push_back(place_text(place));
    std::string at = join(places, "; ");
    if (each.count > places.size()) at += fmt::format("; ... ({} more)", each.count - places.size());
    add_detail(text, "at", at);
    add_detail(text, "why", each.reason);
    add_detail(text, "next", each.next);
  }
  return text;
}

}  // namespace flowport::report
