// One call of a handler across the C ABI: the host table, checked handles, the staged patch.
#pragma once

#include <string>
#include <vector>

#include <flowport/abi.h>

#include "convert/engine.h"
#include "registry/registry.h"

namespace flowport::convert {

/// How a row took a node.
struct CallOutcome {
  flowport_status status = FLOWPORT_OK;
  std::string reason, hint;  ///< why not OK
  std::vector<std::string> notes;
  std::vector<Bound> outputs;  ///< with OK: one for each output of the node
};

/// What a row sees of the node: all of it, or the real or the imaginary part, where complex types are said to be real.
enum class View { kWhole, kPart };

/// Runs `row`'s handler on the node. Its emissions are kept when the outcome is OK and dropped otherwise.
CallOutcome call_handler(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs, View view);

/// Carries out `row`'s mapping on the node; same promise.
CallOutcome call_mapping(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs, View view);

/// One of the two, by what `row` has.
inline CallOutcome call_row(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs, View view) {
  return row.mapping ? call_mapping(frame, row, inputs, view) : call_handler(frame, row, inputs, view);
}

/// Checks what a row bound against TensorFlow's output types; gives the outcome to report. Shared by both calls.
CallOutcome settle(Frame& frame, CallOutcome outcome);

}  // namespace flowport::convert
