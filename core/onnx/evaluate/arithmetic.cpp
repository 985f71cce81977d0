#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

/// `compute(a, b)` on two inputs broadcast to each other; nullopt as soon as it gives nullopt.
template <typename List, typename Compute>
Results binary(const Call& call, List list, Compute compute) {
  const auto a = call.input(0);
  const auto b = call.input(1);
  auto dims = broadcast(std::array<DimsView, 2>{a->dims(), b->dims()});
  if (!dims || a->dtype() != b->dtype() || !call.fits(a->dtype(), *dims)) return std::nullopt;
  return visit(list, a->dtype(), [&]<typename T>() -> Results {
    const auto left = load<T>(*a);
    const auto right = load<T>(*b);
    const auto left_at = spread(a->dims(), *dims);
    const auto right_at = spread(b->dims(), *dims);
    std::vector<T> results;
    results.reserve(left_at.size());
    for (std::size_t i = 0; i < left_at.size(); ++i) {
      const std::optional<T> value =
          compute(left[static_cast<std::size_t>(left_at[i])], right[static_cast<std::size_t>(right_at[i])]);
      if (!value) return std::nullopt;
      results.push_back(*value);
    }
    return result(store(a->dtype(), std::move(*dims), results));
  });
}

/// `compute` folded from left to right over all inputs, broadcast to each other; then `finish` on each element.
template <typename Compute, typename Finish>
Results variadic(const Call& call, Compute compute, Finish finish) {
  std::vector<DimsView> shapes;
  for (std::size_t i = 0; i < call.input_count(); ++i) {
    if (!call.has(i) || call.input(i)->dtype() != call.input(0)->dtype()) return std::nullopt;
    shapes.push_back(call.input(i)->dims());
  }
  if (shapes.empty()) return std::nullopt;
  const DType dtype = call.input(0)->dtype();
  auto dims = broadcast(shapes);
  if (!dims || !call.fits(dtype, *dims)) return std::nullopt;
  return visit(Numbers{}, dtype, [&]<typename T>() -> Results {
    std::vector<T> results;
    for (std::size_t i = 0; i < shapes.size(); ++i) {
      const auto elements = load<T>(*call.input(i));
      const auto at = spread(shapes[i], *dims);
      if (i == 0) results.resize(at.size());
      for (std::size_t k = 0; k < at.size(); ++k) {
        const T element = elements[static_cast<std::size_t>(at[k])];
        results[k] = i == 0 ? element : compute(results[k], element);
      }
    }
    for (auto& element : results) element = finish(element);
    return result(store(dtype, std::move(*dims), results));
  });
}

constexpr auto kAsIs = [](auto value) { return value; };

/// The greater or, with `less`, the smaller of two; NaN when one is.
template <typename T>
T greater_of(T a, T b) {
  return a > b || a != a ? a : b;
}
template <typename T>
T less_of(T a, T b) {
  return a < b || a != a ? a : b;
}

/// a / b, towards zero for integers; nullopt by integer zero.
template <typename T>
std::optional<T> quotient(T a, T b) {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0) return std::nullopt;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return wrapping_subtract(T{0}, a);
    }
    return static_cast<T>(a / b);
  } else {
    return a / b;
  }
}

/// What is left of the division: with the divisor's sign or, for `like_c`, the dividend's.
template <typename T>
std::optional<T> remainder(T a, T b, bool like_c) {
  if constexpr (std::is_integral_v<T>) {
    if (b == 0) return std::nullopt;
    if constexpr (std::is_signed_v<T>) {
      if (b == -1) return T{0};
      const auto rest = static_cast<T>(a % b);
      return like_c || rest == 0 || (rest < 0) == (b < 0) ? rest : static_cast<T>(rest + b);
    } else {
      return static_cast<T>(a % b);
    }
  } else {
    if (!like_c) return std::nullopt;
    return std::fmod(a, b);
  }
}

/// Integers up to this are exact in double.
constexpr double kExact = 0x1p53;

/// Elements in double; nullopt where one is an integer beyond kExact.
std::optional<std::vector<double>> exact_doubles(const Constant& constant) {
  return visit(Numbers{}, constant.dtype(), [&]<typename T>() -> std::optional<std::vector<double>> {
    std::vector<double> doubles;
    for (const T element : load<T>(constant)) {
      const auto value = static_cast<double>(element);
      if (std::is_integral_v<T> && std::fabs(value) > kExact) return std::nullopt;
      doubles.push_back(value);
    }
    return doubles;
  });
}

/// base ^ exponent by squaring; nullopt for a negative exponent and where T does not hold the result.
template <typename T>
std::optional<T> integer_power(T base, std::int64_t exponent) {
  if (exponent < 0) return std::nullopt;
  if (base == 0 || base == 1) return exponent == 0 ? T{1} : base;
  T power = 1;
  for (T square = base; exponent != 0;) {
    if ((exponent & 1) != 0 && __builtin_mul_overflow(power, square, &power)) return std::nullopt;
    exponent >>= 1;
    if (exponent != 0 && __builtin_mul_overflow(square, square, &square)) return std::nullopt;
  }
  return power;
}

}  // namespace

Results add(const Call& call) {
  return binary(call, Numbers{}, []<typename T>(T a, T b) { return wrapping_add(a, b); });
}

Results subtract(const Call& call) {
  return binary(call, Numbers{}, []<typename T>(T a, T b) { return wrapping_subtract(a, b); });
}

Results multiply(const Call& call) {
  return binary(call, Numbers{}, []<typename T>(T a, T b) { return wrapping_multiply(a, b); });
}

Results divide(const Call& call) {
  return binary(call, Numbers{}, []<typename T>(T a, T b) { return quotient(a, b); });
}

Results mod(const Call& call) {
  const bool like_c = call.int_attr("fmod", 0) != 0;
  return binary(call, Numbers{}, [like_c]<typename T>(T a, T b) { return remainder(a, b, like_c); });
}

Results max(const Call& call) {
  return variadic(
      call, []<typename T>(T a, T b) { return greater_of(a, b); }, kAsIs);
}

Results min(const Call& call) {
  return variadic(
      call, []<typename T>(T a, T b) { return less_of(a, b); }, kAsIs);
}

Results sum(const Call& call) {
  return variadic(
      call, []<typename T>(T a, T b) { return wrapping_add(a, b); }, kAsIs);
}

Results mean(const Call& call) {
  const auto inputs = call.input_count();
  return variadic(
      call, []<typename T>(T a, T b) { return wrapping_add(a, b); },
      [inputs]<typename T>(T total) { return static_cast<T>(total / static_cast<T>(inputs)); });
}

/// Reals by the library's power in double; integers to whole, not negative exponents where the type holds the result.
Results pow(const Call& call) {
  const auto base = call.input(0);
  const auto exponent = call.input(1);
  auto dims = broadcast(std::array<DimsView, 2>{base->dims(), exponent->dims()});
  if (!dims || !call.fits(base->dtype(), *dims)) return std::nullopt;
  const auto exponents = exact_doubles(*exponent);
  if (!exponents) return std::nullopt;
  const auto base_at = spread(base->dims(), *dims);
  const auto exponent_at = spread(exponent->dims(), *dims);
  return visit(Numbers{}, base->dtype(), [&]<typename T>() -> Results {
    const auto bases = load<T>(*base);
    std::vector<T> results;
    results.reserve(base_at.size());
    for (std::size_t i = 0; i < base_at.size(); ++i) {
      const T x = bases[static_cast<std::size_t>(base_at[i])];
      const double y = (*exponents)[static_cast<std::size_t>(exponent_at[i])];
      std::optional<T> power;
      if constexpr (std::is_integral_v<T>) {
        if (y >= 0 && y <= kExact && y == std::trunc(y)) power = integer_power(x, static_cast<std::int64_t>(y));
      } else {
        power = static_cast<T>(std::pow(static_cast<double>(x), y));
      }
      if (!power) return std::nullopt;
      results.push_back(*power);
    }
    return result(store(base->dtype(), std::move(*dims), results));
  });
}

Results clip(const Call& call) {
  const auto source = call.input(0);
  const auto low = call.input(1);
  const auto high = call.input(2);
  for (const auto& bound : {low, high}) {
    if (bound && (bound->count() != 1 || bound->dtype() != source->dtype())) return std::nullopt;
  }
  return visit(Numbers{}, source->dtype(), [&]<typename T>() -> Results {
    auto elements = load<T>(*source);
    if (low) {
      const T least = load<T>(*low).front();
      for (auto& element : elements) element = element < least ? least : element;
    }
    if (high) {
      const T most = load<T>(*high).front();
      for (auto& element : elements) element = element > most ? most : element;
    }
    return result(store(source->dtype(), source->dims(), elements));
  });
}

}  // namespace flowport::ir::evaluation
