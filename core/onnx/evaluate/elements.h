// Elements of constants as C++ numbers. float stands for the three types that we compute in float (float, float16, bfloat16),
// uint8_t for uint8 and bool; every other type stands for itself.
#pragma once

#include <cstdint>
#include <cstring>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "onnx/constant.h"
#include "onnx/evaluate/half.h"
#include "onnx/evaluate/indexing.h"

namespace flowport::ir::evaluation {

template <typename T>
constexpr bool stands_for(DType dtype) {
  using enum DType;
  if constexpr (std::is_same_v<T, float>) return dtype == kFloat || dtype == kFloat16 || dtype == kBfloat16;
  if constexpr (std::is_same_v<T, double>) return dtype == kDouble;
  if constexpr (std::is_same_v<T, std::int8_t>) return dtype == kInt8;
  if constexpr (std::is_same_v<T, std::int16_t>) return dtype == kInt16;
  if constexpr (std::is_same_v<T, std::int32_t>) return dtype == kInt32;
  if constexpr (std::is_same_v<T, std::int64_t>) return dtype == kInt64;
  if constexpr (std::is_same_v<T, std::uint8_t>) return dtype == kUint8 || dtype == kBool;
  if constexpr (std::is_same_v<T, std::uint16_t>) return dtype == kUint16;
  if constexpr (std::is_same_v<T, std::uint32_t>) return dtype == kUint32;
  if constexpr (std::is_same_v<T, std::uint64_t>) return dtype == kUint64;
}

template <typename... Ts>
struct Types {};

using Floats = Types<float, double>;
using Signed = Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t>;
using Unsigned = Types<std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t>;
using Integers = Types<std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                       std::uint32_t, std::uint64_t>;
using SignedNumbers = Types<float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t>;
using Numbers = Types<float, double, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t,
                      std::uint32_t, std::uint64_t>;

/// What `visitor.operator()<T>()` gives for the T of the list that stands for `dtype`; an empty optional when there is none.
template <typename... Ts, typename Visitor>
auto visit(Types<Ts...>, DType dtype, Visitor&& visitor) {
  decltype((visitor.template operator()<Ts>(), ...)) result;
  static_cast<void>(((stands_for<Ts>(dtype) && (result = visitor.template operator()<Ts>(), true)) || ...));
  return result;
}

/// All elements, row-major. T stands for the constant's type; bools come as 0 and 1.
template <typename T>
std::vector<T> load(const Constant& constant) {
  std::vector<T> elements(static_cast<std::size_t>(constant.count()));
  if (elements.empty()) return elements;
  const Bytes bytes = constant.bytes();
  if constexpr (std::is_same_v<T, float>) {
    if (constant.dtype() != DType::kFloat) {
      std::vector<std::uint16_t> bits(elements.size());
      std::memcpy(bits.data(), bytes.data(), bits.size() * sizeof(std::uint16_t));
      const auto widen = constant.dtype() == DType::kFloat16 ? float_of_half : float_of_bfloat16;
      for (std::size_t i = 0; i < bits.size(); ++i) elements[i] = widen(bits[i]);
      return elements;
    }
  }
  std::memcpy(elements.data(), bytes.data(), elements.size() * sizeof(T));
  if constexpr (std::is_same_v<T, std::uint8_t>) {
    if (constant.dtype() == DType::kBool) {
      for (auto& element : elements) element = element != 0;
    }
  }
  return elements;
}

/// A constant of `elements`, rounded to float16 or bfloat16 where `dtype` is one. T stands for `dtype`.
template <typename T>
ConstantPtr store(DType dtype, Dims dims, const std::vector<T>& elements) {
  const auto make = [&]<typename Element>(const std::vector<Element>& from) {
    std::vector<std::byte> bytes(from.size() * sizeof(Element));
    if (!bytes.empty()) std::memcpy(bytes.data(), from.data(), bytes.size());
    return Constant::make(dtype, std::move(dims), Bytes(std::move(bytes)));
  };
  if constexpr (std::is_same_v<T, float>) {
    if (dtype != DType::kFloat) {
      const auto narrow = dtype == DType::kFloat16 ? half_of_float : bfloat16_of_float;
      std::vector<std::uint16_t> bits(elements.size());
      for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = narrow(elements[i]);
      return make(bits);
    }
  }
  return make(elements);
}

/// The elements of an integer or bool constant as int64; nullopt for another type or a value beyond int64.
inline std::optional<std::vector<std::int64_t>> ints_of(const Constant& constant) {
  return visit(Integers{}, constant.dtype(), [&]<typename T>() -> std::optional<std::vector<std::int64_t>> {
    std::vector<std::int64_t> ints;
    ints.reserve(static_cast<std::size_t>(constant.count()));
    for (const T element : load<T>(constant)) {
      if (!std::in_range<std::int64_t>(element)) return std::nullopt;
      ints.push_back(static_cast<std::int64_t>(element));
    }
    return ints;
  });
}

/// Arithmetic of integers modulo 2^bits, of floats as it is.
template <typename T>
T wrapping_add(T a, T b) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  else
    return a + b;
}
template <typename T>
T wrapping_subtract(T a, T b) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
  else
    return a - b;
}
template <typename T>
T wrapping_multiply(T a, T b) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  else
    return a * b;
}

}  // namespace flowport::ir::evaluation
