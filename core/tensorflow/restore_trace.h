// Follows a restore op through the functions that it calls and tells which saved tensor ends up in which variable.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "tensorflow/library.h"
#include "tensorflow/program.h"

namespace flowport::tf {

/// Calls `bind` with a variable's node in the main graph and the key and shape_and_slice of the tensor that `restore_op`
/// assigns to it. What cannot be followed is left out.
void trace_restore(const Graph& main, const Library& library, const NodeStore& store, std::string_view restore_op,
                   const std::function<void(NodeIndex variable, std::string key, std::string slice)>& bind);

/// True for ops whose output is a variable (a resource handle or a reference).
bool makes_variable(std::string_view op);

}  // namespace flowport::tf
