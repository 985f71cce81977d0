// A checkpoint whose checksums are right, whatever the rest is: random bytes alone never get past them. The input is the
// number of block bytes (two bytes, the first is the higher), the block's compression, the block, and then the shard.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/mapped_file.h"
#include "scratch.h"
#include "tensorflow/bundle.h"
#include "tensorflow/crc32c.h"
#include "tensorflow/sorted_table.h"

namespace {

using flowport::fuzz::Input;
using flowport::fuzz::put;
using flowport::fuzz::scratch;

constexpr std::uint64_t kMagic = 0xDB4775248B80FB57U;
constexpr std::size_t kFooterSize = 48;

template <typename T>
std::string raw(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof(value)};
}

std::string varint(std::uint64_t value) {
  std::string text;
  for (; value >= 0x80; value >>= 7) text.push_back(static_cast<char>(value | 0x80));
  text.push_back(static_cast<char>(value));
  return text;
}

/// Appends a block with its trailer; gives its handle.
std::string add(std::string& file, std::string block, char compression) {
  std::string handle = varint(file.size()) + varint(block.size());
  block.push_back(compression);
  file += block + raw(flowport::tf::masked(flowport::tf::crc32c(std::as_bytes(std::span(block)))));
  return handle;
}

std::string table_of(std::string block, char compression) {
  const std::string restarts = raw<std::uint32_t>(0) + raw<std::uint32_t>(1);
  std::string file;
  const std::string handle = add(file, std::move(block), compression);
  const std::string entry = varint(0) + varint(1) + varint(handle.size()) + "z" + handle;
  std::string footer = varint(0) + varint(0) + add(file, entry + restarts, 0);
  footer.resize(kFooterSize - sizeof(kMagic));
  return file + footer + raw(kMagic);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Input input(data, size);
  if (input.size() < 3) return 0;
  const std::size_t block_size = std::min<std::size_t>(input[0] * 256U + input[1], input.size() - 3);
  const char compression = static_cast<char>(input[2] % 3);
  const Input block = input.subspan(3, block_size);
  const std::string table = table_of(std::string(block.begin(), block.end()), compression);
  put(scratch() / "c.index", {reinterpret_cast<const std::uint8_t*>(table.data()), table.size()});
  put(scratch() / "c.data-00000-of-00001", input.subspan(3 + block_size));

  const auto bundle = flowport::tf::Bundle::open(scratch() / "c");
  if (!bundle) return 0;
  std::vector<std::string> keys;
  const auto file = flowport::MappedFile::open(scratch() / "c.index");
  static_cast<void>(flowport::tf::read_sorted_table(**file, [&](std::string_view key, flowport::tf::ByteSpan) {
    keys.emplace_back(key);
    return true;
  }));
  for (const std::string& key : keys) {
    static_cast<void>((*bundle)->read(key));
    static_cast<void>((*bundle)->read(key, "3 2 1,2:-"));
  }
  return 0;
}
