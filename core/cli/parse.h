// Command lines to options, with messages of our own kind.
#pragma once

#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/problem.h"
#include "cli/command.h"
#include "config/config.h"
#include "convert/interface.h"

namespace boost::program_options {
class options_description;
}

namespace flowport::cli {

/// A parsed command line: the variables of its options are set.
struct CommandLine {
  std::map<std::string, std::string> positional;
  std::map<std::string, std::vector<std::string>, std::less<>>
      given;  ///< flags on it, with their values; "true" of a switch
  /// Sets the variables of options that were not given, from the files' `defaults:`; of two for one flag the later counts.
  /// Flags that this command does not have are passed over. Gives what is wrong with values.
  std::function<Problems(std::span<const config::Default>)> set_defaults;
};

/// Parses `arguments` by `options` and the named positional ones, all of which must be there. The error is the exit status:
/// 0 after --help, which prints `usage` and the options; 1 after a problem was printed. `options` must outlive the result.
tl::expected<CommandLine, int> parse(const Arguments& arguments,
                                     const boost::program_options::options_description& options,
                                     const std::vector<std::string>& positional, std::string_view usage);

/// "a:0,b:0" to its parts.
std::vector<std::string> split_names(std::string_view text);

/// "x=N,224,224,3" or "x:0=[N,224]"; "x=" is a scalar. Errors: no name, a dim that is neither a number nor a name.
Result<std::pair<std::string, std::vector<convert::DimSpec>>> parse_shape(std::string_view text);

}  // namespace flowport::cli
