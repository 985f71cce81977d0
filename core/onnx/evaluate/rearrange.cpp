#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

/// `source` seen as `split`, its axes permuted, then seen as `dims`.
Results regrouped(const Call& call, const Constant& source, DimsView split, std::span<const std::size_t> perm,
                  Dims dims) {
  const Dims strides = strides_of(split);
  Dims permuted, permuted_strides;
  for (const auto axis : perm) {
    permuted.push_back(split[axis]);
    permuted_strides.push_back(strides[axis]);
  }
  const auto positions = walk(permuted, permuted_strides);
  return picked(call, source, std::move(dims), positions);
}

/// Where element `i` of a padded axis comes from: a coordinate of the axis, or -1 for the fill.
std::int64_t padded_from(std::string_view mode, std::int64_t i, std::int64_t dim) {
  if (mode == "edge") return std::clamp<std::int64_t>(i, 0, dim - 1);
  if (mode == "reflect") return i < 0 ? -i : (i < dim ? i : 2 * (dim - 1) - i);
  if (mode == "wrap") return i < 0 ? i + dim : (i < dim ? i : i - dim);
  return i >= 0 && i < dim ? i : -1;
}

/// True when padding one axis of `dim` elements that much has a meaning in `mode`; one repetition at most.
bool can_pad(std::string_view mode, std::int64_t dim, std::int64_t before, std::int64_t after) {
  if (mode == "constant") return before >= -dim && after >= -dim;
  if (before < 0 || after < 0) return false;
  const std::int64_t most = std::max(before, after);
  if (mode == "edge") return dim > 0 || most == 0;
  if (mode == "reflect") return most == 0 || most <= dim - 1;
  return mode == "wrap" && most <= dim;
}

struct Padding {
  std::int64_t before = 0;
  std::int64_t after = 0;
};

/// Padding of each axis.
std::optional<std::vector<Padding>> paddings_of(const Call& call, std::size_t rank) {
  const auto pads = call.ints(1, "pads");
  if (!pads) return std::nullopt;
  Dims axes(rank);
  std::iota(axes.begin(), axes.end(), 0);
  if (auto given = call.ints(3, "axes")) axes = std::move(*given);
  if (!marked_axes(axes, rank) || pads->size() != 2 * axes.size()) return std::nullopt;
  std::vector<Padding> paddings(rank);
  for (std::size_t i = 0; i < axes.size(); ++i)
    paddings[*axis_of(axes[i], rank)] = {(*pads)[i], (*pads)[axes.size() + i]};
  return paddings;
}

}  // namespace

Results pad(const Call& call) {
  const auto source = call.input(0);
  const auto fill = call.input(2);
  const auto paddings = paddings_of(call, source->rank());
  if (!paddings || (fill && (fill->count() != 1 || fill->dtype() != source->dtype()))) return std::nullopt;
  const std::string_view mode = call.node().string_attr("mode", "constant");
  Dims dims = source->dims();
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const auto [before, after] = (*paddings)[i];
    if (!can_pad(mode, dims[i], before, after)) return std::nullopt;
    if (__builtin_add_overflow(dims[i], before, &dims[i]) || __builtin_add_overflow(dims[i], after, &dims[i])) {
      return std::nullopt;
    }
  }
  if (!call.fits(source->dtype(), dims)) return std::nullopt;
  const Dims strides = strides_of(source->dims());
  std::vector<std::int64_t> positions(static_cast<std::size_t>(product(dims)), 0);
  const std::int64_t filled = fill ? source->count() : -1;
  std::int64_t inner = 1;
  for (std::size_t axis = dims.size(); axis-- > 0 && !positions.empty();) {
    for (std::size_t i = 0; i < positions.size(); ++i) {
      const std::int64_t coordinate = static_cast<std::int64_t>(i) / inner % dims[axis] - (*paddings)[axis].before;
      const std::int64_t from = padded_from(mode, coordinate, source->dims()[axis]);
      if (from < 0)
        positions[i] = filled;
      else if (positions[i] != filled)
        positions[i] += from * strides[axis];
    }
    inner *= dims[axis];
  }
  return picked(call, fill ? *joined(std::array{source, fill}) : *source, std::move(dims), positions);
}

Results tile(const Call& call) {
  const auto source = call.input(0);
  const auto repeats = call.ints(1, "repeats");
  if (!repeats || repeats->size() != source->rank()) return std::nullopt;
  const Dims strides = strides_of(source->dims());
  Dims dims, loops, loop_strides;
  for (std::size_t i = 0; i < repeats->size(); ++i) {
    const std::int64_t dim = source->dims()[i];
    if (__builtin_mul_overflow(dim, (*repeats)[i], &dims.emplace_back())) return std::nullopt;
    loops.insert(loops.end(), {(*repeats)[i], dim});
    loop_strides.insert(loop_strides.end(), {0, strides[i]});
  }
  if (!call.fits(source->dtype(), dims) || !count_of(loops)) return std::nullopt;
  const auto positions = walk(loops, loop_strides);
  return picked(call, *source, std::move(dims), positions);
}

Results compress(const Call& call) {
  auto source = call.input(0);
  const auto flags = load<std::uint8_t>(*call.input(1));
  if (call.input(1)->rank() != 1) return std::nullopt;
  if (call.node().find("axis") == nullptr) source = source->reshaped({source->count()});
  const auto axis = axis_of(call.int_attr("axis", 0), source->rank());
  if (!axis || static_cast<std::int64_t>(flags.size()) > source->dims()[*axis]) return std::nullopt;
  std::vector<std::int64_t> kept;
  for (std::size_t i = 0; i < flags.size(); ++i) {
    if (flags[i] != 0) kept.push_back(static_cast<std::int64_t>(i));
  }
  Dims dims = source->dims();
  dims[*axis] = static_cast<std::int64_t>(kept.size());
  const Dims strides = strides_of(source->dims());
  Dims loop_strides = strides;
  loop_strides[*axis] = 0;
  auto positions = walk(dims, loop_strides);
  const DimsView view = dims;
  const std::int64_t inner = product(view.subspan(*axis + 1));
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto row = static_cast<std::size_t>(static_cast<std::int64_t>(i) / inner % dims[*axis]);
    positions[i] += kept[row] * strides[*axis];
  }
  return picked(call, *source, std::move(dims), positions);
}

Results depth_to_space(const Call& call) {
  const auto source = call.input(0);
  const std::int64_t b = call.int_attr("blocksize", 0);
  if (source->rank() != 4 || b <= 0 || b > INT32_MAX) return std::nullopt;
  const Dims& d = source->dims();
  const std::int64_t depth = d[1] / (b * b);
  if (d[1] % (b * b) != 0) return std::nullopt;
  Dims dims{d[0], depth, d[2], d[3]};
  if (__builtin_mul_overflow(d[2], b, &dims[2]) || __builtin_mul_overflow(d[3], b, &dims[3])) return std::nullopt;
  if (!call.fits(source->dtype(), dims)) return std::nullopt;
  const std::string_view mode = call.node().string_attr("mode", "DCR");
  if (mode == "DCR") {
    constexpr std::array<std::size_t, 6> kPerm{0, 3, 4, 1, 5, 2};
    return regrouped(call, *source, Dims{d[0], b, b, depth, d[2], d[3]}, kPerm, std::move(dims));
  }
  if (mode != "CRD") return std::nullopt;
  constexpr std::array<std::size_t, 6> kPerm{0, 1, 4, 2, 5, 3};
  return regrouped(call, *source, Dims{d[0], depth, b, b, d[2], d[3]}, kPerm, std::move(dims));
}

Results space_to_depth(const Call& call) {
  const auto source = call.input(0);
  const std::int64_t b = call.int_attr("blocksize", 0);
  if (source->rank() != 4 || b <= 0 || b > INT32_MAX || call.node().string_attr("mode", "DCR") != "DCR")
    return std::nullopt;
  const Dims& d = source->dims();
  if (d[2] % b != 0 || d[3] % b != 0) return std::nullopt;
  Dims dims{d[0], d[1], d[2] / b, d[3] / b};
  if (__builtin_mul_overflow(d[1], b * b, &dims[1]) || !call.fits(source->dtype(), dims)) return std::nullopt;
  constexpr std::array<std::size_t, 6> kPerm{0, 3, 5, 1, 2, 4};
  return regrouped(call, *source, Dims{d[0], d[1], d[2] / b, b, d[3] / b, b}, kPerm, std::move(dims));
}

Results reverse_sequence(const Call& call) {
  const auto source = call.input(0);
  const auto lengths = ints_of(*call.input(1));
  const std::int64_t batch_axis = call.int_attr("batch_axis", 1);
  const std::int64_t time_axis = call.int_attr("time_axis", 0);
  const bool axes_are_first = (batch_axis == 0 && time_axis == 1) || (batch_axis == 1 && time_axis == 0);
  if (source->rank() < 2 || !lengths || !axes_are_first) return std::nullopt;
  const std::int64_t batches = source->dims()[static_cast<std::size_t>(batch_axis)];
  const std::int64_t times = source->dims()[static_cast<std::size_t>(time_axis)];
  if (static_cast<std::int64_t>(lengths->size()) != batches) return std::nullopt;
  const Dims strides = strides_of(source->dims());
  const std::int64_t batch_stride = strides[static_cast<std::size_t>(batch_axis)];
  const std::int64_t time_stride = strides[static_cast<std::size_t>(time_axis)];
  std::vector<std::int64_t> positions(static_cast<std::size_t>(source->count()));
  std::iota(positions.begin(), positions.end(), 0);
  for (auto& position : positions) {
    const std::int64_t length = (*lengths)[static_cast<std::size_t>(position / batch_stride % batches)];
    if (length < 0 || length > times) return std::nullopt;
    const std::int64_t time = position / time_stride % times;
    if (time < length) position += (length - 1 - 2 * time) * time_stride;
  }
  return picked(call, *source, source->dims(), positions);
}

Results trilu(const Call& call) {
  const auto source = call.input(0);
  const bool upper = call.int_attr("upper", 1) != 0;
  const auto given = call.integer(1, {});
  if (source->rank() < 2 || (call.has(1) && !given)) return std::nullopt;
  const std::int64_t k = given.value_or(0);
  const std::int64_t rows = source->dims()[source->rank() - 2];
  const std::int64_t columns = source->dims().back();
  std::vector<std::int64_t> positions(static_cast<std::size_t>(source->count()));
  std::iota(positions.begin(), positions.end(), 0);
  for (auto& position : positions) {
    const std::int64_t diagonal = position % columns - position / columns % rows;
    if (upper ? diagonal < k : diagonal > k) position = -1;
  }
  return picked(call, *source, source->dims(), positions);
}

}  // namespace flowport::ir::evaluation
