#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

Dims without_ones(Dims dims) {
  std::erase(dims, 1);
  return dims;
}

/// `source` in `dims` of the same count. Not for a large tensor that would have to be copied.
Results viewed(const Call& call, const Constant& source, Dims dims) {
  const bool copies = !source.is_plain() && without_ones(source.dims()) != without_ones(dims);
  if (copies && source.byte_size() > call.limit()) return std::nullopt;
  return result(source.reshaped(std::move(dims)));
}

}  // namespace

Results identity(const Call& call) { return result(call.input(0)); }

Results reshape(const Call& call) {
  const auto source = call.input(0);
  auto dims = call.ints(1, "shape");
  if (!dims) return std::nullopt;
  if (call.int_attr("allowzero", 0) == 0) {
    for (std::size_t i = 0; i < dims->size(); ++i) {
      if ((*dims)[i] != 0) continue;
      if (i >= source->rank()) return std::nullopt;
      (*dims)[i] = source->dims()[i];
    }
  }
  const auto inferred = std::ranges::find(*dims, -1);
  if (inferred != dims->end()) {
    *inferred = 1;
    const auto others = count_of(*dims);
    if (!others || *others == 0 || source->count() % *others != 0) return std::nullopt;
    *inferred = source->count() / *others;
  }
  if (count_of(*dims) != source->count()) return std::nullopt;
  return viewed(call, *source, std::move(*dims));
}

Results squeeze(const Call& call) {
  const auto source = call.input(0);
  std::vector<bool> removed(source->rank());
  if (const auto axes = call.ints(1, "axes")) {
    const auto marked = marked_axes(*axes, source->rank());
    if (!marked) return std::nullopt;
    removed = *marked;
  } else {
    for (std::size_t i = 0; i < removed.size(); ++i) removed[i] = source->dims()[i] == 1;
  }
  Dims dims;
  for (std::size_t i = 0; i < removed.size(); ++i) {
    if (!removed[i])
      dims.push_back(source->dims()[i]);
    else if (source->dims()[i] != 1)
      return std::nullopt;
  }
  return viewed(call, *source, std::move(dims));
}

Results unsqueeze(const Call& call) {
  const auto source = call.input(0);
  const auto axes = call.ints(1, "axes");
  if (!axes) return std::nullopt;
  const auto added = marked_axes(*axes, source->rank() + axes->size());
  if (!added) return std::nullopt;
  Dims dims;
  auto next = source->dims().begin();
  for (const bool one : *added) dims.push_back(one ? 1 : *next++);
  return viewed(call, *source, std::move(dims));
}

Results flatten(const Call& call) {
  const auto source = call.input(0);
  const auto rank = static_cast<std::int64_t>(source->rank());
  std::int64_t axis = call.int_attr("axis", 1);
  if (axis < -rank || axis > rank) return std::nullopt;
  if (axis < 0) axis += rank;
  const DimsView dims = source->dims();
  const auto outer = count_of(dims.first(static_cast<std::size_t>(axis)));
  const auto inner = count_of(dims.subspan(static_cast<std::size_t>(axis)));
  if (!outer || !inner) return std::nullopt;
  return viewed(call, *source, {*outer, *inner});
}

Results transpose(const Call& call) {
  const auto source = call.input(0);
  Dims perm(source->rank());
  std::iota(perm.rbegin(), perm.rend(), 0);
  if (const auto* given = call.node().ints_attr("perm")) {
    if (given->size() != source->rank() || !marked_axes(*given, source->rank())) return std::nullopt;
    for (std::size_t i = 0; i < perm.size(); ++i)
      perm[i] = static_cast<std::int64_t>(*axis_of((*given)[i], perm.size()));
  }
  return result(source->transposed(perm));
}

}  // namespace flowport::ir::evaluation
