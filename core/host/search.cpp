#include "host/search.h"

#include <sys/auxv.h>

#include <algorithm>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <system_error>

#include <fmt/format.h>

#include <flowport/abi.h>

namespace flowport::host {
namespace {

namespace fs = std::filesystem;

/// Adds the plugin files in `folder`, as copies of `like`. A folder that is not there is told of when `must_exist`.
void add_folder(const fs::path& folder, const Found& like, bool must_exist, std::vector<Found>& found) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string name = it->path().filename().string();
    if (name.starts_with("flowport_") && name.ends_with(".so")) files.push_back(it->path());
  }
  if (error && (must_exist || error != std::errc::no_such_file_or_directory)) {
    Found place = like;
    place.path = folder;
    place.unsearchable = error.message();
    found.push_back(std::move(place));
    return;
  }
  std::ranges::sort(files);
  for (fs::path& file : files) {
    Found one = like;
    one.path = std::move(file);
    found.push_back(std::move(one));
  }
}

std::optional<std::string> environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

/// The user's folder for plugins of this ABI major, where there can be one.
std::optional<fs::path> user_folder() {
  const std::string below = fmt::format("flowport/plugins/{}", FLOWPORT_ABI_MAJOR);
  if (const auto data = environment("XDG_DATA_HOME"); data && data->starts_with('/')) return fs::path(*data) / below;
  if (const auto home = environment("HOME"); home && home->starts_with('/'))
    return fs::path(*home) / ".local/share" / below;
  return std::nullopt;
}

/// An environment variable that is set but empty turns the environment's places off.
void add_environment(std::vector<Found>& found) {
  if (::getauxval(AT_SECURE) != 0) return;
  constexpr std::string_view kVariable = "FLOWPORT_PLUGIN_PATH";
  const auto paths = environment(kVariable.data());
  if (paths && paths->empty()) return;
  if (paths) {
    std::string_view rest = *paths;
    for (std::size_t i = 0; !rest.empty(); ++i) {
      const std::size_t colon = rest.find(':');
      const std::string_view entry = rest.substr(0, colon);
      rest = colon == rest.npos ? std::string_view() : rest.substr(colon + 1);
      if (entry.empty()) continue;
      Found like;
      like.through = fmt::format("{}[{}]", kVariable, i);
      if (entry.starts_with('/')) {
        add_folder(entry, like, true, found);
      } else {
        like.path = entry;
        like.unsearchable = "not an absolute path";
        found.push_back(std::move(like));
      }
    }
  }
  if (const auto folder = user_folder()) {
    Found like;
    like.through = "the user's data folder";
    add_folder(*folder, like, false, found);
  }
}

}  // namespace

std::vector<Found> search(const LoadOptions& options, const Installation& installation) {
  std::vector<Found> found;
  for (const fs::path& file : options.files) {
    Found one;
    one.path = file;
    one.through = "--plugin";
    one.is_named = true;
    found.push_back(std::move(one));
  }
  for (const fs::path& folder : options.folders) {
    Found like;
    like.through = "--plugin-dir";
    like.is_named = true;
    add_folder(folder, like, true, found);
  }
  for (const LoadOptions::Configured& configured : options.configured) {
    Found one;
    one.path = configured.file;
    one.through = configured.source;
    one.is_named = true;
    one.options = configured.options;
    found.push_back(std::move(one));
  }
  if (options.search_environment) add_environment(found);

  Found own;
  own.is_installed = true;
  own.layer = registry::Layer::kBuiltin;
  own.through = "builtin";
  if (!installation.builtin_plugins.empty()) add_folder(installation.builtin_plugins, own, true, found);
  own.layer = registry::Layer::kContrib;
  own.through = "contrib";
  if (!installation.contrib_plugins.empty()) add_folder(installation.contrib_plugins, own, false, found);
  return found;
}

}  // namespace flowport::host
