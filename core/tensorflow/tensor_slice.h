// Parts of tensors: how checkpoints name them, and copying one out of, or into, a whole.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "tensorflow/wire.h"

namespace flowport::tf {

namespace proto {
class TensorSliceProto;
}

/// One dimension of a slice. `length` is kWhole where the slice takes the whole dimension.
struct Extent {
  static constexpr std::int64_t kWhole = -1;
  std::int64_t start = 0;
  std::int64_t length = kWhole;
  friend bool operator==(const Extent&, const Extent&) = default;
};

using Slice = std::vector<Extent>;

Slice slice_of(const proto::TensorSliceProto& proto);

/// The key under which a checkpoint keeps the data of `slice` of the tensor `name`.
std::string slice_key(std::string_view name, const Slice& slice);

/// RestoreV2's shape_and_slice, "100 10 0,50:-": the shape of the whole, then start,length or "-" for each dimension.
struct SliceSpec {
  std::vector<std::int64_t> dims;
  Slice slice;
};
std::optional<SliceSpec> parse_slice_spec(std::string_view text);

/// The slice with its lengths as numbers; nullopt when it does not fit `dims`.
std::optional<Slice> resolve_slice(const Slice& slice, std::span<const std::int64_t> dims);

/// Copies the block `slice` (resolved) of a row-major tensor `whole` of `dims` to `part`, which is exactly that block.
/// Elements have `size` bytes.
void copy_out(ByteSpan whole, std::span<const std::int64_t> dims, const Slice& slice, std::size_t size,
              std::span<std::byte> part);
/// The other way: writes `part` to its place in `whole`.
void copy_in(std::span<std::byte> whole, std::span<const std::int64_t> dims, const Slice& slice, std::size_t size,
             ByteSpan part);

}  // namespace flowport::tf
