// The bytes of a tensor as an ONNX file has them: little-endian and row-major, elements of less than a byte packed from the
// lowest bits up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>

#include "onnx/constant.h"

namespace flowport::write {

/// Bytes that stream_written hands over; for strings the sum of their lengths.
std::uint64_t written_size(const ir::Constant& constant);

/// Hands over the bytes of `constant`, which has no strings, piece by piece. False as soon as `sink` gives false.
bool stream_written(const ir::Constant& constant, const std::function<bool(std::span<const std::byte>)>& sink);

}  // namespace flowport::write
