// `schemas:` of a configuration file.
#pragma once

#include <optional>

#include "config/document.h"
#include "config/fields.h"
#include "registry/registry.h"

namespace flowport::config {

/// The schema of one entry, without owner; nullopt where something in it is wrong, which is reported.
std::optional<registry::CustomSchema> read_schema(const YamlEntry& entry, Diagnostics& diagnostics);

}  // namespace flowport::config
