// A plugin whose rows are known from its manifest, and whose code is loaded when the first of them is needed.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "host/host.h"
#include "host/manifest.h"
#include "host/plugin_file.h"
#include "registry/registry.h"

namespace flowport::host {

class LazyPlugin final : public registry::PluginCode {
 public:
  LazyPlugin(PluginFile file, Manifest manifest, const registry::Owner& owner, std::string found_through, Trace trace);

  bool is_loaded() const override;
  Result<registry::HandlerFunction> handler(const registry::Row& row) override;
  Result<std::vector<const registry::Rewrite*>> rewrites() override;

 private:
  /// Loads the code at the first call; null, or why it cannot be loaded.
  const Problem* load();
  Checked<void> bring_up(Stage& stage);

  const PluginFile file_;
  const Manifest manifest_;
  const registry::Owner& owner_;
  const std::string found_through_;
  const Trace trace_;
  mutable std::mutex mutex_;
  bool was_tried_ = false;
  std::optional<Problem> problem_;
  std::map<std::string, registry::HandlerFunction> functions_;  ///< by what tells the plugin's rows apart
  std::vector<registry::Rewrite> rewrites_;
};

}  // namespace flowport::host
