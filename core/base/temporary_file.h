// A file that appears under its name only when it is whole: written beside its target under another name, then renamed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <vector>

#include "base/problem.h"

namespace flowport {

/// Errors of all functions: Fault::kCheck, with the target in `where`. After an error the file can only be destroyed.
class TemporaryFile {
 public:
  /// Opens a new file in the folder of `target`. A symbolic link at `target` is followed. Errors: the folder is missing or
  /// cannot be written, `target` is a folder or a device, no space.
  static Result<TemporaryFile> create(const std::filesystem::path& target);

  TemporaryFile(TemporaryFile&& other) noexcept;
  TemporaryFile& operator=(TemporaryFile&& other) noexcept;
  /// Removes the file unless it was committed.
  ~TemporaryFile();

  /// Appends. Small pieces are gathered; large ones go to the system from where they lie.
  Result<void> write(std::span<const std::byte> bytes);

  /// Appends zeros until offset() is a multiple of `alignment` (not 0).
  Result<void> pad_to(std::uint64_t alignment);

  /// The number of bytes written so far.
  std::uint64_t offset() const { return offset_; }

  /// Brings everything written to the file at path(), and closes it; nothing can be written any more. A second call does
  /// nothing.
  Result<void> close();

  /// Closes, and puts the file in the place of the target in one step. It does not wait for the disk.
  Result<void> commit();

  /// Where the bytes are until commit(): a hidden name in the folder of the target.
  const std::filesystem::path& path() const { return path_; }
  const std::filesystem::path& target() const { return target_; }

 private:
  TemporaryFile() = default;
  Result<void> put(std::span<const std::byte> bytes);
  Result<void> flush();
  void discard() noexcept;
  tl::unexpected<Problem> failed(const char* what, int error) const;

  std::filesystem::path target_;
  std::filesystem::path path_;
  std::vector<std::byte> buffer_;
  std::uint64_t offset_ = 0;
  int fd_ = -1;
  int slot_ =
      -1;  ///< the place in the list that the signal handler removes; -1 once the file is committed or moved from
};

/// From here on, SIGINT, SIGTERM and SIGHUP remove the temporary files that are open and then end the program as they would
/// have; a signal that was ignored stays ignored. A file that grows past the system's limit gives an error instead of a
/// signal. For a program's main, once.
void install_cleanup_on_signal();

}  // namespace flowport
