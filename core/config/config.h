// Configuration files: YAML with a strict schema. What they say goes into the registry (mappings, pins, targets) and into a
// Config (plugins to load, defaults of command-line flags).
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "config/document.h"
#include "registry/registry.h"

namespace flowport::config {

/// An item of `plugins:`.
struct PluginEntry {
  std::filesystem::path file;  ///< relative ones are taken from the YAML file's folder
  std::map<std::string, std::string> options;
  std::string source;  ///< file:line
};

/// A value of `defaults:`, for a command-line flag of that name.
struct Default {
  std::string flag;
  std::vector<std::string> values;  ///< one, or the items of a list
  std::string source;
};

/// A value of the file and where it stands, for `flowport config`. Files are named by absolute paths.
struct Setting {
  std::string section;  ///< "ops"
  std::string key;      ///< "Rsqrt"; empty in a list
  YamlNode value;
  std::string source;  ///< file:line
};

struct Config {
  std::vector<PluginEntry> plugins;
  std::vector<Default> defaults;
  std::vector<Setting> settings;
};

struct LoadOptions {
  registry::Layer layer = registry::Layer::kUserMapping;
  /// What messages, pins and the provenance of nodes call the file; empty: its path as given. Set it for files that come with the
  /// program, so that no written model holds a path of the machine.
  std::string name;
  /// Compile and check each mapping when it is first used, not now: for files that a test has checked. Their entries need an
  /// `opset` where they do not fit all opsets.
  bool checked_before = false;
  /// Flags that `defaults:` may set.
  std::vector<std::string> flags;
  /// The plugin that the file belongs to; null: a file of its own.
  const registry::Owner* owner = nullptr;
};

struct Loaded {
  Config config;
  Problems problems;  ///< all of the file, in its order (Fault::kPlugin). Not empty: nothing of it is in the registry
};

/// Reads `path` and adds to `registry` what it says. Plugins are not loaded here.
Loaded load_config(const std::filesystem::path& path, registry::Registry& registry, const LoadOptions& options = {});

/// Same for a text; `folder` is what relative paths in it start from.
Loaded load_config_text(std::string text, const std::filesystem::path& folder, registry::Registry& registry,
                        const LoadOptions& options);

/// The mapping file of a plugin, which lies beside it and is called like it: "flowport_text.yaml" beside "flowport_text.so". Its
/// rows are `owner`'s, which the registry has, and so are its schemas. It has `ops`, `tf_ops` and `schemas` and nothing else: plugins,
/// pins, targets and what else a user decides are not a plugin's to say. What is wrong with it is wrong with the plugin.
Loaded load_plugin_mappings(const std::filesystem::path& path, const registry::Owner& owner,
                            registry::Registry& registry);

/// Path of the mapping file of the plugin file `plugin`, whether there is one or not.
std::filesystem::path mapping_file_of(const std::filesystem::path& plugin);

/// The mapping files that come with the program: `folder`/*.yaml, sorted by name, called "mappings/<file>".
Loaded load_builtin_mappings(const std::filesystem::path& folder, registry::Registry& registry);

/// Of the target files that come with the program, `folder`/*.yaml, those that `id` and its parents need and the registry has not;
/// `id` empty, or nowhere to be found: all. A file FAMILY.yaml has the targets FAMILY and FAMILY-*, so no other is opened.
Problems load_builtin_targets(const std::filesystem::path& folder, std::string_view id, registry::Registry& registry);

}  // namespace flowport::config
