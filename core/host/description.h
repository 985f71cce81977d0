// A plugin's tables, copied into our own structures and checked.
#pragma once

#include <string>
#include <vector>

#include <flowport/abi.h>

#include "host/refusal.h"
#include "registry/registry.h"

namespace flowport::host {

struct Description {
  std::string id, version, summary, license, url;
  std::vector<registry::Row> rows;  ///< without owner and state
  std::vector<registry::Target> targets;
  std::vector<registry::CustomSchema> schemas;
  std::vector<registry::Rewrite> rewrites;  ///< without owner and state
  std::vector<registry::TfOp> tf_ops;       ///< without owner
  decltype(flowport_plugin::init) init = nullptr;
  decltype(flowport_plugin::shutdown) shutdown = nullptr;
};

/// Reads and checks what the query returned (rules P-013 to P-024 and P-036). `description` has on return whatever could be read
/// up to a refusal: id and ops of a refused plugin are worth telling.
Checked<void> read_description(const flowport_plugin& raw, Description& description);

}  // namespace flowport::host
