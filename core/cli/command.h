// One command of the program. Only this room prints and decides the exit status.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"

namespace flowport::cli {

/// The arguments behind the command's name.
using Arguments = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view summary;  ///< one line of `flowport --help`
  int (*run)(const Arguments&);
};

std::span<const Command> commands();

int run_check(const Arguments& arguments);
int run_config(const Arguments& arguments);
int run_convert(const Arguments& arguments);
int run_explain(const Arguments& arguments);
int run_inspect(const Arguments& arguments);
int run_ops(const Arguments& arguments);
int run_plugin(const Arguments& arguments);
int run_target(const Arguments& arguments);
/// Flags that `defaults:` of a configuration may set: those of `convert` and --json, but not --config and --help. Each command
/// takes those that it has.
std::vector<std::string> default_flags();
/// What flags are when nothing sets them, where they are something.
std::map<std::string, std::string, std::less<>> built_in_defaults();
/// Program, ABI, onnx, opsets and plugins.
int print_version();

/// 0 done; 1 wrong usage; 2 the model cannot be read; 3 ops that cannot be converted; 4 the result failed a check or could
/// not be written; 5 a plugin or configuration problem; 70 our own bug.
int exit_status(Fault fault);

/// Prints the problems on standard error and gives the exit status of the gravest kind.
int report_problems(const Problems& problems);

}  // namespace flowport::cli
