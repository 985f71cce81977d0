// A walk over one protobuf message on the wire, without copying: every length-delimited field is a slice of the input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace flowport::tf {

using ByteSpan = std::span<const std::byte>;

inline std::string_view as_text(ByteSpan bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

enum class WireType : std::uint8_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

struct WireField {
  std::uint32_t number = 0;
  WireType type = WireType::kVarint;
  std::uint64_t varint = 0;  ///< kVarint's value
  ByteSpan bytes;            ///< kBytes: the content; kFixed32 and kFixed64: the 4 or 8 bytes
  ByteSpan whole;            ///< the field with its tag, as it stands in the message
};

/// Usage: `WireReader reader(bytes); while (reader.next()) use(reader.field()); if (reader.failed()) ...`
class WireReader {
 public:
  explicit WireReader(ByteSpan message) : rest_(message) {}

  /// Moves to the next field. False at the end and at the first malformed field (then `failed`).
  bool next();
  bool failed() const { return failed_; }
  const WireField& field() const { return field_; }

 private:
  bool fail() {
    failed_ = true;
    return false;
  }

  ByteSpan rest_;
  WireField field_;
  bool failed_ = false;
};

/// Takes a base-128 varint from the front of `rest`. False when it is cut short or longer than ten bytes.
bool take_varint(ByteSpan& rest, std::uint64_t& value);

}  // namespace flowport::tf
