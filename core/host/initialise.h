// Calling a plugin's init, with a host table that can answer before there is a node.
#pragma once

#include <flowport/abi.h>

#include "host/refusal.h"
#include "registry/registry.h"

namespace flowport::host {

/// Rule P-027. Gives the plugin's state. Within init the host answers opset (0: no target yet), option, fail and
/// interface_of (none); a note is dropped, and all other functions give BAD_CALL.
Checked<void*> initialise(decltype(flowport_plugin::init) init, const registry::Owner& owner);

}  // namespace flowport::host
