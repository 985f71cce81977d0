#include <cstring>
#include <utility>

#include "convert/intrinsics/intrinsics.h"

namespace flowport::convert::intrinsics {

Result<ir::ValueId> as_predicate(Emitter& emitter, ir::Graph& graph, ir::ValueId value) {
  auto& model = emitter.model();
  const ir::Type type = model.values[value].type;
  if (type.has_rank && !type.dims.empty()) {
    auto size = emitter.emit(graph, "Size", {value});
    if (!size) return size;
    return emitter.emit(graph, "Greater", {*size, model.add_constant(ir::Constant::int_scalar(0))});
  }
  if (type.dtype == ir::DType::kString) {
    auto empty = emitter.emit(graph, "Equal", {value, model.add_constant(ir::Constant::make_strings({}, {""}))});
    if (!empty) return empty;
    return emitter.emit(graph, "Not", {*empty});
  }
  return emitter.cast(graph, value, ir::DType::kBool);
}

std::optional<bool> known_predicate(const ir::Model& model, ir::ValueId value) {
  const auto& constant = model.values[value].constant;
  if (constant == nullptr) return std::nullopt;
  if (constant->rank() > 0) return constant->count() > 0;
  if (constant->dtype() == ir::DType::kString) return !constant->strings().front().empty();
  return constant->as_doubles().front() != 0.0;
}

ir::ValueId int32_constant(ir::Model& model, std::size_t number) {
  const auto value = static_cast<std::int32_t>(number);
  std::vector<std::byte> bytes(sizeof value);
  std::memcpy(bytes.data(), &value, sizeof value);
  return model.add_constant(ir::Constant::make(ir::DType::kInt32, {}, Bytes(std::move(bytes))));
}

ir::Type join_types(const ir::Type& a, const ir::Type& b) {
  ir::Type joined = a;
  if (!a.has_rank || !b.has_rank || a.dims.size() != b.dims.size()) {
    joined.has_rank = false;
    joined.dims.clear();
    if (a.dtype != b.dtype) joined.dtype = ir::DType::kUndefined;
    return joined;
  }
  for (std::size_t i = 0; i < a.dims.size(); ++i) {
    if (!(a.dims[i] == b.dims[i])) joined.dims[i] = ir::Dim{};
  }
  if (a.dtype != b.dtype) joined.dtype = ir::DType::kUndefined;
  return joined;
}

}  // namespace flowport::convert::intrinsics
