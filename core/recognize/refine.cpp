#include "recognize/refine.h"

#include <algorithm>
#include <memory>
#include <variant>
#include <vector>

#include "onnx/schema.h"

namespace flowport::recognize {

namespace {

bool has_body(const ir::Node& node) {
  return std::any_of(node.attributes.begin(), node.attributes.end(), [](const auto& attribute) {
    return std::holds_alternative<std::shared_ptr<ir::Graph>>(attribute.value);
  });
}

/// Takes what `known` says and `type` does not.
void refine(ir::Type& type, const ir::Type& known) {
  if (!known.has_rank) return;
  if (!type.has_rank) type = known;
  for (std::size_t i = 0; i < type.dims.size() && type.dims.size() == known.dims.size(); ++i) {
    auto& dim = type.dims[i];
    if (known.dims[i].is_known() || (!dim.is_known() && dim.symbol == 0)) dim = known.dims[i];
  }
}

}  // namespace

void Refiner::up_to(ir::Model& model, const ir::Graph& graph, std::size_t end) {
  for (; next_ < end; ++next_) {
    const auto& node = graph.nodes[next_];
    const bool sees_better = std::any_of(node.inputs.begin(), node.inputs.end(),
                                         [&](ir::ValueId input) { return refined_.contains(input); });
    // Where a loop was, Identities give its outputs.
    const bool hands_on = node.op == "Identity" && node.domain.empty();
    if ((!hands_on && !sees_better) || has_body(node)) continue;
    std::vector<ir::Type> before;
    for (const auto output : node.outputs) before.push_back(model.values[output].type);
    if (hands_on) {
      refine(model.values[node.outputs[0]].type, model.values[node.inputs[0]].type);
    } else if (!ir::infer_node(model, node)) {
      continue;  // what was inferred from less stands
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      const auto& value = model.values[node.outputs[i]];
      const bool has_content = sees_better && value.content != nullptr;
      if (!(value.type == before[i]) || has_content) refined_.insert(node.outputs[i]);
    }
  }
}

}  // namespace flowport::recognize
