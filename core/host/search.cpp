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

/// The shared objects in a folder: those that are called as plugins are, and others.
struct Listing {
  std::vector<fs::path> plugins, others;
  std::error_code error;
};

Listing list(const fs::path& folder) {
  Listing listing;
  for (fs::directory_iterator it(folder, listing.error), end; !listing.error && it != end;
       it.increment(listing.error)) {
    const std::string name = it->path().filename().string();
    if (!name.ends_with(".so")) continue;
    (name.starts_with("flowport_") ? listing.plugins : listing.others).push_back(it->path());
  }
  std::ranges::sort(listing.plugins);
  std::ranges::sort(listing.others);
  return listing;
}

void add_barren(const fs::path& folder, const Found& like, std::string reason, std::string next,
                std::vector<Found>& found) {
  Found place = like;
  place.path = folder;
  place.barren = Found::Barren{std::move(reason), std::move(next)};
  found.push_back(std::move(place));
}

/// Adds the plugin files in `folder`, as copies of `like`. A folder that is not there is told of when `must_exist`; one without
/// plugins where the user named it, or where a name keeps a library from being taken for a plugin.
void add_folder(const fs::path& folder, const Found& like, bool must_exist, std::vector<Found>& found) {
  const Listing listing = list(folder);
  if (listing.error) {
    if (!must_exist && listing.error == std::errc::no_such_file_or_directory) return;
    const std::string next = like.is_installed ? "install flowport again: without its own plugins it converts nothing"
                                               : "correct the path, or leave it out";
    add_barren(folder, like, fmt::format("it cannot be searched: {}", listing.error.message()), next, found);
  } else if (listing.plugins.empty() && !listing.others.empty()) {
    add_barren(folder, like,
               fmt::format("no file in it is called flowport_*.so, though there is {}",
                           listing.others.front().filename().string()),
               "give plugins such names, or name a file itself with --plugin", found);
  } else if (listing.plugins.empty() && like.is_named) {
    add_barren(folder, like, "no file in it is called flowport_*.so", "correct the path, or leave it out", found);
  }
  for (const fs::path& file : listing.plugins) {
    Found one = like;
    one.path = file;
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
        add_barren(entry, like, fmt::format("{} takes absolute paths only", kVariable), "write the whole path", found);
      }
    }
  }
  if (const auto folder = user_folder()) {
    Found like;
    like.through = "the user's data folder";
    add_folder(*folder, like, false, found);
    if (!list(folder->parent_path()).plugins.empty()) {
      add_barren(folder->parent_path(), like,
                 fmt::format("plugins of ABI {0} are looked for in its folder '{0}'", FLOWPORT_ABI_MAJOR),
                 fmt::format("move them to {}", folder->string()), found);
    }
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
