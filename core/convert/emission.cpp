#include "convert/emission.h"

namespace flowport::convert {

ir::ValueId Emission::operator()(std::string_view op, std::vector<ir::ValueId> inputs,
                                 std::vector<ir::Attribute> attributes) {
  if (!ok()) return 0;
  auto value = emitter_.emit(graph_, op, std::move(inputs), std::move(attributes));
  if (value) return *value;
  fail(value.error());
  return 0;
}

ir::ValueId Emission::ml(std::string_view op, std::vector<ir::ValueId> inputs, std::vector<ir::Attribute> attributes) {
  if (!ok()) return 0;
  ir::Node node;
  node.op = op;
  node.domain = "ai.onnx.ml";
  node.inputs = std::move(inputs);
  node.attributes = std::move(attributes);
  auto outputs = emitter_.emit(graph_, std::move(node), 1);
  if (outputs) return outputs->front();
  fail(outputs.error());
  return 0;
}

ir::ValueId Emission::concat(std::vector<ir::ValueId> parts) {
  return (*this)("Concat", std::move(parts), {{"axis", std::int64_t{0}}});
}

ir::ValueId Emission::gather(ir::ValueId value, ir::ValueId indices) {
  return (*this)("Gather", {value, indices}, {{"axis", std::int64_t{0}}});
}

ir::ValueId Emission::cast(ir::ValueId value, ir::DType to) {
  if (!ok()) return 0;
  auto cast = emitter_.cast(graph_, value, to);
  if (cast) return *cast;
  fail(cast.error());
  return 0;
}

ir::ValueId Emission::ints(std::initializer_list<std::int64_t> values) {
  return model().add_constant(ir::Constant::ints({values.begin(), values.size()}));
}

ir::ValueId Emission::ints(const std::vector<std::int64_t>& values) {
  return model().add_constant(ir::Constant::ints(values));
}

ir::ValueId Emission::scalar(std::int64_t value) { return model().add_constant(ir::Constant::int_scalar(value)); }

ir::ValueId Emission::dims(ir::ValueId value, std::int64_t start, std::optional<std::int64_t> end) {
  const auto shape = (*this)("Shape", {value});
  return slice(shape, start, end.value_or(kEnd));
}

ir::ValueId Emission::slice(ir::ValueId value, std::int64_t start, std::int64_t end, std::int64_t step) {
  return (*this)("Slice", {value, ints({start}), ints({end}), ints({0}), ints({step})});
}

ir::ValueId Emission::zeros(ir::DType dtype, ir::ValueId shape) {
  auto zero = dtype == ir::DType::kString
                  ? ir::Constant::make_strings({}, {""})
                  : ir::Constant::make(dtype, {}, Bytes(std::vector<std::byte>(ir::size_of(dtype))));
  return (*this)("Expand", {model().add_constant(std::move(zero)), shape});
}

std::optional<std::int64_t> Emission::known(ir::ValueId value) {
  const auto& constant = model().values[value].constant;
  if (value == 0 || constant == nullptr || constant->count() != 1) return std::nullopt;
  return constant->as_ints().front();
}

}  // namespace flowport::convert
