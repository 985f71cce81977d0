// Writes sorted tables and bundles for tests, honest or not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models.h"
#include "tensorflow/crc32c.h"
#include "tensorflow/protos/checkpoint.pb.h"

namespace flowport::test {

inline std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text.push_back(static_cast<char>(value | 0x80));
  text.push_back(static_cast<char>(value));
  return text;
}

template <typename T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

/// Snappy's format with nothing but literals.
inline std::string snappy_literals(std::string_view plain) {
  std::string text = varint(plain.size());
  for (std::size_t at = 0; at < plain.size(); at += 60) {
    const auto part = plain.substr(at, 60);
    text += static_cast<char>((part.size() - 1) << 2);
    text += part;
  }
  return text;
}

using Entries = std::vector<std::pair<std::string, std::string>>;

/// A block's entries and its one restart point, keys without shared prefixes.
inline std::string block(const Entries& entries) {
  std::string text;
  for (const auto& [key, value] : entries) text += varint(0) + varint(key.size()) + varint(value.size()) + key + value;
  return text + raw<std::uint32_t>(0) + raw<std::uint32_t>(1);
}

class TableWriter {
 public:
  /// Adds a stored block with its trailer; gives its handle.
  std::string add(std::string_view stored, char compression = '\0') {
    const std::string handle = varint(text_.size()) + varint(stored.size());
    const std::string with_type = std::string(stored) + compression;
    text_ += with_type + raw(tf::masked(tf::crc32c(std::as_bytes(std::span(with_type)))));
    return handle;
  }

  /// Adds the index block and the footer; gives the file.
  std::string finish(const Entries& index) { return finish_with(add(block(index))); }

  std::string finish_with(const std::string& index_handle) {
    std::string footer = add(block({})) + index_handle;
    footer.resize(40);
    return text_ + footer + raw<std::uint64_t>(0xDB4775248B80FB57U);
  }

 private:
  std::string text_;
};

/// A table of one block.
inline std::string table(const Entries& entries) {
  TableWriter writer;
  const std::string handle = writer.add(block(entries));
  return writer.finish({{entries.empty() ? "" : entries.back().first, handle}});
}

inline std::string header(int shards = 1) {
  return wire<tf::proto::BundleHeaderProto>("num_shards: " + std::to_string(shards));
}

inline std::string entry(std::string_view text) { return wire<tf::proto::BundleEntryProto>(text); }

}  // namespace flowport::test
