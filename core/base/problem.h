// What went wrong, where, and what to do next. The core never throws for a user's mistake: it returns or collects Problems.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include <tl/expected.hpp>

namespace flowport {

/// The kind of a problem decides the exit status of the program (see docs/architecture.md).
enum class Fault {
  kUsage,        ///< wrong arguments: exit 1
  kModel,        ///< the model cannot be read: exit 2
  kUnsupported,  ///< an op cannot be converted: exit 3
  kCheck,        ///< the result failed a check or could not be written: exit 4
  kPlugin,       ///< a plugin or a configuration file is at fault: exit 5
  kInternal,     ///< our own bug: exit 70
};

/// One problem, as a user reads it.
struct Problem {
  Fault fault = Fault::kInternal;
  std::string what;   ///< one sentence, no full stop, lower case
  std::string where;  ///< file:line, TF node and function path, byte offset; may be empty
  std::string next;   ///< what the user can do; may be empty
};

/// A value or the Problem that kept us from having it.
template <typename T>
using Result = tl::expected<T, Problem>;

/// Shorthand for returning a Problem from a function that gives a Result.
inline tl::unexpected<Problem> problem(Fault fault, std::string what, std::string where = {}, std::string next = {}) {
  return tl::make_unexpected(Problem{fault, std::move(what), std::move(where), std::move(next)});
}

using Problems = std::vector<Problem>;

}  // namespace flowport
