#include "tensorflow/library.h"

#include <fmt/format.h>

#include "base/text.h"
#include "tensorflow/graph_builder.h"
#include "tensorflow/protos/graph.pb.h"
#include "tensorflow/state_writes.h"

namespace flowport::tf {
namespace {

constexpr std::uint32_t kFunctionSignature = 1, kFunctionNode = 3, kSignatureName = 1;

/// The function's name on the wire and its nodes; false when malformed.
bool outline_of_function(ByteSpan function, std::string_view& name, std::vector<ByteSpan>& nodes) {
  WireReader reader(function);
  while (reader.next()) {
    const WireField& field = reader.field();
    if (field.type != WireType::kBytes) continue;
    if (field.number == kFunctionNode) nodes.push_back(field.bytes);
    if (field.number != kFunctionSignature) continue;
    WireReader signature(field.bytes);
    while (signature.next()) {
      if (signature.field().number == kSignatureName && signature.field().type == WireType::kBytes) {
        name = as_text(signature.field().bytes);
      }
    }
    if (signature.failed()) return false;
  }
  return !reader.failed();
}

}  // namespace

Library::~Library() = default;

Result<void> Library::add(ByteSpan function) {
  std::string_view name;
  Function entry;
  entry.bytes = function;
  if (!outline_of_function(function, name, entry.nodes)) {
    return tl::make_unexpected(store_.malformed("a function is malformed", function));
  }
  const std::size_t count = entry.nodes.size();
  if (functions_.try_emplace(name, std::move(entry)).second) {
    names_.push_back(name);
    node_count_ += count;
  }
  return {};
}

Result<const proto::FunctionDef*> Library::parse(Function& function) const {
  if (function.def == nullptr) {
    auto parsed = store_.parse_function(function.bytes);
    if (!parsed) return tl::make_unexpected(parsed.error());
    function.def = *parsed;
  }
  return function.def;
}

Result<const Graph*> Library::function(std::string_view name) const {
  const auto it = functions_.find(name);
  if (it == functions_.end()) {
    return problem(Fault::kModel, fmt::format("the function '{}' is not in the model's library", name), store_.name(),
                   did_you_mean(name, names_));
  }
  Function& function = it->second;
  if (function.graph != nullptr) return function.graph.get();

  const auto def = parse(function);
  if (!def) return tl::make_unexpected(def.error());
  std::vector<const proto::NodeDef*> nodes;
  nodes.reserve(function.nodes.size());
  for (const ByteSpan bytes : function.nodes) {
    auto node = store_.parse_node(bytes);
    if (!node) return tl::make_unexpected(node.error());
    nodes.push_back(*node);
  }
  auto graph = build_function_graph(**def, nodes, *this, store_);
  if (!graph) return tl::make_unexpected(graph.error());
  find_writers();
  (*graph)->may_write_state = writers_.contains(it->first);
  function.graph = std::move(*graph);
  return function.graph.get();
}

const proto::OpDef* Library::op_def(std::string_view op) const {
  if (const auto it = functions_.find(op); it != functions_.end()) {
    const auto def = parse(it->second);
    return def ? &(*def)->signature() : nullptr;
  }
  return ops_.find(op);
}

bool Library::may_write_state(ByteSpan node) const {
  find_writers();
  const NodeOutline outline = outline_of(node);
  if (writes_state(outline.op) || writers_.contains(outline.op)) return true;
  for (const std::string_view name : outline.functions) {
    if (writers_.contains(name)) return true;
  }
  return false;
}

// Starts at the functions that write by themselves and goes up to their callers; every call is looked at once.
void Library::find_writers() const {
  if (writers_known_) return;
  writers_known_ = true;
  std::unordered_map<std::string_view, std::vector<std::string_view>> callers;
  std::vector<std::string_view> found;
  for (const std::string_view name : names_) {
    bool writes = false;
    for (const ByteSpan node : functions_.at(name).nodes) {
      const NodeOutline outline = outline_of(node);
      writes = writes || writes_state(outline.op);
      if (has(outline.op)) callers[outline.op].push_back(name);
      for (const std::string_view callee : outline.functions) callers[callee].push_back(name);
    }
    if (writes && writers_.insert(name).second) found.push_back(name);
  }
  while (!found.empty()) {
    const std::string_view name = found.back();
    found.pop_back();
    const auto it = callers.find(name);
    if (it == callers.end()) continue;
    for (const std::string_view caller : it->second) {
      if (writers_.insert(caller).second) found.push_back(caller);
    }
  }
}

}  // namespace flowport::tf
