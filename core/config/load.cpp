#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "base/mapped_file.h"
#include "base/text.h"
#include "config/config.h"
#include "config/custom_schemas.h"
#include "config/document.h"
#include "config/fields.h"
#include "config/node_rules.h"
#include "config/op_names.h"
#include "config/rows.h"
#include "config/targets.h"
#include "config/tf_ops.h"
#include "tensorflow/op_declaration.h"

namespace flowport::config {
namespace {

constexpr int kVersion = 1;

class Loader {
 public:
  Loader(std::shared_ptr<File> file, std::filesystem::path folder, registry::Registry& registry,
         const LoadOptions& options)
      : file_(std::move(file)),
        folder_(std::move(folder)),
        registry_(registry),
        options_(options),
        diagnostics_(file_->source, loaded_.problems) {}

  Loaded run(const std::filesystem::path& path) {
    const YamlNode root = parse_yaml(file_->source, loaded_.problems);
    if (loaded_.problems.empty()) read(root);
    if (loaded_.problems.empty()) commit(path);
    return std::move(loaded_);
  }

 private:
  struct Pin {
    std::string tf_op, owner, source;
  };

  void read(const YamlNode& root) {
    const std::string_view what = options_.owner == nullptr ? "a configuration" : "the mapping file of a plugin";
    const Fields fields(root, what, sections(), diagnostics_);
    if (!root.is_map()) return;
    const YamlNode* version = fields.require("flowport");
    if (version != nullptr && int_of(*version) != kVersion) {
      diagnostics_.error(version->mark, fmt::format("'flowport' is the version of the file's form: {}", kVersion),
                         int_of(*version) > kVersion ? "this file is for a newer program: update flowport"
                                                     : fmt::format("write `flowport: {}`", kVersion));
      return;
    }
    if (const YamlNode* plugins = fields.find("plugins")) read_plugins(*plugins);
    for (const YamlEntry* entry : entries(fields, "defaults")) read_default(*entry);
    for (const YamlEntry* entry : entries(fields, "use")) read_pin(*entry);
    for (const YamlEntry* entry : entries(fields, "targets")) read_target_entry(*entry);
    for (const YamlEntry* entry : entries(fields, "schemas")) {
      if (auto schema = read_schema(*entry, diagnostics_)) schemas_.push_back(std::move(*schema));
    }
    for (const YamlEntry* entry : entries(fields, "tf_ops")) {
      if (auto op = read_tf_op(*entry, diagnostics_)) tf_ops_.push_back(std::move(*op));
    }
    know_declared_ops();
    for (const YamlEntry* entry : entries(fields, "ops")) read_op(*entry);
    if (const YamlNode* nodes = fields.find("nodes")) read_nodes(*nodes);
    for (registry::CustomSchema& schema : custom_schemas()) {
      if (!has_schema(schema)) schemas_.push_back(std::move(schema));
    }
    // Sections are read in a fixed order, but a user reads the file from top to bottom.
    std::ranges::stable_sort(loaded_.problems, {}, [](const Problem& p) { return position(p.where); });
  }

  std::span<const std::string_view> sections() const {
    static constexpr std::string_view kAll[] = {"flowport", "ops",      "tf_ops", "schemas", "plugins",
                                                "use",      "defaults", "nodes",  "targets"};
    return options_.owner == nullptr ? std::span(kAll) : std::span(kAll).first(4);
  }

  /// Line and column of "name:line:column".
  static std::pair<int, int> position(const std::string& where) {
    const auto column = where.rfind(':');
    const auto line = where.rfind(':', column - 1);
    return {std::atoi(where.c_str() + line + 1), std::atoi(where.c_str() + column + 1)};
  }

  std::vector<const YamlEntry*> entries(const Fields& fields, std::string_view section) {
    std::vector<const YamlEntry*> found;
    const YamlNode* node = fields.find(section);
    if (node == nullptr) return found;
    if (!node->is_map()) {
      diagnostics_.error(node->mark, fmt::format("'{}' is a map, not {}", section, kind_of(*node)));
    }
    for (const YamlEntry& entry : node->entries) {
      found.push_back(&entry);
      if (!options_.checked_before) note(section, entry.key.text, entry.value, entry.key.mark);
    }
    return found;
  }

  void note(std::string_view section, std::string key, YamlNode value, Mark mark) {
    loaded_.config.settings.push_back(
        {std::string(section), std::move(key), std::move(value), file_->source.line_at(mark)});
  }

  void read_plugins(const YamlNode& node) {
    if (!node.is_list())
      diagnostics_.error(node.mark, fmt::format("'plugins' is a list, not {}", kind_of(node)),
                         "write `plugins:` and below it `  - file: path/to/flowport_name.so`");
    for (std::size_t i = 0; i < node.items.size(); ++i) {
      const YamlNode& item = node.items[i];
      const Fields fields(item, "an entry of 'plugins'", {"file", "config"}, diagnostics_);
      fields.require("file");
      PluginEntry plugin;
      plugin.file = fields.text("file").value_or("");
      if (plugin.file.is_relative()) plugin.file = folder_ / plugin.file;
      plugin.source = file_->source.at(item.mark);
      plugin.options = fields.scalars("config");
      note_plugin(item, plugin.file);
      loaded_.config.plugins.push_back(std::move(plugin));
    }
  }

  void note_plugin(YamlNode item, const std::filesystem::path& path) {
    std::error_code code;
    const auto absolute = std::filesystem::absolute(path, code);
    for (YamlEntry& entry : item.entries) {
      if (entry.key.text == "file" && !code) entry.value.text = absolute.lexically_normal().string();
    }
    const Mark mark = item.mark;
    note("plugins", {}, std::move(item), mark);
  }

  void read_default(const YamlEntry& entry) {
    const std::string& flag = entry.key.text;
    if (std::ranges::find(options_.flags, flag) == options_.flags.end()) {
      const std::vector<std::string_view> flags(options_.flags.begin(), options_.flags.end());
      diagnostics_.error(entry.key.mark, fmt::format("there is no flag '--{}' that a file may set", flag),
                         did_you_mean(flag, flags));
    }
    Default value{flag, {}, file_->source.at(entry.key.mark)};
    if (entry.value.is_list()) {
      for (const YamlNode& item : entry.value.items) {
        if (auto text = text_of(item, flag, diagnostics_)) value.values.push_back(std::move(*text));
      }
    } else if (auto text = text_of(entry.value, flag, diagnostics_)) {
      value.values.push_back(std::move(*text));
    }
    loaded_.config.defaults.push_back(std::move(value));
  }

  void read_pin(const YamlEntry& entry) {
    auto owner = text_of(entry.value, entry.key.text, diagnostics_);
    if (owner) pins_.push_back({entry.key.text, std::move(*owner), file_->source.at(entry.key.mark)});
  }

  void read_target_entry(const YamlEntry& entry) {
    const auto ids = registry_.target_ids();
    if (std::ranges::find(ids, entry.key.text) != ids.end()) {
      diagnostics_.error(entry.key.mark, fmt::format("there is already a target '{}'", entry.key.text),
                         "choose another name, and make the existing one its parent");
    }
    if (auto target = read_target(entry, diagnostics_)) targets_.push_back(std::move(*target));
  }

  void read_op(const YamlEntry& entry) {
    Diagnostics own = diagnostics_.nested();
    const auto* def = options_.checked_before ? nullptr : file_->ops.find(entry.key.text);
    if (!options_.checked_before) check_op_name(entry.key.text, entry.key.mark, file_->ops, own);
    std::vector<Entry> found = read_entries(entry, def, own);
    if (own.failed()) return;
    auto rows = make_rows(file_, found, options_.checked_before, diagnostics_);
    std::ranges::move(rows, std::back_inserter(rows_));
    std::ranges::move(found, std::back_inserter(entries_));
  }

  void read_nodes(const YamlNode& node) {
    rules_ = read_node_rules(file_, node, diagnostics_);
    for (const YamlNode& item : node.items) note("nodes", {}, item, item.mark);
  }

  /// Of two definitions of an op that differ the registry tells; here the file's own comes first.
  void know_declared_ops() {
    std::vector<std::string_view> definitions;
    for (const registry::TfOp& op : tf_ops_) definitions.push_back(op.definition);
    file_->declared_ops = tf::op_list_of(definitions) + registry_.tf_op_list();  // lists on the wire are joined so
    file_->ops.add(std::as_bytes(std::span(file_->declared_ops)));
  }

  /// Whether `schemas:` of this file, or what was read before, has the op in that version.
  bool has_schema(const registry::CustomSchema& schema) const {
    const auto is_same = [&](const registry::CustomSchema& other) {
      return other.domain == schema.domain && other.op == schema.op && other.since_version == schema.since_version;
    };
    const auto* known = registry_.schema(schema.domain, schema.op, schema.since_version);
    return (known != nullptr && is_same(*known)) || std::ranges::any_of(schemas_, is_same);
  }

  /// Schemas of the custom ops that entries with `runtime` declare.
  std::vector<registry::CustomSchema> custom_schemas() const {
    std::vector<registry::Row> rows = rows_;
    std::vector<Entry> all = entries_;
    for (const ReadRule& read : rules_) {
      if (!read.entry) continue;
      rows.push_back(*read.rule.mapping);
      all.push_back(*read.entry);
    }
    return make_schemas(rows, all, file_->ops);
  }

  void commit(const std::filesystem::path& path) {
    const auto keep = [this](Result<void> added) {
      if (!added) loaded_.problems.push_back(std::move(added.error()));
    };
    const registry::Owner* owner =
        options_.owner != nullptr ? options_.owner
                                  : registry_.add_owner({file_->source.name(), {}, path.string(), options_.layer, {}});
    for (registry::Row& row : rows_) {
      row.owner = owner;
      keep(registry_.add_row(std::move(row)));
    }
    for (ReadRule& read : rules_) {
      if (read.rule.mapping) read.rule.mapping->owner = owner;
      registry_.add_node_rule(std::move(read.rule));
    }
    for (registry::CustomSchema& schema : schemas_) {
      schema.owner = owner;
      keep(registry_.add_schema(std::move(schema)));
    }
    for (registry::TfOp& op : tf_ops_) {
      op.owner = owner;
      keep(registry_.add_tf_op(std::move(op)));
    }
    for (registry::Target& target : targets_) {
      target.owner = owner;
      keep(registry_.add_target(std::move(target)));
    }
    for (Pin& pin : pins_) registry_.pin(std::move(pin.tf_op), std::move(pin.owner), std::move(pin.source));
  }

  std::shared_ptr<File> file_;
  std::filesystem::path folder_;
  registry::Registry& registry_;
  const LoadOptions& options_;
  Loaded loaded_;
  Diagnostics diagnostics_;
  std::vector<registry::Row> rows_;
  std::vector<Entry> entries_;
  std::vector<ReadRule> rules_;
  std::vector<registry::CustomSchema> schemas_;
  std::vector<registry::TfOp> tf_ops_;
  std::vector<registry::Target> targets_;
  std::vector<Pin> pins_;
};

Loaded load(std::string name, std::string text, const std::filesystem::path& path, const std::filesystem::path& folder,
            registry::Registry& registry, const LoadOptions& options) {
  auto file = std::make_shared<File>(std::move(name), std::move(text));
  return Loader(std::move(file), folder, registry, options).run(path);
}

/// The YAML files of `folder`, which comes with the program, by name.
std::vector<std::filesystem::path> yaml_files(const std::filesystem::path& folder, std::string_view what,
                                              Problems& problems) {
  std::error_code code;
  std::vector<std::filesystem::path> files;
  for (std::filesystem::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    if (it->path().extension() == ".yaml") files.push_back(it->path());
  }
  if (code) {
    problems.push_back({Fault::kPlugin,
                        fmt::format("the folder of built-in {} cannot be read: {}", what, code.message()),
                        folder.string(), "the installation is damaged: install flowport again"});
  }
  std::ranges::sort(files);
  return files;
}

void load_builtin(const std::filesystem::path& path, registry::Registry& registry, Problems& problems) {
  LoadOptions options;
  options.layer = registry::Layer::kBuiltin;
  options.checked_before = true;
  options.name = (path.parent_path().filename() / path.filename()).string();
  std::ranges::move(load_config(path, registry, options).problems, std::back_inserter(problems));
}

/// Whether a file of targets with this stem has `id`.
bool is_family(std::string_view stem, std::string_view id) {
  return id.starts_with(stem) && (id.size() == stem.size() || id[stem.size()] == '-');
}

}  // namespace

Loaded load_config(const std::filesystem::path& path, registry::Registry& registry, const LoadOptions& options) {
  auto file = MappedFile::open(path);
  if (!file) {
    Loaded loaded;
    file.error().fault = Fault::kPlugin;
    loaded.problems.push_back(std::move(file.error()));
    return loaded;
  }
  const auto bytes = (*file)->bytes();
  std::string text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return load(options.name.empty() ? path.string() : options.name, std::move(text), path, path.parent_path(), registry,
              options);
}

Loaded load_config_text(std::string text, const std::filesystem::path& folder, registry::Registry& registry,
                        const LoadOptions& options) {
  return load(options.name, std::move(text), options.name, folder, registry, options);
}

std::filesystem::path mapping_file_of(const std::filesystem::path& plugin) {
  return std::filesystem::path(plugin).replace_extension(".yaml");
}

Loaded load_plugin_mappings(const std::filesystem::path& path, const registry::Owner& owner,
                            registry::Registry& registry) {
  LoadOptions options;
  options.owner = &owner;
  return load_config(path, registry, options);
}

Loaded load_builtin_mappings(const std::filesystem::path& folder, registry::Registry& registry) {
  Loaded all;
  for (const auto& path : yaml_files(folder, "mappings", all.problems)) load_builtin(path, registry, all.problems);
  return all;
}

Problems load_builtin_targets(const std::filesystem::path& folder, std::string_view id, registry::Registry& registry) {
  Problems problems;
  if (!id.empty() && registry.missing_target(id).empty()) return problems;
  auto files = yaml_files(folder, "targets", problems);
  std::erase_if(files, [&](const auto& path) {
    return std::ranges::any_of(registry.owners(), [&](const auto& owner) { return owner.path == path.string(); });
  });
  const auto load_those = [&](auto&& is_wanted) {
    const auto rest = std::stable_partition(files.begin(), files.end(), is_wanted);
    const bool any = rest != files.begin();
    for (auto it = files.begin(); it != rest; ++it) load_builtin(*it, registry, problems);
    files.erase(files.begin(), rest);
    return any;
  };
  for (std::string missing; !id.empty();) {
    missing = registry.missing_target(id);
    if (missing.empty()) return problems;
    if (!load_those([&](const auto& path) { return is_family(path.stem().string(), missing); })) break;
  }
  load_those([](const auto&) { return true; });
  return problems;
}

}  // namespace flowport::config
