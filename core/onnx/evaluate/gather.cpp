#include <algorithm>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

/// The indices of an input counted from 0; nullopt when one is outside [-dim, dim).
std::optional<std::vector<std::int64_t>> indices_below(const Constant& constant, std::int64_t dim) {
  auto indices = ints_of(constant);
  if (!indices) return std::nullopt;
  for (auto& index : *indices) {
    if (index < -dim || index >= dim) return std::nullopt;
    if (index < 0) index += dim;
  }
  return indices;
}

}  // namespace

Results gather(const Call& call) {
  const auto data = call.input(0);
  const auto axis = axis_of(call.int_attr("axis", 0), data->rank());
  if (!axis) return std::nullopt;
  const DimsView from = data->dims();
  const std::int64_t dim = from[*axis];
  const auto indices = indices_below(*call.input(1), dim);
  if (!indices) return std::nullopt;
  Dims dims(from.begin(), from.begin() + static_cast<std::ptrdiff_t>(*axis));
  dims.insert(dims.end(), call.input(1)->dims().begin(), call.input(1)->dims().end());
  dims.insert(dims.end(), from.begin() + static_cast<std::ptrdiff_t>(*axis) + 1, from.end());
  if (!call.fits(data->dtype(), dims)) return std::nullopt;
  std::vector<std::int64_t> positions;
  positions.reserve(static_cast<std::size_t>(product(dims)));
  if (product(dims) > 0) {
    const std::int64_t inner = product(from.subspan(*axis + 1));
    for (std::int64_t outer = 0; outer < product(from.first(*axis)); ++outer) {
      for (const auto index : *indices) {
        for (std::int64_t i = 0; i < inner; ++i) positions.push_back((outer * dim + index) * inner + i);
      }
    }
  }
  return picked(call, *data, std::move(dims), positions);
}

}  // namespace flowport::ir::evaluation
