#include <array>
#include <system_error>

#include "host/host.h"

namespace flowport::host {
namespace {

namespace fs = std::filesystem;

// Set by the build, from the prefix's bin folder: where plugins and configurations are installed.
constexpr const char* kPluginsFromBin = FLOWPORT_PLUGINS_FROM_BIN;
constexpr const char* kDataFromBin = FLOWPORT_DATA_FROM_BIN;

bool is_folder(const fs::path& path) {
  std::error_code error;
  return fs::is_directory(path, error);
}

/// The first of `candidates` that is a folder, or the first of them, so that a message can name what is missing.
template <std::size_t N>
fs::path first_folder(const std::array<fs::path, N>& candidates) {
  for (const fs::path& candidate : candidates) {
    if (is_folder(candidate)) return candidate.lexically_normal();
  }
  return candidates[0].lexically_normal();
}

}  // namespace

Installation Installation::find() {
  std::error_code error;
  const fs::path executable = fs::read_symlink("/proc/self/exe", error);
  return error ? Installation{} : around(executable.parent_path());
}

Installation Installation::around(const fs::path& folder) {
  Installation found;
  if (is_folder(folder / "plugins" / "builtin")) {
    found.builtin_plugins = folder / "plugins" / "builtin";
    found.contrib_plugins = folder / "plugins" / "contrib";
    found.configs = folder / "configs";
    found.sdk = folder / "sdk";
    return found;
  }
  const fs::path plugins = first_folder(std::array{folder / kPluginsFromBin, folder / "../lib/flowport/plugins"});
  found.builtin_plugins = plugins / "builtin";
  found.contrib_plugins = plugins / "contrib";
  const fs::path data = first_folder(std::array{folder / kDataFromBin, folder / "../share/flowport"});
  found.configs = data / "configs";
  found.sdk = data / "sdk";
  return found;
}

}  // namespace flowport::host
