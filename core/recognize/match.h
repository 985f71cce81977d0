// A pattern found in the step of a loop.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "recognize/activation.h"
#include "recognize/pattern.h"
#include "recognize/step.h"

namespace flowport::recognize {

/// A weight of a pattern: a matrix, of which rows and columns are taken; or a sum of constants; or absent.
struct Weight {
  Part part;  ///< of the matrix, or of the operand that stands alone
  std::int64_t row_begin = 0, row_end = -1;
  std::vector<Constant> sum;  ///< of one that stands in a sum; then `part` is not used
  std::int64_t width = -1;    ///< columns of that sum
  friend bool operator==(const Weight& a, const Weight& b) {
    const auto same = [](const Constant& x, const Constant& y) { return x.sign == y.sign && x.part == y.part; };
    return a.part == b.part && a.row_begin == b.row_begin && a.row_end == b.row_end &&
           std::equal(a.sum.begin(), a.sum.end(), b.sum.begin(), b.sum.end(), same);
  }
};

struct Match {
  const Pattern* pattern = nullptr;
  std::vector<std::size_t> states;     ///< of the loop, by state of the pattern
  std::vector<ir::ValueId> next;       ///< what the cell makes of them, where the step counts
  std::vector<ir::ValueId> sequences;  ///< tensors with time as axis 0
  std::map<std::string, Weight> weights;
  std::map<std::string, Activation> activations;  ///< by letter
  Steps steps;                                    ///< that the cell takes
};

/// The first match whose first state is loop state `first`.
std::optional<Match> match(const Pattern& pattern, const LoopStep& step, std::size_t first);

}  // namespace flowport::recognize
