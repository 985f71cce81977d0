#include "host/bring_up.h"

#include <mutex>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "host/crash_note.h"
#include "host/initialise.h"
#include "host/library.h"

namespace flowport::host {
namespace {

/// What shut_down calls. Plugins belong to the process, and so does this list.
struct ActivePlugins {
  struct One {
    decltype(flowport_plugin::shutdown) shutdown;
    void* state;
  };
  std::mutex mutex;
  std::vector<One> list;
};

ActivePlugins& active_plugins() {
  static ActivePlugins& active = *new ActivePlugins;
  return active;
}

}  // namespace

Checked<void> load_tables(const PluginFile& file, const Manifest* manifest, Description& description, Stage& stage) {
  const CrashNote note("loading of", file.canonical.native());
  const auto raw = load_and_query(file, stage);
  if (!raw) return tl::make_unexpected(raw.error());
  stage = Stage::kQueried;
  if (auto read = read_description(**raw, description); !read) return read;
  return manifest == nullptr ? Checked<void>() : check_agreement(*manifest, description);
}

Checked<void*> start(const Description& description, const registry::Owner& owner) {
  const CrashNote note("init of", description.id);
  const auto state = initialise(description.init, owner);
  if (state && description.shutdown != nullptr) {
    ActivePlugins& active = active_plugins();
    const std::lock_guard lock(active.mutex);
    active.list.push_back({description.shutdown, *state});
  }
  return state;
}

Problem not_loaded(const Refusal& refusal, const std::string& name, const std::filesystem::path& path,
                   std::string_view found_through, Stage stage) {
  return {Fault::kPlugin,
          fmt::format("plugin '{}' was not loaded: {} [{}]", name, refusal.reason, number_of(refusal.rule)),
          fmt::format("{} (found through {}; passed stage: {})", path.string(), found_through, name_of(stage)),
          refusal.next};
}

void shut_down() {
  ActivePlugins& active = active_plugins();
  std::vector<ActivePlugins::One> list;
  {
    const std::lock_guard lock(active.mutex);
    list.swap(active.list);
  }
  for (auto it = list.rbegin(); it != list.rend(); ++it) it->shutdown(it->state);
}

}  // namespace flowport::host
