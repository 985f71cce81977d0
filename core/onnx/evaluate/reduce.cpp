#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

/// How a reduction reads its input: `groups` runs of `length` positions, each run one element of the result.
struct Reduction {
  Dims dims;
  std::size_t groups = 0;
  std::size_t length = 0;
  std::vector<std::int64_t> positions;
};

/// nullopt for axes outside the rank, and where the op does not reduce at all.
std::optional<Reduction> reduction_of(const Call& call, const Constant& source) {
  Dims axes = call.ints(1, "axes").value_or(Dims{});
  if (axes.empty()) {
    axes.resize(source.rank());
    std::iota(axes.begin(), axes.end(), 0);
  }
  const auto reduced = marked_axes(axes, source.rank());
  if (!reduced) return std::nullopt;
  const bool keep = call.int_attr("keepdims", 1) != 0;
  const Dims strides = strides_of(source.dims());
  Reduction reduction;
  Dims outer, inner, outer_strides, inner_strides;
  for (std::size_t i = 0; i < source.rank(); ++i) {
    const bool gone = (*reduced)[i];
    (gone ? inner : outer).push_back(source.dims()[i]);
    (gone ? inner_strides : outer_strides).push_back(strides[i]);
    if (!gone || keep) reduction.dims.push_back(gone ? 1 : source.dims()[i]);
  }
  if (!call.fits(source.dtype(), reduction.dims)) return std::nullopt;
  reduction.groups = static_cast<std::size_t>(product(outer));
  reduction.length = static_cast<std::size_t>(product(inner));
  outer.insert(outer.end(), inner.begin(), inner.end());
  outer_strides.insert(outer_strides.end(), inner_strides.begin(), inner_strides.end());
  reduction.positions = walk(outer, outer_strides);
  return reduction;
}

/// `fold(run)` of each run of reduced elements. With `on_empty` false, `fold` needs an element: empty runs are not evaluated.
template <typename List, typename Fold>
Results reduced(const Call& call, List list, bool on_empty, Fold fold) {
  const auto source = call.input(0);
  const auto axes = call.ints(1, "axes");
  if (call.int_attr("noop_with_empty_axes", 0) != 0 && (!axes || axes->empty())) return result(source);
  const auto reduction = reduction_of(call, *source);
  if (!reduction || (reduction->length == 0 && reduction->groups > 0 && !on_empty)) return std::nullopt;
  return visit(list, source->dtype(), [&]<typename T>() -> Results {
    const auto elements = load<T>(*source);
    std::vector<T> run(reduction->groups == 0 ? 0 : reduction->length);
    std::vector<T> results;
    results.reserve(reduction->groups);
    for (std::size_t group = 0; group < reduction->groups; ++group) {
      for (std::size_t i = 0; i < run.size(); ++i) {
        run[i] = elements[static_cast<std::size_t>(reduction->positions[group * reduction->length + i])];
      }
      results.push_back(fold(std::as_const(run)));
    }
    return result(store(source->dtype(), reduction->dims, results));
  });
}

/// Sum of a run: integers modulo 2^bits, floats in double.
template <typename T>
auto total(const std::vector<T>& run) {
  using Sum = std::conditional_t<std::is_integral_v<T>, T, double>;
  return std::accumulate(run.begin(), run.end(), Sum{0},
                         [](Sum a, T b) { return wrapping_add(a, static_cast<Sum>(b)); });
}

}  // namespace

Results reduce_sum(const Call& call) {
  return reduced(call, Numbers{}, true,
                 []<typename T>(const std::vector<T>& run) { return static_cast<T>(total(run)); });
}

Results reduce_mean(const Call& call) {
  return reduced(call, Numbers{}, false, []<typename T>(const std::vector<T>& run) {
    const auto sum = total(run);
    return static_cast<T>(sum / static_cast<decltype(total(run))>(run.size()));
  });
}

Results reduce_prod(const Call& call) {
  return reduced(call, Numbers{}, true, []<typename T>(const std::vector<T>& run) {
    return std::accumulate(run.begin(), run.end(), T{1}, wrapping_multiply<T>);
  });
}

Results reduce_max(const Call& call) {
  return reduced(call, Numbers{}, false, []<typename T>(const std::vector<T>& run) {
    return std::accumulate(run.begin(), run.end(), run.front(), [](T a, T b) { return a > b || a != a ? a : b; });
  });
}

Results reduce_min(const Call& call) {
  return reduced(call, Numbers{}, false, []<typename T>(const std::vector<T>& run) {
    return std::accumulate(run.begin(), run.end(), run.front(), [](T a, T b) { return a < b || a != a ? a : b; });
  });
}

}  // namespace flowport::ir::evaluation
