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
  find_effects();
  if (const auto effects = effects_.find(it->first); effects != effects_.end()) {
    (*graph)->may_write_state = effects->second.writes_state;
    (*graph)->may_use_stacks = effects->second.uses_stacks;
  }
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

bool Library::Effects::add(Effects other) {
  const Effects before = *this;
  writes_state = writes_state || other.writes_state;
  uses_stacks = uses_stacks || other.uses_stacks;
  return writes_state != before.writes_state || uses_stacks != before.uses_stacks;
}

Library::Effects Library::effects_of(ByteSpan node) const {
  find_effects();
  const NodeOutline outline = outline_of(node);
  Effects effects{writes_state(outline.op), is_stack_op(outline.op)};
  const auto add = [&](std::string_view function) {
    if (const auto it = effects_.find(function); it != effects_.end()) effects.add(it->second);
  };
  add(outline.op);
  for (const std::string_view name : outline.functions) add(name);
  return effects;
}

// Starts at the functions whose own nodes have effects and goes up to their callers; a call is looked at once for each effect.
void Library::find_effects() const {
  if (effects_known_) return;
  effects_known_ = true;
  std::unordered_map<std::string_view, std::vector<std::string_view>> callers;
  std::vector<std::string_view> found;
  for (const std::string_view name : names_) {
    Effects own;
    for (const ByteSpan node : functions_.at(name).nodes) {
      const NodeOutline outline = outline_of(node);
      own.add({writes_state(outline.op), is_stack_op(outline.op)});
      if (has(outline.op)) callers[outline.op].push_back(name);
      for (const std::string_view callee : outline.functions) callers[callee].push_back(name);
    }
    if (own.writes_state || own.uses_stacks) {
      effects_[name] = own;
      found.push_back(name);
    }
  }
  while (!found.empty()) {
    const std::string_view name = found.back();
    found.pop_back();
    const auto it = callers.find(name);
    if (it == callers.end()) continue;
    const Effects effects = effects_[name];
    for (const std::string_view caller : it->second) {
      if (effects_[caller].add(effects)) found.push_back(caller);
    }
  }
}

}  // namespace flowport::tf
