#include <algorithm>
#include <array>
#include <numeric>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

/// One axis of a Slice: the first element, the step, how many.
struct Stretch {
  std::int64_t start = 0;
  std::int64_t step = 1;
  std::int64_t count = 0;
};

Stretch stretch_of(std::int64_t dim, std::int64_t start, std::int64_t end, std::int64_t step) {
  if (dim == 0) return {};
  const auto place = [dim](std::int64_t i, std::int64_t low, std::int64_t high) {
    return std::clamp(i < 0 ? i + dim : i, low, high);
  };
  const std::int64_t first = step > 0 ? place(start, 0, dim) : place(start, 0, dim - 1);
  const std::int64_t last = step > 0 ? place(end, 0, dim) : place(end, -1, dim - 1);
  const std::int64_t distance = step > 0 ? last - first : first - last;
  if (distance <= 0) return {};
  const auto size = step > 0 ? static_cast<std::uint64_t>(step) : std::uint64_t{0} - static_cast<std::uint64_t>(step);
  const auto count = static_cast<std::int64_t>((static_cast<std::uint64_t>(distance) - 1) / size + 1);
  return {first, count == 1 ? 0 : step, count};
}

/// `source` from `stretches`, one for each axis.
Results sliced(const Call& call, const Constant& source, std::span<const Stretch> stretches) {
  Dims dims;
  Dims strides = strides_of(source.dims());
  std::int64_t start = 0;
  for (std::size_t i = 0; i < stretches.size(); ++i) {
    dims.push_back(stretches[i].count);
    start += strides[i] * stretches[i].start;
    strides[i] *= stretches[i].step;
  }
  const auto positions = walk(dims, strides, start);
  return picked(call, source, std::move(dims), positions);
}

}  // namespace

Results concat(const Call& call) {
  std::vector<ConstantPtr> parts;
  for (std::size_t i = 0; i < call.input_count(); ++i) parts.push_back(call.input(i));
  if (parts.empty() || std::ranges::find(parts, nullptr) != parts.end()) return std::nullopt;
  Dims dims = parts.front()->dims();
  const auto axis = axis_of(call.int_attr("axis", 0), dims.size());
  if (!axis) return std::nullopt;
  dims[*axis] = 0;
  for (const auto& part : parts) {
    if (part->rank() != dims.size()) return std::nullopt;
    for (std::size_t i = 0; i < dims.size(); ++i) {
      if (i != *axis && part->dims()[i] != dims[i]) return std::nullopt;
    }
    if (__builtin_add_overflow(dims[*axis], part->dims()[*axis], &dims[*axis])) return std::nullopt;
  }
  if (!call.fits(parts.front()->dtype(), dims)) return std::nullopt;
  const DimsView view = dims;
  const std::int64_t outer = product(view.first(*axis));
  std::vector<std::int64_t> positions;
  positions.reserve(static_cast<std::size_t>(product(dims)));
  if (product(dims) > 0) {
    const std::int64_t inner = product(view.subspan(*axis + 1));
    for (std::int64_t block = 0; block < outer; ++block) {
      std::int64_t before = 0;
      for (const auto& part : parts) {
        const std::int64_t run = part->dims()[*axis] * inner;
        for (std::int64_t i = 0; i < run; ++i) positions.push_back(before + block * run + i);
        before += part->count();
      }
    }
  }
  return picked(call, *joined(parts), std::move(dims), positions);
}

Results expand(const Call& call) {
  const auto source = call.input(0);
  const auto shape = call.ints(1, "shape");
  if (!shape) return std::nullopt;
  auto dims = broadcast(std::array<DimsView, 2>{source->dims(), *shape});
  if (!dims || !call.fits(source->dtype(), *dims)) return std::nullopt;
  const auto positions = spread(source->dims(), *dims);
  return picked(call, *source, std::move(*dims), positions);
}

/// Not evaluated when stepping back to the largest integer: the specification says that nothing is taken, ONNX Runtime goes on
/// to the first element.
Results slice(const Call& call) {
  const auto source = call.input(0);
  const auto starts = call.ints(1, "starts");
  const auto ends = call.ints(2, "ends");
  if (!starts || !ends || starts->size() != ends->size()) return std::nullopt;
  Dims axes(starts->size());
  std::iota(axes.begin(), axes.end(), 0);
  if (auto given = call.ints(3, "axes")) axes = std::move(*given);
  Dims steps(starts->size(), 1);
  if (auto given = call.ints(4, "steps")) steps = std::move(*given);
  if (axes.size() != starts->size() || steps.size() != starts->size()) return std::nullopt;
  if (!marked_axes(axes, source->rank()) || std::ranges::find(steps, 0) != steps.end()) return std::nullopt;
  std::vector<Stretch> stretches;
  for (const auto dim : source->dims()) stretches.push_back({0, 1, dim});
  for (std::size_t i = 0; i < axes.size(); ++i) {
    if (steps[i] < 0 && ((*ends)[i] == INT64_MAX || (*ends)[i] == INT32_MAX)) return std::nullopt;
    const std::size_t axis = *axis_of(axes[i], source->rank());
    stretches[axis] = stretch_of(source->dims()[axis], (*starts)[i], (*ends)[i], steps[i]);
  }
  return sliced(call, *source, stretches);
}

Results split(const Call& call) {
  const auto source = call.input(0);
  const auto axis = axis_of(call.int_attr("axis", 0), source->rank());
  if (!axis) return std::nullopt;
  const std::int64_t dim = source->dims()[*axis];
  const auto parts = static_cast<std::int64_t>(call.node().outputs.size());
  if (call.int_attr("num_outputs", parts) != parts || parts == 0) return std::nullopt;
  auto sizes = call.ints(1, "split");
  if (!sizes) {
    const std::int64_t size = dim / parts + (dim % parts != 0 ? 1 : 0);
    const std::int64_t last = dim - size * (parts - 1);
    if (last < 0 || (last != size && call.opset() < 18)) return std::nullopt;
    sizes = Dims(static_cast<std::size_t>(parts), size);
    sizes->back() = last;
  }
  if (sizes->size() != static_cast<std::size_t>(parts)) return std::nullopt;
  std::vector<Stretch> stretches;
  for (const auto whole : source->dims()) stretches.push_back({0, 1, whole});
  std::vector<ConstantPtr> results;
  std::int64_t start = 0;
  for (const auto size : *sizes) {
    if (size < 0 || size > dim - start) return std::nullopt;
    stretches[*axis] = {start, 1, size};
    const auto piece = sliced(call, *source, stretches);
    if (!piece) return std::nullopt;
    results.push_back(piece->front());
    start += size;
  }
  if (start != dim) return std::nullopt;
  return results;
}

Results where(const Call& call) {
  const auto condition = call.input(0);
  const std::array<ConstantPtr, 2> choices{call.input(1), call.input(2)};
  auto dims = broadcast(std::array<DimsView, 3>{condition->dims(), choices[0]->dims(), choices[1]->dims()});
  if (!dims || choices[0]->dtype() != choices[1]->dtype() || !call.fits(choices[0]->dtype(), *dims))
    return std::nullopt;
  const auto flags = load<std::uint8_t>(*condition);
  const auto ask = spread(condition->dims(), *dims);
  auto positions = spread(choices[0]->dims(), *dims);
  const auto otherwise = spread(choices[1]->dims(), *dims);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (flags[static_cast<std::size_t>(ask[i])] == 0) positions[i] = choices[0]->count() + otherwise[i];
  }
  return picked(call, *joined(choices), std::move(*dims), positions);
}

}  // namespace flowport::ir::evaluation
