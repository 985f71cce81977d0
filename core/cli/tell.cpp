#include "cli/tell.h"

#include <algorithm>
#include <iostream>
#include <set>
#include <span>
#include <utility>

#include <fmt/format.h>

#include "base/temporary_file.h"
#include "cli/command.h"
#include "convert/limits.h"

namespace flowport::cli {

std::string format_name(tf::Format format) {
  switch (format) {
    case tf::Format::kSavedModel: return "SavedModel";
    case tf::Format::kGraphDef: return "GraphDef";
    case tf::Format::kGraphDefText: return "GraphDef as text";
    case tf::Format::kCheckpoint: return "checkpoint";
  }
  return {};
}

namespace {

std::string place(const std::string& node, const std::string& path) { return path.empty() ? node : path + ": " + node; }

/// The journal's name for the row.
std::string handler_name(const registry::Row& row) { return fmt::format("{}/{}", row.owner->id, row.id); }

/// Notes whose place `handler` took: that of the best row of a lower layer, where there is one.
void tell_override(const Session& session, const std::string& op, const std::string& handler, report::Report& report) {
  auto rows = session.registry.resolve(op, session.target);
  if (!rows) return;
  for (const auto& rule : session.registry.node_rules()) {
    if (rule.mapping && rule.op == op) rows->insert(rows->begin(), &*rule.mapping);
  }
  const auto winner =
      std::find_if(rows->begin(), rows->end(), [&](const auto* row) { return handler_name(*row) == handler; });
  if (winner == rows->end()) return;
  const auto loser =
      std::find_if(winner, rows->end(), [&](const auto* row) { return row->layer() > (*winner)->layer(); });
  if (loser == rows->end()) return;
  const auto worded = [](const registry::Row& row) {
    return fmt::format("{} ({})", handler_name(row), registry::name_of(row.layer()));
  };
  report.overrides.push_back({op, worded(**winner), worded(**loser)});
}

}  // namespace

void tell_program(const tf::Program& program, report::Report& report) {
  report.format = format_name(program.format());
  report.tags = program.tags();
}

void tell_session(const Session& session, report::Report& report) {
  report.target = session.target.id;
  report.ir_version = session.target.ir_version;
  for (const auto& plugin : session.plugins) {
    if (plugin.is_usable()) report.plugins.push_back({plugin.id, plugin.version, plugin.path.string()});
  }
}

void tell_conversion(const convert::Conversion& conversion, const Session& session, report::Report& report) {
  const auto& journal = conversion.journal;
  report.signature = conversion.signature;
  for (const auto& import : conversion.model.opsets) report.opsets[import.domain] = import.version;
  report.tf_ops = journal.tf_ops;
  report.dropped = journal.dropped;
  for (const auto& [key, count] : journal.handlers) {
    report.handlers.push_back({key.first, key.second, count});
    tell_override(session, key.first, key.second, report);
  }
  for (const auto& warning : journal.warnings) {
    report.warnings.push_back({fmt::format("{}: {}", warning.op, warning.text), place(warning.node, warning.path)});
  }
  std::vector<report::UnsupportedNode> unsupported;
  for (const auto& problem : journal.problems) {
    if (problem.fault == Fault::kUnsupported) {
      unsupported.push_back({problem.op, problem.node, problem.path, problem.reason, problem.next});
    } else {
      std::string where = place(problem.node, problem.path);
      if (problem.handler != "core") where += ", by " + problem.handler;
      report.problems.push_back(
          {problem.fault, fmt::format("{}: {}", problem.op, problem.reason), std::move(where), problem.next});
    }
  }
  report.unsupported = report::group_by_op(unsupported);
  report.problems.insert(report.problems.end(), conversion.problems.begin(), conversion.problems.end());
  for (const auto value : conversion.model.graph.inputs) {
    const auto& input = conversion.model.values[value];
    report.inputs.push_back({input.name, report::type_text(conversion.model, input.type)});
  }
  for (const auto value : conversion.model.graph.outputs) {
    const auto& output = conversion.model.values[value];
    report.outputs.push_back({output.name, report::type_text(conversion.model, output.type)});
  }
}

std::string owner_text(const registry::Row& row) {
  return row.owner->version.empty() ? row.source : fmt::format("{} {}", row.owner->id, row.owner->version);
}

std::string range_text(const registry::Row& row) {
  if (row.opset_max == 0) return fmt::format("{}+", row.opset_min);
  return row.opset_min == row.opset_max ? std::to_string(row.opset_min)
                                        : fmt::format("{}-{}", row.opset_min, row.opset_max);
}

int save_text(const std::string& path, std::string_view text) {
  auto file = TemporaryFile::create(path);
  if (!file) return report_problems({file.error()});
  if (auto written = file->write(std::as_bytes(std::span(text))); !written) return report_problems({written.error()});
  if (auto kept = file->commit(); !kept) return report_problems({kept.error()});
  return 0;
}

optimize::OptimizeOptions optimizing(const registry::Target& target, std::vector<std::string> disabled) {
  optimize::OptimizeOptions options;
  options.disabled = std::move(disabled);
  options.takes = [&target](std::string_view op, ir::DType dtype) {
    return target.denial({}, op) == nullptr && target.denial({}, op, {}, true, dtype) == nullptr;
  };
  return options;
}

bool within_limits(ir::Model& model, const registry::Target& target, report::Report& report) {
  std::vector<report::UnsupportedNode> nodes;
  for (auto& broken : convert::broken_limits(model, target)) {
    nodes.push_back({"ONNX " + broken.op, std::move(broken.node), std::move(broken.path), std::move(broken.reason),
                     std::move(broken.next)});
  }
  report.unsupported = report::group_by_op(nodes);
  return nodes.empty();
}

void tell_needs(ir::Model& model, const registry::Registry& registry, report::Report& report) {
  std::set<std::pair<std::string, std::string>> ops;
  ir::Model::for_each_graph(model.graph, [&](const ir::Graph& graph) {
    for (const auto& node : graph.nodes) {
      if (!convert::is_standard(node.domain)) ops.emplace(node.domain, node.op);
    }
  });
  for (const auto& [domain, op] : ops) {
    const auto version = model.opset(domain);
    report::RuntimeNeed need{domain, op, version, {}, {}};
    if (const auto* schema = registry.schema(domain, op, static_cast<int>(version))) {
      need.library = schema->library;
      need.registration = schema->registration;
    }
    report.runtime_needs.push_back(std::move(need));
  }
}

int report_failure(const report::Report& report) {
  std::cerr << report::problems_text(report.unsupported);
  const int others = report_problems(report.problems);
  if (others != 0) return others;
  return report.unsupported.empty() ? 0 : exit_status(Fault::kUnsupported);
}

}  // namespace flowport::cli
