#include "tensorflow/model_program.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "tensorflow/bundle.h"
#include "tensorflow/graph_builder.h"
#include "tensorflow/initializers.h"
#include "tensorflow/library.h"
#include "tensorflow/node_store.h"
#include "tensorflow/op_args.h"
#include "tensorflow/protos/saved_model.pb.h"
#include "tensorflow/signatures.h"
#include "tensorflow/tensor_proto.h"
#include "tensorflow/undefined_ops.h"
#include "tensorflow/variables.h"

namespace flowport::tf {
namespace {

class ModelProgram final : public Program {
 public:
  ModelProgram(ModelParts parts, std::string extra_ops)
      : parts_(std::move(parts)),
        extra_ops_(std::move(extra_ops)),
        store_(parts_.source, parts_.name),
        library_(store_) {}

  Result<void> build() {
    if (auto ops = add_ops(); !ops) return ops;
    for (const ByteSpan function : parts_.functions) {
      if (auto added = library_.add(function); !added) return added;
    }
    std::vector<const proto::NodeDef*> nodes;
    nodes.reserve(parts_.nodes.size());
    for (const ByteSpan bytes : parts_.nodes) {
      auto node = store_.parse_node(bytes);
      if (!node) return tl::make_unexpected(node.error());
      nodes.push_back(*node);
    }
    auto graph = build_main_graph(nodes, library_);
    if (!graph) return tl::make_unexpected(graph.error());
    main_ = std::move(*graph);
    for (const ByteSpan node : parts_.nodes) {
      const Library::Effects effects = library_.effects_of(node);
      main_->may_write_state = main_->may_write_state || effects.writes_state;
      main_->may_use_stacks = main_->may_use_stacks || effects.uses_stacks;
    }
    if (parts_.rest != nullptr) read_rest(*parts_.rest);
    return {};
  }

  Format format() const override { return parts_.format; }
  const std::filesystem::path& path() const override { return parts_.path; }
  const Graph& main() const override { return *main_; }
  const std::vector<Signature>& signatures() const override { return signatures_; }
  const std::vector<std::string>& tags() const override { return parts_.tags; }
  std::vector<std::string_view> function_names() const override { return library_.names(); }
  std::size_t node_count() const override { return main_->nodes.size() + library_.node_count(); }
  Result<const Graph*> function(std::string_view name) const override { return library_.function(name); }
  bool has_function(std::string_view name) const override { return library_.has(name); }
  const proto::OpDef* op_def(std::string_view op) const override { return library_.op_def(op); }
  const std::vector<NodeIndex>& initializers() const override { return initializers_; }

  const proto::AttrValue* attr(const Node& node, std::string_view name) const override {
    if (const auto* found = find_attr(*node.def, library_.op_def(node.op), name)) return found;
    // A model from an older TensorFlow brings op definitions without the attributes that came later.
    const auto* known = library_.ops().built_in(node.op);
    return known == nullptr ? nullptr : find_attr(*node.def, known, name);
  }

  Result<Tensor> tensor_attr(const Node& node, std::string_view name) const override {
    if (const auto asset = assets_.find(&node); asset != assets_.end() && name == "value")
      return string_of(asset->second);
    const auto where = fmt::format("node '{}'", node.name);
    const auto* value = attr(node, name);
    if (value == nullptr || !value->has_tensor()) {
      return problem(Fault::kModel, fmt::format("the attribute '{}' is missing or no tensor", name), where,
                     "the graph is malformed: save the model again");
    }
    return decode_tensor(value->tensor(), store_.content_of(value->tensor()), where);
  }

  Result<Tensor> variable(const Node& node) const override {
    if (const auto asset = asset_variables_.find(&node); asset != asset_variables_.end())
      return string_of(asset->second);
    if (auto opened = open_variables("variable", node); !opened) return tl::make_unexpected(opened.error());
    return variables_->read(node);
  }

  Result<std::pair<Tensor, Tensor>> table(const Node& node) const override {
    if (auto opened = open_variables("table", node); !opened) return tl::make_unexpected(opened.error());
    return variables_->read_table(node);
  }

  DataType output_type(const Node& node, std::int32_t i) const override {
    if (i < 0) return DataType::kInvalid;
    if (node.facts != nullptr) {
      const auto at = static_cast<std::size_t>(i);
      return at < node.facts->size() ? (*node.facts)[at].type : DataType::kInvalid;
    }
    const auto* op = library_.op_def(node.op);
    return op == nullptr ? DataType::kInvalid : arg_type(*node.def, *op, Side::kOutputs, i);
  }

  std::int32_t output_count(const Node& node) const override {
    const auto* op = library_.op_def(node.op);
    const auto total = op == nullptr ? std::nullopt : arg_total(*node.def, *op, Side::kOutputs);
    const auto told = node.facts == nullptr ? 0 : static_cast<std::int32_t>(node.facts->size());
    return total ? *total : std::max({node.used_outputs, told, 1});
  }

  std::optional<std::pair<std::int32_t, std::int32_t>> input_range(const Node& node,
                                                                   std::string_view arg) const override {
    const auto* op = library_.op_def(node.op);
    return op == nullptr ? std::nullopt : arg_range(*node.def, *op, Side::kInputs, arg);
  }

  bool is_asset(const Node& node) const override { return assets_.contains(&node); }

  std::filesystem::path asset(std::string_view name) const override {
    std::filesystem::path path = parts_.assets;
    for (const auto& part : std::filesystem::path(name).relative_path()) {
      if (part != "..") path /= part;
    }
    return path;
  }

 private:
  Result<void> add_ops() {
    for (const ByteSpan list : parts_.op_lists) {
      if (!library_.ops().add(list)) return tl::make_unexpected(store_.malformed("the list of ops is malformed", list));
    }
    if (!library_.ops().add(std::as_bytes(std::span(extra_ops_)))) {
      return problem(Fault::kInternal, "the list of declared ops is malformed");
    }
    return {};
  }

  Result<void> open_variables(std::string_view kind, const Node& node) const {
    if (variables_ != nullptr) return {};
    if (parts_.checkpoint.empty()) {
      return problem(Fault::kModel, fmt::format("{} '{}' has no content: the model has no checkpoint", kind, node.name),
                     parts_.name, "freeze the graph, or save it as a SavedModel");
    }
    auto bundle = Bundle::open(parts_.checkpoint);
    if (!bundle) {
      bundle.error().what = fmt::format("{} '{}' cannot be read: {}", kind, node.name, bundle.error().what);
      return tl::make_unexpected(bundle.error());
    }
    bundle_ = std::move(*bundle);
    variables_ =
        std::make_unique<Variables>(*main_, library_, store_, *bundle_, parts_.rest->saver_def().restore_op_name());
    return {};
  }

  void read_rest(const proto::MetaGraphDef& rest) {
    signatures_ = read_signatures(rest, *main_);
    for (const Signature& signature : signatures_) {
      for (const Endpoint& output : signature.outputs)
        tell_output_type(*main_, library_, edge_of(*main_, output.tensor), output.dtype);
    }
    initializers_ = find_initializers(rest, *main_);
    for (const auto& asset : rest.asset_file_def()) {
      const std::string_view tensor = asset.tensor_info().name();
      const NodeIndex node = main_->find(tensor.substr(0, tensor.rfind(':')));
      if (node >= 0) assets_.emplace(&main_->nodes[static_cast<std::size_t>(node)], asset.filename());
    }
    if (!assets_.empty()) find_asset_variables();
  }

  void find_asset_variables() {
    for (const Node& node : main_->nodes) {
      if (node.op != "AssignVariableOp" || node.inputs.size() != 2) continue;
      const auto [handle, value] = std::pair(node.inputs[0].node, node.inputs[1].node);
      if (handle < 0 || value < 0) continue;
      const auto asset = assets_.find(&main_->nodes[static_cast<std::size_t>(value)]);
      if (asset == assets_.end()) continue;
      asset_variables_.emplace(&main_->nodes[static_cast<std::size_t>(handle)], asset->second);
    }
  }

  static Tensor string_of(const std::string& text) {
    Tensor tensor;
    tensor.dtype = DataType::kString;
    tensor.strings.push_back(text);
    return tensor;
  }

  ModelParts parts_;
  std::string extra_ops_;
  mutable NodeStore store_;
  Library library_;
  std::unique_ptr<Graph> main_;
  std::vector<Signature> signatures_;
  std::vector<NodeIndex> initializers_;
  std::unordered_map<const Node*, std::string> assets_;           ///< nodes that stand for an asset
  std::unordered_map<const Node*, std::string> asset_variables_;  ///< variables that are set to one
  mutable std::unique_ptr<Bundle> bundle_;
  mutable std::unique_ptr<Variables> variables_;
};

}  // namespace

Result<std::unique_ptr<Program>> make_program(ModelParts parts, std::string extra_ops) {
  auto program = std::make_unique<ModelProgram>(std::move(parts), std::move(extra_ops));
  if (auto built = program->build(); !built) return tl::make_unexpected(built.error());
  return program;
}

}  // namespace flowport::tf
