#include "host/host.h"

#include <fnmatch.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "host/bring_up.h"
#include "host/description.h"
#include "host/lazy_plugin.h"
#include "host/manifest.h"
#include "host/plugin_file.h"
#include "host/search.h"

namespace flowport::host {
namespace {

namespace fs = std::filesystem;

/// Loads the found files one after the other.
class Loader {
 public:
  Loader(const LoadOptions& options, registry::Registry& registry) : options_(options), registry_(registry) {}

  void load(Found found);
  LoadResult take();

 private:
  Checked<void> bring_up(const Found& found, PluginRecord& record);
  static void identify(const Description& description, PluginRecord& record);
  /// Registers what the manifest tells, with code that is loaded when first needed.
  void defer(const Found& found, PluginFile file, Manifest manifest, PluginRecord& record);
  /// Whether another plugin of the same id, or a --disable, is before it. Fills in the record's reason.
  Checked<bool> is_set_aside(const Found& found, PluginRecord& record);
  void check_globs(std::string_view option, const std::vector<std::string>& globs);
  Checked<void> check_names(const Description& description) const;
  void register_tables(const registry::Owner* owner, void* state, Description& description);
  void register_tf_ops(const registry::Owner* owner, const std::vector<registry::TfOp>& ops);
  Problems& problems_for(const Found& found);
  void tell(const Found& found, const PluginRecord& record, const Refusal& refusal);
  void tell_barren(const Found& found, PluginRecord& record);

  const LoadOptions& options_;
  registry::Registry& registry_;
  LoadResult result_;
  struct Winner {
    fs::path path;
    bool is_named;
  };
  std::map<std::string, Winner> by_id_;
  std::map<fs::path, std::size_t> by_file_;  ///< canonical path -> record
};

bool fits(const std::string& glob, const std::string& id) { return ::fnmatch(glob.c_str(), id.c_str(), 0) == 0; }

void Loader::check_globs(std::string_view option, const std::vector<std::string>& globs) {
  for (const std::string& glob : globs) {
    const auto is_fit = [&](const PluginRecord& plugin) { return fits(glob, plugin.id); };
    if (std::ranges::any_of(result_.plugins, is_fit)) continue;
    std::vector<std::string_view> ids;
    for (const PluginRecord& plugin : result_.plugins) ids.push_back(plugin.id);
    std::string next = did_you_mean(glob, ids);
    if (next.empty()) next = "`flowport plugin list` shows the ids";
    result_.problems.push_back(
        {Fault::kUsage, fmt::format("{} '{}' fits no plugin that was found", option, glob), {}, std::move(next)});
  }
}

LoadResult Loader::take() {
  check_globs("--disable", options_.disabled);
  check_globs("--enable", options_.enabled);
  if (options_.lock) {
    for (const auto& [id, entry] : options_.lock->entries) {
      if (std::ranges::find(result_.plugins, id, &PluginRecord::id) != result_.plugins.end()) continue;
      result_.problems.push_back({Fault::kPlugin,
                                  fmt::format("plugin '{}' {}, which is locked, was not found", id, entry.version),
                                  options_.lock->source, "name its file by --plugin, or write the lock file again"});
    }
  }
  return std::move(result_);
}

void Loader::load(Found found) {
  PluginRecord record;
  record.path = found.path;
  record.found_through = found.through;
  record.layer = found.layer;
  if (found.barren) {
    tell_barren(found, record);
    result_.plugins.push_back(std::move(record));
    return;
  }

  if (const auto loaded = bring_up(found, record); !loaded) {
    record.rule = number_of(loaded.error().rule);
    record.reason = loaded.error().reason;
    record.next = loaded.error().next;
    tell(found, record, loaded.error());
  }
  if (options_.trace) {
    const std::string what = !record.reason.empty()                      ? record.reason
                             : record.is_usable() && !record.is_active() ? "known from its manifest"
                                                                         : "loaded";
    options_.trace(fmt::format("{}: {} (found through {}; stage {}): {}", record.path.string(),
                               record.id.empty() ? "no id" : record.id, record.found_through, name_of(record.stage),
                               what));
  }
  result_.plugins.push_back(std::move(record));
}

Checked<void> Loader::bring_up(const Found& found, PluginRecord& record) {
  auto file = inspect(found.path, found.is_installed);
  if (!file) return tl::make_unexpected(file.error());
  record.stage = Stage::kInspected;
  if (const auto [it, is_new] = by_file_.emplace(file->canonical, result_.plugins.size()); !is_new) {
    const PluginRecord& first = result_.plugins[it->second];
    record.id = first.id;
    record.version = first.version;
    record.summary = first.summary;
    record.license = first.license;
    record.shadowed_by = first.path.string();
    record.reason = fmt::format("the same file was found before, through {}", first.found_through);
    return {};
  }

  // Without a manifest only the code can tell what the plugin is.
  Manifest manifest;
  const bool has_manifest = file->manifest.has_value();
  if (has_manifest) {
    const auto read = read_manifest(*file->manifest, manifest);
    identify(manifest.description, record);
    if (!read) return read;
    if (const auto aside = is_set_aside(found, record); !aside || *aside) {
      return aside ? Checked<void>() : tl::make_unexpected(aside.error());
    }
  }
  const auto check_locked = [&]() {
    return options_.lock ? check_lock(*options_.lock, record.id, *file) : Checked<void>();
  };
  if (auto locked = check_locked(); !locked) return locked;
  if (has_manifest && !found.is_named && !options_.load_all_code && !manifest.needs_tables_at_start()) {
    if (const auto checked = check_names(manifest.description); !checked) return checked;
    defer(found, *std::move(file), std::move(manifest), record);
    return {};
  }

  Description description;
  const auto loaded = load_tables(*file, has_manifest ? &manifest : nullptr, description, record.stage);
  identify(description, record);
  if (!loaded) return loaded;
  if (!has_manifest) {
    if (auto locked = check_locked(); !locked) return locked;
    if (const auto aside = is_set_aside(found, record); !aside || *aside) {
      return aside ? Checked<void>() : tl::make_unexpected(aside.error());
    }
  }
  if (const auto checked = check_names(description); !checked) return checked;
  record.stage = Stage::kValidated;

  const registry::Owner* owner =
      registry_.add_owner({description.id, description.version, file->canonical.string(), found.layer, found.options});
  const auto state = start(description, *owner);
  if (!state) return tl::make_unexpected(state.error());
  by_id_.emplace(description.id, Winner{found.path, found.is_named});
  register_tables(owner, *state, description);
  record.stage = Stage::kActive;
  return {};
}

void Loader::identify(const Description& description, PluginRecord& record) {
  if (description.id.empty()) return;
  record.id = description.id;
  record.version = description.version;
  record.summary = description.summary;
  record.license = description.license;
  record.ops.clear();
  for (const registry::Row& row : description.rows) record.ops.push_back(row.tf_op);
  std::ranges::sort(record.ops);
  record.ops.erase(std::unique(record.ops.begin(), record.ops.end()), record.ops.end());
}

void Loader::defer(const Found& found, PluginFile file, Manifest manifest, PluginRecord& record) {
  const registry::Owner* owner =
      registry_.add_owner({record.id, record.version, file.canonical.string(), found.layer, found.options});
  by_id_.emplace(record.id, Winner{found.path, found.is_named});
  std::vector<registry::Row> rows = manifest.description.rows;
  const bool has_rewrites = !manifest.other_rows.empty();  // with targets or schemas it would not wait
  register_tf_ops(owner, manifest.description.tf_ops);
  const auto code =
      std::make_shared<LazyPlugin>(std::move(file), std::move(manifest), *owner, found.through, options_.trace);
  for (registry::Row& row : rows) {
    row.owner = owner;
    row.code = code;
    if (auto added = registry_.add_row(std::move(row)); !added) result_.problems.push_back(std::move(added.error()));
  }
  if (has_rewrites) registry_.add_rewrites_of(code);
  record.code = code;
}

Checked<bool> Loader::is_set_aside(const Found& found, PluginRecord& record) {
  const bool is_enabled =
      std::ranges::any_of(options_.enabled, [&](const std::string& glob) { return fits(glob, record.id); });
  for (const std::string& glob : options_.disabled) {
    if (is_enabled || !fits(glob, record.id)) continue;
    record.reason = fmt::format("disabled by '{}'", glob);
    record.next = fmt::format("go without that --disable, or add --enable {}", record.id);
    for (const std::string& op : record.ops) registry_.add_absent(op, {record.id, record.reason, record.next});
    return true;
  }
  const auto winner = by_id_.find(record.id);
  if (winner == by_id_.end()) return false;
  if (found.is_named && winner->second.is_named) {
    return refuse(Rule::kUniqueId,
                  fmt::format("'{}' was loaded from {} already", record.id, winner->second.path.string()),
                  "name only one of the two");
  }
  record.shadowed_by = winner->second.path.string();
  record.reason = fmt::format("a plugin of the same id comes before it: {}", record.shadowed_by);
  return true;
}

Checked<void> Loader::check_names(const Description& description) const {
  std::vector<std::string> own;
  for (const registry::Target& target : description.targets) {
    if (registry_.has_target(target.id) || std::ranges::find(own, target.id) != own.end()) {
      return refuse(Rule::kUniqueName, fmt::format("target '{}' is defined already", target.id),
                    "rename the target, or extend the other one by its parent");
    }
    own.push_back(target.id);
  }
  own.clear();
  for (const registry::CustomSchema& schema : description.schemas) {
    const std::string name = fmt::format("{}::{}@{}", schema.domain, schema.op, schema.since_version);
    const registry::CustomSchema* other = registry_.schema(schema.domain, schema.op, schema.since_version);
    if ((other != nullptr && other->since_version == schema.since_version) ||
        std::ranges::find(own, name) != own.end()) {
      return refuse(Rule::kUniqueName, fmt::format("a schema of {} is there already", name),
                    "use a domain of your own, or disable one of the two plugins");
    }
    own.push_back(name);
  }
  for (const registry::TfOp& op : description.tf_ops) {
    const registry::TfOp* other = registry_.other_definition(op);
    if (other == nullptr) continue;
    return refuse(Rule::kTfOp,
                  fmt::format("it declares {}, and '{}' declares {}", op.text, other->where(), other->text),
                  "leave one of the two declarations out, or make them the same");
  }
  return {};
}

void Loader::register_tables(const registry::Owner* owner, void* state, Description& description) {
  const auto add = [&](Result<void> added) {
    if (!added) result_.problems.push_back(std::move(added.error()));
  };
  for (registry::Row& row : description.rows) {
    row.owner = owner;
    row.handler.state = state;
    add(registry_.add_row(std::move(row)));
  }
  for (registry::Target& target : description.targets) {
    target.owner = owner;
    add(registry_.add_target(std::move(target)));
  }
  for (registry::CustomSchema& schema : description.schemas) {
    schema.owner = owner;
    add(registry_.add_schema(std::move(schema)));
  }
  for (registry::Rewrite& rewrite : description.rewrites) {
    rewrite.owner = owner;
    rewrite.apply.state = state;
    registry_.add_rewrite(std::move(rewrite));
  }
  register_tf_ops(owner, description.tf_ops);
}

void Loader::register_tf_ops(const registry::Owner* owner, const std::vector<registry::TfOp>& ops) {
  for (registry::TfOp op : ops) {
    op.owner = owner;
    if (auto added = registry_.add_tf_op(std::move(op)); !added) result_.problems.push_back(std::move(added.error()));
  }
}

/// A plugin that failed is an error where the user named it or flowport brought it; what another one would have handled is
/// told again when the model needs it.
Problems& Loader::problems_for(const Found& found) {
  return found.is_named || found.layer == registry::Layer::kBuiltin ? result_.problems : result_.warnings;
}

void Loader::tell_barren(const Found& found, PluginRecord& record) {
  record.reason = found.barren->reason;
  record.next = found.barren->next;
  problems_for(found).push_back({Fault::kPlugin, fmt::format("folder of plugins: {}", record.reason),
                                 fmt::format("{} (found through {})", record.path.string(), record.found_through),
                                 record.next});
}

void Loader::tell(const Found& found, const PluginRecord& record, const Refusal& refusal) {
  const std::string name = record.id.empty() ? record.path.filename().string() : record.id;
  Problem told = not_loaded(refusal, name, record.path, record.found_through, record.stage);
  if (!record.ops.empty()) told.what += fmt::format("; it has handlers for {}", join(record.ops, ", ", 6));
  problems_for(found).push_back(std::move(told));
  for (const std::string& op : record.ops)
    registry_.add_absent(op, {name, fmt::format("{} [{}]", record.reason, record.rule), record.next});
}

}  // namespace

std::string_view name_of(Stage stage) {
  switch (stage) {
    case Stage::kFound: return "found";
    case Stage::kInspected: return "inspected";
    case Stage::kLoaded: return "loaded";
    case Stage::kQueried: return "queried";
    case Stage::kValidated: return "validated";
    case Stage::kActive: return "active";
  }
  return "unknown stage";
}

LoadResult load_plugins(const LoadOptions& options, const Installation& installation, registry::Registry& registry) {
  Loader loader(options, registry);
  for (Found& found : search(options, installation)) loader.load(std::move(found));
  return loader.take();
}

}  // namespace flowport::host
