#include <exception>
#include <iostream>
#include <string_view>

#include <fmt/format.h>

#include "base/temporary_file.h"
#include "base/text.h"
#include "cli/command.h"
#include "host/crash_note.h"
#include "host/host.h"
#include "report/report.h"

namespace flowport::cli {

namespace {

constexpr Command kCommands[] = {
    {"convert", "convert a TensorFlow model to ONNX", run_convert},
    {"inspect", "what a model has: tags, signatures, inputs, outputs, ops", run_inspect},
    {"check", "what of a model would convert, and what keeps the rest from it; writes nothing", run_check},
    {"ops", "the TensorFlow ops that can be converted", run_ops},
    {"explain", "who converts an op, who else could, and why", run_explain},
    {"plugin", "plugins: list, inspect, check, lock", run_plugin},
    {"target", "the targets that can be converted for", run_target},
    {"config", "the configuration in force, each value with its origin", run_config},
};

void print_help() {
  std::cout << "usage: flowport COMMAND ...\n\nConverts TensorFlow models to ONNX.\n\ncommands:\n";
  for (const auto& command : commands()) std::cout << fmt::format("  {:<10} {}\n", command.name, command.summary);
  std::cout << "\n`flowport COMMAND --help` tells more. `flowport --version` lists versions and plugins.\n";
}

int run(const Arguments& arguments) {
  if (arguments.empty()) {
    print_help();
    return exit_status(Fault::kUsage);
  }
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h" || name == "help") {
    print_help();
    return 0;
  }
  if (name == "--version") return print_version();
  std::vector<std::string_view> names;
  for (const auto& command : commands()) {
    if (command.name == name) return command.run({arguments.begin() + 1, arguments.end()});
    names.push_back(command.name);
  }
  std::string next = did_you_mean(name, names);
  return report_problems({Problem{Fault::kUsage,
                                  fmt::format("there is no command '{}'", name),
                                  {},
                                  next.empty() ? "`flowport --help` lists the commands" : next}});
}

}  // namespace

std::span<const Command> commands() { return kCommands; }

int exit_status(Fault fault) {
  switch (fault) {
    case Fault::kUsage: return 1;
    case Fault::kModel: return 2;
    case Fault::kUnsupported: return 3;
    case Fault::kCheck: return 4;
    case Fault::kPlugin: return 5;
    case Fault::kInternal: return 70;
  }
  return 70;
}

int report_problems(const Problems& problems) {
  std::cerr << report::problems_text(problems);
  int status = 0;
  for (const auto fault :
       {Fault::kUnsupported, Fault::kCheck, Fault::kPlugin, Fault::kModel, Fault::kUsage, Fault::kInternal}) {
    for (const auto& problem : problems) {
      if (problem.fault == fault) status = exit_status(fault);
    }
  }
  return status;
}

}  // namespace flowport::cli

int main(int argc, char** argv) {
  flowport::install_cleanup_on_signal();
  flowport::host::install_crash_handler();
  int status = 70;
  try {
    status = flowport::cli::run({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    std::cerr << "error: internal: " << error.what() << "\n  next: report this as a bug of flowport\n";
  }
  flowport::host::shut_down();
  return status;
}
