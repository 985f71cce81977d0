// Which TF ops the symbolic run knows by itself, for commands that list and explain ops.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/problem.h"

namespace flowport::convert {

/// What the core makes of an op, whatever is registered for it.
enum class CoreOp {
  kNone,     ///< nothing: it is the registry's
  kRun,      ///< it runs it: calls, control flow, variables, lookup tables, lists, constants
  kRefused,  ///< it refuses it, for what TensorFlow keeps beside the graph
};

/// True for the ops that call a function named by their attribute 'f'.
bool is_plain_call(std::string_view op);
CoreOp core_op(std::string_view tf_op);
/// The ops that it runs, sorted.
std::vector<std::string_view> core_ops();
/// Why it refuses `tf_op`, and what to do.
std::optional<Problem> core_refusal(std::string_view tf_op);

}  // namespace flowport::convert
