#include "tensorflow/restore_trace.h"

#include <deque>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>
#include <vector>

#include "tensorflow/protos/graph.pb.h"
#include "tensorflow/tensor_proto.h"

namespace flowport::tf {
namespace {

// Honest restore functions are far smaller; recursive ones end here.
constexpr std::size_t kMostNodes = 10'000'000;
constexpr std::size_t kMostCalls = 100'000;
constexpr std::size_t kHandle = 0, kValue = 1;        // inputs of Assign and AssignVariableOp
constexpr std::size_t kKeys = 1, kValues = 2;         // inputs of LookupTableImportV2
constexpr std::size_t kTensorNames = 1, kSlices = 2;  // inputs of RestoreV2

/// What an edge stands for, as far as it matters here.
struct Value {
  NodeIndex state = -1;  ///< a variable or a table of the main graph
  const proto::NodeDef* constant = nullptr;
  const Node* restore = nullptr;  ///< a RestoreV2, of which `output` is meant
  std::size_t frame = 0;          ///< of `restore`
  std::int32_t output = 0;
};

struct Frame {
  const Graph* graph = nullptr;
  std::vector<Value> args;
};

bool makes_table(std::string_view op) {
  if (op.ends_with("V2")) op.remove_suffix(2);
  return op.ends_with("HashTable") || op.ends_with("HashTableOfTensors");
}

class Tracer {
 public:
  Tracer(const Library& library, const NodeStore& store) : library_(library), store_(store) {}

  RestoredState run(const Graph& main, NodeIndex restore_op) {
    frames_.push_back({&main, {}});
    std::vector<NodeIndex> open = {restore_op};
    std::unordered_set<NodeIndex> seen = {restore_op};
    while (!open.empty()) {
      const Node& node = main.nodes[static_cast<std::size_t>(open.back())];
      open.pop_back();
      visit(node, 0);
      for (const NodeIndex before : node.control_inputs) {
        if (seen.insert(before).second) open.push_back(before);
      }
    }
    for (std::size_t frame = 1; frame < frames_.size(); ++frame) {
      for (const Node& node : frames_[frame].graph->nodes) {
        if (++visited_ > kMostNodes) return std::move(restored_);
        visit(node, frame);
      }
    }
    return std::move(restored_);
  }

 private:
  void visit(const Node& node, std::size_t frame) {
    if (node.op == "Assign" || node.op == "AssignVariableOp") {
      if (node.inputs.size() > kValue) assign(node, frame);
    } else if (node.op == "LookupTableImportV2" || node.op == "LookupTableImport") {
      if (node.inputs.size() > kValues) import_table(node, frame);
    } else if (const std::string_view callee = callee_of(node); !callee.empty()) {
      call(node, callee, frame);
    }
  }

  std::string_view callee_of(const Node& node) const {
    if (library_.has(node.op)) return node.op;
    if (node.op != "StatefulPartitionedCall" && node.op != "PartitionedCall") return {};
    const auto f = node.def->attr().find("f");
    return f == node.def->attr().end() ? std::string_view() : std::string_view(f->second.func().name());
  }

  void call(const Node& node, std::string_view callee, std::size_t frame) {
    const auto graph = library_.function(callee);
    if (!graph || frames_.size() > kMostCalls) return;
    Frame inner{*graph, {}};
    for (const Edge& input : node.inputs) inner.args.push_back(follow(input, frame));
    frames_.push_back(std::move(inner));
  }

  void assign(const Node& node, std::size_t frame) {
    const NodeIndex variable = follow(node.inputs[kHandle], frame).state;
    const auto saved = saved_tensor(node.inputs[kValue], frame);
    if (variable >= 0 && saved) restored_.variables.emplace(variable, *saved);
  }

  void import_table(const Node& node, std::size_t frame) {
    const NodeIndex table = follow(node.inputs[kHandle], frame).state;
    const auto keys = saved_tensor(node.inputs[kKeys], frame);
    const auto values = saved_tensor(node.inputs[kValues], frame);
    if (table >= 0 && keys && values) restored_.tables.emplace(table, RestoredState::Table{*keys, *values});
  }

  std::optional<SavedTensor> saved_tensor(Edge edge, std::size_t frame) {
    const Value value = follow(edge, frame);
    if (value.restore == nullptr || value.restore->inputs.size() <= kSlices) return std::nullopt;
    const auto* names = strings_of(follow(value.restore->inputs[kTensorNames], value.frame));
    const auto* slices = strings_of(follow(value.restore->inputs[kSlices], value.frame));
    const auto index = static_cast<std::size_t>(value.output);
    if (names == nullptr || slices == nullptr || index >= names->size() || index >= slices->size()) return std::nullopt;
    return SavedTensor{(*names)[index], (*slices)[index]};
  }

  /// Where `edge` comes from, through the ops that only hand on.
  Value follow(Edge edge, std::size_t frame) {
    const Frame& in = frames_[frame];
    while (edge.node >= 0 && ++visited_ <= kMostNodes) {
      const Node& node = in.graph->nodes[static_cast<std::size_t>(edge.node)];
      Value value;
      if (node.op == "_Arg" && static_cast<std::size_t>(edge.node) < in.args.size()) {
        return in.args[static_cast<std::size_t>(edge.node)];
      }
      if (node.op == "RestoreV2") {
        value.restore = &node;
        value.frame = frame;
        value.output = edge.output;
        return value;
      }
      if (node.op == "Const") {
        value.constant = node.def;
        return value;
      }
      if (makes_variable(node.op) || makes_table(node.op)) {
        if (frame == 0) value.state = edge.node;
        return value;
      }
      const auto next = static_cast<std::size_t>(node.op == "IdentityN" ? edge.output : 0);
      if ((node.op != "Identity" && node.op != "IdentityN") || next >= node.inputs.size()) return value;
      edge = node.inputs[next];
    }
    return {};
  }

  const std::vector<std::string>* strings_of(const Value& value) {
    if (value.constant == nullptr) return nullptr;
    const auto [it, added] = strings_.try_emplace(value.constant);
    if (added) {
      const auto attr = value.constant->attr().find("value");
      if (attr != value.constant->attr().end() && attr->second.has_tensor()) {
        const auto& tensor = attr->second.tensor();
        if (auto decoded = decode_tensor(tensor, store_.content_of(tensor), {}))
          it->second = std::move(decoded->strings);
      }
    }
    return &it->second;
  }

  const Library& library_;
  const NodeStore& store_;
  RestoredState restored_;
  std::deque<Frame> frames_;
  std::unordered_map<const proto::NodeDef*, std::vector<std::string>> strings_;
  std::size_t visited_ = 0;
};

}  // namespace

bool makes_variable(std::string_view op) { return op == "VarHandleOp" || op == "VariableV2" || op == "Variable"; }

RestoredState trace_restore(const Graph& main, const Library& library, const NodeStore& store,
                            std::string_view restore_op) {
  const NodeIndex node = main.find(restore_op.substr(0, restore_op.rfind(':')));
  return node < 0 ? RestoredState() : Tracer(library, store).run(main, node);
}

}  // namespace flowport::tf
