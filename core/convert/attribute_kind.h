// Numbers and texts of attributes made another kind of attribute, for mappings.
#pragma once

#include <cstddef>

#include "base/problem.h"
#include "onnx/graph.h"

namespace flowport::convert {

/// `scale * value + offset` of numbers. Integers stay such where `scale` and `offset` are whole; otherwise the result is of kind
/// float or floats. Errors: no number, out of range.
Result<ir::Attribute::Storage> scaled(ir::Attribute::Storage value, double scale, double offset);

/// `value` as kind `kind` (an index of Storage). Errors (Fault::kUnsupported): a number that is not whole for an int, several items
/// for one, a text for a number and the reverse.
Result<ir::Attribute::Storage> to_kind(ir::Attribute::Storage value, std::size_t kind);

}  // namespace flowport::convert
