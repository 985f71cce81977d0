#include "tensorflow/undefined_ops.h"

#include <algorithm>
#include <array>

#include "tensorflow/library.h"
#include "tensorflow/op_args.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::tf {
namespace {

using Facts = std::vector<OutputFact>;

// As TensorFlow's own ops call the types of their outputs, the likelier name first.
constexpr std::array<std::string_view, 6> kTypeLists{"output_types", "Tout",          "Toutputs",
                                                     "out_types",    "output_dtypes", "dtypes"};
constexpr std::array<std::string_view, 7> kTypes{"output_type", "out_type", "Tout", "output_dtype",
                                                 "out_dtype",   "dtype",    "T"};

Facts& facts_of(Graph& graph, NodeIndex index) {
  Facts& facts = graph.undefined[index];
  graph.nodes[static_cast<std::size_t>(index)].facts = &facts;
  return facts;
}

OutputFact& fact_at(Facts& facts, std::size_t output) {
  if (facts.size() <= output) facts.resize(output + 1);
  return facts[output];
}

void presume(Facts& facts, std::size_t output, DataType type) {
  OutputFact& fact = fact_at(facts, output);
  if (fact.type == DataType::kInvalid && type != DataType::kInvalid) fact = {base_type(type), true};
}

const proto::AttrValue* own_attr(const Node& node, std::string_view name) {
  return find_attr(*node.def, nullptr, name);
}

/// The type that the node's one attribute of that kind gives; kInvalid where there is none, or several differ.
DataType only_type(const Node& node) {
  DataType only = DataType::kInvalid;
  for (const auto& [name, value] : node.def->attr()) {
    if (value.value_case() != proto::AttrValue::kType || name.starts_with('_')) continue;
    const auto type = static_cast<DataType>(value.type());
    if (only != DataType::kInvalid && only != type) return DataType::kInvalid;
    only = type;
  }
  return only;
}

void presume_by_attributes(const Node& node, Facts& facts) {
  for (const auto name : kTypeLists) {
    const auto* types = own_attr(node, name);
    if (types == nullptr || types->list().type_size() == 0) continue;
    for (int i = 0; i < types->list().type_size(); ++i)
      presume(facts, static_cast<std::size_t>(i), static_cast<DataType>(types->list().type(i)));
    return;
  }
  // TensorFlow writes a shape for each output.
  if (const auto* shapes = own_attr(node, "_output_shapes"); shapes != nullptr && shapes->list().shape_size() > 0)
    fact_at(facts, static_cast<std::size_t>(shapes->list().shape_size()) - 1);
  DataType type = DataType::kInvalid;
  for (const auto name : kTypes) {
    const auto* attr = own_attr(node, name);
    if (attr == nullptr || attr->value_case() != proto::AttrValue::kType) continue;
    type = static_cast<DataType>(attr->type());
    break;
  }
  if (type == DataType::kInvalid) type = only_type(node);
  const auto count = std::max(facts.size(), static_cast<std::size_t>(std::max(node.used_outputs, 1)));
  for (std::size_t i = 0; i < count; ++i) presume(facts, i, type);
}

bool is_undefined(const Library& library, const Node& node) { return library.op_def(node.op) == nullptr; }

}  // namespace

void tell_output_type(Graph& graph, const Library& library, Edge edge, DataType type) {
  if (edge.node < 0 || edge.output < 0 || type == DataType::kInvalid) return;
  if (!is_undefined(library, graph.nodes[static_cast<std::size_t>(edge.node)])) return;
  OutputFact& fact = fact_at(facts_of(graph, edge.node), static_cast<std::size_t>(edge.output));
  if (fact.type == DataType::kInvalid || fact.presumed) fact = {base_type(type), false};
}

void tell_outputs(Graph& graph, const Library& library) {
  std::vector<bool> undefined(graph.nodes.size());
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) undefined[i] = is_undefined(library, graph.nodes[i]);
  if (std::ranges::find(undefined, true) == undefined.end()) return;
  for (const Node& node : graph.nodes) {
    const auto* op = library.op_def(node.op);
    if (op == nullptr) continue;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const Edge edge = node.inputs[i];
      if (edge.node < 0 || !undefined[static_cast<std::size_t>(edge.node)]) continue;
      tell_output_type(graph, library, edge, arg_type(*node.def, *op, Side::kInputs, static_cast<std::int32_t>(i)));
    }
  }
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) {
    if (undefined[i]) presume_by_attributes(graph.nodes[i], facts_of(graph, static_cast<NodeIndex>(i)));
  }
}

}  // namespace flowport::tf
