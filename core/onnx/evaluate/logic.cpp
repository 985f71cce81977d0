#include <array>
#include <cmath>
#include <functional>
#include <limits>
#include <string>
#include <utility>

#include "onnx/evaluate/elements.h"
#include "onnx/evaluate/functions.h"

namespace flowport::ir::evaluation {
namespace {

/// `compute(a, b)` on two vectors of elements of the inputs, broadcast to each other, as elements of type `To`.
template <typename To, typename Elements, typename Compute>
Results combined(const Call& call, DType to, const Elements& left, const Elements& right, Compute compute) {
  const Dims& a = call.input(0)->dims();
  const Dims& b = call.input(1)->dims();
  auto dims = broadcast(std::array<DimsView, 2>{a, b});
  if (!dims || !call.fits(to, *dims)) return std::nullopt;
  const auto left_at = spread(a, *dims);
  const auto right_at = spread(b, *dims);
  std::vector<To> results(left_at.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    const auto& x = left[static_cast<std::size_t>(left_at[i])];
    const auto& y = right[static_cast<std::size_t>(right_at[i])];
    results[i] = static_cast<To>(compute(x, y));
  }
  return result(store(to, std::move(*dims), results));
}

template <typename Compare>
Results comparison(const Call& call, Compare compare) {
  if (call.input(0)->dtype() != call.input(1)->dtype()) return std::nullopt;
  return visit(Numbers{}, call.input(0)->dtype(), [&]<typename T>() -> Results {
    return combined<std::uint8_t>(call, DType::kBool, load<T>(*call.input(0)), load<T>(*call.input(1)), compare);
  });
}

/// On two bools or two integers of one type.
template <typename Compute>
Results bitwise(const Call& call, Compute compute) {
  const DType dtype = call.input(0)->dtype();
  if (call.input(1)->dtype() != dtype) return std::nullopt;
  return visit(Integers{}, dtype, [&]<typename T>() -> Results {
    return combined<T>(call, dtype, load<T>(*call.input(0)), load<T>(*call.input(1)), compute);
  });
}

/// bool `test(element)` of each element.
template <typename List, typename Test>
Results tested(const Call& call, List list, Test test) {
  const auto source = call.input(0);
  return visit(list, source->dtype(), [&]<typename T>() -> Results {
    std::vector<std::uint8_t> results;
    for (const T element : load<T>(*source)) results.push_back(test(element));
    return result(store(DType::kBool, source->dims(), results));
  });
}

}  // namespace

Results equal(const Call& call) {
  const auto a = call.input(0);
  const auto b = call.input(1);
  if (a->dtype() == DType::kString && b->dtype() == DType::kString) {
    return combined<std::uint8_t>(call, DType::kBool, a->strings(), b->strings(), std::equal_to{});
  }
  return comparison(call, std::equal_to{});
}
Results less(const Call& call) { return comparison(call, std::less{}); }
Results less_or_equal(const Call& call) { return comparison(call, std::less_equal{}); }
Results greater(const Call& call) { return comparison(call, std::greater{}); }
Results greater_or_equal(const Call& call) { return comparison(call, std::greater_equal{}); }

Results bitwise_and(const Call& call) { return bitwise(call, std::bit_and{}); }
Results bitwise_or(const Call& call) { return bitwise(call, std::bit_or{}); }
Results bitwise_xor(const Call& call) { return bitwise(call, std::bit_xor{}); }

Results bitwise_not(const Call& call) {
  const auto source = call.input(0);
  return visit(Integers{}, source->dtype(), [&]<typename T>() -> Results {
    auto elements = load<T>(*source);
    for (auto& element : elements) element = static_cast<T>(~element);
    return result(store(source->dtype(), source->dims(), elements));
  });
}

Results logical_not(const Call& call) {
  return tested(call, Types<std::uint8_t>{}, [](std::uint8_t x) { return x == 0; });
}

/// Not evaluated where a shift is as wide as the type or wider: the specification does not say what comes out.
Results bit_shift(const Call& call) {
  const bool is_left = call.node().string_attr("direction", "") == "LEFT";
  const auto a = call.input(0);
  const auto b = call.input(1);
  if (a->dtype() != b->dtype()) return std::nullopt;
  return visit(Unsigned{}, a->dtype(), [&]<typename T>() -> Results {
    const auto shifts = load<T>(*b);
    for (const T shift : shifts) {
      if (shift >= std::numeric_limits<T>::digits) return std::nullopt;
    }
    return combined<T>(call, a->dtype(), load<T>(*a), shifts, [is_left](T x, T shift) {
      const auto wide = static_cast<std::uint64_t>(x);
      return is_left ? wide << shift : wide >> shift;
    });
  });
}

Results is_nan(const Call& call) {
  return tested(call, Floats{}, [](auto x) { return std::isnan(x); });
}

Results is_inf(const Call& call) {
  const bool positive = call.int_attr("detect_positive", 1) != 0;
  const bool negative = call.int_attr("detect_negative", 1) != 0;
  return tested(call, Floats{}, [=](auto x) { return std::isinf(x) && (x > 0 ? positive : negative); });
}

Results string_concat(const Call& call) {
  const auto a = call.input(0);
  const auto b = call.input(1);
  if (a->dtype() != DType::kString || b->dtype() != DType::kString) return std::nullopt;
  auto dims = broadcast(std::array<DimsView, 2>{a->dims(), b->dims()});
  if (!dims || !call.fits(DType::kString, *dims)) return std::nullopt;
  const auto left_at = spread(a->dims(), *dims);
  const auto right_at = spread(b->dims(), *dims);
  std::vector<std::string> strings;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < left_at.size(); ++i) {
    const auto& left = a->strings()[static_cast<std::size_t>(left_at[i])];
    const auto& right = b->strings()[static_cast<std::size_t>(right_at[i])];
    bytes += sizeof(std::string) + left.size() + right.size();
    if (bytes > call.limit()) return std::nullopt;
    strings.push_back(left + right);
  }
  return result(Constant::make_strings(std::move(*dims), std::move(strings)));
}

}  // namespace flowport::ir::evaluation
