#include "tensorflow/op_args.h"

#include <limits>

#include "tensorflow/protos/graph.pb.h"

namespace flowport::tf {
namespace {

using ArgDef = proto::OpDef::ArgDef;

std::optional<std::int64_t> count_of(const proto::NodeDef& node, const proto::OpDef& op, const ArgDef& arg) {
  std::int64_t count = 1;
  if (!arg.type_list_attr().empty()) {
    const auto* types = find_attr(node, &op, arg.type_list_attr());
    if (types == nullptr) return std::nullopt;
    count = types->list().type_size();
  } else if (!arg.number_attr().empty()) {
    const auto* number = find_attr(node, &op, arg.number_attr());
    if (number == nullptr) return std::nullopt;
    count = number->i();
  }
  if (count < 0 || count > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
  return count;
}

DataType type_of(const proto::NodeDef& node, const proto::OpDef& op, const ArgDef& arg, std::int64_t index) {
  auto type = static_cast<DataType>(arg.type());
  if (!arg.type_list_attr().empty()) {
    const auto* types = find_attr(node, &op, arg.type_list_attr());
    type = static_cast<DataType>(types->list().type(static_cast<int>(index)));
  } else if (!arg.type_attr().empty()) {
    const auto* attr = find_attr(node, &op, arg.type_attr());
    if (attr == nullptr) return DataType::kInvalid;
    type = static_cast<DataType>(attr->type());
  }
  return base_type(type);
}

const google::protobuf::RepeatedPtrField<ArgDef>& args_of(const proto::OpDef& op, Side side) {
  return side == Side::kInputs ? op.input_arg() : op.output_arg();
}

}  // namespace

const proto::AttrValue* find_attr(const proto::NodeDef& node, const proto::OpDef* op, std::string_view name) {
  const auto own = node.attr().find(name);
  if (own != node.attr().end()) return &own->second;
  if (op == nullptr) return nullptr;
  for (const auto& attr : op->attr()) {
    if (attr.name() == name) return attr.has_default_value() ? &attr.default_value() : nullptr;
  }
  return nullptr;
}

std::optional<std::pair<std::int32_t, std::int32_t>> arg_range(const proto::NodeDef& node, const proto::OpDef& op,
                                                               Side side, std::string_view arg) {
  std::int64_t first = 0;
  for (const ArgDef& def : args_of(op, side)) {
    const auto count = count_of(node, op, def);
    if (!count || first + *count > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
    if (def.name() == arg) return std::pair(static_cast<std::int32_t>(first), static_cast<std::int32_t>(*count));
    first += *count;
  }
  return std::nullopt;
}

std::optional<std::int32_t> arg_total(const proto::NodeDef& node, const proto::OpDef& op, Side side) {
  std::int64_t total = 0;
  for (const ArgDef& def : args_of(op, side)) {
    const auto count = count_of(node, op, def);
    if (!count || total + *count > std::numeric_limits<std::int32_t>::max()) return std::nullopt;
    total += *count;
  }
  return static_cast<std::int32_t>(total);
}

DataType arg_type(const proto::NodeDef& node, const proto::OpDef& op, Side side, std::int32_t index) {
  std::int64_t first = 0;
  for (const ArgDef& def : args_of(op, side)) {
    const auto count = count_of(node, op, def);
    if (!count || index < first) return DataType::kInvalid;
    if (index < first + *count) return type_of(node, op, def, index - first);
    first += *count;
  }
  return DataType::kInvalid;
}

}  // namespace flowport::tf
