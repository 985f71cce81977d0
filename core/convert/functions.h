// Functions that nodes name, and what can be told of them without running anything.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "tensorflow/program.h"

namespace flowport::convert {

/// The functions that `node` may call: its op, where that is one, and those in attributes of calls and of control flow.
std::vector<std::string> functions_of(const tf::Program& program, const tf::Node& node);

/// Argument that output `i` of `body` hands on, following Identity only; -1 where it is computed.
std::ptrdiff_t handed_on(const tf::Graph& body, std::size_t i);

}  // namespace flowport::convert
