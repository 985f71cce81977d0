// `flowport plugin check`: all rules for one file, those that take running its code in a child process with a time limit.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include "host/host.h"
#include "host/manifest.h"
#include "host/refusal.h"

namespace flowport::host {

struct Finding {
  Rule rule;
  std::string reason;
  std::string next;
};

struct PluginCheck {
  std::filesystem::path path;
  Manifest manifest;  ///< as far as it could be read; empty without one
  std::vector<Finding> findings;
  std::size_t calls = 0;    ///< of handlers that were made
  bool has_run = false;     ///< whether all that takes running its code was reached
  bool is_refused() const;  ///< whether the host would not take it, or a call ended the process
};

/// Checks the file. `limit`: for how long loading it, and each call, may go on.
PluginCheck check_plugin(const std::filesystem::path& path, std::chrono::milliseconds limit);

}  // namespace flowport::host
