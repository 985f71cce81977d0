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

}  // namespace

void Refiner::up_to(ir::Model& model, const ir::Graph& graph, std::size_t end) {
  for (; next_ < end; ++next_) {
    const auto& node = graph.nodes[next_];
    // Where a loop was, an Identity gives its outputs.
    const bool is_better = node.op == "Identity" && node.domain.empty() &&
                           !(model.values[node.inputs[0]].type == model.values[node.outputs[0]].type);
    const bool sees_better = std::any_of(node.inputs.begin(), node.inputs.end(),
                                         [&](ir::ValueId input) { return refined_.contains(input); });
    if ((!is_better && !sees_better) || has_body(node)) continue;
    std::vector<ir::Type> before;
    for (const auto output : node.outputs) before.push_back(model.values[output].type);
    if (is_better) {
      model.values[node.outputs[0]].type = model.values[node.inputs[0]].type;
    } else if (!ir::infer_node(model, node)) {
      continue;  // it was inferred from less already: that stands
    }
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      const auto& value = model.values[node.outputs[i]];
      if (!(value.type == before[i]) || value.content != nullptr) refined_.insert(node.outputs[i]);
    }
  }
}

}  // namespace flowport::recognize
