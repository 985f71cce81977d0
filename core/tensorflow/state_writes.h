// Which nodes write a variable or a lookup table, or work on a stack, told from the wire: no message is parsed for it.
#pragma once

#include <string_view>
#include <vector>

#include "tensorflow/wire.h"

namespace flowport::tf {

/// True for ops that change the content of a variable or a table (assignments, scatters, optimizer updates, table inserts
/// and imports, stateful random number generators).
bool writes_state(std::string_view op);
/// True for ops that make a stack, push to it, pop from it or close it.
bool is_stack_op(std::string_view op);

/// What a NodeDef on the wire says of itself.
struct NodeOutline {
  std::string_view op;
  std::vector<std::string_view> functions;  ///< named by its attributes
};

/// Malformed parts are left out: parsing the node reports them.
NodeOutline outline_of(ByteSpan node);

}  // namespace flowport::tf
