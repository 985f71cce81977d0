// From an inspected file to a plugin that runs: the steps that both ways of loading share, at start and when first needed.
#pragma once

#include "host/description.h"
#include "host/host.h"
#include "host/manifest.h"
#include "host/plugin_file.h"

namespace flowport::host {

/// Loads the file's code, asks for its tables and checks them (rules P-009 to P-024, and P-028 where `manifest` is not null).
/// `stage` is the last stage passed; `description` has whatever could be read up to a refusal.
Checked<void> load_tables(const PluginFile& file, const Manifest* manifest, Description& description, Stage& stage);

/// Rule P-027. Gives the plugin's state, and remembers its shutdown for shut_down().
Checked<void*> start(const Description& description, const registry::Owner& owner);

/// What a plugin that could not be loaded is told with. `found_through` says how its file was found.
Problem not_loaded(const Refusal& refusal, const std::string& name, const std::filesystem::path& path,
                   std::string_view found_through, Stage stage);

}  // namespace flowport::host
