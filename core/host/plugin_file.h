// What can be known of a plugin file without running any of its code.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "host/refusal.h"

namespace flowport::host {

/// Which file was looked at: equal identities are the same unchanged file.
struct FileIdentity {
  std::uint64_t device = 0, inode = 0, size = 0;
  std::int64_t seconds = 0, nanoseconds = 0;  ///< last change of the content
  friend bool operator==(const FileIdentity&, const FileIdentity&) = default;
};

/// An open file, closed at the end.
class Descriptor {
 public:
  explicit Descriptor(int number) : number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor();
  int number() const { return number_; }

 private:
  int number_;
};

struct PluginFile {
  std::filesystem::path canonical;
  FileIdentity identity;
  std::shared_ptr<const Descriptor> opened;  ///< for reading
  std::optional<std::string> manifest;       ///< the text of its manifest section, where it has one
  /// Load the open file itself and not what lies at its path by then: no other content can take its place.
  bool is_pinned = false;
};

/// Rules P-001 to P-008. `is_installed`: the file belongs to the installation, whose owner and permissions are not ours to judge.
Checked<PluginFile> inspect(const std::filesystem::path& path, bool is_installed);

/// Rule P-010: whether `file` is still what was inspected.
Checked<void> check_unchanged(const PluginFile& file);

}  // namespace flowport::host
