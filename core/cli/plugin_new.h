// `flowport plugin new`: the folder of a new plugin, from the template of the SDK.
#pragma once

#include "cli/command.h"

namespace flowport::cli {

int run_plugin_new(const Arguments& arguments);

}  // namespace flowport::cli
