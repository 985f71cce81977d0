#include "tensorflow/wire.h"

namespace flowport::tf {

bool take_varint(ByteSpan& rest, std::uint64_t& value) {
  constexpr std::size_t kMostBytes = 10;
  std::uint64_t result = 0;
  for (std::size_t i = 0; i < rest.size() && i < kMostBytes; ++i) {
    const auto byte = std::to_integer<std::uint64_t>(rest[i]);
    result |= (byte & 0x7F) << (7 * i);
    if ((byte & 0x80) == 0) {
      value = result;
      rest = rest.subspan(i + 1);
      return true;
    }
  }
  return false;
}

bool WireReader::next() {
  if (failed_ || rest_.empty()) return false;
  const ByteSpan start = rest_;
  std::uint64_t tag = 0;
  if (!take_varint(rest_, tag) || tag > UINT32_MAX || (tag >> 3) == 0) return fail();
  field_.number = static_cast<std::uint32_t>(tag >> 3);
  field_.bytes = {};
  field_.varint = 0;
  std::uint64_t size = 0;
  switch (tag & 7) {
    case 0:
      field_.type = WireType::kVarint;
      if (!take_varint(rest_, field_.varint)) return fail();
      break;
    case 1:
      field_.type = WireType::kFixed64;
      size = 8;
      break;
    case 2:
      field_.type = WireType::kBytes;
      if (!take_varint(rest_, size)) return fail();
      break;
    case 5:
      field_.type = WireType::kFixed32;
      size = 4;
      break;
    default:  // groups, which none of TensorFlow's formats has
      return fail();
  }
  if (size > rest_.size()) return fail();
  field_.bytes = rest_.first(static_cast<std::size_t>(size));
  rest_ = rest_.subspan(static_cast<std::size_t>(size));
  field_.whole = start.first(start.size() - rest_.size());
  return true;
}

}  // namespace flowport::tf
