#include "tensorflow/variables.h"

#include <fmt/format.h>

#include "tensorflow/node_store.h"
#include "tensorflow/protos/checkpoint.pb.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::tf {
namespace {

constexpr std::string_view kObjectGraphKey = "_CHECKPOINTABLE_OBJECT_GRAPH";

std::string_view shared_name(const Node& node) {
  const auto attr = node.def->attr().find("shared_name");
  return attr == node.def->attr().end() || attr->second.s().empty() ? node.name : std::string_view(attr->second.s());
}

}  // namespace

Variables::Variables(const Graph& main, const Library& library, const NodeStore& store, const Bundle& bundle,
                     std::string_view restore_op)
    : main_(main), bundle_(bundle), restored_(trace_restore(main, library, store, restore_op)) {
  for (std::size_t i = 0; i < main.nodes.size(); ++i) {
    if (makes_variable(main.nodes[i].op)) {
      by_shared_name_.emplace(shared_name(main.nodes[i]), static_cast<NodeIndex>(i));
    }
  }
}

// An object graph that cannot be read is as good as none: the variable is then looked for by its own name.
std::map<std::string, std::string, std::less<>> Variables::read_object_graph() const {
  std::map<std::string, std::string, std::less<>> keys;
  const auto tensor = bundle_.has(kObjectGraphKey) ? bundle_.read(kObjectGraphKey) : Tensor();
  proto::TrackableObjectGraph graph;
  if (!tensor || tensor->strings.size() != 1 ||
      !parse_message(std::as_bytes(std::span(tensor->strings.front())), graph)) {
    return keys;
  }
  for (const auto& object : graph.nodes()) {
    for (const auto& attribute : object.attributes()) {
      const auto [it, added] = keys.emplace(attribute.full_name(), attribute.checkpoint_key());
      if (!added && it->second != attribute.checkpoint_key()) it->second.clear();
    }
  }
  return keys;
}

std::optional<SavedTensor> Variables::find(const Node& node) const {
  const std::string_view name = shared_name(node);
  NodeIndex index = main_.find(node.name);
  if (index < 0 || &main_.nodes[static_cast<std::size_t>(index)] != &node) {
    const auto same = by_shared_name_.find(name);
    index = same == by_shared_name_.end() ? -1 : same->second;
  }
  if (const auto it = restored_.variables.find(index); it != restored_.variables.end()) return it->second;
  if (!object_graph_) object_graph_ = read_object_graph();
  if (const auto it = object_graph_->find(name); it != object_graph_->end() && !it->second.empty()) {
    return SavedTensor{it->second, {}};
  }
  for (const std::string_view key : {name, node.name}) {
    if (bundle_.has(key)) return SavedTensor{std::string(key), {}};
  }
  return std::nullopt;
}

Result<Tensor> Variables::read(const Node& node) const {
  const auto saved = find(node);
  // A name that is in no checkpoint gives the error that names what is near.
  auto tensor = saved ? bundle_.read(saved->key, saved->slice) : bundle_.read(shared_name(node));
  if (!tensor) {
    tensor.error().what = fmt::format("variable '{}' cannot be read: {}", node.name, tensor.error().what);
    return tensor;
  }
  const auto dtype = node.def->attr().find("dtype");
  if (dtype != node.def->attr().end() && base_type(static_cast<DataType>(dtype->second.type())) != tensor->dtype) {
    return problem(Fault::kModel,
                   fmt::format("variable '{}' is {} but was saved as {}", node.name,
                               name_of(static_cast<DataType>(dtype->second.type())), name_of(tensor->dtype)),
                   fmt::format("tensor '{}' of checkpoint {}", saved ? saved->key : node.name, bundle_.prefix()));
  }
  return tensor;
}

Result<std::pair<Tensor, Tensor>> Variables::read_table(const Node& node) const {
  const auto saved = restored_.tables.find(main_.find(node.name));
  if (saved == restored_.tables.end()) {
    return problem(Fault::kModel, fmt::format("the checkpoint has no content for the table '{}'", node.name),
                   bundle_.prefix());
  }
  auto keys = bundle_.read(saved->second.keys.key, saved->second.keys.slice);
  if (!keys) return tl::make_unexpected(keys.error());
  auto values = bundle_.read(saved->second.values.key, saved->second.values.slice);
  if (!values) return tl::make_unexpected(values.error());
  return std::pair(std::move(*keys), std::move(*values));
}

}  // namespace flowport::tf
