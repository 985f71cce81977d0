#include "recognize/counters.h"

#include <memory>
#include <utility>
#include <variant>
#include <vector>

#include "recognize/step.h"

namespace flowport::recognize {

namespace {

struct Counters {
  ir::Graph* graph = nullptr;  ///< that has the loop
  std::size_t node = 0;
  std::vector<std::size_t> states;  ///< in falling order
};

ir::Graph& body_of(ir::Node& loop) { return *std::get<std::shared_ptr<ir::Graph>>(loop.attributes.front().value); }

/// Of the loop at `node`; takes rows by the number of the iteration.
Counters counters_of(const Index& index, ir::Graph& graph, std::size_t node) {
  Counters counters{&graph, node, {}};
  auto& loop = graph.nodes[node];
  const auto step = LoopStep::of(index, loop);
  if (!step) return counters;
  for (std::size_t i = step->state_count(); i-- > 0;) {
    if (step->is_counter(step->state(i)) && !index.is_used(loop.outputs[i])) counters.states.push_back(i);
  }
  auto& body = body_of(loop);
  for (auto& inner : body.nodes) {
    if (inner.op != "Gather" || !inner.domain.empty() || !step->is_counter(inner.inputs[1])) continue;
    const auto& type = index.type(inner.inputs[1]);
    if (type.has_rank && type.dims.empty()) inner.inputs[1] = body.inputs[0];
  }
  return counters;
}

void drop(ir::Model& model, const Counters& counters) {
  auto& loop = counters.graph->nodes[counters.node];
  auto& body = body_of(loop);
  std::vector<ir::Node> casts;
  const auto erase = [](std::vector<ir::ValueId>& list, std::size_t i) {
    list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
  };
  for (const auto state : counters.states) {
    ir::Node cast;
    cast.op = "Cast";
    cast.origin = loop.origin;
    cast.inputs = {body.inputs[0]};
    cast.outputs = {body.inputs[2 + state]};
    cast.attributes.push_back({"to", static_cast<std::int64_t>(model.values[cast.outputs[0]].type.dtype)});
    casts.push_back(std::move(cast));
    erase(loop.inputs, 2 + state);
    erase(loop.outputs, state);
    erase(body.inputs, 2 + state);
    erase(body.outputs, 1 + state);
  }
  body.nodes.insert(body.nodes.begin(), std::make_move_iterator(casts.begin()), std::make_move_iterator(casts.end()));
}

}  // namespace

void drop_counters(ir::Model& model) {
  const Index index(model);
  std::vector<Counters> all;
  ir::Model::for_each_graph(model.graph, [&](ir::Graph& graph) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      if (graph.nodes[i].op == "Loop") all.push_back(counters_of(index, graph, i));
    }
  });
  // Graphs come before those in them: from the last one on, places are still what they were.
  for (std::size_t i = all.size(); i-- > 0;) {
    if (!all[i].states.empty()) drop(model, all[i]);
  }
}

}  // namespace flowport::recognize
