// Names of ONNX ops as configuration files write them.
#pragma once

#include <string>
#include <string_view>

#include "config/document.h"
#include "config/fields.h"

namespace flowport::config {

/// `Op`, or `domain::Op@version` for an op of a custom domain.
struct OnnxName {
  std::string op;
  std::string domain;  ///< "" is ai.onnx
  int version = 1;     ///< of a custom domain
};

/// The scalar `node`, the value of `key` or a key itself; what is wrong is reported.
OnnxName read_onnx_name(const YamlNode& node, std::string_view key, Diagnostics& diagnostics);

}  // namespace flowport::config
