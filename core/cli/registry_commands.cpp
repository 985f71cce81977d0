// The commands that show what is registered: ops, --version.
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

int run_ops(const Arguments& arguments) {
  SessionOptions session_options;
  po::options_description options("options");
  options.add_options()("help,h", "show this text");
  session_options.describe(options);
  const auto parsed =
      parse(arguments, options, {},
            "usage: flowport ops [options]\n\nLists the TensorFlow ops that can be converted for the target.\n\n"
            "  flowport ops --opset 13\n\n");
  if (!parsed) return parsed.error();
  const auto opened = open_session(session_options, *parsed);
  if (!opened) return report_problems(opened.error());
  const Session& session = **opened;
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
