// What every command that knows ops has: the options that say which plugins, configuration and target there are, and the
// registry made from them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.h"
#include "cli/parse.h"
#include "config/config.h"
#include "host/host.h"
#include "registry/registry.h"

namespace boost::program_options {
class options_description;
}

namespace flowport::cli {

struct SessionOptions {
  std::vector<std::string> plugins, plugin_folders, configs, pins, disabled, enabled;
  int opset = 0;
  std::string target;
  std::string lock;            ///< path of the lock file; empty: none
  bool load_all_code = false;  ///< not an option: of commands that show what became of each plugin

  /// --plugin, --plugin-dir, --config, --use, --disable, --enable, --locked, --opset, --target.
  void describe(boost::program_options::options_description& options);
};

struct Session {
  host::Installation installation = host::Installation::find();
  registry::Registry registry;
  config::Config config;
  std::vector<host::PluginRecord> plugins;
  std::optional<host::Lock> lock;  ///< what --locked names
  registry::Target target;
  Problems problems;  ///< of what could be opened nevertheless; empty where open_session gives a session
  Problems warnings;  ///< plugins that were merely found, and cannot be loaded
};

inline constexpr int kDefaultOpset = 21;

/// Reads configuration, loads plugins, settles the target. All problems at once. What the files say under `defaults:` goes into
/// the variables of all of `line`'s options, `options` among them. Prints the warnings.
tl::expected<std::unique_ptr<Session>, Problems> open_session(const SessionOptions& options, const CommandLine& line);

/// The same, whatever is wrong: for commands that show what was found.
std::unique_ptr<Session> open_session_as_it_is(const SessionOptions& options, const CommandLine& line);

/// The same by the program's own defaults.
tl::expected<std::unique_ptr<Session>, Problems> open_session();

}  // namespace flowport::cli
