#include "recognize/recognize.h"

#include <optional>
#include <unordered_map>
#include <utility>

#include "recognize/columns.h"
#include "recognize/counters.h"
#include "recognize/directions.h"
#include "recognize/extract.h"
#include "recognize/refine.h"
#include "recognize/split.h"
#include "recognize/unwrap.h"

namespace flowport::recognize {

namespace {

using Body = const ir::Graph*;

struct Loops {
  std::vector<Body> order;
  std::unordered_map<Body, Place> places;
};

Loops loops_of(ir::Model& model) {
  Loops loops;
  ir::Model::for_each_graph(model.graph, [&](ir::Graph& graph) {
    for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
      const auto& node = graph.nodes[i];
      if (node.op != "Loop" || node.attributes.empty()) continue;
      const auto* body = std::get_if<std::shared_ptr<ir::Graph>>(&node.attributes.front().value);
      if (body == nullptr) continue;
      loops.order.push_back(body->get());
      loops.places[body->get()] = {&graph, i};
    }
  });
  return loops;
}

/// A scan output that nothing uses keeps what it is made of alive. Moves no nodes.
void drop_unused_scans(const Index& index, const Place& place) {
  const auto step = LoopStep::of(index, place.graph->nodes[place.node]);
  if (!step) return;
  auto& loop = place.graph->nodes[place.node];
  auto& body = *std::get<std::shared_ptr<ir::Graph>>(loop.attributes.front().value);
  const std::size_t states = step->state_count();
  for (std::size_t i = step->scan_count(); i-- > 0;) {
    if (index.is_used(loop.outputs[states + i])) continue;
    loop.outputs.erase(loop.outputs.begin() + static_cast<std::ptrdiff_t>(states + i));
    body.outputs.erase(body.outputs.begin() + static_cast<std::ptrdiff_t>(1 + states + i));
  }
}

class Recognizer {
 public:
  Recognizer(ir::Model& model, const registry::Registry& registry, const registry::Target& target)
      : model_(model), emitter_(model, registry, target) {
    for (const auto* rewrite : registry.rewrites(result_.problems)) {
      auto pattern = read_pattern(*rewrite);
      if (pattern) {
        patterns_.push_back(*std::move(pattern));
      } else {
        result_.problems.push_back(std::move(pattern.error()));
      }
    }
  }

  Recognition run();

 private:
  /// Takes one cell out of the loop, if there is one.
  bool take_one(const Index& index, const Place& place);

  ir::Model& model_;
  convert::Emitter emitter_;
  std::vector<Pattern> patterns_;
  Recognition result_;
  CellRows cells_;
  std::map<const ir::Graph*, Packer> packers_;
  std::map<ir::Graph*, Refiner> refiners_;
  std::uint32_t calls_ = 0;
};

bool Recognizer::take_one(const Index& index, const Place& place) {
  const auto step = LoopStep::of(index, place.graph->nodes[place.node]);
  if (!step) return false;
  for (const auto& pattern : patterns_) {
    for (std::size_t i = 0; i < step->state_count(); ++i) {
      if (step->is_counter(step->state(i))) continue;
      const auto found = match(pattern, *step, i);
      if (!found) continue;
      auto extraction = extract(emitter_, *step, *found, place, packers_[place.graph], ++calls_);
      if (extraction.problem) result_.problems.push_back(*std::move(extraction.problem));
      if (!extraction.done) continue;
      for (const auto& rows : extraction.rows) cells_.emplace(rows.tensor, rows.last);
      ++result_.found[pattern.rewrite->owner->id + ":" + pattern.rewrite->id];
      for (auto& note : extraction.notes) result_.notes.push_back(std::move(note));
      return true;
    }
  }
  return false;
}

Recognition Recognizer::run() {
  if (patterns_.empty()) return std::move(result_);
  model_.drop_unused();
  const auto order = loops_of(model_).order;
  // An edit moves nodes: what was known of places is found again after each.
  std::optional<Index> index;
  Loops loops;
  bool took_any = false;
  for (const Body body : order) {
    bool changed = true;
    bool took = false;
    const auto find = [&] {
      if (!index) {
        index.emplace(model_);
        loops = loops_of(model_);
      }
      return loops.places.at(body);
    };
    const Place before = find();
    const auto columns = turn_columns(emitter_, *index, before);
    if (!columns.empty()) index.reset();
    while (changed) {
      const Place place = find();
      refiners_[place.graph].up_to(model_, *place.graph, place.node);
      drop_unused_scans(*index, place);
      changed = take_one(*index, place);
      took = took || changed;
      if (!changed) changed = split_state(emitter_, *index, place);
      if (changed) index.reset();
    }
    const Place place = find();
    if (!took && !columns.empty()) {
      put_back(*std::get<std::shared_ptr<ir::Graph>>(place.graph->nodes[place.node].attributes.front().value), columns);
      index.reset();
    }
    if (!took) continue;
    took_any = true;
    const auto step = LoopStep::of(*index, place.graph->nodes[place.node]);
    if (step) unwrap(emitter_, *step, place, cells_);
    index.reset();
  }
  if (!took_any) return std::move(result_);
  for (auto& [graph, refiner] : refiners_) refiner.up_to(model_, *graph, graph->nodes.size());
  model_.drop_unused();
  join_directions(model_);
  return std::move(result_);
}

}  // namespace

Recognition recognize(ir::Model& model, const registry::Registry& registry, const registry::Target& target) {
  if (loops_of(model).order.empty()) return {};  // before any pattern is read
  auto result = Recognizer(model, registry, target).run();
  drop_counters(model);
  model.drop_unused();
  return result;
}

}  // namespace flowport::recognize
