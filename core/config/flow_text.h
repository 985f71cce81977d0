#pragma once

#include <string>

#include "config/document.h"

namespace flowport::config {

/// `node` as YAML flow text on one line.
std::string to_flow_text(const YamlNode& node);

}  // namespace flowport::config
