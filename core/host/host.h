// Finds, inspects, loads and validates plugins, and fills the registry from them. Every file found is accounted for.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "host/lock.h"
#include "registry/registry.h"

namespace flowport::host {

enum class Stage { kFound, kInspected, kLoaded, kQueried, kValidated, kActive };

std::string_view name_of(Stage stage);

/// Takes a line about each step of loading, for FLOWPORT_DEBUG=plugins.
using Trace = std::function<void(const std::string&)>;

/// One plugin file, loaded or not.
struct PluginRecord {
  std::filesystem::path path;
  std::string found_through;  ///< "--plugin", "FLOWPORT_PLUGIN_PATH[0]", "builtin", ...
  registry::Layer layer = registry::Layer::kBuiltin;
  std::string id, version, summary, license;
  std::vector<std::string> ops;                      ///< TF ops it declares, as far as known
  Stage stage = Stage::kFound;                       ///< the last stage it passed
  std::string shadowed_by;                           ///< path of the plugin with the same id that won
  std::string rule, reason, next;                    ///< why it was refused; empty when active
  std::shared_ptr<const registry::PluginCode> code;  ///< of a plugin that is loaded when first needed

  /// Whether its rows are in the registry.
  bool is_usable() const { return code != nullptr || stage == Stage::kActive; }
  /// Whether its code is loaded and initialised.
  bool is_active() const { return stage == Stage::kActive || (code != nullptr && code->is_loaded()); }
};

struct LoadOptions {
  std::vector<std::filesystem::path> files;    ///< --plugin: a failure is an error
  std::vector<std::filesystem::path> folders;  ///< --plugin-dir
  struct Configured {
    std::filesystem::path file;
    std::map<std::string, std::string> options;
    std::string source;  ///< YAML file:line
  };
  std::vector<Configured> configured;  ///< `plugins:` of YAML files
  /// FLOWPORT_PLUGIN_PATH (absolute folders, separated by ':') and the user's data folder. Set but empty, the variable turns
  /// both off; a process with raised rights looks at neither.
  bool search_environment = true;
  std::vector<std::string> disabled;  ///< globs over plugin ids: these are left out,
  std::vector<std::string> enabled;   ///< except for these
  /// Load the code of every plugin now, not only of those that the user named, that have targets or schemas, or no manifest.
  bool load_all_code = false;
  std::optional<Lock> lock;  ///< --locked: nothing else may be loaded
  Trace trace;
};

/// The folders that belong to this installation, found from the executable's own place: the build tree's or the prefix's.
struct Installation {
  std::filesystem::path builtin_plugins, contrib_plugins, configs;
  std::filesystem::path sdk;  ///< the template of plugins and the version script
  static Installation find();
  /// The same for an executable in `folder`.
  static Installation around(const std::filesystem::path& folder);
};

/// Finds and inspects everything, and registers its tables; where a manifest tells them, the code is loaded when a row is first
/// needed. Plugins are never unloaded. Problems: plugins that failed although the user named them or flowport brought them
/// (Fault::kPlugin), globs that fit no plugin (Fault::kUsage). Warnings: plugins that were merely found and failed; what they
/// would have converted are Registry::add_absent rows.
struct LoadResult {
  std::vector<PluginRecord> plugins;
  Problems problems, warnings;
};
LoadResult load_plugins(const LoadOptions& options, const Installation& installation, registry::Registry& registry);

/// Calls shutdown of the active plugins in reverse order of their init.
void shut_down();

}  // namespace flowport::host
