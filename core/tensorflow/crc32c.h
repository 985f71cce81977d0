// The checksum of sorted tables and bundles: CRC-32C (Castagnoli), masked so that checksums of checksums stay good.
#pragma once

#include <cstdint>

#include "tensorflow/wire.h"

namespace flowport::tf {

/// CRC-32C of `bytes`, continued from `crc` (the value for what came before; 0 at the start).
std::uint32_t crc32c(ByteSpan bytes, std::uint32_t crc = 0);

/// The form in which a checksum is stored.
constexpr std::uint32_t masked(std::uint32_t crc) { return ((crc >> 15) | (crc << 17)) + 0xA282EAD8U; }

}  // namespace flowport::tf
