// Loading a plugin file and asking it for its descriptor.
#pragma once

#include <flowport/abi.h>

#include "host/host.h"
#include "host/plugin_file.h"

namespace flowport::host {

/// Rules P-009 to P-012. The library stays loaded until the process ends. Runs the file's static initialisers and its query.
/// `stage` is kLoaded where only the query failed.
Checked<const flowport_plugin*> load_and_query(const PluginFile& file, Stage& stage);

}  // namespace flowport::host
