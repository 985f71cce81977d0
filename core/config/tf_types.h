// TF attributes as mappings name them: their names, the texts of their values, the ONNX kinds that they become.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/fields.h"
#include "onnx/dtype.h"

namespace flowport::tf::proto {
class OpDef;
class OpDef_AttrDef;  // what the generated code calls OpDef::AttrDef
}  // namespace flowport::tf::proto

namespace flowport::config {

/// The definition of attribute `name` of `op`; null where `op` is null, or has none, which is reported with near names.
const tf::proto::OpDef_AttrDef* check_tf_attr(const tf::proto::OpDef* op, const std::string& name, Mark mark,
                                              Diagnostics& diagnostics);

/// Appends `text`, a value of a TF attribute in a guard; a group of types (floating, integer, real, complex, quantized) is spelled
/// out. A text that the attribute can never have is reported. `attr` may be null: nothing is known of it.
void add_attr_texts(const tf::proto::OpDef_AttrDef* attr, const std::string& text, Mark mark,
                    std::vector<std::string>& texts, Diagnostics& diagnostics);

/// ONNX's element type of that name ("float", "int64"), or nullopt.
std::optional<ir::DType> dtype_named(std::string_view name);

/// Index of ir::Attribute::Storage that a TF attribute of `type` ("int", "list(float)", ...) becomes; nullopt: it has none. A shape
/// becomes its dims.
std::optional<std::size_t> storage_of(std::string_view type);

/// "int", "floats", ... by index of ir::Attribute::Storage, and back.
std::string_view kind_name(std::size_t storage);
std::optional<std::size_t> storage_named(std::string_view kind);

}  // namespace flowport::config
