#include "onnx/dtype.h"

#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

namespace flowport::ir {
namespace {

struct TypeInfo {
  std::string_view name;
  std::size_t bits;
};

constexpr std::array<TypeInfo, 27> kTypes = {{
    {"undefined", 0},      {"float", 32},    {"uint8", 8},        {"int8", 8},           {"uint16", 16},
    {"int16", 16},         {"int32", 32},    {"int64", 64},       {"string", 0},         {"bool", 8},
    {"float16", 16},       {"double", 64},   {"uint32", 32},      {"uint64", 64},        {"complex64", 64},
    {"complex128", 128},   {"bfloat16", 16}, {"float8e4m3fn", 8}, {"float8e4m3fnuz", 8}, {"float8e5m2", 8},
    {"float8e5m2fnuz", 8}, {"uint4", 4},     {"int4", 4},         {"float4e2m1", 4},     {"float8e8m0", 8},
    {"uint2", 2},          {"int2", 2},
}};

const TypeInfo& info(DType type) {
  const auto index = static_cast<std::size_t>(type);
  return kTypes[index < kTypes.size() ? index : 0];
}

template <typename T>
T load(const std::byte* element) {
  T value;
  std::memcpy(&value, element, sizeof value);
  return value;
}

/// How a floating type of at most 16 bits spends its bits, below the sign.
struct SmallFloat {
  int exponent_bits;
  int mantissa_bits;
  int bias;
  enum class Specials : std::uint8_t { kIeee, kNanOnly, kNegativeZeroIsNan, kNone } specials;
};

double decode(unsigned bits, const SmallFloat& format) {
  const unsigned mantissa_mask = (1U << format.mantissa_bits) - 1U;
  const unsigned exponent_mask = (1U << format.exponent_bits) - 1U;
  const unsigned sign_bit = 1U << (format.exponent_bits + format.mantissa_bits);
  const unsigned mantissa = bits & mantissa_mask;
  const unsigned exponent = (bits >> format.mantissa_bits) & exponent_mask;
  const double sign = (bits & sign_bit) != 0 ? -1.0 : 1.0;
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
  switch (format.specials) {
    case SmallFloat::Specials::kIeee:
      if (exponent == exponent_mask) return mantissa != 0 ? kNan : sign * std::numeric_limits<double>::infinity();
      break;
    case SmallFloat::Specials::kNanOnly:
      if (exponent == exponent_mask && mantissa == mantissa_mask) return kNan;
      break;
    case SmallFloat::Specials::kNegativeZeroIsNan:
      if ((bits & (sign_bit | (sign_bit - 1U))) == sign_bit) return kNan;
      break;
    case SmallFloat::Specials::kNone: break;
  }
  if (exponent == 0) return sign * std::ldexp(mantissa, 1 - format.bias - format.mantissa_bits);
  return sign *
         std::ldexp(mantissa + mantissa_mask + 1U, static_cast<int>(exponent) - format.bias - format.mantissa_bits);
}

}  // namespace

std::string_view name_of(DType type) { return info(type).name; }

std::size_t size_of(DType type) { return (info(type).bits + 7) / 8; }

std::size_t bits_of(DType type) { return info(type).bits; }

bool is_integer(DType type) {
  switch (type) {
    case DType::kUint2:
    case DType::kUint4:
    case DType::kUint8:
    case DType::kUint16:
    case DType::kUint32:
    case DType::kUint64:
    case DType::kInt2:
    case DType::kInt4:
    case DType::kInt8:
    case DType::kInt16:
    case DType::kInt32:
    case DType::kInt64: return true;
    default: return false;
  }
}

std::int64_t element_as_int(DType type, const std::byte* element) {
  switch (type) {
    case DType::kBool: return load<std::uint8_t>(element) != 0 ? 1 : 0;
    case DType::kUint2:
    case DType::kUint4:
    case DType::kUint8: return load<std::uint8_t>(element);
    case DType::kInt2:
    case DType::kInt4:
    case DType::kInt8: return load<std::int8_t>(element);
    case DType::kUint16: return load<std::uint16_t>(element);
    case DType::kInt16: return load<std::int16_t>(element);
    case DType::kUint32: return load<std::uint32_t>(element);
    case DType::kInt32: return load<std::int32_t>(element);
    case DType::kUint64:
    case DType::kInt64: return load<std::int64_t>(element);
    default: {
      const double value = element_as_double(type, element);
      if (std::isnan(value)) return 0;
      if (value >= 0x1p63) return std::numeric_limits<std::int64_t>::max();
      if (value < -0x1p63) return std::numeric_limits<std::int64_t>::min();
      return static_cast<std::int64_t>(value);
    }
  }
}

double element_as_double(DType type, const std::byte* element) {
  using Specials = SmallFloat::Specials;
  switch (type) {
    case DType::kFloat: return load<float>(element);
    case DType::kDouble: return load<double>(element);
    case DType::kUint64: return static_cast<double>(load<std::uint64_t>(element));
    case DType::kBfloat16: return std::bit_cast<float>(static_cast<std::uint32_t>(load<std::uint16_t>(element)) << 16U);
    case DType::kFloat16: return decode(load<std::uint16_t>(element), {5, 10, 15, Specials::kIeee});
    case DType::kFloat8E4m3fn: return decode(load<std::uint8_t>(element), {4, 3, 7, Specials::kNanOnly});
    case DType::kFloat8E4m3fnuz: return decode(load<std::uint8_t>(element), {4, 3, 8, Specials::kNegativeZeroIsNan});
    case DType::kFloat8E5m2: return decode(load<std::uint8_t>(element), {5, 2, 15, Specials::kIeee});
    case DType::kFloat8E5m2fnuz: return decode(load<std::uint8_t>(element), {5, 2, 16, Specials::kNegativeZeroIsNan});
    case DType::kFloat4E2m1: return decode(load<std::uint8_t>(element) & 0xFU, {2, 1, 1, Specials::kNone});
    case DType::kFloat8E8m0: {
      const auto exponent = load<std::uint8_t>(element);
      return exponent == 0xFF ? std::numeric_limits<double>::quiet_NaN() : std::ldexp(1.0, exponent - 127);
    }
    case DType::kUndefined:
    case DType::kString:
    case DType::kComplex64:
    case DType::kComplex128: return std::numeric_limits<double>::quiet_NaN();
    default: return static_cast<double>(element_as_int(type, element));
  }
}

}  // namespace flowport::ir
