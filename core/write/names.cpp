#include "write/names.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

namespace flowport::write {
namespace {

/// Names that are taken. Linear in the number of names: the count of a base goes on where it was.
class Names {
 public:
  bool take(const std::string& name) { return taken_.insert(name).second; }

  std::string make(std::string base) {
    if (take(base)) return base;
    std::uint32_t& count = counts_[base];
    while (true) {
      std::string name = fmt::format("{}_{}", base, ++count);
      if (take(name)) return name;
    }
  }

 private:
  std::unordered_set<std::string> taken_;
  std::unordered_map<std::string, std::uint32_t> counts_;
};

class Namer {
 public:
  Namer(ir::Model& model, const Outline& outline)
      : model_(model), outline_(outline), settled_(model.values.size(), false) {}

  Result<void> run() {
    for (const ir::ValueId id : model_.graph.inputs) {
      if (Result<void> kept = keep_interface(id, "input"); !kept) return kept;
    }
    for (const ir::ValueId id : model_.graph.outputs) {
      if (Result<void> kept = keep_interface(id, "output"); !kept) return kept;
    }
    for (const ir::Graph* graph : outline_.graphs) keep_given(*graph);
    for (ir::Graph* graph : outline_.graphs) name_rest(*graph);
    name_symbols();
    return {};
  }

 private:
  Result<void> keep_interface(ir::ValueId id, const char* kind) {
    const std::string& name = model_.values[id].name;
    if (name.empty()) return {};
    if (!names_.take(name)) {
      return problem(Fault::kCheck, "two inputs or outputs of the model have the same name",
                     fmt::format("{} '{}'", kind, name));
    }
    settled_[id] = true;
    return {};
  }

  void keep_given(const ir::Graph& graph) {
    for (const ir::ValueId id : graph.inputs) keep(id);
    for (const ir::Node& node : graph.nodes) {
      for (const ir::ValueId id : node.outputs) keep(id);
      for (const ir::ValueId id : node.inputs) keep(id);
    }
  }

  void keep(ir::ValueId id) {
    std::string& name = model_.values[id].name;
    if (id == 0 || settled_[id] || name.empty()) return;
    name = names_.make(std::move(name));
    settled_[id] = true;
  }

  void name_rest(ir::Graph& graph) {
    if (graph.name.empty()) graph.name = "main";
    const std::string inside = &graph == &model_.graph ? "" : graph.name + "/";
    for (std::size_t i = 0; i < graph.inputs.size(); ++i) give(graph.inputs[i], fmt::format("{}in{}", inside, i));
    for (const ir::Node& node : graph.nodes) name_node(node);
  }

  void name_node(const ir::Node& node) {
    const std::string base = base_of(node);
    bool first = true;
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
      if (node.outputs[i] == 0) continue;
      give(node.outputs[i], first ? base : fmt::format("{}:{}", name_of(model_, node), i));
      first = false;
    }
    const std::string& name = name_of(model_, node);
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      if (outline_.is_initializer(model_, node.inputs[i])) give(node.inputs[i], fmt::format("{}/in{}", name, i));
    }
    for (const ir::Attribute& attribute : node.attributes) {
      const auto* body = std::get_if<std::shared_ptr<ir::Graph>>(&attribute.value);
      if (body != nullptr && (*body)->name.empty()) (*body)->name = fmt::format("{}/{}", name, attribute.name);
    }
  }

  std::string base_of(const ir::Node& node) const {
    const std::string& tf_node = model_.origins[node.origin].tf_node;
    if (tf_node.empty()) return node.op;
    const bool says_op = std::string_view(tf_node).substr(tf_node.rfind('/') + 1) == node.op;
    return says_op ? tf_node : tf_node + "/" + node.op;
  }

  void give(ir::ValueId id, std::string base) {
    if (settled_[id]) return;
    model_.values[id].name = names_.make(std::move(base));
    settled_[id] = true;
  }

  void name_symbols() {
    Names names;
    std::vector<ir::SymbolId> unnamed;
    for (ir::SymbolId id = 1; id < model_.symbols.size(); ++id) {
      std::string& name = model_.symbols[id];
      if (name.empty()) {
        unnamed.push_back(id);
      } else {
        name = names.make(std::move(name));
      }
    }
    for (const ir::SymbolId id : unnamed) model_.symbols[id] = names.make("dim");
  }

  ir::Model& model_;
  const Outline& outline_;
  std::vector<bool> settled_;
  Names names_;
};

}  // namespace

Result<void> name_everything(ir::Model& model, const Outline& outline) { return Namer(model, outline).run(); }

}  // namespace flowport::write
