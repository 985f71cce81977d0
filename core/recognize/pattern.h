// A rewrite's pattern, read: see FLOWPORT_PHASE_SCAN in flowport/abi.h.
#pragma once

#include <string>
#include <vector>

#include "base/problem.h"
#include "registry/registry.h"

namespace flowport::recognize {

using TermId = std::size_t;

struct Term {
  enum class Kind {
    kSequence,  ///< a row of it
    kState,
    kWeight,
    kNumber,
    kSum,   ///< of args; sign of each in `signs`
    kNode,  ///< an op on args
    kAny,   ///< any op of one input; `name` is its letter
  };
  Kind kind = Kind::kNode;
  std::string name;  ///< of a variable or an op
  double number = 0;
  std::vector<TermId> args;
  std::vector<int> signs;
};

struct Pattern {
  const registry::Rewrite* rewrite = nullptr;
  std::vector<std::string> sequences, states, weights;  ///< weights in the order of their first mention
  std::vector<std::string> letters;                     ///< of `any.f`
  std::vector<Term> terms;                              ///< arguments before what uses them
  std::vector<TermId> next;                             ///< by state
};

/// Problems are the plugin's (Fault::kPlugin).
Result<Pattern> read_pattern(const registry::Rewrite& rewrite);

}  // namespace flowport::recognize
