#include "host/library.h"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <boost/dll/shared_library.hpp>

namespace flowport::host {
namespace {

/// Keeps the library to the end of the process, since its code may run until then: the list is never destroyed.
const boost::dll::shared_library& keep(std::unique_ptr<boost::dll::shared_library> library, const PluginFile& file) {
  struct Kept {
    std::unique_ptr<boost::dll::shared_library> library;
    std::shared_ptr<const Descriptor> descriptor;
  };
  static std::mutex mutex;
  static auto& kept = *new std::vector<Kept>;
  const std::lock_guard lock(mutex);
  return *kept.emplace_back(Kept{std::move(library), file.is_pinned ? file.opened : nullptr}).library;
}

/// dlerror's text out of the sentence that Boost wraps it in.
std::string linker_text(std::string_view what) {
  constexpr std::string_view kBefore = "dlerror system message: ";
  constexpr std::string_view kAfter = "): ";
  if (const auto begin = what.find(kBefore); begin != what.npos) what.remove_prefix(begin + kBefore.size());
  if (const auto end = what.rfind(kAfter); end != what.npos) what = what.substr(0, end);
  return std::string(what);
}

std::string way_out(std::string_view text) {
  if (text.find("cannot open shared object file") != text.npos) {
    return "install that library; or put it beside the plugin, and link the plugin with -Wl,-rpath,'$ORIGIN'";
  }
  if (text.find("undefined symbol") != text.npos)
    return "link what defines that symbol into the plugin; flowport itself offers plugins none";
  return "build it against this system's libraries";
}

/// The major of a query symbol of a later ABI, or 0.
int newer_major(const boost::dll::shared_library& library) {
  for (int major = FLOWPORT_ABI_MAJOR + 1; major < FLOWPORT_ABI_MAJOR + 10; ++major) {
    if (library.has(fmt::format("flowport_plugin_query_v{}", major))) return major;
  }
  return 0;
}

}  // namespace

Checked<const flowport_plugin*> load_and_query(const PluginFile& file, Stage& stage) {
  namespace load_mode = boost::dll::load_mode;
  // Before, since code that was not inspected should not run; and after, for what changed in between.
  if (auto checked = check_unchanged(file); !checked) return tl::make_unexpected(checked.error());
  auto library = std::make_unique<boost::dll::shared_library>();
  try {
    // A pinned file's descriptor stays open, since the linker takes files of one name to be one.
    const auto path = file.is_pinned ? boost::dll::fs::path(fmt::format("/proc/self/fd/{}", file.opened->number()))
                                     : boost::dll::fs::path(file.canonical);
    library->load(path, load_mode::rtld_now | load_mode::rtld_local);
  } catch (const std::exception& e) {
    const std::string text = linker_text(e.what());
    return refuse(Rule::kLoads, fmt::format("the dynamic linker refused it: {}", text), way_out(text));
  }
  const boost::dll::shared_library& loaded = keep(std::move(library), file);
  stage = Stage::kLoaded;
  if (auto checked = check_unchanged(file); !checked) return tl::make_unexpected(checked.error());

  if (!loaded.has(FLOWPORT_QUERY_SYMBOL)) {
    if (const int major = newer_major(loaded); major > 0) {
      return refuse(
          Rule::kMajor,
          fmt::format("built for plugin ABI {}; this host has {}.{}", major, FLOWPORT_ABI_MAJOR, FLOWPORT_ABI_MINOR),
          "update flowport, or build the plugin with this flowport's SDK");
    }
    return refuse(Rule::kEntry, "it does not export " FLOWPORT_QUERY_SYMBOL,
                  "end the plugin's source with FLOWPORT_PLUGIN(...), and link with the SDK's version script");
  }
  const auto query = loaded.get<const flowport_plugin*(std::uint16_t)>(FLOWPORT_QUERY_SYMBOL);
  const flowport_plugin* plugin = nullptr;
  try {
    plugin = query(FLOWPORT_ABI_MINOR);
  } catch (...) {
    return refuse(Rule::kDescriptor, "its query threw an exception", "report this to the plugin's author");
  }
  if (plugin == nullptr) {
    return refuse(
        Rule::kDescriptor,
        fmt::format("its query returned no descriptor for a host of ABI {}.{}", FLOWPORT_ABI_MAJOR, FLOWPORT_ABI_MINOR),
        "update flowport, or report this to the plugin's author");
  }
  return plugin;
}

}  // namespace flowport::host
