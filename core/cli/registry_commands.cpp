// The commands that show what is registered: ops, explain, target, --version.
#include <algorithm>
#include <iostream>

#include <flowport/abi.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <boost/program_options.hpp>

#include "base/text.h"
#include "cli/command.h"
#include "cli/parse.h"
#include "cli/session.h"
#include "cli/tell.h"
#include "convert/core_ops.h"

namespace flowport::cli {

namespace po = boost::program_options;

namespace {

struct Parsed {
  std::map<std::string, std::string> positional;
  std::unique_ptr<Session> session;
};

/// Parses a command line of session options and opens the session.
tl::expected<Parsed, int> open(const Arguments& arguments, const std::vector<std::string>& positional,
                               std::string_view usage) {
  SessionOptions session_options;
  po::options_description options("options");
  options.add_options()("help,h", "show this text");
  session_options.describe(options);
  auto parsed = parse(arguments, options, positional, usage);
  if (!parsed) return tl::make_unexpected(parsed.error());
  auto session = open_session(session_options, *parsed);
  if (!session) return tl::make_unexpected(report_problems(session.error()));
  return Parsed{std::move(parsed->positional), *std::move(session)};
}

std::string owner_text(const registry::Row& row) {
  return row.owner->version.empty() ? row.source : fmt::format("{} {}", row.owner->id, row.owner->version);
}

}  // namespace

int run_ops(const Arguments& arguments) {
  auto opened =
      open(arguments, {},
           "usage: flowport ops [options]\n\nLists the TensorFlow ops that can be converted for the target.\n\n"
           "  flowport ops --opset 13\n\n");
  if (!opened) return opened.error();
  const auto& session = *opened->session;
  std::size_t count = 0;
  for (const auto op : session.registry.ops()) {
    const auto rows = session.registry.resolve(op, session.target);
    if (!rows || rows->empty()) continue;
    ++count;
    std::vector<std::string> owners;
    for (const auto* row : *rows) {
      const std::string owner = owner_text(*row);
      if (std::find(owners.begin(), owners.end(), owner) == owners.end()) owners.push_back(owner);
    }
    std::cout << fmt::format("{:<36} opset {:<6} {}\n", op, range_text(*rows->front()), fmt::join(owners, ", then "));
  }
  for (const auto op : convert::core_ops()) {
    const auto rows = session.registry.resolve(op, session.target);
    if (rows && !rows->empty()) continue;  // listed already
    ++count;
    std::cout << fmt::format("{:<36} {:<12} core\n", op, "");
  }
  std::cout << fmt::format("{} ops at {}\n", count, session.target.id);
  return 0;
}

int run_explain(const Arguments& arguments) {
  auto opened = open(arguments, {"op"},
                     "usage: flowport explain OP [options]\n\nShows who converts a TensorFlow op at the target, who "
                     "else could, and why.\n\n"
                     "  flowport explain Conv2D --opset 18\n\n");
  if (!opened) return opened.error();
  const auto& session = *opened->session;
  const std::string& op = opened->positional.at("op");
  const auto candidates = session.registry.explain(op, session.target);
  if (const auto refusal = convert::core_refusal(op)) {
    return report_problems({{refusal->fault, fmt::format("{}: {}", op, refusal->what), {}, refusal->next}});
  }
  const bool is_core = convert::core_op(op) == convert::CoreOp::kRun;
  if (candidates.empty() && !is_core) return report_problems({session.registry.no_handler(op, session.target)});
  std::cout << fmt::format("{} at {}\n", op, session.target.id);
  if (is_core) std::cout << "  + core\n      why     the symbolic run itself knows what it means\n";
  for (const auto& candidate : candidates) {
    const auto& row = *candidate.row;
    std::cout << fmt::format("  {} {}  opset {}, {}\n", candidate.fits ? "+" : "-", owner_text(row), range_text(row),
                             registry::name_of(row.owner->layer));
    if (!row.source.empty()) std::cout << fmt::format("      source  {}\n", row.source);
    if (row.complex == registry::Complex::kPairs) std::cout << "      for     nodes with complex tensors only\n";
    if (row.complex == registry::Complex::kParts) std::cout << "      for     complex tensors too, part by part\n";
    if (!row.doc.empty()) std::cout << fmt::format("      doc     {}\n", row.doc);
    std::cout << fmt::format("      why     {}\n", candidate.reason);
  }
  return 0;
}

int print_version() {
  std::cout << fmt::format("flowport {}\nplugin ABI {}.{}\nonnx {}\n", FLOWPORT_VERSION, FLOWPORT_ABI_MAJOR,
                           FLOWPORT_ABI_MINOR, FLOWPORT_ONNX_VERSION);
  auto session = open_session();
  if (!session) return report_problems(session.error());
  int lowest = 0, highest = 0;
  for (const auto& id : (*session)->registry.target_ids()) {
    const auto target = (*session)->registry.target(id);
    if (!target || !id.starts_with("onnx-")) continue;
    lowest = lowest == 0 ? target->opset() : std::min(lowest, target->opset());
    highest = std::max(highest, target->opset());
  }
  std::cout << fmt::format("opsets {} to {} (default {})\nplugins\n", lowest, highest, kDefaultOpset);
  for (const auto& plugin : (*session)->plugins) {
    if (plugin.is_usable()) std::cout << fmt::format("  {} {}\n", plugin.id, plugin.version);
  }
  return 0;
}

}  // namespace flowport::cli
