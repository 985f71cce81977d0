#include "tensorflow/graph_builder.h"

#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "base/text.h"
#include "tensorflow/op_args.h"
#include "tensorflow/protos/graph.pb.h"
#include "tensorflow/undefined_ops.h"

namespace flowport::tf {
namespace {

// Near names are looked for in few broken nodes only: each search looks at all names.
constexpr std::size_t kMostHints = 3;
// An input of a function body may stand for all tensors of an output list; no honest list is longer.
constexpr std::int32_t kMostListed = 1 << 16;

std::optional<std::int32_t> parse_index(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

class Builder {
 public:
  Builder(Graph& graph, const Library& library) : graph_(graph), library_(library) {}

  Result<void> add_nodes(std::span<const proto::NodeDef* const> defs) {
    graph_.nodes.reserve(graph_.nodes.size() + defs.size());
    graph_.index.reserve(graph_.nodes.size() + defs.size());
    for (const auto* def : defs) {
      if (!add_node(*def)) {
        return problem(Fault::kModel, fmt::format("two nodes have the name '{}'", def->name()), where(),
                       "the graph is malformed: save the model again");
      }
    }
    return {};
  }

  /// False when the name is taken.
  bool add_node(const proto::NodeDef& def) {
    Node& node = graph_.nodes.emplace_back();
    node.name = def.name();
    node.op = def.op();
    node.def = &def;
    ops_.push_back(library_.op_def(node.op));
    return graph_.index.emplace(node.name, static_cast<NodeIndex>(graph_.nodes.size() - 1)).second;
  }

  void connect_main() {
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (const std::string& input : graph_.nodes[i].def->input()) {
        if (!connect_control(i, input) && !connect_numbered(i, input)) broken(i, input);
      }
    }
  }

  void connect_function(const proto::FunctionDef& function) {
    find_only_outputs(function);
    for (std::size_t i = 0; i < graph_.nodes.size(); ++i) {
      for (const std::string& input : graph_.nodes[i].def->input()) {
        if (connect_control(i, input)) continue;
        if (!resolve(input, graph_.nodes[i].inputs)) broken(i, input);
      }
    }
  }

  /// Appends the tensors that `reference` ("arg", "arg:0", "node:out", "node:out:0") stands for. False when there are none.
  bool resolve(std::string_view reference, std::vector<Edge>& edges) {
    const Reference parts = split(reference);
    const NodeIndex from = graph_.find(parts.node);
    if (from < 0) return false;
    if (is_arg(from)) {
      if (!parts.index.empty() || (!parts.out.empty() && parts.out != "0")) return false;
      edges.push_back(use(from, 0));
      return true;
    }
    const auto range = output_range(from, parts.out);
    if (!range) return false;
    if (parts.index.empty()) {
      if (range->second > kMostListed) return false;
      for (std::int32_t k = 0; k < range->second; ++k) edges.push_back(use(from, range->first + k));
      return true;
    }
    const auto index = parse_index(parts.index);
    if (!index || *index >= range->second) return false;
    edges.push_back(use(from, range->first + *index));
    return true;
  }

  std::string where() const { return graph_.name.empty() ? "main graph" : fmt::format("function '{}'", graph_.name); }

 private:
  struct Reference {
    std::string_view node, out, index;
  };

  static Reference split(std::string_view text) {
    const auto first = text.find(':');
    if (first == std::string_view::npos) return {text, {}, {}};
    const auto second = text.find(':', first + 1);
    if (second == std::string_view::npos) return {text.substr(0, first), text.substr(first + 1), {}};
    return {text.substr(0, first), text.substr(first + 1, second - first - 1), text.substr(second + 1)};
  }

  bool is_arg(NodeIndex node) const { return static_cast<std::size_t>(node) < graph_.args.size(); }

  Edge use(NodeIndex node, std::int32_t output) {
    auto& used = graph_.nodes[static_cast<std::size_t>(node)].used_outputs;
    if (used <= output) used = output + 1;
    return {node, output};
  }

  bool connect_control(std::size_t node, std::string_view input) {
    if (!input.starts_with('^')) return false;
    const NodeIndex from = graph_.find(input.substr(1));
    if (from < 0) return false;
    graph_.nodes[node].control_inputs.push_back(from);
    return true;
  }

  /// "node" or "node:0".
  bool connect_numbered(std::size_t node, std::string_view input) {
    std::int32_t output = 0;
    if (const auto colon = input.rfind(':'); colon != std::string_view::npos) {
      const auto index = parse_index(input.substr(colon + 1));
      if (!index) return false;
      output = *index;
      input = input.substr(0, colon);
    }
    const NodeIndex from = graph_.find(input);
    if (from < 0) return false;
    if (const auto* op = ops_[static_cast<std::size_t>(from)]; op != nullptr) {
      const auto total = arg_total(*graph_.nodes[static_cast<std::size_t>(from)].def, *op, Side::kOutputs);
      if (total && output >= *total) return false;
    }
    graph_.nodes[node].inputs.push_back(use(from, output));
    return true;
  }

  std::optional<std::pair<std::int32_t, std::int32_t>> output_range(NodeIndex node, std::string_view out) const {
    const auto at = static_cast<std::size_t>(node);
    if (ops_[at] != nullptr) return arg_range(*graph_.nodes[at].def, *ops_[at], Side::kOutputs, out);
    const auto only = only_output_.find(node);
    if (only == only_output_.end() || only->second != out) return std::nullopt;
    return std::pair(0, INT32_MAX);
  }

  /// Nodes of ops that nobody has defined: where all references name one output argument, its tensors are the node's.
  void find_only_outputs(const proto::FunctionDef& function) {
    const auto note = [&](const std::string& reference) {
      const Reference parts = split(reference);
      const NodeIndex from = parts.index.empty() ? -1 : graph_.find(parts.node);
      if (from < 0 || ops_[static_cast<std::size_t>(from)] != nullptr) return;
      const auto [it, added] = only_output_.emplace(from, parts.out);
      if (!added && it->second != parts.out) it->second = {};
    };
    for (const Node& node : graph_.nodes) {
      for (const std::string& input : node.def->input()) note(input);
    }
    for (const auto& [name, tensor] : function.ret()) note(tensor);
  }

  void broken(std::size_t node, std::string_view input) {
    Node& at = graph_.nodes[node];
    if (!input.starts_with('^')) at.inputs.push_back(Edge{});
    const auto index = static_cast<NodeIndex>(node);
    if (graph_.broken.contains(index)) return;
    graph_.broken.emplace(
        index, Problem{Fault::kModel, fmt::format("the input '{}' of node '{}' does not exist", input, at.name),
                       where(), hint(input)});
  }

  std::string hint(std::string_view input) const {
    const Reference parts = split(input.starts_with('^') ? input.substr(1) : input);
    if (const NodeIndex from = graph_.find(parts.node); from >= 0) {
      const Node& source = graph_.nodes[static_cast<std::size_t>(from)];
      if (ops_[static_cast<std::size_t>(from)] != nullptr) {
        return fmt::format("the node '{}' ({}) has no such output", source.name, source.op);
      }
      return fmt::format(
          "the op '{}' is unknown: which of its outputs is meant cannot be told; convert the SavedModel, which lists "
          "the "
          "definitions of its ops",
          source.op);
    }
    if (graph_.broken.size() >= kMostHints) return {};
    std::vector<std::string_view> names;
    names.reserve(graph_.nodes.size());
    for (const Node& other : graph_.nodes) names.push_back(other.name);
    return did_you_mean(parts.node, names);
  }

  Graph& graph_;
  const Library& library_;
  std::vector<const proto::OpDef*> ops_;
  std::unordered_map<NodeIndex, std::string_view> only_output_;
};

proto::NodeDef* make_argument(const proto::FunctionDef& function, int index, NodeStore& store) {
  const auto& arg = function.signature().input_arg(index);
  auto* node = store.make_node();
  node->set_name(arg.name());
  node->set_op("_Arg");
  const auto kept = function.arg_attr().find(static_cast<std::uint32_t>(index));
  if (kept != function.arg_attr().end()) *node->mutable_attr() = kept->second.attr();
  (*node->mutable_attr())["index"].set_i(index);
  if (arg.type_attr().empty()) {
    (*node->mutable_attr())["T"].set_type(arg.type());
  } else if (const auto type = function.attr().find(arg.type_attr()); type != function.attr().end()) {
    (*node->mutable_attr())["T"] = type->second;
  }
  return node;
}

Result<void> add_arguments(const proto::FunctionDef& function, NodeStore& store, Builder& builder, Graph& graph) {
  const auto& signature = function.signature();
  for (int i = 0; i < signature.input_arg_size(); ++i) {
    const auto& arg = signature.input_arg(i);
    if (!arg.number_attr().empty() || !arg.type_list_attr().empty()) {
      return problem(Fault::kModel, fmt::format("the argument '{}' stands for a list of tensors", arg.name()),
                     builder.where(), "functions with list arguments are not supported");
    }
    if (!builder.add_node(*make_argument(function, i, store))) {
      return problem(Fault::kModel, fmt::format("two arguments have the name '{}'", arg.name()), builder.where(),
                     "the function is malformed: save the model again");
    }
    graph.args.push_back(i);
    graph.arg_names.push_back(arg.name());
  }
  return {};
}

/// The signature tells the types of the results.
void tell_result_types(const proto::FunctionDef& function, const Library& library, Graph& graph) {
  for (std::size_t i = 0; i < graph.rets.size(); ++i) {
    for (const auto& out : function.signature().output_arg()) {
      if (out.name() == graph.ret_names[i])
        tell_output_type(graph, library, graph.rets[i], static_cast<DataType>(out.type()));
    }
  }
}

Result<void> add_results(const proto::FunctionDef& function, Builder& builder, Graph& graph) {
  for (const auto& out : function.signature().output_arg()) {
    const auto ret = function.ret().find(out.name());
    const std::size_t before = graph.rets.size();
    if (ret == function.ret().end() || !builder.resolve(ret->second, graph.rets)) {
      return problem(Fault::kModel,
                     fmt::format("the result '{}' ('{}') does not exist", out.name(),
                                 ret == function.ret().end() ? std::string() : ret->second),
                     builder.where(), "the function is malformed: save the model again");
    }
    graph.ret_names.insert(graph.ret_names.end(), graph.rets.size() - before, out.name());
  }
  for (const std::string& name : function.signature().control_output()) {
    const auto ret = function.control_ret().find(name);
    const NodeIndex node = ret == function.control_ret().end() ? -1 : graph.find(ret->second);
    if (node < 0) {
      return problem(Fault::kModel, fmt::format("the control output '{}' does not exist", name), builder.where(),
                     "the function is malformed: save the model again");
    }
    graph.control_rets.push_back(node);
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<Graph>> build_main_graph(std::span<const proto::NodeDef* const> nodes, const Library& library) {
  auto graph = std::make_unique<Graph>();
  Builder builder(*graph, library);
  if (auto added = builder.add_nodes(nodes); !added) return tl::make_unexpected(added.error());
  builder.connect_main();
  tell_outputs(*graph, library);
  return graph;
}

Result<std::unique_ptr<Graph>> build_function_graph(const proto::FunctionDef& function,
                                                    std::span<const proto::NodeDef* const> nodes,
                                                    const Library& library, NodeStore& store) {
  auto graph = std::make_unique<Graph>();
  graph->name = function.signature().name();
  Builder builder(*graph, library);
  if (auto added = add_arguments(function, store, builder, *graph); !added) return tl::make_unexpected(added.error());
  if (auto added = builder.add_nodes(nodes); !added) return tl::make_unexpected(added.error());
  builder.connect_function(function);
  if (auto added = add_results(function, builder, *graph); !added) return tl::make_unexpected(added.error());
  tell_outputs(*graph, library);
  tell_result_types(function, library, *graph);
  return graph;
}

}  // namespace flowport::tf
