#include <cmath>
#include <limits>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

/// False for a number whose integer part T does not hold, and for NaN.
template <typename T>
bool in_range_of(double value) {
  constexpr double kLowest = static_cast<double>(std::numeric_limits<T>::min());
  const double beyond = std::ldexp(1.0, std::numeric_limits<T>::digits);
  const double whole = std::trunc(value);
  return whole >= kLowest && whole < beyond;
}

/// `elements`, which are int64, uint64 or double and hold the source exactly, as numbers of type `to`.
template <typename Wide>
Results converted(const std::vector<Wide>& elements, DType to, const Dims& dims) {
  if (to == DType::kBool) {
    std::vector<std::uint8_t> bools;
    bools.reserve(elements.size());
    for (const Wide element : elements) bools.push_back(element != Wide{0});
    return result(store(to, dims, bools));
  }
  return visit(Numbers{}, to, [&]<typename T>() -> Results {
    std::vector<T> numbers;
    numbers.reserve(elements.size());
    for (const Wide element : elements) {
      if constexpr (std::is_floating_point_v<Wide> && std::is_integral_v<T>) {
        if (!in_range_of<T>(element)) return std::nullopt;
      }
      numbers.push_back(static_cast<T>(element));
    }
    return result(store(to, dims, numbers));
  });
}

Results cast_to(const Call& call, const ConstantPtr& source, DType to) {
  if (source->dtype() == to) return result(source);
  if (bytes_of(*source) > call.limit() || !call.fits(to, source->dims())) return std::nullopt;
  return visit(Numbers{}, source->dtype(), [&]<typename T>() -> Results {
    using Integer = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;
    using Wide = std::conditional_t<std::is_floating_point_v<T>, double, Integer>;
    const auto elements = load<T>(*source);
    return converted(std::vector<Wide>(elements.begin(), elements.end()), to, source->dims());
  });
}

}  // namespace

Results cast(const Call& call) { return cast_to(call, call.input(0), static_cast<DType>(call.int_attr("to", 0))); }

Results cast_like(const Call& call) {
  const auto source = call.input(0);
  const auto like = call.input(1);
  const DType to = like ? like->dtype() : call.type(1).dtype;
  if (!source || to == DType::kUndefined) return std::nullopt;
  return cast_to(call, source, to);
}

}  // namespace flowport::ir::evaluation
