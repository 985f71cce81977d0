// Turns NodeDefs into a Graph: finds every input by name. An input that cannot be found breaks only its node, so that a
// training graph with odd corners still converts where its outputs do not need them.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/problem.h"
#include "tensorflow/library.h"
#include "tensorflow/program.h"

namespace flowport::tf {

/// The main graph. Errors: two nodes of one name.
Result<std::unique_ptr<Graph>> build_main_graph(std::span<const proto::NodeDef* const> nodes, const Library& library);

/// The body of a function; `make_node` gives nodes for the arguments. Errors: two nodes or arguments of one name, arguments
/// or results that cannot be resolved.
Result<std::unique_ptr<Graph>> build_function_graph(const proto::FunctionDef& function,
                                                    std::span<const proto::NodeDef* const> nodes,
                                                    const Library& library, NodeStore& store);

}  // namespace flowport::tf
