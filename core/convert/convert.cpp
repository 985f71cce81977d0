#include "convert/convert.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "convert/effects.h"
#include "convert/stacks.h"
#include "convert/types.h"
#include "onnx/unify.h"

namespace flowport::convert {

namespace {

/// Gives the output its value and name; a Problem where it is no tensor.
std::optional<Problem> bind_output(Engine& engine, const ModelOutput& output) {
  const Bound bound = engine.bound(output.ref);
  if (bound.kind == Bound::Kind::kNone) return std::nullopt;  // the cause is in the journal
  auto value = engine.tensor(bound);
  if (!value) {
    return Problem{value.error().fault, fmt::format("output '{}' cannot be given: {}", output.name, value.error().what),
                   value.error().where, value.error().next};
  }
  if (is_complex(engine.dtype_of(output.ref))) {
    const auto& node = output.ref.scope->graph->nodes[static_cast<std::size_t>(output.ref.edge.node)];
    engine.journal().warnings.push_back({std::string(node.op), std::string(node.name), output.ref.scope->path(), "core",
                                         carries_complex("output", output.name)});
  }
  auto& model = engine.model();
  if (model.values[*value].type.dtype == ir::DType::kUndefined &&
      model.values[*value].type.kind == ir::Type::Kind::kTensor) {
    return Problem{Fault::kUnsupported,
                   fmt::format("nothing says what element type output '{}' has", output.name),
                   {},
                   "save the model as a SavedModel, which lists the definitions of its ops, or declare the type: "
                   "`outputs: [float]` in the mapping, set_type() in the plugin"};
  }
  const auto& named = model.values[*value];
  // An input, a constant or another output may be given out again under this name: the writer tells them apart.
  const bool is_taken = !named.name.empty() && named.name != output.name;
  if (is_taken || named.constant != nullptr) {
    auto copy = engine.emitter().emit(model.graph, "Identity", {*value});
    if (!copy) return copy.error();
    if (model.values[*copy].constant != nullptr) {  // evaluated: a constant of its own
      model.graph.outputs.push_back(model.add_constant(model.values[*copy].constant, output.name));
      return std::nullopt;
    }
    value = *copy;
  }
  model.values[*value].name = output.name;
  model.graph.outputs.push_back(*value);
  return std::nullopt;
}

/// A domain is imported when an op of it is emitted, and the op may be dropped again.
void drop_unused_imports(ir::Model& model) {
  std::set<std::string> used;
  ir::Model::for_each_graph(model.graph, [&](const ir::Graph& graph) {
    for (const auto& node : graph.nodes) used.insert(node.domain);
  });
  std::erase_if(model.opsets, [&](const ir::OpsetImport& import) {
    return !is_standard(import.domain) && !used.contains(import.domain);
  });
}

/// Placeholders that became inputs when they were met come in the order of the graph's nodes.
void sort_inputs(Engine& engine) {
  auto& model = engine.model();
  const auto& main = engine.program().main();
  std::ranges::stable_sort(model.graph.inputs, {}, [&](ir::ValueId id) { return main.find(model.values[id].name); });
}

}  // namespace

Conversion convert(const tf::Program& program, const registry::Registry& registry, const registry::Target& target,
                   const InterfaceOptions& options, Progress* progress) {
  Conversion result;
  result.model.ir_version = target.ir_version;
  result.model.graph.name = "main";
  // Domains beside ai.onnx are imported when an op of theirs is emitted.
  result.model.opsets.push_back({"", target.opset()});
  if (progress != nullptr) progress->total = program.node_count();
  Emitter emitter(result.model, registry, target, progress);
  Engine engine(program, registry, emitter, result.journal);
  result.problems = unknown_ops(program, registry);
  auto interface = settle_interface(engine, options);
  if (!interface) {
    std::ranges::move(interface.error(), std::back_inserter(result.problems));
    return result;
  }
  result.signature = interface->signature;
  std::vector<Ref> roots;
  for (const auto& output : interface->outputs) roots.push_back(output.ref);
  engine.stacks().set_roots(roots);
  const bool has_run = engine.run(roots);
  if (has_run) refuse_writes(engine, roots);
  engine.settle_journal();
  std::ranges::move(engine.node_rules().unused(program, has_run), std::back_inserter(result.problems));
  if (engine.open_inputs()) sort_inputs(engine);
  emitter.set_origin({});
  for (const auto& output : interface->outputs) {
    if (auto wrong = bind_output(engine, output)) result.problems.push_back(*std::move(wrong));
  }
  ir::unify_dims(result.model);
  drop_unused_imports(result.model);
  return result;
}

}  // namespace flowport::convert
