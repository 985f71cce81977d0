// The counter-based generator Philox 4x32-10 (Salmon and others, "Parallel random numbers: as easy as 1, 2, 3", 2011).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

namespace flowport::random {

constexpr std::uint64_t join(std::uint32_t low, std::uint32_t high) { return std::uint64_t{high} << 32 | low; }

/// Numbers of [0, 1).
constexpr float unit_float(std::uint32_t bits) { return std::bit_cast<float>(0x3f800000U | (bits & 0x7fffffU)) - 1.0F; }
constexpr double unit_double(std::uint32_t high, std::uint32_t low) {
  return std::bit_cast<double>(0x3ff0000000000000U | join(low, high & 0xfffffU)) - 1.0;
}

class Philox {
 public:
  using Block = std::array<std::uint32_t, 4>;

  /// Counter and key as TF's ops hold them: low word first.
  Philox(std::uint64_t key, std::uint64_t counter_low, std::uint64_t counter_high)
      : key_(key), low_(counter_low), high_(counter_high) {}

  /// The next 128 bits.
  Block next() {
    Block x{low_word(low_), high_word(low_), low_word(high_), high_word(high_)};
    std::uint32_t k0 = low_word(key_), k1 = high_word(key_);
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t a = std::uint64_t{0xD2511F53} * x[0], b = std::uint64_t{0xCD9E8D57} * x[2];
      x = {high_word(b) ^ x[1] ^ k0, low_word(b), high_word(a) ^ x[3] ^ k1, low_word(a)};
      k0 += 0x9E3779B9;
      k1 += 0xBB67AE85;
    }
    skip(1);
    return x;
  }

  void skip(std::uint64_t blocks) {
    low_ += blocks;
    if (low_ < blocks) ++high_;
  }

 private:
  static std::uint32_t low_word(std::uint64_t v) { return static_cast<std::uint32_t>(v); }
  static std::uint32_t high_word(std::uint64_t v) { return static_cast<std::uint32_t>(v >> 32); }

  std::uint64_t key_, low_, high_;
};

/// Hands out the words of a generator one by one.
class Words {
 public:
  explicit Words(Philox generator) : generator_(generator) {}
  std::uint32_t next() {
    if (used_ == block_.size()) {
      block_ = generator_.next();
      used_ = 0;
    }
    return block_[used_++];
  }

 private:
  Philox generator_;
  Philox::Block block_{};
  std::size_t used_ = 4;
};

}  // namespace flowport::random
