#include <algorithm>
#include <array>
#include <numeric>
#include <string_view>
#include <utility>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

std::optional<std::int64_t> index_below(std::int64_t index, std::int64_t dim) {
  if (index < -dim || index >= dim) return std::nullopt;
  return index < 0 ? index + dim : index;
}

/// The part of `dims` from `first`, after a head of other dims.
Dims with_tail(DimsView head, DimsView dims, std::size_t first) {
  Dims all(head.begin(), head.end());
  all.insert(all.end(), dims.begin() + static_cast<std::ptrdiff_t>(first), dims.end());
  return all;
}

/// Blocks of a tensor that the tuples along the last axis of GatherND's and ScatterND's indices point at.
struct Blocks {
  std::vector<std::int64_t> starts;  ///< position of the first element of each
  Dims dims;                         ///< of all indexed blocks together
  std::int64_t size = 0;             ///< elements of one block
};

/// nullopt where an index is outside its dim, the shapes do not fit or all blocks together are too large. The first `batch_dims` dims are common to both.
std::optional<Blocks> blocks_of(const Call& call, std::size_t batch_dims) {
  const Constant& data = *call.input(0);
  const Constant& indices = *call.input(1);
  const DimsView from = data.dims();
  const DimsView at = indices.dims();
  if (at.size() <= batch_dims || from.size() < batch_dims) return std::nullopt;
  const auto width = static_cast<std::uint64_t>(at.back());
  if (width > from.size() - batch_dims) return std::nullopt;
  if (!std::ranges::equal(from.first(batch_dims), at.first(batch_dims))) return std::nullopt;
  const auto tuples = ints_of(indices);
  if (!tuples) return std::nullopt;
  const auto indexed = static_cast<std::size_t>(width);
  Blocks blocks;
  blocks.dims = with_tail(at.first(at.size() - 1), from, batch_dims + indexed);
  blocks.size = product(from.subspan(batch_dims + indexed));
  const auto count = count_of(at.first(at.size() - 1));
  if (!count || !call.fits(data.dtype(), blocks.dims)) return std::nullopt;
  if (product(blocks.dims) == 0) return blocks;
  const Dims strides = strides_of(from);
  const std::int64_t batches = product(from.first(batch_dims));
  const std::int64_t batch_size = product(from.subspan(batch_dims));
  blocks.starts.reserve(static_cast<std::size_t>(*count));
  for (std::int64_t tuple = 0; tuple < *count; ++tuple) {
    std::int64_t start = tuple / (*count / batches) * batch_size;
    for (std::size_t k = 0; k < indexed; ++k) {
      const auto given = (*tuples)[static_cast<std::size_t>(tuple) * indexed + k];
      const auto index = index_below(given, from[batch_dims + k]);
      if (!index) return std::nullopt;
      start += *index * strides[batch_dims + k];
    }
    blocks.starts.push_back(start);
  }
  return blocks;
}

/// Positions in data that the elements of GatherElements' and ScatterElements' indices point at.
std::optional<std::vector<std::int64_t>> element_positions(const Call& call) {
  const auto data = call.input(0);
  const auto indices = call.input(1);
  const auto axis = axis_of(call.int_attr("axis", 0), data->rank());
  if (!axis || indices->rank() != data->rank()) return std::nullopt;
  for (std::size_t i = 0; i < data->rank(); ++i) {
    if (i != *axis && indices->dims()[i] > data->dims()[i]) return std::nullopt;
  }
  const auto given = ints_of(*indices);
  if (!given) return std::nullopt;
  Dims strides = strides_of(data->dims());
  const std::int64_t stride = std::exchange(strides[*axis], 0);
  auto positions = walk(indices->dims(), strides);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const auto index = index_below((*given)[i], data->dims()[*axis]);
    if (!index) return std::nullopt;
    positions[i] += *index * stride;
  }
  return positions;
}

template <typename T>
T reduced(std::string_view reduction, T a, T b) {
  if (reduction == "add") return wrapping_add(a, b);
  if (reduction == "mul") return wrapping_multiply(a, b);
  if (reduction == "max") return a > b || a != a ? a : b;
  return a < b || a != a ? a : b;
}

/// Data with element i of updates written to, or combined with, the element at targets[i]. Two writes to one place are not
/// evaluated: the specification does not say which wins.
Results scattered(const Call& call, std::span<const std::int64_t> targets) {
  const auto data = call.input(0);
  const auto updates = call.input(2);
  if (updates->dtype() != data->dtype() || updates->count() != static_cast<std::int64_t>(targets.size()))
    return std::nullopt;
  const std::string_view reduction = call.node().string_attr("reduction", "none");
  if (reduction == "none") {
    std::vector<std::int64_t> positions(static_cast<std::size_t>(data->count()));
    std::iota(positions.begin(), positions.end(), 0);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      auto& position = positions[static_cast<std::size_t>(targets[i])];
      if (position >= data->count()) return std::nullopt;
      position = data->count() + static_cast<std::int64_t>(i);
    }
    return picked(call, *joined(std::array{data, updates}), data->dims(), positions);
  }
  constexpr std::array<std::string_view, 4> kReductions{"add", "mul", "max", "min"};
  if (std::ranges::find(kReductions, reduction) == kReductions.end()) return std::nullopt;
  return visit(Numbers{}, data->dtype(), [&]<typename T>() -> Results {
    auto elements = load<T>(*data);
    const auto values = load<T>(*updates);
    for (std::size_t i = 0; i < targets.size(); ++i) {
      auto& element = elements[static_cast<std::size_t>(targets[i])];
      element = reduced(reduction, element, values[i]);
    }
    return result(store(data->dtype(), data->dims(), elements));
  });
}

}  // namespace

Results gather(const Call& call) {
  const auto data = call.input(0);
  const auto axis = axis_of(call.int_attr("axis", 0), data->rank());
  const auto indices = ints_of(*call.input(1));
  if (!axis || !indices) return std::nullopt;
  const DimsView from = data->dims();
  const std::int64_t dim = from[*axis];
  const Dims head = with_tail(from.first(*axis), call.input(1)->dims(), 0);
  Dims dims = with_tail(head, from, *axis + 1);
  if (!call.fits(data->dtype(), dims)) return std::nullopt;
  std::vector<std::int64_t> positions;
  positions.reserve(static_cast<std::size_t>(product(dims)));
  const std::int64_t outer = product(dims) == 0 ? 0 : product(from.first(*axis));
  const std::int64_t inner = product(from.subspan(*axis + 1));
  for (std::int64_t block = 0; block < outer; ++block) {
    for (const auto given : *indices) {
      const auto index = index_below(given, dim);
      if (!index) return std::nullopt;
      for (std::int64_t i = 0; i < inner; ++i) positions.push_back((block * dim + *index) * inner + i);
    }
  }
  return picked(call, *data, std::move(dims), positions);
}

Results gather_elements(const Call& call) {
  const auto positions = element_positions(call);
  const auto data = call.input(0);
  if (!positions || !call.fits(data->dtype(), call.input(1)->dims())) return std::nullopt;
  return picked(call, *data, call.input(1)->dims(), *positions);
}

Results gather_nd(const Call& call) {
  const auto data = call.input(0);
  const std::int64_t batch_dims = call.int_attr("batch_dims", 0);
  if (batch_dims < 0) return std::nullopt;
  const auto blocks = blocks_of(call, static_cast<std::size_t>(batch_dims));
  if (!blocks) return std::nullopt;
  std::vector<std::int64_t> positions;
  for (const auto start : blocks->starts) {
    for (std::int64_t i = 0; i < blocks->size; ++i) positions.push_back(start + i);
  }
  return picked(call, *data, blocks->dims, positions);
}

Results scatter_elements(const Call& call) {
  const auto targets = element_positions(call);
  if (!targets || call.input(2)->dims() != call.input(1)->dims()) return std::nullopt;
  return scattered(call, *targets);
}

Results scatter_nd(const Call& call) {
  const auto blocks = blocks_of(call, 0);
  if (!blocks || call.input(2)->dims() != blocks->dims) return std::nullopt;
  std::vector<std::int64_t> targets;
  for (const auto start : blocks->starts) {
    for (std::int64_t i = 0; i < blocks->size; ++i) targets.push_back(start + i);
  }
  return scattered(call, targets);
}

}  // namespace flowport::ir::evaluation
