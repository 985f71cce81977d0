// The manifest of a plugin file (sdk/include/flowport/manifest.h): what its tables hold, known without running its code.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "host/description.h"
#include "host/refusal.h"

namespace flowport::host {

struct Manifest {
  /// Id, version and other texts, and the rows of handlers without their functions.
  Description description;
  std::uint16_t abi_major = 0, abi_minor = 0, min_host_minor = 0;
  /// "target onnx-21", "schema com.example::Blur@2", "rewrite scan.lstm"; sorted.
  std::vector<std::string> other_rows;

  /// Whether the run needs what only the tables have, before any op is met: targets and schemas.
  bool needs_tables_at_start() const;
};

/// Rules P-028, and those of the descriptor for what the manifest has of it. `manifest` has on return whatever could be read up
/// to a refusal.
Checked<void> read_manifest(std::string_view text, Manifest& manifest);

/// Rule P-028: whether the tables of the loaded plugin are what its manifest says.
Checked<void> check_agreement(const Manifest& manifest, const Description& tables);

}  // namespace flowport::host
