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

/// Runs `row`'s handler on the node. Its emissions are kept when the outcome is OK and dropped otherwise.
CallOutcome call_handler(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs);

/// Carries out `row`'s mapping on the node; same promise.
CallOutcome call_mapping(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs);

/// Checks what a row bound against TensorFlow's output types; gives the outcome to report. Shared by both calls.
CallOutcome settle(Frame& frame, CallOutcome outcome);

}  // namespace flowport::convert
