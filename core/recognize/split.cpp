#include "recognize/split.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include "convert/emission.h"

namespace flowport::recognize {

namespace {

struct Pieces {
  std::vector<Part> next;            ///< of the state, side by side
  std::vector<std::int64_t> widths;  ///< of each
  ir::ValueId condition = 0;         ///< of the Where that holds the state; 0: none
  bool holds_where_true = false;
};

bool is_joined_columns(const ir::Node& node, const ir::Type& type) {
  const auto axis = node.int_attr("axis", 0);
  return type.has_rank && type.dims.size() == 2 && (axis == 1 || axis == -1);
}

/// True where the step looks at columns [0, width of the first piece), and so on, of the state and at nothing else of it.
bool is_cut_only(const LoopStep& step, std::size_t state, const Pieces& pieces) {
  const ir::ValueId value = step.state(state);
  for (const auto& node : step.body().nodes) {
    for (const auto& attribute : node.attributes) {
      if (std::holds_alternative<std::shared_ptr<ir::Graph>>(attribute.value)) return false;
    }
    if (std::find(node.inputs.begin(), node.inputs.end(), value) == node.inputs.end()) continue;
    if (pieces.condition != 0 && node.op == "Where" && node.outputs[0] == step.index().behind(step.next(state)))
      continue;
    for (const auto output : node.outputs) {
      const Part part = step.canonical({output});
      if (part.value != value || part.is_whole()) return false;
      std::int64_t begin = 0;
      bool fits = false;
      for (const auto width : pieces.widths) {
        fits = fits || (part.begin >= begin && part.end <= begin + width);
        begin += width;
      }
      if (!fits) return false;
    }
  }
  const auto& outputs = step.body().outputs;
  return std::find(outputs.begin(), outputs.end(), value) == outputs.end();
}

std::optional<Pieces> pieces_of(const LoopStep& step, std::size_t state) {
  const auto& index = step.index();
  Pieces pieces;
  ir::ValueId next = index.behind(step.next(state));
  if (const auto held = step.held(next)) {
    if (held->held != step.state(state)) return std::nullopt;
    pieces.condition = index.maker(next)->inputs[0];
    pieces.holds_where_true = held->steps.mask == 0;
    next = held->given;
  }
  const auto* joined = index.made_by(next, "Concat");
  if (joined == nullptr || joined->inputs.size() < 2 || !is_joined_columns(*joined, index.type(next)))
    return std::nullopt;
  for (const auto input : joined->inputs) {
    const Part piece{input};
    const std::int64_t width = step.width(piece);
    if (width <= 0) return std::nullopt;
    pieces.next.push_back(piece);
    pieces.widths.push_back(width);
  }
  if (!is_cut_only(step, state, pieces)) return std::nullopt;
  return pieces;
}

std::vector<ir::Attribute> axis_one() {
  std::vector<ir::Attribute> attributes;
  attributes.push_back({"axis", std::int64_t{1}});
  return attributes;
}

bool split(convert::Emitter& emitter, const LoopStep& step, const Place& place, std::size_t state,
           const Pieces& pieces) {
  auto& model = emitter.model();
  auto& loop = place.graph->nodes[place.node];
  auto& body = *std::get<std::shared_ptr<ir::Graph>>(loop.attributes.front().value);
  emitter.set_origin(model.origins[loop.origin]);
  ir::Graph scratch;
  convert::Emission before(emitter, scratch);
  std::vector<ir::ValueId> starts, inside, after, next;
  std::int64_t begin = 0;
  for (const auto width : pieces.widths) {
    starts.push_back(before("Slice", {step.start(state), before.ints({begin}), before.ints({begin + width}),
                                      before.ints({std::int64_t{1}})}));
    begin += width;
  }
  if (!before.ok()) return false;
  ir::Graph ends;
  convert::Emission end(emitter, ends);
  for (std::size_t i = 0; i < pieces.widths.size(); ++i) {
    ir::Type type = model.values[step.state(state)].type;
    type.dims[1] = {pieces.widths[i], 0};
    inside.push_back(model.add_value(type));
    after.push_back(model.add_value(type));
    const auto piece = pieces.next[i].value;
    if (pieces.condition == 0) {
      next.push_back(end("Identity", {piece}));
    } else if (pieces.holds_where_true) {
      next.push_back(end("Where", {pieces.condition, inside[i], piece}));
    } else {
      next.push_back(end("Where", {pieces.condition, piece, inside[i]}));
    }
  }
  if (!end.ok()) return false;
  const auto join = [&](const std::vector<ir::ValueId>& parts, ir::ValueId to) {
    ir::Node node;
    node.op = "Concat";
    node.origin = loop.origin;
    node.inputs = parts;
    node.outputs = {to};
    node.attributes = axis_one();
    return node;
  };
  ir::Node joined_after = join(after, loop.outputs[state]);
  body.nodes.insert(body.nodes.begin(), join(inside, body.inputs[2 + state]));
  body.nodes.insert(body.nodes.end(), std::make_move_iterator(ends.nodes.begin()),
                    std::make_move_iterator(ends.nodes.end()));
  const auto replace = [](std::vector<ir::ValueId>& list, std::size_t at, const std::vector<ir::ValueId>& by) {
    list[at] = by[0];
    list.insert(list.begin() + static_cast<std::ptrdiff_t>(at) + 1, by.begin() + 1, by.end());
  };
  replace(loop.inputs, 2 + state, starts);
  replace(loop.outputs, state, after);
  replace(body.inputs, 2 + state, inside);
  replace(body.outputs, 1 + state, next);
  auto& nodes = place.graph->nodes;
  nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(place.node) + 1, std::move(joined_after));
  nodes.insert(nodes.begin() + static_cast<std::ptrdiff_t>(place.node), std::make_move_iterator(scratch.nodes.begin()),
               std::make_move_iterator(scratch.nodes.end()));
  return true;
}

}  // namespace

bool split_state(convert::Emitter& emitter, const Index& index, const Place& place) {
  const auto step = LoopStep::of(index, place.graph->nodes[place.node]);
  if (!step) return false;
  for (std::size_t i = 0; i < step->state_count(); ++i) {
    if (const auto pieces = pieces_of(*step, i)) return split(emitter, *step, place, i, *pieces);
  }
  return false;
}

}  // namespace flowport::recognize
