#include "tensorflow/snappy.h"

namespace flowport::tf {
namespace {

/// Little-endian number of `width` bytes from the front of `rest`. False when they are not there.
bool take_number(ByteSpan& rest, std::size_t width, std::size_t& value) {
  if (rest.size() < width) return false;
  value = 0;
  for (std::size_t i = 0; i < width; ++i) value |= std::to_integer<std::size_t>(rest[i]) << (8 * i);
  rest = rest.subspan(width);
  return true;
}

class Decompressor {
 public:
  Decompressor(ByteSpan rest, std::size_t size) : rest_(rest), size_(size) { out_.reserve(size); }

  std::optional<std::vector<std::byte>> run() {
    while (!rest_.empty()) {
      const auto tag = std::to_integer<std::size_t>(rest_[0]);
      rest_ = rest_.subspan(1);
      if (!((tag & 3) == 0 ? literal(tag) : copy(tag))) return std::nullopt;
    }
    if (out_.size() != size_) return std::nullopt;
    return std::move(out_);
  }

 private:
  // Lengths of 61 and more stand in 1 to 4 bytes behind the tag.
  bool literal(std::size_t tag) {
    std::size_t length = tag >> 2;
    if (length >= 60 && !take_number(rest_, length - 59, length)) return false;
    if (length >= rest_.size() || length >= size_ - out_.size()) return false;
    length += 1;
    out_.insert(out_.end(), rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(length));
    rest_ = rest_.subspan(length);
    return true;
  }

  bool copy(std::size_t tag) {
    std::size_t length = (tag >> 2) + 1;
    std::size_t offset = 0;
    if ((tag & 3) == 1) {
      length = ((tag >> 2) & 7) + 4;
      if (!take_number(rest_, 1, offset)) return false;
      offset |= (tag >> 5) << 8;
    } else if (!take_number(rest_, (tag & 3) == 2 ? 2 : 4, offset)) {
      return false;
    }
    if (offset == 0 || offset > out_.size() || length > size_ - out_.size()) return false;
    // Source and target may overlap: what was just written is repeated.
    for (std::size_t from = out_.size() - offset; length > 0; --length, ++from) out_.push_back(out_[from]);
    return true;
  }

  ByteSpan rest_;
  std::size_t size_;
  std::vector<std::byte> out_;
};

}  // namespace

std::optional<std::vector<std::byte>> snappy_decompress(ByteSpan block, std::size_t most) {
  // The densest element makes 64 bytes out of 3.
  constexpr std::size_t kMostRatio = 64;
  std::uint64_t size = 0;
  if (!take_varint(block, size) || size > most || size / kMostRatio > block.size()) return std::nullopt;
  return Decompressor(block, static_cast<std::size_t>(size)).run();
}

}  // namespace flowport::tf
