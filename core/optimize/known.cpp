#include "optimize/known.h"

#include <algorithm>

#include "onnx/schema.h"

namespace flowport::optimize {

namespace {

/// Contents of the outputs, when they can be had: noted on the values already, or computed.
std::optional<std::vector<ir::ConstantPtr>> results_of(const Editor& editor, const ir::Node& node) {
  std::vector<ir::ConstantPtr> noted;
  for (const ir::ValueId output : node.outputs) noted.push_back(output == 0 ? nullptr : editor.constant(output));
  const auto is_missing = [&](std::size_t i) { return node.outputs[i] != 0 && noted[i] == nullptr; };
  bool complete = true;
  for (std::size_t i = 0; i < noted.size(); ++i) complete = complete && !is_missing(i);
  if (complete) return noted;
  const auto is_known = [&](ir::ValueId input) { return input == 0 || editor.constant(input) != nullptr; };
  if (!std::all_of(node.inputs.begin(), node.inputs.end(), is_known) || !bodies_of(node).empty()) return std::nullopt;
  return ir::evaluate_node(editor.model(), node);
}

}  // namespace

std::size_t evaluate_known(Editor& editor) {
  std::size_t changes = 0;
  for (const NodeId id : editor.order()) {
    if (!editor.is_live(id) || editor.node(id).outputs.empty()) continue;
    const auto results = results_of(editor, editor.node(id));
    if (!results) continue;
    const std::vector<ir::ValueId> outputs = editor.node(id).outputs;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (outputs[i] == 0 || (*results)[i] == nullptr) continue;
      // An output of a graph keeps its node: not every runtime takes an initializer there.
      editor.replace(outputs[i], editor.add_constant((*results)[i]));
    }
    const bool gone = std::all_of(outputs.begin(), outputs.end(),
                                  [&](ir::ValueId output) { return output == 0 || editor.is_unused(output); });
    if (!gone) continue;
    editor.remove(id);
    ++changes;
  }
  return changes;
}

}  // namespace flowport::optimize
