#include "convert/handler_call.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "convert/call_node.h"
#include "convert/types.h"
#include "host/crash_note.h"

namespace flowport::convert {

CallOutcome settle(Frame& frame, CallOutcome outcome) {
  if (outcome.status != FLOWPORT_OK) return outcome;
  const auto& program = frame.engine().program();
  auto& model = frame.engine().model();
  const auto refuse = [&](std::string reason) {
    CallOutcome refused;
    refused.status = FLOWPORT_PLUGIN_BUG;
    refused.reason = std::move(reason);
    refused.hint = "report this to the plugin's author";
    return refused;
  };
  for (std::size_t i = 0; i < outcome.outputs.size(); ++i) {
    const Bound& output = outcome.outputs[i];
    if (!output.is_tensor()) continue;  // never bound: fine as long as nothing uses it
    const ir::DType wanted = carried(program.output_type(frame.node(), static_cast<std::int32_t>(i)));
    auto& type = model.values[output.id].type;
    if (wanted == ir::DType::kUndefined || type.dtype == wanted) continue;
    if (type.dtype == ir::DType::kUndefined) {
      type.dtype = wanted;
      continue;
    }
    return refuse(fmt::format("output {} was bound to a {} tensor, TensorFlow has {}", i, ir::name_of(type.dtype),
                              ir::name_of(wanted)));
  }
  return outcome;
}

CallOutcome call_handler(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs, View view) {
  flowport_node node(frame, row, inputs, view);
  auto& emitter = frame.engine().emitter();
  const auto savepoint = emitter.savepoint(*frame.scope().target);
  flowport_status status = FLOWPORT_OK;
  {
    const host::CrashNote crash_note(row.owner->id, row.id, frame.node().name);
    status = row.convert(&kHostTable, &node, row.state);
  }
  if (status == FLOWPORT_OK && node.failed) {
    node.outcome.status = FLOWPORT_PLUGIN_BUG;
    node.outcome.reason = "returned OK after a failure: " + node.outcome.reason;
  } else if (status == FLOWPORT_OK && node.graphs.size() != 1) {
    node.fail(FLOWPORT_PLUGIN_BUG, "left a body open");
  } else if (status == FLOWPORT_OK &&
             std::none_of(node.outputs.begin(), node.outputs.end(), [](const auto& o) { return !!o; })) {
    node.fail(FLOWPORT_PLUGIN_BUG, "returned OK without binding an output");
  } else if (status != FLOWPORT_OK) {
    if (!node.failed) node.fail(status, "gave no reason");
    if (status < FLOWPORT_OK || status > FLOWPORT_PLUGIN_BUG) {
      node.outcome.status = FLOWPORT_PLUGIN_BUG;
      node.outcome.reason = fmt::format("returned the unknown status {}", status);
    } else {
      node.outcome.status = status;
    }
  }
  for (const auto& output : node.outputs)
    node.outcome.outputs.push_back(output ? Bound::tensor(*output) : Bound::unbound());
  CallOutcome outcome = settle(frame, std::move(node.outcome));
  if (outcome.status != FLOWPORT_OK) emitter.roll_back(savepoint);
  return outcome;
}

}  // namespace flowport::convert
