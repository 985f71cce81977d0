#include "onnx/evaluate/indexing.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

namespace flowport::ir::evaluation {

std::optional<std::int64_t> count_of(DimsView dims) {
  std::int64_t count = 1;
  bool is_empty = false;
  for (const auto dim : dims) {
    if (dim < 0) return std::nullopt;
    if (dim == 0)
      is_empty = true;
    else if (__builtin_mul_overflow(count, dim, &count))
      return std::nullopt;
  }
  return is_empty ? 0 : count;
}

std::optional<std::size_t> axis_of(std::int64_t axis, std::size_t rank) {
  const auto signed_rank = static_cast<std::int64_t>(rank);
  if (axis < -signed_rank || axis >= signed_rank) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + signed_rank : axis);
}

std::optional<std::vector<bool>> marked_axes(DimsView axes, std::size_t rank) {
  std::vector<bool> marked(rank, false);
  for (const auto given : axes) {
    const auto axis = axis_of(given, rank);
    if (!axis || marked[*axis]) return std::nullopt;
    marked[*axis] = true;
  }
  return marked;
}

Dims strides_of(DimsView dims) {
  Dims strides(dims.size(), 0);
  if (std::ranges::find(dims, 0) != dims.end()) return strides;
  std::int64_t stride = 1;
  for (std::size_t i = dims.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= dims[i];
  }
  return strides;
}

std::int64_t product(DimsView dims) { return count_of(dims).value_or(0); }

std::vector<std::int64_t> walk(DimsView dims, DimsView strides, std::int64_t start) {
  const auto count = static_cast<std::size_t>(product(dims));
  std::vector<std::int64_t> positions;
  positions.reserve(count);
  Dims coordinates(dims.size(), 0);
  std::int64_t position = start;
  while (positions.size() < count) {
    positions.push_back(position);
    for (std::size_t axis = dims.size(); axis-- > 0;) {
      position += strides[axis];
      if (++coordinates[axis] < dims[axis]) break;
      position -= strides[axis] * dims[axis];
      coordinates[axis] = 0;
    }
  }
  return positions;
}

std::optional<Dims> broadcast(std::span<const DimsView> shapes) {
  std::size_t rank = 0;
  for (const auto shape : shapes) rank = std::max(rank, shape.size());
  Dims dims(rank, 1);
  for (const auto shape : shapes) {
    const std::size_t lead = rank - shape.size();
    for (std::size_t i = 0; i < shape.size(); ++i) {
      auto& dim = dims[lead + i];
      if (shape[i] == dim || shape[i] == 1) continue;
      if (dim != 1) return std::nullopt;
      dim = shape[i];
    }
  }
  return dims;
}

std::vector<std::int64_t> spread(DimsView from, DimsView to) {
  const Dims own = strides_of(from);
  Dims strides(to.size(), 0);
  const std::size_t lead = to.size() - from.size();
  for (std::size_t i = 0; i < from.size(); ++i) strides[lead + i] = from[i] == 1 ? 0 : own[i];
  return walk(to, strides);
}

ConstantPtr pick(const Constant& source, Dims dims, std::span<const std::int64_t> positions) {
  if (source.dtype() == DType::kString) {
    std::vector<std::string> strings(positions.size());
    for (std::size_t i = 0; i < positions.size(); ++i) {
      if (positions[i] >= 0) strings[i] = source.strings()[static_cast<std::size_t>(positions[i])];
    }
    return Constant::make_strings(std::move(dims), std::move(strings));
  }
  const std::size_t size = size_of(source.dtype());
  const Bytes from = source.bytes();
  std::vector<std::byte> bytes(positions.size() * size);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (positions[i] < 0) continue;
    std::memcpy(bytes.data() + i * size, from.data() + static_cast<std::size_t>(positions[i]) * size, size);
  }
  return Constant::make(source.dtype(), std::move(dims), Bytes(std::move(bytes)));
}

ConstantPtr joined(std::span<const ConstantPtr> parts) {
  const DType dtype = parts.front()->dtype();
  std::int64_t count = 0;
  for (const auto& part : parts) count += part->count();
  if (dtype == DType::kString) {
    std::vector<std::string> strings;
    for (const auto& part : parts) strings.insert(strings.end(), part->strings().begin(), part->strings().end());
    return Constant::make_strings({count}, std::move(strings));
  }
  std::vector<std::byte> bytes;
  bytes.reserve(static_cast<std::size_t>(count) * size_of(dtype));
  for (const auto& part : parts) {
    const Bytes own = part->bytes();
    bytes.insert(bytes.end(), own.span().begin(), own.span().end());
  }
  return Constant::make(dtype, {count}, Bytes(std::move(bytes)));
}

std::size_t bytes_of(const Constant& constant) {
  if (constant.dtype() != DType::kString) return constant.byte_size();
  std::size_t bytes = 0;
  for (const auto& string : constant.strings()) bytes += sizeof(std::string) + string.size();
  return bytes;
}

}  // namespace flowport::ir::evaluation
