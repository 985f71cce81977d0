#include "write/outputs.h"

#include <string>
#include <unordered_set>
#include <utility>

#include <fmt/format.h>

namespace flowport::write {
namespace {

Result<void> check_identity(const ir::Model& model, const ir::Type& type, const std::string& name) {
  const std::int64_t needed = type.kind == ir::Type::Kind::kOptional   ? 16
                              : type.kind == ir::Type::Kind::kSequence ? 14
                                                                       : 1;
  if (model.opset() >= needed) return {};
  return problem(
      Fault::kCheck,
      fmt::format("opset {} cannot give a sequence or an optional that no node makes as an output", model.opset()),
      fmt::format("output '{}'", name), fmt::format("ask for opset {} or higher", needed));
}

bool is_made_by_node(const ir::Graph& graph, ir::ValueId id, const std::unordered_set<ir::ValueId>& inputs,
                     const Outline& outline) {
  const std::uint32_t definer = outline.definer[id];
  return definer != Outline::kNowhere && outline.graphs[definer] == &graph && !inputs.contains(id);
}

}  // namespace

Result<void> make_outputs_distinct(ir::Model& model, Outline& outline) {
  for (std::uint32_t index = 0; index < outline.graphs.size(); ++index) {
    ir::Graph& graph = *outline.graphs[index];
    const std::unordered_set<ir::ValueId> inputs(graph.inputs.begin(), graph.inputs.end());
    std::unordered_set<ir::ValueId> listed;
    for (ir::ValueId& output : graph.outputs) {
      const ir::ValueId source = output;
      if (listed.insert(source).second && is_made_by_node(graph, source, inputs, outline)) continue;

      ir::Type type = model.values[source].type;
      if (Result<void> possible = check_identity(model, type, model.values[source].name); !possible) return possible;
      std::string name;
      if (index == 0 && outline.is_initializer(model, source)) name = std::exchange(model.values[source].name, {});
      output = model.add_value(std::move(type), std::move(name));
      outline.definer.push_back(index);
      graph.nodes.push_back({"Identity", "", {source}, {output}, {}, 0});
    }
  }
  return {};
}

}  // namespace flowport::write
