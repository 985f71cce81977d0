#include "tensorflow/tensor_slice.h"

#include <array>
#include <bit>
#include <charconv>
#include <cstring>

#include "tensorflow/protos/checkpoint.pb.h"

namespace flowport::tf {
namespace {

// The key is written so that keys sort as their parts do ("ordered code").

/// A byte for the number of bytes, then the bytes, most significant first.
void append_unsigned(std::string& key, std::uint64_t value) {
  const int bytes = (static_cast<int>(std::bit_width(value)) + 7) / 8;
  key.push_back(static_cast<char>(bytes));
  for (int i = bytes - 1; i >= 0; --i) key.push_back(static_cast<char>(value >> (8 * i)));
}

void append_string(std::string& key, std::string_view text) {
  for (const char c : text) {
    key.push_back(c);
    if (c == '\0') key.push_back('\xff');
    if (c == '\xff') key.push_back('\0');
  }
  key.push_back('\0');
  key.push_back('\1');
}

/// Of n bytes the first n bits tell n (as ones; turned over for negative numbers) and one more bit the sign.
void append_signed(std::string& key, std::int64_t value) {
  constexpr std::array<std::uint8_t, 11> kFirst = {0, 0x80, 0xc0, 0xe0, 0xf0, 0xf8, 0xfc, 0xfe, 0xff, 0xff, 0xff};
  constexpr std::array<std::uint8_t, 11> kSecond = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xc0};
  const auto bits = static_cast<std::uint64_t>(value);
  const std::uint64_t magnitude = value < 0 ? ~bits : bits;
  const std::size_t bytes = static_cast<std::size_t>(std::bit_width(magnitude)) / 7 + 1;
  std::array<std::uint8_t, 10> buffer;
  buffer.fill(value < 0 ? 0xff : 0);
  for (std::size_t i = 0; i < 8; ++i) buffer[9 - i] = static_cast<std::uint8_t>(bits >> (8 * i));
  std::uint8_t* begin = buffer.data() + buffer.size() - bytes;
  begin[0] = static_cast<std::uint8_t>(begin[0] ^ kFirst[bytes]);
  if (bytes > 1) begin[1] = static_cast<std::uint8_t>(begin[1] ^ kSecond[bytes]);
  for (std::size_t i = 0; i < bytes; ++i) key.push_back(static_cast<char>(begin[i]));
}

bool parse_number(std::string_view text, std::int64_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc() && end == text.data() + text.size() && value >= 0;
}

std::string_view take_until(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const std::string_view token = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return token;
}

/// Calls `use(offset in the whole, offset in the part, bytes)` for every contiguous run of the block.
template <typename Use>
void each_run(std::span<const std::int64_t> dims, const Slice& slice, std::size_t size, const Use& use) {
  std::size_t inner = dims.size();  // the dimensions from here on are one run
  std::size_t run = size;
  while (inner > 0) {
    --inner;
    run *= static_cast<std::size_t>(slice[inner].length);
    if (slice[inner].length != dims[inner]) break;
  }
  if (run == 0) return;
  std::vector<std::size_t> strides(dims.size());
  std::size_t stride = size;
  std::size_t offset = 0;
  for (std::size_t d = dims.size(); d-- > 0;) {
    strides[d] = stride;
    offset += static_cast<std::size_t>(slice[d].start) * stride;
    stride *= static_cast<std::size_t>(dims[d]);
  }
  std::size_t runs = 1;
  for (std::size_t d = 0; d < inner; ++d) runs *= static_cast<std::size_t>(slice[d].length);
  std::vector<std::int64_t> at(inner, 0);
  for (std::size_t i = 0; i < runs; ++i) {
    use(offset, i * run, run);
    for (std::size_t d = inner; d-- > 0;) {
      offset += strides[d];
      if (++at[d] < slice[d].length) break;
      offset -= static_cast<std::size_t>(at[d]) * strides[d];
      at[d] = 0;
    }
  }
}

}  // namespace

Slice slice_of(const proto::TensorSliceProto& proto) {
  Slice slice;
  for (const auto& extent : proto.extent()) {
    const bool whole = extent.has_length_case() != proto::TensorSliceProto::Extent::kLength;
    slice.push_back({extent.start(), whole ? Extent::kWhole : extent.length()});
  }
  return slice;
}

std::string slice_key(std::string_view name, const Slice& slice) {
  std::string key;
  append_unsigned(key, 0);
  append_string(key, name);
  append_unsigned(key, slice.size());
  for (const Extent& extent : slice) {
    append_signed(key, extent.start);
    append_signed(key, extent.length);
  }
  return key;
}

std::optional<SliceSpec> parse_slice_spec(std::string_view text) {
  SliceSpec spec;
  const auto last_space = text.rfind(' ');
  std::string_view shape = last_space == std::string_view::npos ? std::string_view() : text.substr(0, last_space);
  std::string_view extents = last_space == std::string_view::npos ? text : text.substr(last_space + 1);
  while (!shape.empty()) {
    if (!parse_number(take_until(shape, ' '), spec.dims.emplace_back())) return std::nullopt;
  }
  while (!extents.empty()) {
    std::string_view extent = take_until(extents, ':');
    Extent& parsed = spec.slice.emplace_back();
    if (extent == "-") continue;
    if (!parse_number(take_until(extent, ','), parsed.start) || !parse_number(extent, parsed.length))
      return std::nullopt;
  }
  if (spec.slice.size() != spec.dims.size()) return std::nullopt;
  return spec;
}

std::optional<Slice> resolve_slice(const Slice& slice, std::span<const std::int64_t> dims) {
  if (slice.size() != dims.size()) return std::nullopt;
  Slice resolved = slice;
  for (std::size_t d = 0; d < dims.size(); ++d) {
    Extent& extent = resolved[d];
    if (extent.length == Extent::kWhole) extent = {0, dims[d]};
    if (extent.start < 0 || extent.length < 0 || extent.start > dims[d] || extent.length > dims[d] - extent.start) {
      return std::nullopt;
    }
  }
  return resolved;
}

void copy_out(ByteSpan whole, std::span<const std::int64_t> dims, const Slice& slice, std::size_t size,
              std::span<std::byte> part) {
  each_run(dims, slice, size, [&](std::size_t in_whole, std::size_t in_part, std::size_t bytes) {
    std::memcpy(part.data() + in_part, whole.data() + in_whole, bytes);
  });
}

void copy_in(std::span<std::byte> whole, std::span<const std::int64_t> dims, const Slice& slice, std::size_t size,
             ByteSpan part) {
  each_run(dims, slice, size, [&](std::size_t in_whole, std::size_t in_part, std::size_t bytes) {
    std::memcpy(whole.data() + in_whole, part.data() + in_part, bytes);
  });
}

}  // namespace flowport::tf
