#include "host/lazy_plugin.h"

#include <utility>

#include <fmt/format.h>

#include "host/bring_up.h"

namespace flowport::host {
namespace {

/// Within a plugin no two rows are equal in all of these (rule P-021).
std::string key_of(const registry::Row& row) {
  return fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}", row.tf_op, row.id, row.domain, row.opset_min, row.opset_max,
                     row.priority, static_cast<int>(row.complex));
}

}  // namespace

LazyPlugin::LazyPlugin(PluginFile file, Manifest manifest, const registry::Owner& owner, std::string found_through,
                       Trace trace)
    : file_(std::move(file)),
      manifest_(std::move(manifest)),
      owner_(owner),
      found_through_(std::move(found_through)),
      trace_(std::move(trace)) {}

bool LazyPlugin::is_loaded() const {
  const std::lock_guard lock(mutex_);
  return was_tried_ && !problem_;
}

Checked<void> LazyPlugin::bring_up(Stage& stage) {
  Description description;
  if (auto loaded = load_tables(file_, &manifest_, description, stage); !loaded) return loaded;
  stage = Stage::kValidated;
  const auto state = start(description, owner_);
  if (!state) return tl::make_unexpected(state.error());
  stage = Stage::kActive;
  for (const registry::Row& row : description.rows)
    functions_.emplace(key_of(row), registry::HandlerFunction{row.handler.convert, *state});
  rewrites_ = std::move(description.rewrites);
  for (registry::Rewrite& rewrite : rewrites_) {
    rewrite.owner = &owner_;
    rewrite.apply.state = *state;
  }
  return {};
}

const Problem* LazyPlugin::load() {
  const std::lock_guard lock(mutex_);
  if (!std::exchange(was_tried_, true)) {
    Stage stage = Stage::kInspected;
    const auto loaded = bring_up(stage);
    if (trace_) trace_(fmt::format("{}: code loaded when first needed; stage {}", owner_.id, name_of(stage)));
    if (!loaded) {
      problem_ = not_loaded(loaded.error(), owner_.id, file_.canonical, found_through_, stage);
      problem_->next += fmt::format("; to go on without it: --disable {}", owner_.id);
    }
  }
  return problem_ ? &*problem_ : nullptr;
}

Result<registry::HandlerFunction> LazyPlugin::handler(const registry::Row& row) {
  if (const Problem* problem = load()) return tl::make_unexpected(*problem);
  // Manifest and tables agree, and the row is of the manifest.
  return functions_.at(key_of(row));
}

Result<std::vector<const registry::Rewrite*>> LazyPlugin::rewrites() {
  if (const Problem* problem = load()) return tl::make_unexpected(*problem);
  std::vector<const registry::Rewrite*> found;
  for (const registry::Rewrite& rewrite : rewrites_) found.push_back(&rewrite);
  return found;
}

}  // namespace flowport::host
