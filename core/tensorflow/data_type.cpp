#include "tensorflow/data_type.h"

#include <array>

namespace flowport::tf {
namespace {

struct TypeInfo {
  std::string_view name;
  std::size_t size;
};

// By number: kTypes[static_cast<int>(DataType)].
constexpr std::array<TypeInfo, 34> kTypes = {{
    {"invalid", 0},
    {"float32", 4},
    {"float64", 8},
    {"int32", 4},
    {"uint8", 1},
    {"int16", 2},
    {"int8", 1},
    {"string", 0},
    {"complex64", 8},
    {"int64", 8},
    {"bool", 1},
    {"qint8", 1},
    {"quint8", 1},
    {"qint32", 4},
    {"bfloat16", 2},
    {"qint16", 2},
    {"quint16", 2},
    {"uint16", 2},
    {"complex128", 16},
    {"float16", 2},
    {"resource", 0},
    {"variant", 0},
    {"uint32", 4},
    {"uint64", 8},
    {"float8_e5m2", 1},
    {"float8_e4m3fn", 1},
    {"float8_e4m3fnuz", 1},
    {"float8_e4m3b11fnuz", 1},
    {"float8_e5m2fnuz", 1},
    {"int4", 1},
    {"uint4", 1},
    {"int2", 1},
    {"uint2", 1},
    {"float4_e2m1fn", 1},
}};

const TypeInfo* find(DataType type) {
  const auto index = static_cast<std::size_t>(base_type(type));
  return index < kTypes.size() ? &kTypes[index] : nullptr;
}

}  // namespace

std::string_view name_of(DataType type) {
  const TypeInfo* info = find(type);
  return info != nullptr ? info->name : "unknown";
}

std::size_t size_of(DataType type) {
  const TypeInfo* info = find(type);
  return info != nullptr ? info->size : 0;
}

}  // namespace flowport::tf
