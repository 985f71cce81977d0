// Where plugin files are looked for, in which order.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "host/host.h"

namespace flowport::host {

/// A file to try, or a folder in which none could be found.
struct Found {
  struct Barren {
    std::string reason, next;
  };

  std::filesystem::path path;
  std::string through;  ///< "--plugin", "FLOWPORT_PLUGIN_PATH[0]", ...
  registry::Layer layer = registry::Layer::kUserPlugin;
  bool is_named = false;      ///< the user named the file or its folder: a failure is an error
  bool is_installed = false;  ///< part of the installation
  std::map<std::string, std::string> options;
  std::optional<Barren> barren;  ///< why the folder at `path` gives no file; nullopt for a file
};

/// The files in the order in which they win: --plugin, --plugin-dir, `plugins:`, FLOWPORT_PLUGIN_PATH, the user's data folder,
/// builtin, contrib. Folders are not searched in depth; in each, files `flowport_*.so` by name.
std::vector<Found> search(const LoadOptions& options, const Installation& installation);

}  // namespace flowport::host
