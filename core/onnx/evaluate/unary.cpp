#include <cmath>
#include <utility>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

template <typename List, typename Compute>
Results unary(const Call& call, List list, Compute compute) {
  const auto source = call.input(0);
  return visit(list, source->dtype(), [&]<typename T>() -> Results {
    auto elements = load<T>(*source);
    for (auto& element : elements) element = compute(element);
    return result(store(source->dtype(), source->dims(), elements));
  });
}

/// A function of real numbers: computed in double, rounded once, so that no float library's last bits show.
template <typename Compute>
Results real(const Call& call, Compute compute) {
  return unary(call, Floats{}, [&]<typename T>(T x) { return static_cast<T>(compute(static_cast<double>(x))); });
}

}  // namespace

Results absolute(const Call& call) {
  return unary(call, Numbers{}, []<typename T>(T x) {
    if constexpr (std::is_floating_point_v<T>)
      return std::fabs(x);
    else
      return std::cmp_less(x, 0) ? wrapping_subtract(T{0}, x) : x;
  });
}

Results negative(const Call& call) {
  return unary(call, SignedNumbers{}, []<typename T>(T x) {
    if constexpr (std::is_floating_point_v<T>)
      return -x;
    else
      return wrapping_subtract(T{0}, x);
  });
}

Results relu(const Call& call) {
  return unary(call, SignedNumbers{}, []<typename T>(T x) { return x > T{0} || x != x ? x : T{0}; });
}

Results sign(const Call& call) {
  return unary(call, Numbers{}, []<typename T>(T x) {
    if (x != x) return x;
    return static_cast<T>((x > T{0} ? 1 : 0) - (x < T{0} ? 1 : 0));
  });
}

Results floor(const Call& call) {
  return real(call, [](double x) { return std::floor(x); });
}
Results ceil(const Call& call) {
  return real(call, [](double x) { return std::ceil(x); });
}
/// Halves go to the even neighbour.
Results round(const Call& call) {
  return real(call, [](double x) { return std::nearbyint(x); });
}
Results sqrt(const Call& call) {
  return real(call, [](double x) { return std::sqrt(x); });
}
Results exp(const Call& call) {
  return real(call, [](double x) { return std::exp(x); });
}
Results log(const Call& call) {
  return real(call, [](double x) { return std::log(x); });
}
Results reciprocal(const Call& call) {
  return real(call, [](double x) { return 1.0 / x; });
}
Results erf(const Call& call) {
  return real(call, [](double x) { return std::erf(x); });
}
Results sigmoid(const Call& call) {
  return real(call, [](double x) { return x >= 0 ? 1.0 / (1.0 + std::exp(-x)) : std::exp(x) / (1.0 + std::exp(x)); });
}
Results sin(const Call& call) {
  return real(call, [](double x) { return std::sin(x); });
}
Results cos(const Call& call) {
  return real(call, [](double x) { return std::cos(x); });
}
Results tan(const Call& call) {
  return real(call, [](double x) { return std::tan(x); });
}
Results asin(const Call& call) {
  return real(call, [](double x) { return std::asin(x); });
}
Results acos(const Call& call) {
  return real(call, [](double x) { return std::acos(x); });
}
Results atan(const Call& call) {
  return real(call, [](double x) { return std::atan(x); });
}
Results sinh(const Call& call) {
  return real(call, [](double x) { return std::sinh(x); });
}
Results cosh(const Call& call) {
  return real(call, [](double x) { return std::cosh(x); });
}
Results tanh(const Call& call) {
  return real(call, [](double x) { return std::tanh(x); });
}
Results asinh(const Call& call) {
  return real(call, [](double x) { return std::asinh(x); });
}
Results acosh(const Call& call) {
  return real(call, [](double x) { return std::acosh(x); });
}
Results atanh(const Call& call) {
  return real(call, [](double x) { return std::atanh(x); });
}

}  // namespace flowport::ir::evaluation
