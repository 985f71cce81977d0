// The lock file: which plugins may be loaded, by id and content.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "host/plugin_file.h"

namespace flowport::host {

struct PluginRecord;

/// One line a plugin: sha256, two spaces, id, space, version. Lines that begin with '#' are remarks.
struct Lock {
  struct Entry {
    std::string version, sha256;
  };
  std::string source;                                 ///< the file, for messages
  std::map<std::string, Entry, std::less<>> entries;  ///< by id
};

/// Errors: cannot be read; a line that is none; an id twice (Fault::kPlugin, with file:line).
Result<Lock> read_lock(const std::filesystem::path& path);

/// A lock of the usable plugins among `records`. Error: a file that can no longer be read.
Result<Lock> lock_of(const std::vector<PluginRecord>& records);

/// What a lock file says.
std::string lock_text(const Lock& lock);

/// Rule P-029 for a plugin that says to be `id`; of an empty id, which only its code could tell, whether the file is of any
/// locked plugin. What passes is pinned. Refuses also files that look for libraries beside themselves ($ORIGIN): these are in
/// no lock.
Checked<void> check_lock(const Lock& lock, const std::string& id, PluginFile& file);

}  // namespace flowport::host
