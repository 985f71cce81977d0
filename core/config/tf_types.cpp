#include "config/tf_types.h"
#include "tensorflow/protos/graph.pb.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <variant>

#include <fmt/format.h>

#include "base/text.h"
#include "onnx/graph.h"
#include "tensorflow/data_type.h"

namespace flowport::config {
namespace {

using tf::DataType;

constexpr std::array<std::string_view, std::variant_size_v<ir::Attribute::Storage>> kKinds = {
    "int", "float", "string", "ints", "floats", "strings", "tensor", "graph"};

constexpr DataType kFloating[] = {DataType::kBfloat16, DataType::kHalf, DataType::kFloat, DataType::kDouble};
constexpr DataType kInteger[] = {DataType::kInt8,  DataType::kInt16,  DataType::kInt32,  DataType::kInt64,
                                 DataType::kUint8, DataType::kUint16, DataType::kUint32, DataType::kUint64};
constexpr DataType kReal[] = {DataType::kBfloat16, DataType::kHalf,   DataType::kFloat,  DataType::kDouble,
                              DataType::kInt8,     DataType::kInt16,  DataType::kInt32,  DataType::kInt64,
                              DataType::kUint8,    DataType::kUint16, DataType::kUint32, DataType::kUint64};
constexpr DataType kComplex[] = {DataType::kComplex64, DataType::kComplex128};
constexpr DataType kQuantized[] = {DataType::kQint8, DataType::kQuint8, DataType::kQint16, DataType::kQuint16,
                                   DataType::kQint32};

struct Group {
  std::string_view name;
  const DataType* begin;
  std::size_t size;
};
constexpr Group kGroups[] = {
    {"floating", kFloating, std::size(kFloating)},
    {"integer", kInteger, std::size(kInteger)},
    {"real", kReal, std::size(kReal)},
    {"complex", kComplex, std::size(kComplex)},
    {"quantized", kQuantized, std::size(kQuantized)},
};

constexpr auto kLastType = static_cast<std::int32_t>(DataType::kFloat4E2m1fn);

/// Appends the types of the group `text`; false where it names none.
bool add_group(std::string_view text, std::vector<std::string>& texts) {
  const auto* group = std::ranges::find(kGroups, text, &Group::name);
  if (group == std::end(kGroups)) return false;
  for (std::size_t i = 0; i < group->size; ++i) texts.emplace_back(name_of(group->begin[i]));
  return true;
}

void add_type(const std::string& text, Mark mark, std::vector<std::string>& texts, Diagnostics& diagnostics) {
  std::vector<std::string_view> names;
  for (const Group& g : kGroups) names.push_back(g.name);
  for (std::int32_t i = 1; i <= kLastType; ++i) names.push_back(name_of(static_cast<DataType>(i)));
  if (std::ranges::find(names, std::string_view(text)) != names.end()) {
    texts.push_back(text);
    return;
  }
  std::string next = did_you_mean(text, names);
  if (next.empty()) next = "for example float32, string, or a group: floating, integer, real, complex, quantized";
  diagnostics.error(mark, fmt::format("'{}' is no TF type", text), std::move(next));
}

}  // namespace

const tf::proto::OpDef::AttrDef* check_tf_attr(const tf::proto::OpDef* op, const std::string& name, Mark mark,
                                               Diagnostics& diagnostics) {
  if (op == nullptr) return nullptr;
  const auto it = std::ranges::find(op->attr(), name, &tf::proto::OpDef::AttrDef::name);
  if (it != op->attr().end()) return &*it;
  std::vector<std::string_view> names;
  for (const auto& attr : op->attr()) names.push_back(attr.name());
  std::string next = did_you_mean(name, names);
  if (next.empty()) next = names.empty() ? "it has no attributes" : fmt::format("it has {}", fmt::join(names, ", "));
  diagnostics.error(mark, fmt::format("TF op '{}' has no attribute '{}'", op->name(), name), std::move(next));
  return nullptr;
}

void add_attr_texts(const tf::proto::OpDef::AttrDef* attr, const std::string& text, Mark mark,
                    std::vector<std::string>& texts, Diagnostics& diagnostics) {
  const std::string_view type = attr == nullptr ? std::string_view() : std::string_view(attr->type());
  if ((attr == nullptr || type == "type") && add_group(text, texts)) return;
  if (type == "type") return add_type(text, mark, texts, diagnostics);
  YamlNode scalar;
  scalar.kind = YamlNode::Kind::kScalar;
  scalar.is_plain = true;
  scalar.text = text;
  if (attr == nullptr || type == "string" || (type == "bool" && bool_of(scalar)) || (type == "int" && int_of(scalar))) {
    texts.push_back(text);
  } else if (type == "bool" || type == "int") {
    diagnostics.error(mark, fmt::format("'{}' is {}, not '{}'", attr->name(),
                                        type == "bool" ? "true or false" : "a whole number", text));
  } else {
    diagnostics.error(
        mark, fmt::format("'{}' is of kind {}: a guard looks at types, ints, bools and strings", attr->name(), type));
  }
}

std::optional<ir::DType> dtype_named(std::string_view name) {
  for (std::int32_t i = 1; i <= static_cast<std::int32_t>(ir::DType::kInt2); ++i) {
    if (ir::name_of(static_cast<ir::DType>(i)) == name) return static_cast<ir::DType>(i);
  }
  return std::nullopt;
}

std::optional<std::size_t> storage_of(std::string_view type) {
  bool is_list = type.starts_with("list(") && type.ends_with(')');
  if (is_list) type = type.substr(5, type.size() - 6);
  std::size_t scalar = 0;
  if (type == "shape" && !is_list) return 3;
  if (type == "int" || type == "bool" || type == "type") {
    scalar = 0;
  } else if (type == "float") {
    scalar = 1;
  } else if (type == "string") {
    scalar = 2;
  } else {
    return std::nullopt;
  }
  return is_list ? scalar + 3 : scalar;
}

std::string_view kind_name(std::size_t storage) { return storage < kKinds.size() ? kKinds[storage] : "unknown"; }

std::optional<std::size_t> storage_named(std::string_view kind) {
  const auto it = std::ranges::find(kKinds, kind);
  if (it == kKinds.end()) return std::nullopt;
  return static_cast<std::size_t>(it - kKinds.begin());
}

}  // namespace flowport::config
