#include "recognize/columns.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <utility>

#include "recognize/step.h"

namespace flowport::recognize {

namespace {

void set_axis(ir::Node& gather, std::int64_t axis) {
  std::erase_if(gather.attributes, [](const ir::Attribute& attribute) { return attribute.name == "axis"; });
  gather.attributes.push_back({"axis", axis});
}

}  // namespace

std::vector<Column> turn_columns(convert::Emitter& emitter, const Index& index, const Place& place) {
  std::vector<Column> columns;
  auto& loop = place.graph->nodes[place.node];
  const auto step = LoopStep::of(index, loop);
  if (!step) return columns;
  ir::Graph scratch;
  std::map<std::pair<ir::ValueId, std::int64_t>, ir::ValueId> turned;
  auto& body = *std::get<std::shared_ptr<ir::Graph>>(loop.attributes.front().value);
  for (auto& node : body.nodes) {
    if (node.op != "Gather" || !node.domain.empty() || !step->is_counter(node.inputs[1])) continue;
    const auto tensor = node.inputs[0];
    const auto& type = index.type(tensor);
    const auto& place_type = index.type(node.inputs[1]);
    if (!type.has_rank || !place_type.has_rank || !place_type.dims.empty() || !step->is_invariant(tensor)) continue;
    const auto rank = static_cast<std::int64_t>(type.dims.size());
    const auto given = node.int_attr("axis", 0);
    const auto axis = given < 0 ? given + rank : given;
    if (axis <= 0 || axis >= rank) continue;
    auto& rows = turned[{tensor, axis}];
    if (rows == 0) {
      std::vector<std::int64_t> order{axis};
      for (std::int64_t i = 0; i < rank; ++i) {
        if (i != axis) order.push_back(i);
      }
      auto emitted = emitter.emit(scratch, "Transpose", {tensor}, {{"perm", order}});
      if (!emitted) return {};
      rows = *emitted;
    }
    columns.push_back({node.outputs[0], tensor, axis});
    node.inputs[0] = rows;
    set_axis(node, 0);
  }
  for (auto& node : scratch.nodes) node.origin = loop.origin;
  auto& nodes = place.graph->nodes;
  nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(place.node), std::make_move_iterator(scratch.nodes.begin()),
               std::make_move_iterator(scratch.nodes.end()));
  return columns;
}

void put_back(ir::Graph& body, const std::vector<Column>& columns) {
  for (auto& node : body.nodes) {
    if (node.op != "Gather" || node.outputs.empty()) continue;
    const auto column = std::find_if(columns.begin(), columns.end(),
                                     [&](const Column& each) { return each.output == node.outputs[0]; });
    if (column == columns.end()) continue;
    node.inputs[0] = column->tensor;
    set_axis(node, column->axis);
  }
}

}  // namespace flowport::recognize
