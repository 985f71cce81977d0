#include "recognize/unwrap.h"

#include <iterator>
#include <memory>
#include <utility>
#include <vector>

#include "convert/emission.h"
#include "recognize/sequence.h"

namespace flowport::recognize {

namespace {

using convert::Emission;

/// 0, 1, 2, ... as indices of ScatterND.
bool counts_up(const Index& index, ir::ValueId value) {
  for (;;) {
    value = index.behind_casts(value);
    const auto* node = index.maker(value);
    if (node == nullptr || !node->domain.empty()) return false;
    if (node->op == "Range") return index.number(node->inputs[0]) == 0.0 && index.number(node->inputs[2]) == 1.0;
    const bool is_same = (node->op == "Add" && index.number(node->inputs[1]) == 0.0) ||
                         (node->op == "Mul" && index.number(node->inputs[1]) == 1.0);
    if (!is_same) return false;
    value = node->inputs[0];
  }
}

bool have_same_dims(const ir::Type& a, const ir::Type& b) {
  if (!a.has_rank || !b.has_rank || a.dims.size() != b.dims.size()) return false;
  for (std::size_t i = 0; i < a.dims.size(); ++i) {
    if (!(a.dims[i] == b.dims[i]) || (!a.dims[i].is_known() && a.dims[i].symbol == 0)) return false;
  }
  return true;
}

}  // namespace

void unwrap(convert::Emitter& emitter, const LoopStep& step, const Place& place, const CellRows& cells) {
  const auto& index = step.index();
  auto& nodes = place.graph->nodes;
  auto& loop = nodes[place.node];
  auto& body = *std::get<std::shared_ptr<ir::Graph>>(loop.attributes.front().value);
  ir::Graph scratch;
  Emission before(emitter, scratch);
  emitter.set_origin(emitter.model().origins[loop.origin]);
  const std::size_t states = step.state_count();
  for (std::size_t i = step.scan_count(); i-- > 0;) {
    const auto rows = step.rows(step.scanned(i));
    if (!rows || !cells.contains(rows->tensor)) continue;
    const auto output = loop.outputs[states + i];
    const auto last = cells.at(rows->tensor);
    for (auto& node : nodes) {
      if (last == 0 || !is_last_row(index, node, output)) continue;
      node.op = "Identity";
      node.inputs = {last};
      node.attributes.clear();
    }
    // Zeros into whose first rows the iterations' are put: the rest of the tensor's, if it has more, are zeros.
    for (auto& node : nodes) {
      if (node.op != "ScatterND" || !node.domain.empty() || index.behind(node.inputs[2]) != output) continue;
      if (!index.is_zero(node.inputs[0]) || !counts_up(index, node.inputs[1])) continue;
      if (!have_same_dims(index.type(node.inputs[0]), index.type(rows->tensor))) continue;
      node.op = "Identity";
      node.inputs = {rows->tensor};
      node.attributes.clear();
    }
    auto whole = rows->tensor;
    if (!step.has_row_each(whole)) {
      whole = before("Slice", {whole, before.ints({0}), iterations(before, step), before.ints({0})});
    }
    if (!before.ok()) return;
    ir::Node alias;
    alias.op = "Identity";
    alias.origin = loop.origin;
    alias.inputs = {whole};
    alias.outputs = {output};
    scratch.nodes.push_back(std::move(alias));
    loop.outputs.erase(loop.outputs.begin() + static_cast<std::ptrdiff_t>(states + i));
    body.outputs.erase(body.outputs.begin() + static_cast<std::ptrdiff_t>(1 + states + i));
  }
  nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(place.node), std::make_move_iterator(scratch.nodes.begin()),
               std::make_move_iterator(scratch.nodes.end()));
}

}  // namespace flowport::recognize
