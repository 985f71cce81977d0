// The bytes of a constant whose permutation or factors are pending, made block by block.
#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>
#include <utility>

#include "base/mapped_file.h"
#include "onnx/constant.h"

namespace flowport::ir {
namespace {

constexpr std::size_t kPlainPiece = std::size_t{4} << 20U;
constexpr std::size_t kBlock = std::size_t{4} << 20U;
/// A block of a transposed tensor has at least this many elements that are neighbours in the source where it can: one
/// cache line.
constexpr std::size_t kNeighbours = 16;
/// Blocks grow beyond kBlock for that, but not beyond this part of the tensor.
constexpr std::size_t kLargestBlockPart = 16;
/// Mapped pages are released after at most this many bytes of the source have been crossed.
constexpr std::size_t kReleaseEvery = std::size_t{8} << 20U;
constexpr std::size_t kTile = 32;
/// The system may map this much around the page that is asked for.
constexpr std::size_t kMappedAround = std::size_t{2} << 20U;

/// One loop over a block: `count` steps, which move by these many elements.
struct Loop {
  std::size_t count = 1;
  std::size_t source_stride = 0;
  std::size_t target_stride = 0;
};

/// Dims of the result with the strides of the source, neighbours that run together merged; never empty.
std::vector<Loop> plan(std::span<const std::int64_t> source_dims, std::span<const std::int64_t> perm) {
  std::vector<std::size_t> strides(source_dims.size());
  std::size_t stride = 1;
  for (std::size_t i = source_dims.size(); i-- > 0;) {
    strides[i] = stride;
    stride *= static_cast<std::size_t>(source_dims[i]);
  }
  std::vector<Loop> loops;
  for (std::size_t i = 0; i < source_dims.size(); ++i) {
    const auto axis = perm.empty() ? i : static_cast<std::size_t>(perm[i]);
    const auto count = static_cast<std::size_t>(source_dims[axis]);
    if (count == 1) continue;
    if (!loops.empty() && loops.back().source_stride == strides[axis] * count) {
      loops.back().count *= count;
      loops.back().source_stride = strides[axis];
    } else {
      loops.push_back({count, strides[axis], 0});
    }
  }
  if (loops.empty()) loops.push_back({1, 1, 0});
  std::size_t target_stride = 1;
  for (auto loop = loops.rbegin(); loop != loops.rend(); ++loop) {
    loop->target_stride = target_stride;
    target_stride *= loop->count;
  }
  return loops;
}

/// `inner` has the smallest stride in the source, `outer` the smallest in the target.
template <typename T>
void copy_plane(const T* source, T* target, const Loop& outer, const Loop& inner) {
  for (std::size_t o = 0; o < outer.count; o += kTile) {
    const std::size_t o_end = std::min(o + kTile, outer.count);
    for (std::size_t i = 0; i < inner.count; i += kTile) {
      const std::size_t i_end = std::min(i + kTile, inner.count);
      for (std::size_t y = i; y < i_end; ++y) {
        const T* from = source + y * inner.source_stride;
        T* to = target + y * inner.target_stride;
        for (std::size_t x = o; x < o_end; ++x) to[x * outer.target_stride] = from[x * outer.source_stride];
      }
    }
  }
}

template <typename T>
void copy_run(const T* source, T* target, const Loop& loop) {
  if (loop.source_stride == 1 && loop.target_stride == 1) {
    std::memcpy(target, source, loop.count * sizeof(T));
    return;
  }
  for (std::size_t i = 0; i < loop.count; ++i) target[i * loop.target_stride] = source[i * loop.source_stride];
}

/// Copies one block. The loops may be in any order; they are run so that the source is crossed as it lies.
template <typename T>
void copy_block(const T* source, T* target, std::vector<Loop> loops) {
  std::sort(loops.begin(), loops.end(), [](const Loop& a, const Loop& b) { return a.source_stride > b.source_stride; });
  const Loop inner = loops.back();
  loops.pop_back();
  Loop outer;
  const auto contiguous = std::min_element(
      loops.begin(), loops.end(), [](const Loop& a, const Loop& b) { return a.target_stride < b.target_stride; });
  const bool plane = contiguous != loops.end() && contiguous->target_stride < inner.target_stride;
  if (plane) {
    outer = *contiguous;
    loops.erase(contiguous);
  }
  std::vector<std::size_t> index(loops.size(), 0);
  while (true) {
    if (plane) {
      copy_plane(source, target, outer, inner);
    } else {
      copy_run(source, target, inner);
    }
    std::size_t axis = loops.size();
    while (axis-- > 0) {
      source += loops[axis].source_stride;
      target += loops[axis].target_stride;
      if (++index[axis] < loops[axis].count) break;
      source -= loops[axis].source_stride * loops[axis].count;
      target -= loops[axis].target_stride * loops[axis].count;
      index[axis] = 0;
    }
    if (axis == std::numeric_limits<std::size_t>::max()) return;
  }
}

/// An element of this many bytes at any address: a mapped tensor need not be aligned.
template <std::size_t kSize>
struct Element {
  std::byte bytes[kSize];
};

void copy_block(const std::byte* source, std::byte* target, std::size_t element, std::vector<Loop> loops) {
  const auto run = [&]<std::size_t kSize>(std::integral_constant<std::size_t, kSize>) {
    using T = Element<kSize>;
    copy_block(reinterpret_cast<const T*>(source), reinterpret_cast<T*>(target), std::move(loops));
  };
  switch (element) {
    case 1: return run(std::integral_constant<std::size_t, 1>{});
    case 2: return run(std::integral_constant<std::size_t, 2>{});
    case 4: return run(std::integral_constant<std::size_t, 4>{});
    case 8: return run(std::integral_constant<std::size_t, 8>{});
    default: return run(std::integral_constant<std::size_t, 16>{});
  }
}

/// Makes consecutive blocks of the result.
class Blocks {
 public:
  Blocks(const Bytes& source, std::size_t element, std::vector<Loop> loops)
      : source_(source), element_(element), loops_(std::move(loops)) {
    const std::size_t all = loops_.front().count * loops_.front().target_stride;
    axis_ = loops_.size() - 1;
    while (axis_ > 0 && loops_[axis_ - 1].target_stride * element_ <= kBlock) --axis_;
    const Loop& loop = loops_[axis_];
    std::size_t steps = std::max<std::size_t>(kBlock / element_ / loop.target_stride, 1);
    if (loop.source_stride == 1 && steps < kNeighbours) {
      steps = std::max(steps, std::min(kNeighbours, all / kLargestBlockPart / loop.target_stride));
    }
    steps_ = std::min(steps, loop.count);
    buffer_.resize(steps_ * loop.target_stride * element_);
  }

  template <typename Sink>
  bool for_each(const Sink& sink) {
    std::vector<std::size_t> index(axis_, 0);
    std::size_t origin = 0;
    while (true) {
      const Loop& split = loops_[axis_];
      for (std::size_t at = 0; at < split.count; at += steps_) {
        std::vector<Loop> block(loops_.begin() + static_cast<std::ptrdiff_t>(axis_), loops_.end());
        block.front().count = std::min(steps_, split.count - at);
        const std::size_t elements = block.front().count * split.target_stride;
        copy(origin + at * split.source_stride, std::move(block));
        if (!sink(std::span<std::byte>(buffer_.data(), elements * element_))) return false;
      }
      std::size_t axis = axis_;
      while (axis-- > 0) {
        origin += loops_[axis].source_stride;
        if (++index[axis] < loops_[axis].count) break;
        origin -= loops_[axis].source_stride * loops_[axis].count;
        index[axis] = 0;
      }
      if (axis == std::numeric_limits<std::size_t>::max()) return true;
    }
  }

 private:
  /// Copies a block into the buffer, in pieces along its slowest source dim, each released when it has been read.
  void copy(std::size_t origin, std::vector<Loop> block) {
    const auto slowest = std::max_element(
        block.begin(), block.end(), [](const Loop& a, const Loop& b) { return a.source_stride < b.source_stride; });
    const std::size_t count = slowest->count;
    const std::size_t step_bytes = slowest->source_stride * element_;
    const std::size_t steps = source_.file() == nullptr ? count : std::max<std::size_t>(kReleaseEvery / step_bytes, 1);
    const Loop loop = *slowest;
    for (std::size_t at = 0; at < count; at += steps) {
      slowest->count = std::min(steps, count - at);
      const std::byte* from = source_.data() + (origin + at * loop.source_stride) * element_;
      copy_block(from, buffer_.data() + at * loop.target_stride * element_, element_, block);
      if (source_.file() == nullptr) continue;
      std::size_t extent = 1;
      for (const Loop& each : block) extent += (each.count - 1) * each.source_stride;
      release_around({from, extent * element_});
    }
  }

  void release_around(std::span<const std::byte> slice) const {
    const auto all = source_.file()->bytes();
    const auto begin = static_cast<std::size_t>(slice.data() - all.data());
    const std::size_t first = begin - std::min(begin, kMappedAround);
    const std::size_t last = std::min(begin + slice.size() + kMappedAround, all.size());
    source_.file()->release(all.subspan(first, last - first));
  }

  const Bytes& source_;
  std::size_t element_;
  std::vector<Loop> loops_;
  std::size_t axis_ = 0;
  std::size_t steps_ = 1;
  std::vector<std::byte> buffer_;
};

/// Multiplies floats in place; `first` is the index of the first of them in the whole tensor.
void scale(std::span<std::byte> bytes, std::span<const float> factors, std::size_t run, std::size_t first) {
  const std::size_t count = bytes.size() / sizeof(float);
  for (std::size_t i = 0; i < count;) {
    const std::size_t position = first + i;
    const float factor = factors[position / run % factors.size()];
    for (const std::size_t end = std::min(count, i + run - position % run); i < end; ++i) {
      float value;
      std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
      value *= factor;
      std::memcpy(bytes.data() + i * sizeof value, &value, sizeof value);
    }
  }
}

}  // namespace

bool Constant::stream(const std::function<bool(std::span<const std::byte>)>& sink) const {
  if (byte_size() == 0) return true;
  if (is_plain()) {
    for (std::size_t at = 0; at < source_.size(); at += kPlainPiece) {
      const auto piece = source_.span().subspan(at, std::min(kPlainPiece, source_.size() - at));
      if (!sink(piece)) return false;
      if (source_.file() != nullptr) source_.file()->release(piece);
    }
    return true;
  }
  std::size_t run = 1;
  for (std::size_t i = factor_axis_ + 1; i < rank(); ++i) run *= static_cast<std::size_t>(dims_[i]);
  std::size_t first = 0;
  Blocks blocks(source_, size_of(dtype_), plan(source_dims_, perm_));
  return blocks.for_each([&](std::span<std::byte> block) {
    if (factors_ != nullptr) scale(block, *factors_, run, first);
    first += block.size() / size_of(dtype_);
    return sink(block);
  });
}

Bytes Constant::bytes() const {
  if (is_plain()) return source_;
  std::vector<std::byte> all;
  all.reserve(byte_size());
  stream([&](std::span<const std::byte> piece) {
    all.insert(all.end(), piece.begin(), piece.end());
    return true;
  });
  return Bytes(std::move(all));
}

}  // namespace flowport::ir
