#include "write/weights.h"

#include <vector>

namespace flowport::write {
namespace {

constexpr std::size_t kBitsOfByte = 8;

/// Takes elements a byte each, gives them packed. Elements of one output byte may come in different pieces.
class Packer {
 public:
  explicit Packer(std::size_t bits) : bits_(bits), mask_(static_cast<std::uint8_t>((1U << bits) - 1)) {}

  std::span<const std::byte> pack(std::span<const std::byte> elements) {
    packed_.clear();
    packed_.reserve(elements.size() * bits_ / kBitsOfByte + 1);
    for (const std::byte element : elements) {
      const unsigned value = std::to_integer<unsigned>(element) & mask_;
      byte_ = static_cast<std::uint8_t>(byte_ | (value << used_));
      used_ += bits_;
      if (used_ == kBitsOfByte) end_byte();
    }
    return packed_;
  }

  /// The last byte, where it is not full.
  std::span<const std::byte> finish() {
    packed_.clear();
    if (used_ > 0) end_byte();
    return packed_;
  }

 private:
  void end_byte() {
    packed_.push_back(std::byte{byte_});
    byte_ = 0;
    used_ = 0;
  }

  std::size_t bits_;
  std::uint8_t mask_;
  std::uint8_t byte_ = 0;
  std::size_t used_ = 0;
  std::vector<std::byte> packed_;
};

}  // namespace

std::uint64_t written_size(const ir::Constant& constant) {
  if (constant.dtype() == ir::DType::kString) {
    std::uint64_t size = 0;
    for (const std::string& each : constant.strings()) size += each.size();
    return size;
  }
  const std::size_t bits = ir::bits_of(constant.dtype());
  if (bits >= kBitsOfByte) return constant.byte_size();
  const std::size_t per_byte = kBitsOfByte / bits;
  const auto count = static_cast<std::uint64_t>(constant.count());
  return count / per_byte + (count % per_byte != 0 ? 1 : 0);
}

bool stream_written(const ir::Constant& constant, const std::function<bool(std::span<const std::byte>)>& sink) {
  const std::size_t bits = ir::bits_of(constant.dtype());
  if (bits >= kBitsOfByte) return constant.stream(sink);
  Packer packer(bits);
  const bool went = constant.stream([&](std::span<const std::byte> elements) {
    const auto packed = packer.pack(elements);
    return packed.empty() || sink(packed);
  });
  if (!went) return false;
  const auto last = packer.finish();
  return last.empty() || sink(last);
}

}  // namespace flowport::write
