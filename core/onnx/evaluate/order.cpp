#include <algorithm>
#include <numeric>
#include <utility>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

/// The runs of a tensor along one axis: element i of a run is at start + i * stride.
struct Runs {
  std::size_t axis = 0;
  std::int64_t length = 0;
  std::int64_t stride = 0;
  std::vector<std::int64_t> starts;
};

std::optional<Runs> runs_of(const Constant& source, std::int64_t given_axis) {
  const auto axis = axis_of(given_axis, source.rank());
  if (!axis) return std::nullopt;
  Runs runs;
  runs.axis = *axis;
  runs.length = source.dims()[*axis];
  runs.stride = strides_of(source.dims())[*axis];
  if (source.count() == 0) return runs;
  Dims dims = source.dims();
  dims[*axis] = 1;
  runs.starts = walk(dims, strides_of(source.dims()));
  return runs;
}

template <typename T>
bool has_nan(const std::vector<T>& elements) {
  return std::ranges::any_of(elements, [](T x) { return x != x; });
}

/// Index of the first or last element of each run that no other `beats`. Not evaluated where NaN is among them.
template <typename Beats>
Results arg_best(const Call& call, Beats beats) {
  const auto source = call.input(0);
  const auto runs = runs_of(*source, call.int_attr("axis", 0));
  if (!runs) return std::nullopt;
  const bool last = call.int_attr("select_last_index", 0) != 0;
  Dims dims = source->dims();
  if (call.int_attr("keepdims", 1) != 0)
    dims[runs->axis] = 1;
  else
    dims.erase(dims.begin() + static_cast<std::ptrdiff_t>(runs->axis));
  if (!call.fits(DType::kInt64, dims) || product(dims) != static_cast<std::int64_t>(runs->starts.size()))
    return std::nullopt;
  return visit(Numbers{}, source->dtype(), [&]<typename T>() -> Results {
    const auto elements = load<T>(*source);
    if (has_nan(elements)) return std::nullopt;
    std::vector<std::int64_t> results;
    for (const auto start : runs->starts) {
      const auto at = [&](std::int64_t i) { return elements[static_cast<std::size_t>(start + i * runs->stride)]; };
      std::int64_t best = 0;
      for (std::int64_t i = 1; i < runs->length; ++i) {
        if (beats(at(i), at(best)) || (last && at(i) == at(best))) best = i;
      }
      results.push_back(best);
    }
    return result(store(DType::kInt64, std::move(dims), results));
  });
}

}  // namespace

Results arg_max(const Call& call) { return arg_best(call, std::greater{}); }
Results arg_min(const Call& call) { return arg_best(call, std::less{}); }

Results cum_sum(const Call& call) {
  const auto source = call.input(0);
  const auto axis = call.integer(1, {});
  const auto runs = axis ? runs_of(*source, *axis) : std::nullopt;
  if (!runs) return std::nullopt;
  const bool exclusive = call.int_attr("exclusive", 0) != 0;
  const bool reverse = call.int_attr("reverse", 0) != 0;
  return visit(Numbers{}, source->dtype(), [&]<typename T>() -> Results {
    auto elements = load<T>(*source);
    for (const auto start : runs->starts) {
      T sum{0};
      for (std::int64_t i = 0; i < runs->length; ++i) {
        const std::int64_t place = reverse ? runs->length - 1 - i : i;
        T& element = elements[static_cast<std::size_t>(start + place * runs->stride)];
        const T with_element = wrapping_add(sum, element);
        element = exclusive ? sum : with_element;
        sum = with_element;
      }
    }
    return result(store(source->dtype(), source->dims(), elements));
  });
}

/// Equal elements come by index. Not evaluated where NaN is among the elements.
Results top_k(const Call& call) {
  const auto source = call.input(0);
  const auto k = call.integer(1, "k");
  const auto runs = runs_of(*source, call.int_attr("axis", -1));
  if (!k || !runs || *k < 0 || *k > runs->length) return std::nullopt;
  const bool largest = call.int_attr("largest", 1) != 0;
  Dims dims = source->dims();
  dims[runs->axis] = *k;
  if (!call.fits(DType::kInt64, dims)) return std::nullopt;
  const Dims strides = strides_of(dims);
  return visit(Numbers{}, source->dtype(), [&]<typename T>() -> Results {
    const auto elements = load<T>(*source);
    if (has_nan(elements)) return std::nullopt;
    std::vector<std::int64_t> positions(static_cast<std::size_t>(product(dims)));
    std::vector<std::int64_t> indices(positions.size());
    Dims head = dims;
    head[runs->axis] = 1;
    const auto targets = positions.empty() ? Dims{} : walk(head, strides);
    std::vector<std::int64_t> order(positions.empty() ? 0 : static_cast<std::size_t>(runs->length));
    for (std::size_t run = 0; run < targets.size(); ++run) {
      const auto at = [&](std::int64_t i) { return static_cast<std::size_t>(runs->starts[run] + i * runs->stride); };
      std::iota(order.begin(), order.end(), 0);
      std::ranges::stable_sort(order, [&](std::int64_t a, std::int64_t b) {
        return largest ? elements[at(a)] > elements[at(b)] : elements[at(a)] < elements[at(b)];
      });
      for (std::int64_t i = 0; i < *k; ++i) {
        const auto target = static_cast<std::size_t>(targets[run] + i * strides[runs->axis]);
        indices[target] = order[static_cast<std::size_t>(i)];
        positions[target] = static_cast<std::int64_t>(at(indices[target]));
      }
    }
    return std::vector{pick(*source, dims, positions), store(DType::kInt64, dims, indices)};
  });
}

/// Not for scalars, for which the specification and its implementations differ.
Results non_zero(const Call& call) {
  const auto source = call.input(0);
  if (source->rank() == 0) return std::nullopt;
  return visit(Numbers{}, source->dtype(), [&]<typename T>() -> Results {
    std::vector<std::int64_t> found;
    const auto elements = load<T>(*source);
    for (std::size_t i = 0; i < elements.size(); ++i) {
      if (elements[i] != T{0}) found.push_back(static_cast<std::int64_t>(i));
    }
    const Dims dims{static_cast<std::int64_t>(source->rank()), static_cast<std::int64_t>(found.size())};
    if (!call.fits(DType::kInt64, dims)) return std::nullopt;
    const Dims strides = strides_of(source->dims());
    std::vector<std::int64_t> coordinates;
    for (std::size_t axis = 0; axis < strides.size(); ++axis) {
      for (const auto position : found) coordinates.push_back(position / strides[axis] % source->dims()[axis]);
    }
    return result(store(DType::kInt64, dims, coordinates));
  });
}

/// Of the flattened input only. Not evaluated where NaN is among the elements.
Results unique(const Call& call) {
  const auto source = call.input(0);
  if (call.node().find("axis") != nullptr || !call.fits(DType::kInt64, Dims{source->count()})) return std::nullopt;
  return visit(Numbers{}, source->dtype(), [&]<typename T>() -> Results {
    const auto elements = load<T>(*source);
    if (has_nan(elements)) return std::nullopt;
    const auto value = [&](std::int64_t i) { return elements[static_cast<std::size_t>(i)]; };
    std::vector<std::int64_t> order(elements.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, {}, value);
    std::vector<std::pair<std::int64_t, std::int64_t>> groups;  // first index, count
    std::vector<std::int64_t> group_of(elements.size());
    for (const auto i : order) {
      if (groups.empty() || value(groups.back().first) != value(i)) groups.emplace_back(i, 0);
      ++groups.back().second;
      group_of[static_cast<std::size_t>(i)] = static_cast<std::int64_t>(groups.size()) - 1;
    }
    std::vector<std::int64_t> ranking(groups.size());
    std::iota(ranking.begin(), ranking.end(), 0);
    const auto first = [&](std::int64_t group) { return groups[static_cast<std::size_t>(group)].first; };
    if (call.int_attr("sorted", 1) == 0) std::ranges::sort(ranking, {}, first);
    std::vector<std::int64_t> rank_of(groups.size());
    std::vector<std::int64_t> firsts, counts, inverse;
    for (const auto group : ranking) {
      rank_of[static_cast<std::size_t>(group)] = static_cast<std::int64_t>(firsts.size());
      firsts.push_back(first(group));
      counts.push_back(groups[static_cast<std::size_t>(group)].second);
    }
    for (const auto group : group_of) inverse.push_back(rank_of[static_cast<std::size_t>(group)]);
    ConstantPtr values = pick(*source, {static_cast<std::int64_t>(firsts.size())}, firsts);
    return std::vector{values, Constant::ints(firsts), Constant::ints(inverse), Constant::ints(counts)};
  });
}

}  // namespace flowport::ir::evaluation
