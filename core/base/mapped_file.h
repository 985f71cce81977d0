// A read-only file mapping. Bytes of weights go from here to the output; what has been written is released again, so that
// the resident size stays small however large the weights are.
#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>

#include "base/bytes.h"
#include "base/problem.h"

namespace flowport {

class MappedFile {
 public:
  /// Maps `path`. Errors: missing, a folder, no permission, not mappable (Fault::kModel, with the path in `where`).
  static Result<std::shared_ptr<const MappedFile>> open(const std::filesystem::path& path);

  MappedFile(const MappedFile&) = delete;
  MappedFile& operator=(const MappedFile&) = delete;
  ~MappedFile();

  const std::filesystem::path& path() const { return path_; }
  std::span<const std::byte> bytes() const { return bytes_; }

  /// Tells the system that the pages of `slice` are not needed soon (they can be read again at any time).
  void release(std::span<const std::byte> slice) const;

 private:
  MappedFile(std::filesystem::path path, std::span<const std::byte> bytes);

  std::filesystem::path path_;
  std::span<const std::byte> bytes_;
};

}  // namespace flowport
