// ONNX element types, by the numbers of onnx.TensorProto.DataType. Equal to the DTypes of the plugin boundary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace flowport::ir {

enum class DType : std::int32_t {
  kUndefined = 0,
  kFloat = 1,
  kUint8 = 2,
  kInt8 = 3,
  kUint16 = 4,
  kInt16 = 5,
  kInt32 = 6,
  kInt64 = 7,
  kString = 8,
  kBool = 9,
  kFloat16 = 10,
  kDouble = 11,
  kUint32 = 12,
  kUint64 = 13,
  kComplex64 = 14,
  kComplex128 = 15,
  kBfloat16 = 16,
  kFloat8E4m3fn = 17,
  kFloat8E4m3fnuz = 18,
  kFloat8E5m2 = 19,
  kFloat8E5m2fnuz = 20,
  kUint4 = 21,
  kInt4 = 22,
  kFloat4E2m1 = 23,
  kFloat8E8m0 = 24,
  kUint2 = 25,
  kInt2 = 26,
};

/// "float", "int64", "float16", ... as in onnx's type strings: tensor(float).
std::string_view name_of(DType type);

/// Bytes of one element in memory here (sub-byte types take a whole byte until they are written); 0 for strings.
std::size_t size_of(DType type);

/// Bits of one element in a written ONNX file; 0 for strings.
std::size_t bits_of(DType type);

/// Signed and unsigned integers of any width; not bool.
bool is_integer(DType type);

/// The element at `element`, for integers, bool and floating types. Floats are cut toward zero and clamped, NaN gives
/// 0; uint64 keeps its bits.
std::int64_t element_as_int(DType type, const std::byte* element);

/// The element at `element`, for integers, bool and floating types (of any width, also 8 and 4 bits); NaN for others.
double element_as_double(DType type, const std::byte* element);

}  // namespace flowport::ir
