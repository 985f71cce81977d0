// TensorFlow's dtypes, by the numbers of its wire format (tensorflow/core/framework/types.proto).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flowport::tf {

enum class DataType : std::int32_t {
  kInvalid = 0,
  kFloat = 1,
  kDouble = 2,
  kInt32 = 3,
  kUint8 = 4,
  kInt16 = 5,
  kInt8 = 6,
  kString = 7,
  kComplex64 = 8,
  kInt64 = 9,
  kBool = 10,
  kQint8 = 11,
  kQuint8 = 12,
  kQint32 = 13,
  kBfloat16 = 14,
  kQint16 = 15,
  kQuint16 = 16,
  kUint16 = 17,
  kComplex128 = 18,
  kHalf = 19,
  kResource = 20,
  kVariant = 21,
  kUint32 = 22,
  kUint64 = 23,
  kFloat8E5m2 = 24,
  kFloat8E4m3fn = 25,
  kFloat8E4m3fnuz = 26,
  kFloat8E4m3b11fnuz = 27,
  kFloat8E5m2fnuz = 28,
  kInt4 = 29,
  kUint4 = 30,
  kInt2 = 31,
  kUint2 = 32,
  kFloat4E2m1fn = 33,
};

/// The dtype without the reference bit (100 is added in TF1 graphs for `float_ref` and kin).
constexpr DataType base_type(DataType type) {
  return static_cast<std::int32_t>(type) > 100 ? static_cast<DataType>(static_cast<std::int32_t>(type) - 100) : type;
}

/// "float32", "int64", "resource", ...; "dtype 77" has no name and gives "unknown".
std::string_view name_of(DataType type);

/// Bytes of one element as TensorFlow stores it (4-bit types take a whole byte); 0 for strings, resources and variants.
std::size_t size_of(DataType type);

}  // namespace flowport::tf
