// Decompression of one Snappy block (the raw format, without framing), as sorted tables may have them.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "tensorflow/wire.h"

namespace flowport::tf {

/// The decompressed bytes, or nullopt when `block` is malformed or claims to hold more than `most` bytes.
std::optional<std::vector<std::byte>> snappy_decompress(ByteSpan block, std::size_t most);

}  // namespace flowport::tf
