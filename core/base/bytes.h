// A run of bytes that somebody owns: a slice of a mapped file, or memory of our own. Copying it shares the owner.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <utility>
#include <vector>

namespace flowport {

class MappedFile;

class Bytes {
 public:
  Bytes() = default;

  /// Takes the vector; the bytes live as long as any copy of this object.
  explicit Bytes(std::vector<std::byte> data) {
    auto owned = std::make_shared<const std::vector<std::byte>>(std::move(data));
    view_ = std::span<const std::byte>(owned->data(), owned->size());
    owner_ = std::move(owned);
  }

  /// A slice of `file`, which is kept mapped. The caller has checked the range.
  static Bytes of_file(std::shared_ptr<const MappedFile> file, std::span<const std::byte> slice) {
    Bytes bytes;
    bytes.view_ = slice;
    bytes.file_ = file.get();
    bytes.owner_ = std::move(file);
    return bytes;
  }

  /// A slice of these bytes with the same owner. The caller has checked the range.
  Bytes slice(std::size_t offset, std::size_t size) const {
    Bytes bytes = *this;
    bytes.view_ = view_.subspan(offset, size);
    return bytes;
  }

  const std::byte* data() const { return view_.data(); }
  std::size_t size() const { return view_.size(); }
  std::span<const std::byte> span() const { return view_; }
  /// The mapped file that the bytes lie in, or null for owned memory.
  const MappedFile* file() const { return file_; }

 private:
  std::span<const std::byte> view_;
  const MappedFile* file_ = nullptr;
  std::shared_ptr<const void> owner_;
};

}  // namespace flowport
