#include "tensorflow/sorted_table.h"

#include <cstring>
#include <optional>
#include <vector>

#include <fmt/format.h>

#include "tensorflow/crc32c.h"
#include "tensorflow/snappy.h"

namespace flowport::tf {
namespace {

constexpr std::size_t kFooterSize = 48;  // two block handles, padding, magic
constexpr std::size_t kMagicSize = 8;
constexpr std::uint64_t kMagic = 0xDB4775248B80FB57U;
constexpr std::size_t kTrailerSize = 5;  // compression, checksum
constexpr std::size_t kMostBlockSize = std::size_t{1} << 28;
// Shared prefixes let a small file stand for any amount of keys.
constexpr std::size_t kMostKeyBytes = std::size_t{1} << 28;
constexpr std::byte kPlain{0}, kSnappy{1};

struct Handle {
  std::uint64_t offset = 0, size = 0;
};

bool take_handle(ByteSpan& rest, Handle& handle) {
  return take_varint(rest, handle.offset) && take_varint(rest, handle.size);
}

std::uint32_t number_at(ByteSpan bytes, std::size_t offset) {
  std::uint32_t value = 0;
  std::memcpy(&value, bytes.data() + offset, sizeof(value));
  return value;
}

/// A block's entries, decompressed where needed.
struct Block {
  std::vector<std::byte> owned;
  ByteSpan entries;
};

class Table {
 public:
  explicit Table(const MappedFile& file) : file_(file), bytes_(file.bytes()) {}

  Result<Block> read_block(Handle handle) const {
    if (handle.offset > bytes_.size() || handle.size > bytes_.size() - handle.offset ||
        bytes_.size() - handle.offset - handle.size < kTrailerSize) {
      return bad(fmt::format("a block of {} bytes at {} lies outside of the file", handle.size, handle.offset));
    }
    const auto offset = static_cast<std::size_t>(handle.offset);
    const auto size = static_cast<std::size_t>(handle.size);
    ByteSpan stored = bytes_.subspan(offset, size);
    if (number_at(bytes_, offset + size + 1) != masked(crc32c(bytes_.subspan(offset, size + 1)))) {
      return bad(fmt::format("the checksum of the block at byte {} does not fit its content", offset));
    }
    Block block;
    const std::byte compression = bytes_[offset + size];
    if (compression == kSnappy) {
      auto plain = snappy_decompress(stored, kMostBlockSize);
      if (!plain) return bad(fmt::format("the compressed block at byte {} is malformed", offset));
      block.owned = std::move(*plain);
      stored = block.owned;
    } else if (compression != kPlain) {
      return bad(
          fmt::format("the block at byte {} has the unknown compression {}", offset, static_cast<int>(compression)));
    }
    // Behind the entries come the restart points and their number, which only a search needs.
    if (stored.size() < sizeof(std::uint32_t)) return bad(fmt::format("the block at byte {} is cut short", offset));
    const std::size_t end = stored.size() - sizeof(std::uint32_t);
    const std::uint32_t restarts = number_at(stored, end);
    if (restarts > end / sizeof(std::uint32_t)) return bad(fmt::format("the block at byte {} is malformed", offset));
    block.entries = stored.first(end - restarts * sizeof(std::uint32_t));
    return block;
  }

  Result<Handle> index_block() const {
    if (bytes_.size() < kFooterSize) return bad("the file is too short for a checkpoint index");
    ByteSpan footer = bytes_.last(kFooterSize);
    std::uint64_t magic = 0;
    std::memcpy(&magic, footer.data() + kFooterSize - kMagicSize, kMagicSize);
    if (magic != kMagic) return bad("the file is not a checkpoint index: its last bytes are wrong");
    Handle metaindex, index;
    if (!take_handle(footer, metaindex) || !take_handle(footer, index)) return bad("the footer is malformed");
    return index;
  }

  tl::unexpected<Problem> bad(std::string what) const {
    return problem(Fault::kModel, std::move(what), file_.path().string(),
                   "the checkpoint is damaged or cut short: copy or save it again");
  }

 private:
  const MappedFile& file_;
  ByteSpan bytes_;
};

/// Walks the entries of a block. Usage as of WireReader.
class BlockReader {
 public:
  explicit BlockReader(ByteSpan entries) : rest_(entries) {}

  bool next() {
    if (failed_ || rest_.empty()) return false;
    std::uint64_t shared = 0, fresh = 0, size = 0;
    if (!take_varint(rest_, shared) || !take_varint(rest_, fresh) || !take_varint(rest_, size) ||
        shared > key_.size() || fresh > rest_.size() || size > rest_.size() - fresh) {
      failed_ = true;
      return false;
    }
    key_.resize(static_cast<std::size_t>(shared));
    key_.append(as_text(rest_.first(static_cast<std::size_t>(fresh))));
    rest_ = rest_.subspan(static_cast<std::size_t>(fresh));
    value_ = rest_.first(static_cast<std::size_t>(size));
    rest_ = rest_.subspan(static_cast<std::size_t>(size));
    return true;
  }
  bool failed() const { return failed_; }
  const std::string& key() const { return key_; }
  ByteSpan value() const { return value_; }

 private:
  ByteSpan rest_;
  std::string key_;
  ByteSpan value_;
  bool failed_ = false;
};

}  // namespace

Result<void> read_sorted_table(const MappedFile& file, const std::function<bool(std::string_view, ByteSpan)>& use) {
  const Table table(file);
  const auto handle = table.index_block();
  if (!handle) return tl::make_unexpected(handle.error());
  const auto index = table.read_block(*handle);
  if (!index) return tl::make_unexpected(index.error());

  std::optional<std::string> last_key;
  std::uint64_t next_offset = 0;
  std::size_t key_bytes = 0;
  BlockReader blocks(index->entries);
  while (blocks.next()) {
    Handle at;
    ByteSpan value = blocks.value();
    // Blocks follow each other in the file; so no block can be read twice and the work stays linear.
    if (!take_handle(value, at) || at.offset < next_offset) return table.bad("the index block is malformed");
    const auto block = table.read_block(at);
    if (!block) return tl::make_unexpected(block.error());
    next_offset = at.offset + at.size;
    BlockReader entries(block->entries);
    while (entries.next()) {
      if (last_key && entries.key() <= *last_key) return table.bad("the keys of the index do not ascend");
      last_key = entries.key();
      key_bytes += entries.key().size();
      if (key_bytes > kMostKeyBytes) return table.bad("the keys of the index take more than 256 MiB");
      if (!use(entries.key(), entries.value())) return {};
    }
    if (entries.failed()) return table.bad(fmt::format("the block at byte {} is malformed", at.offset));
  }
  if (blocks.failed()) return table.bad("the index block is malformed");
  return {};
}

}  // namespace flowport::tf
