#include "onnx/infer_proto.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <charconv>
#include <limits>
#include <string_view>
#include <type_traits>

namespace flowport::ir {
namespace {

constexpr std::size_t kSmall = std::size_t{64} << 10U;

void fill(std::int64_t size, SymbolId symbol, onnx::TensorShapeProto::Dimension& proto) {
  if (symbol == 0) {
    proto.set_dim_value(size);
    return;
  }
  constexpr std::size_t kLongest = std::numeric_limits<SymbolId>::digits10 + 2;
  char name[kLongest];
  name[0] = 's';
  const auto end = std::to_chars(name + 1, name + kLongest, symbol).ptr;
  proto.set_dim_param(name, static_cast<std::size_t>(end - name));
}

Dim dim_of(const onnx::TensorShapeProto::Dimension& proto, std::size_t symbol_count) {
  if (proto.has_dim_value()) return proto.dim_value() < 0 ? Dim{} : Dim{proto.dim_value(), 0};
  const std::string_view name = proto.dim_param();
  SymbolId symbol = 0;
  if (name.size() < 2 || name.front() != 's') return {};
  const auto parsed = std::from_chars(name.data() + 1, name.data() + name.size(), symbol);
  const bool ours = parsed.ec == std::errc() && parsed.ptr == name.data() + name.size() && symbol < symbol_count;
  return ours ? Dim{-1, symbol} : Dim{};
}

void fill_tensor(const Type& type, onnx::TypeProto& proto) {
  auto& tensor = *proto.mutable_tensor_type();
  tensor.set_elem_type(static_cast<std::int32_t>(type.dtype));
  if (!type.has_rank) return;
  auto& shape = *tensor.mutable_shape();
  for (const Dim& dim : type.dims) {
    auto& added = *shape.add_dim();
    if (dim.is_known() || dim.symbol != 0) fill(dim.size, dim.is_known() ? 0 : dim.symbol, added);
  }
}

}  // namespace

void fill(const Type& type, onnx::TypeProto& proto) {
  switch (type.kind) {
    case Type::Kind::kTensor: return fill_tensor(type, proto);
    case Type::Kind::kSequence: return fill_tensor(type, *proto.mutable_sequence_type()->mutable_elem_type());
    case Type::Kind::kOptional: return fill_tensor(type, *proto.mutable_optional_type()->mutable_elem_type());
  }
}

void fill(const Content& content, onnx::TensorShapeProto& proto) {
  for (const auto& element : content.elements) {
    auto& dim = *proto.add_dim();
    if (element.known || element.symbol != 0) fill(element.value, element.known ? 0 : element.symbol, dim);
  }
}

bool has_small_proto(const Constant& constant) {
  if (constant.dtype() == DType::kString)
    return constant.count() <= static_cast<std::int64_t>(kSmall / sizeof(std::string));
  return constant.byte_size() <= kSmall && bits_of(constant.dtype()) >= 8;
}

void fill(const Constant& constant, onnx::TensorProto& proto) {
  proto.set_data_type(static_cast<std::int32_t>(constant.dtype()));
  for (const auto dim : constant.dims()) proto.add_dims(dim);
  if (!has_small_proto(constant)) return;
  if (constant.dtype() == DType::kString) {
    for (const auto& text : constant.strings()) proto.add_string_data(text);
    return;
  }
  const Bytes bytes = constant.bytes();
  proto.set_raw_data(bytes.data(), bytes.size());
}

void fill(const Attribute& attribute, onnx::AttributeProto& proto) {
  proto.set_name(attribute.name);
  std::visit(
      [&](const auto& value) {
        using T = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<T, std::int64_t>) {
          proto.set_type(onnx::AttributeProto::INT);
          proto.set_i(value);
        } else if constexpr (std::is_same_v<T, float>) {
          proto.set_type(onnx::AttributeProto::FLOAT);
          proto.set_f(value);
        } else if constexpr (std::is_same_v<T, std::string>) {
          proto.set_type(onnx::AttributeProto::STRING);
          proto.set_s(value);
        } else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>) {
          proto.set_type(onnx::AttributeProto::INTS);
          proto.mutable_ints()->Add(value.begin(), value.end());
        } else if constexpr (std::is_same_v<T, std::vector<float>>) {
          proto.set_type(onnx::AttributeProto::FLOATS);
          proto.mutable_floats()->Add(value.begin(), value.end());
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          proto.set_type(onnx::AttributeProto::STRINGS);
          for (const auto& text : value) proto.add_strings(text);
        } else if constexpr (std::is_same_v<T, ConstantPtr>) {
          proto.set_type(onnx::AttributeProto::TENSOR);
          fill(*value, *proto.mutable_t());
        } else {
          proto.set_type(onnx::AttributeProto::GRAPH);
          auto& graph = *proto.mutable_g();
          for (std::size_t i = 0; i < value->inputs.size(); ++i) graph.add_input();
          for (std::size_t i = 0; i < value->outputs.size(); ++i) graph.add_output();
        }
      },
      attribute.value);
}

Type type_of(const onnx::TypeProto& proto, std::size_t symbol_count) {
  Type type;
  const onnx::TypeProto* element = &proto;
  if (proto.has_sequence_type()) {
    type.kind = Type::Kind::kSequence;
    element = &proto.sequence_type().elem_type();
  } else if (proto.has_optional_type()) {
    type.kind = Type::Kind::kOptional;
    element = &proto.optional_type().elem_type();
  }
  if (!element->has_tensor_type()) return type;
  const auto& tensor = element->tensor_type();
  type.dtype = static_cast<DType>(tensor.elem_type());
  type.has_rank = tensor.has_shape();
  if (!type.has_rank) return type;
  type.dims.reserve(static_cast<std::size_t>(tensor.shape().dim_size()));
  for (const auto& dim : tensor.shape().dim()) type.dims.push_back(dim_of(dim, symbol_count));
  return type;
}

}  // namespace flowport::ir
