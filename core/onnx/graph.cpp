#include "onnx/graph.h"

#include <algorithm>
#include <utility>

namespace flowport::ir {
namespace {

template <typename T>
const T* value_of(const Node& node, std::string_view name) {
  const Attribute* attribute = node.find(name);
  return attribute == nullptr ? nullptr : std::get_if<T>(&attribute->value);
}

}  // namespace

Type Type::tensor_of(const Constant& constant) {
  Type type = tensor(constant.dtype(), {});
  type.dims.reserve(constant.rank());
  for (const auto dim : constant.dims()) type.dims.push_back(Dim{dim, 0});
  return type;
}

bool Type::is_static() const {
  return has_rank && std::all_of(dims.begin(), dims.end(), [](const Dim& dim) { return dim.is_known(); });
}

const Attribute* Node::find(std::string_view name) const {
  const auto found =
      std::find_if(attributes.begin(), attributes.end(), [&](const Attribute& each) { return each.name == name; });
  return found == attributes.end() ? nullptr : &*found;
}

std::int64_t Node::int_attr(std::string_view name, std::int64_t otherwise) const {
  const auto* value = value_of<std::int64_t>(*this, name);
  return value == nullptr ? otherwise : *value;
}

const std::vector<std::int64_t>* Node::ints_attr(std::string_view name) const {
  return value_of<std::vector<std::int64_t>>(*this, name);
}

std::string_view Node::string_attr(std::string_view name, std::string_view otherwise) const {
  const auto* value = value_of<std::string>(*this, name);
  return value == nullptr ? otherwise : std::string_view(*value);
}

void Node::set(std::string_view name, Attribute::Storage value) {
  for (auto& attribute : attributes) {
    if (attribute.name == name) {
      attribute.value = std::move(value);
      return;
    }
  }
  attributes.push_back({std::string(name), std::move(value)});
}

std::int64_t Model::opset(std::string_view domain) const {
  if (domain == "ai.onnx") domain = {};
  for (const auto& import : opsets) {
    if (import.domain == domain || (domain.empty() && import.domain == "ai.onnx")) return import.version;
  }
  return 0;
}

ValueId Model::add_value(Type type, std::string name) {
  values.push_back({std::move(name), std::move(type), nullptr, nullptr});
  return static_cast<ValueId>(values.size() - 1);
}

ValueId Model::add_constant(ConstantPtr constant, std::string name) {
  const ValueId id = add_value(Type::tensor_of(*constant), std::move(name));
  values[id].constant = std::move(constant);
  return id;
}

SymbolId Model::add_symbol(std::string name) {
  symbols.push_back(std::move(name));
  return static_cast<SymbolId>(symbols.size() - 1);
}

std::size_t Model::drop_unused() {
  std::vector<Graph*> graphs;
  for_each_graph(graph, [&](Graph& each) { graphs.push_back(&each); });

  struct Producer {
    Node* node = nullptr;
    bool* live = nullptr;
  };
  std::vector<Producer> producers(values.size());
  std::vector<std::unique_ptr<bool[]>> live;
  for (Graph* each : graphs) {
    live.push_back(std::make_unique<bool[]>(each->nodes.size()));
    for (std::size_t i = 0; i < each->nodes.size(); ++i) {
      for (const ValueId output : each->nodes[i].outputs) producers[output] = {&each->nodes[i], &live.back()[i]};
    }
  }
  producers[0] = {};

  std::vector<ValueId> todo(graph.outputs);
  while (!todo.empty()) {
    const Producer producer = producers[todo.back()];
    todo.pop_back();
    if (producer.node == nullptr || *producer.live) continue;
    *producer.live = true;
    todo.insert(todo.end(), producer.node->inputs.begin(), producer.node->inputs.end());
    for (const auto& attribute : producer.node->attributes) {
      const auto* body = std::get_if<std::shared_ptr<Graph>>(&attribute.value);
      if (body != nullptr) todo.insert(todo.end(), (*body)->outputs.begin(), (*body)->outputs.end());
    }
  }

  // Bodies before the graphs around them, whose nodes own them.
  std::size_t dropped = 0;
  for (std::size_t g = graphs.size(); g-- > 0;) {
    auto& nodes = graphs[g]->nodes;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < nodes.size(); ++i) {
      if (!live[g][i]) continue;
      if (kept != i) nodes[kept] = std::move(nodes[i]);
      ++kept;
    }
    dropped += nodes.size() - kept;
    nodes.resize(kept);
  }
  return dropped;
}

}  // namespace flowport::ir
