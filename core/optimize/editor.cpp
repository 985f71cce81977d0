#include "optimize/editor.h"

#include <algorithm>
#include <utility>

namespace flowport::optimize {

std::vector<ir::Graph*> bodies_of(const ir::Node& node) {
  std::vector<ir::Graph*> result;
  for (const auto& attribute : node.attributes) {
    if (const auto* body = std::get_if<std::shared_ptr<ir::Graph>>(&attribute.value)) result.push_back(body->get());
  }
  return result;
}

Editor::Editor(ir::Model& model, Takes takes) : model_(model), takes_(std::move(takes)) {
  grow();
  graphs_.push_back(&model_.graph);
  for (GraphIndex i = 0; i < graphs_.size(); ++i) take_nodes(i);
}

Editor::~Editor() {
  for (GraphIndex i = 0; i < graphs_.size(); ++i) {
    auto& nodes = graphs_[i]->nodes;
    nodes.clear();
    for (NodeId id = ends_[i].first; id != kNoNode; id = slots_[id].next) nodes.push_back(std::move(slots_[id].node));
  }
}

void Editor::grow() {
  const std::size_t size = model_.values.size();
  producer_.resize(size, kNoNode);
  first_use_.resize(size, kNoLink);
  outputs_of_.resize(size, 0);
  output_graph_.resize(size, 0);
  input_of_.resize(size, UINT32_MAX);
}

void Editor::take_nodes(GraphIndex index) {
  ir::Graph& graph = *graphs_[index];
  index_of_.emplace(&graph, index);
  ends_.resize(std::max<std::size_t>(ends_.size(), index + 1));
  for (const ir::ValueId id : graph.inputs) input_of_[id] = index;
  for (const ir::ValueId id : graph.outputs) {
    ++outputs_of_[id];
    output_graph_[id] = index;
  }
  for (auto& node : graph.nodes) {
    const NodeId id = add_node(std::move(node), index, ends_[index].last, kNoNode);
    const auto bodies = bodies_of(slots_[id].node);
    slots_[id].has_bodies = !bodies.empty();
    graphs_.insert(graphs_.end(), bodies.begin(), bodies.end());
  }
  graph.nodes.clear();
}

NodeId Editor::add_node(ir::Node node, GraphIndex graph, NodeId previous, NodeId next) {
  const auto id = static_cast<NodeId>(slots_.size());
  auto& slot = slots_.emplace_back();
  slot.node = std::move(node);
  slot.graph = graph;
  slot.live = true;
  slot.previous = previous;
  slot.next = next;
  (previous == kNoNode ? ends_[graph].first : slots_[previous].next) = id;
  (next == kNoNode ? ends_[graph].last : slots_[next].previous) = id;
  add_uses(id);
  ++revision_;
  for (const ir::ValueId output : slot.node.outputs) {
    if (output != 0) producer_[output] = id;
  }
  return id;
}

void Editor::add_uses(NodeId id) {
  const std::size_t count = slots_[id].node.inputs.size();
  slots_[id].first_link = static_cast<std::uint32_t>(use_links_.size());
  use_links_.resize(use_links_.size() + count);
  for (std::size_t i = 0; i < count; ++i) add_use(id, i);
}

void Editor::add_use(NodeId id, std::size_t slot) {
  const ir::ValueId value = slots_[id].node.inputs[slot];
  if (value == 0) return;
  const auto at = static_cast<std::uint32_t>(slots_[id].first_link + slot);
  const std::uint32_t next = first_use_[value];
  use_links_[at] = {{id, static_cast<std::uint32_t>(slot)}, kNoLink, next};
  if (next != kNoLink) use_links_[next].previous = at;
  first_use_[value] = at;
}

void Editor::remove_use(NodeId id, std::size_t slot) {
  const ir::ValueId value = slots_[id].node.inputs[slot];
  if (value == 0) return;
  const UseLink& link = use_links_[slots_[id].first_link + slot];
  (link.previous == kNoLink ? first_use_[value] : use_links_[link.previous].next) = link.next;
  if (link.next != kNoLink) use_links_[link.next].previous = link.previous;
}

std::size_t Editor::Uses::size() const {
  std::size_t count = 0;
  for (auto use = begin(); use != end(); ++use) ++count;
  return count;
}

ir::ValueId Editor::add_value(ir::Type type) {
  const ir::ValueId id = model_.add_value(std::move(type));
  grow();
  return id;
}

ir::ValueId Editor::add_constant(ir::ConstantPtr constant) {
  const ir::ValueId id = model_.add_constant(std::move(constant));
  grow();
  return id;
}

NodeId Editor::only_user(ir::ValueId id) const {
  const std::uint32_t first = first_use_[id];
  if (first == kNoLink || use_links_[first].next != kNoLink || outputs_of_[id] != 0) return kNoNode;
  return use_links_[first].use.node;
}

GraphIndex Editor::graph_of(ir::ValueId id) const {
  if (producer_[id] != kNoNode) return slots_[producer_[id]].graph;
  return input_of_[id] == UINT32_MAX ? 0 : input_of_[id];
}

ir::ValueId Editor::replace(ir::ValueId from, ir::ValueId to) {
  if (from == to) return to;
  const NodeId maker = producer_[to];
  const NodeId old_maker = producer_[from];
  const bool takes_over = outputs_of_[from] != 0 && outputs_of_[to] == 0 && constant(to) == nullptr &&
                          maker != kNoNode && old_maker != kNoNode && maker != old_maker &&
                          slots_[maker].graph == output_graph_[from] && slots_[old_maker].graph == slots_[maker].graph;
  if (takes_over) {
    std::replace(slots_[maker].node.outputs.begin(), slots_[maker].node.outputs.end(), to, from);
    std::replace(slots_[old_maker].node.outputs.begin(), slots_[old_maker].node.outputs.end(), from, to);
    std::swap(producer_[from], producer_[to]);
    std::swap(from, to);
  }
  while (first_use_[from] != kNoLink) {
    const Use use = use_links_[first_use_[from]].use;
    set_input(use.node, use.slot, to);
  }
  ++revision_;
  return outputs_of_[from] == 0 ? to : 0;
}

std::vector<NodeId> Editor::order() const {
  struct Frame {
    NodeId node;
    bool bodies_done;
  };
  std::vector<NodeId> result;
  std::vector<Frame> stack{{ends_[0].first, false}};
  while (!stack.empty()) {
    Frame& top = stack.back();
    if (top.node == kNoNode) {
      stack.pop_back();
      continue;
    }
    if (!top.bodies_done) {
      top.bodies_done = true;
      if (!slots_[top.node].has_bodies) continue;
      const auto bodies = bodies_of(slots_[top.node].node);
      for (auto body = bodies.rbegin(); body != bodies.rend(); ++body) {
        stack.push_back({ends_[index_of_.at(*body)].first, false});
      }
      continue;
    }
    result.push_back(top.node);
    top = {slots_[top.node].next, false};
  }
  return result;
}

void Editor::set_op(NodeId id, std::string_view op) {
  slots_[id].node.op = op;
  ++revision_;
}

void Editor::clear_attributes(NodeId id) {
  slots_[id].node.attributes.clear();
  ++revision_;
}

void Editor::set_attribute(NodeId id, std::string_view name, ir::Attribute::Storage storage) {
  ++revision_;
  slots_[id].node.set(name, std::move(storage));
}

void Editor::remove_attribute(NodeId id, std::string_view name) {
  ++revision_;
  std::erase_if(slots_[id].node.attributes, [&](const ir::Attribute& attribute) { return attribute.name == name; });
}

void Editor::set_input(NodeId id, std::size_t slot, ir::ValueId value) {
  if (slots_[id].node.inputs[slot] == value) return;
  ++revision_;
  remove_use(id, slot);
  slots_[id].node.inputs[slot] = value;
  add_use(id, slot);
}

void Editor::set_inputs(NodeId id, std::vector<ir::ValueId> inputs) {
  auto& slot = slots_[id];
  for (std::size_t i = 0; i < slot.node.inputs.size(); ++i) remove_use(id, i);
  slot.node.inputs = std::move(inputs);
  add_uses(id);
  ++revision_;
}

void Editor::set_output(NodeId id, std::size_t slot, ir::ValueId value) {
  ir::ValueId& output = slots_[id].node.outputs[slot];
  if (output != 0 && producer_[output] == id) producer_[output] = kNoNode;
  output = value;
  if (value != 0) producer_[value] = id;
  ++revision_;
}

NodeId Editor::insert_before(NodeId anchor, ir::Node node) {
  return add_node(std::move(node), slots_[anchor].graph, slots_[anchor].previous, anchor);
}

NodeId Editor::insert_after(NodeId anchor, ir::Node node) {
  return add_node(std::move(node), slots_[anchor].graph, anchor, slots_[anchor].next);
}

NodeId Editor::insert_after_definition(ir::ValueId value, ir::Node node) {
  if (producer_[value] != kNoNode) return insert_after(producer_[value], std::move(node));
  const GraphIndex graph = graph_of(value);
  return add_node(std::move(node), graph, kNoNode, ends_[graph].first);
}

NodeId Editor::append(GraphIndex graph, ir::Node node) {
  return add_node(std::move(node), graph, ends_[graph].last, kNoNode);
}

void Editor::remove_one(NodeId id) {
  auto& slot = slots_[id];
  for (std::size_t i = 0; i < slot.node.inputs.size(); ++i) remove_use(id, i);
  slot.node.inputs.clear();
  for (const ir::ValueId output : slot.node.outputs) {
    if (output != 0 && producer_[output] == id) producer_[output] = kNoNode;
  }
  (slot.previous == kNoNode ? ends_[slot.graph].first : slots_[slot.previous].next) = slot.next;
  (slot.next == kNoNode ? ends_[slot.graph].last : slots_[slot.next].previous) = slot.previous;
  slot.live = false;
  ++revision_;
}

void Editor::remove(NodeId id) {
  std::vector<NodeId> todo{id};
  while (!todo.empty()) {
    const NodeId current = todo.back();
    todo.pop_back();
    for (const ir::Graph* body :
         slots_[current].has_bodies ? bodies_of(slots_[current].node) : std::vector<ir::Graph*>{}) {
      const GraphIndex index = index_of_.at(body);
      for (NodeId inner = ends_[index].first; inner != kNoNode; inner = slots_[inner].next) todo.push_back(inner);
      for (const ir::ValueId output : body->outputs) --outputs_of_[output];
    }
    remove_one(current);
  }
}

std::size_t Editor::drop_unused() {
  std::size_t dropped = 0;
  auto todo = order();
  while (!todo.empty()) {
    const NodeId id = todo.back();
    todo.pop_back();
    if (!slots_[id].live) continue;
    const auto& outputs = slots_[id].node.outputs;
    if (!std::all_of(outputs.begin(), outputs.end(), [&](ir::ValueId v) { return v == 0 || is_unused(v); })) continue;
    const std::vector<ir::ValueId> freed = slots_[id].node.inputs;
    remove(id);
    ++dropped;
    for (const ir::ValueId value : freed) {
      if (value != 0 && producer_[value] != kNoNode && is_unused(value)) todo.push_back(producer_[value]);
    }
  }
  return dropped;
}

std::optional<double> scalar_of(const ir::ConstantPtr& constant) {
  if (constant == nullptr || constant->count() != 1 || constant->dtype() == ir::DType::kString) return std::nullopt;
  return constant->as_doubles().front();
}

std::optional<std::vector<std::int64_t>> ints_of(const Editor& editor, ir::ValueId value) {
  const auto& constant = editor.constant(value);
  if (value == 0 || constant == nullptr || constant->rank() > 1 || constant->count() > 4096) return std::nullopt;
  if (constant->dtype() != ir::DType::kInt64 && constant->dtype() != ir::DType::kInt32) return std::nullopt;
  return constant->as_ints();
}

std::optional<std::size_t> normal_axis(std::int64_t axis, std::size_t rank) {
  const auto size = static_cast<std::int64_t>(rank);
  if (axis < -size || axis >= size) return std::nullopt;
  return static_cast<std::size_t>(axis < 0 ? axis + size : axis);
}

}  // namespace flowport::optimize
