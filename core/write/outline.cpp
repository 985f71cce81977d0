#include "write/outline.h"

#include <algorithm>
#include <memory>
#include <utility>
#include <variant>

#include <fmt/format.h>

namespace flowport::write {
namespace {

tl::unexpected<Problem> malformed(const ir::Model& model, const ir::Node& node, const char* what) {
  return problem(Fault::kInternal, what, place_of(model, node));
}

Result<void> define(const ir::Model& model, std::uint32_t graph, Outline& outline) {
  const ir::Graph& each = *outline.graphs[graph];
  const std::size_t count = model.values.size();
  for (const ir::ValueId id : each.inputs) {
    if (id == 0 || id >= count) return problem(Fault::kInternal, "a graph has an input that is no value", each.name);
    outline.definer[id] = graph;
  }
  for (const ir::Node& node : each.nodes) {
    for (const ir::ValueId id : node.outputs) {
      if (id >= count) return problem(Fault::kInternal, "a node has an output that is no value", node.op);
      if (id != 0) outline.definer[id] = graph;
    }
  }
  return {};
}

Result<void> check_uses(const ir::Model& model, const ir::Graph& graph, const Outline& outline) {
  const auto is_known = [&](ir::ValueId id) {
    return id < model.values.size() &&
           (outline.definer[id] != Outline::kNowhere || model.values[id].constant != nullptr);
  };
  for (const ir::Node& node : graph.nodes) {
    if (node.origin >= model.origins.size()) return problem(Fault::kInternal, "a node has no such origin", node.op);
    for (const ir::ValueId id : node.inputs) {
      if (id != 0 && !is_known(id)) return malformed(model, node, "a node uses a value that nothing defines");
    }
  }
  for (const ir::ValueId id : graph.outputs) {
    if (id == 0 || !is_known(id)) {
      return problem(Fault::kInternal, "a graph has an output that nothing defines", graph.name);
    }
  }
  return {};
}

}  // namespace

Result<Outline> outline(ir::Model& model) {
  Outline result;
  result.definer.assign(model.values.size(), Outline::kNowhere);
  std::vector<std::pair<ir::Graph*, std::uint32_t>> todo{{&model.graph, Outline::kNowhere}};
  while (!todo.empty()) {
    const auto [graph, parent] = todo.back();
    todo.pop_back();
    const auto index = static_cast<std::uint32_t>(result.graphs.size());
    result.graphs.push_back(graph);
    result.parents.push_back(parent);
    if (Result<void> defined = define(model, index, result); !defined) return tl::make_unexpected(defined.error());
    for (ir::Node& node : graph->nodes) {
      for (const ir::Attribute& attribute : node.attributes) {
        if (const auto* body = std::get_if<std::shared_ptr<ir::Graph>>(&attribute.value)) {
          if (*body == nullptr) return problem(Fault::kInternal, "a node has an attribute without body", node.op);
          todo.emplace_back(body->get(), index);
        }
        if (const auto* constant = std::get_if<ir::ConstantPtr>(&attribute.value); constant && *constant == nullptr) {
          return problem(Fault::kInternal, "a node has an attribute without tensor", node.op);
        }
      }
    }
  }
  for (const ir::Graph* graph : result.graphs) {
    if (Result<void> checked = check_uses(model, *graph, result); !checked) return tl::make_unexpected(checked.error());
  }
  return result;
}

std::size_t nesting(const Outline& outline) {
  std::size_t deepest = 0;
  std::vector<std::size_t> depth(outline.graphs.size(), 0);
  for (std::size_t i = 1; i < depth.size(); ++i) {
    depth[i] = depth[outline.parents[i]] + 1;
    deepest = std::max(deepest, depth[i]);
  }
  return deepest;
}

const std::string& name_of(const ir::Model& model, const ir::Node& node) {
  const auto first = std::find_if(node.outputs.begin(), node.outputs.end(), [](ir::ValueId id) { return id != 0; });
  return model.values[first == node.outputs.end() ? 0 : *first].name;
}

std::string place_of(const ir::Model& model, const ir::Node& node) {
  std::string place = fmt::format("node '{}' ({})", name_of(model, node), node.op);
  if (node.origin >= model.origins.size()) return place;
  const ir::Origin& origin = model.origins[node.origin];
  if (!origin.tf_node.empty()) place += fmt::format(", from TF node '{}'", origin.tf_node);
  if (!origin.path.empty()) place += fmt::format(" in '{}'", origin.path);
  if (!origin.handler.empty()) place += fmt::format(", by '{}'", origin.handler);
  return place;
}

}  // namespace flowport::write
