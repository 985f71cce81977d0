// The arguments of a node, as its OpDef and attributes expand them (number_attr, type_list_attr).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "tensorflow/data_type.h"

namespace flowport::tf {

namespace proto {
class AttrValue;
class NodeDef;
class OpDef;
}  // namespace proto

enum class Side { kInputs, kOutputs };

/// Attribute `name` of `node`, or the default that `op` (may be null) gives it, or null.
const proto::AttrValue* find_attr(const proto::NodeDef& node, const proto::OpDef* op, std::string_view name);

/// First flat index and count of the argument called `arg`; nullopt where `op` has no such argument or where a count in
/// front of it is missing, negative or beyond 2^31.
std::optional<std::pair<std::int32_t, std::int32_t>> arg_range(const proto::NodeDef& node, const proto::OpDef& op,
                                                               Side side, std::string_view arg);

/// Number of flat inputs or outputs; nullopt where a count is missing, negative or beyond 2^31.
std::optional<std::int32_t> arg_total(const proto::NodeDef& node, const proto::OpDef& op, Side side);

/// Dtype of flat input or output `index`, references stripped; kInvalid where the attributes do not tell.
DataType arg_type(const proto::NodeDef& node, const proto::OpDef& op, Side side, std::int32_t index);

}  // namespace flowport::tf
