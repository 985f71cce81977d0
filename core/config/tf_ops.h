// `tf_ops:` of a configuration file: ops that TensorFlow does not have.
#pragma once

#include <optional>

#include "config/document.h"
#include "config/fields.h"
#include "registry/registry.h"

namespace flowport::config {

/// The op that one entry declares, without owner; nullopt where something in it is wrong, which is reported.
std::optional<registry::TfOp> read_tf_op(const YamlEntry& entry, Diagnostics& diagnostics);

}  // namespace flowport::config
