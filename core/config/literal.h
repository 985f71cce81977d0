// Literals of a mapping as attributes and as constants.
#pragma once

#include <cstddef>
#include <optional>

#include "config/body.h"
#include "onnx/constant.h"
#include "onnx/graph.h"

namespace flowport::config {

/// Index of ir::Attribute::Storage that `literal` has by itself; a bool is an int.
std::size_t storage_of(const Literal& literal);

/// `literal` as an attribute of kind `storage`: ints become floats where floats are asked for. nullopt: it cannot be that kind.
std::optional<ir::Attribute::Storage> to_storage(const Literal& literal, std::size_t storage);

/// `literal` as a tensor of rank 0 or 1 in the widest type of its sort: int64, double, bool, string. Casting it to another
/// type rounds once.
ir::ConstantPtr to_constant(const Literal& literal);

/// `literal` as a tensor of type `dtype`; null where the type cannot hold it (bool, string, int32, int64, float, double only).
ir::ConstantPtr to_constant(const Literal& literal, ir::DType dtype);

}  // namespace flowport::config
