#include "tensorflow/restore_trace.h"

#include <deque>
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
constexpr std::size_t kTensorNames = 1, kSlices = 2;  // inputs of RestoreV2

/// What an edge stands for, as far as it matters here.
struct Value {
  NodeIndex variable = -1;  ///< of the main graph
  const proto::NodeDef* constant = nullptr;
  const Node* restore = nullptr;  ///< a RestoreV2, of which `output` is meant
  std::size_t frame = 0;          ///< of `restore`
  std::int32_t output = 0;
};

struct Frame {
  const Graph* graph = nullptr;
  std::vector<Value> args;
};

class Tracer {
 public:
  using Bind = std::function<void(NodeIndex, std::string, std::string)>;

  Tracer(const Library& library, const NodeStore& store, const Bind& bind)
      : library_(library), store_(store), bind_(bind) {}

  void run(const Graph& main, NodeIndex restore_op) {
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
        if (++visited_ > kMostNodes) return;
        visit(node, frame);
      }
    }
  }

 private:
  void visit(const Node& node, std::size_t frame) {
    if (node.op == "Assign" || node.op == "AssignVariableOp") {
      if (node.inputs.size() > kValue) assign(node, frame);
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
    const Value handle = follow(node.inputs[kHandle], frame);
    const Value value = follow(node.inputs[kValue], frame);
    if (handle.variable < 0 || value.restore == nullptr || value.restore->inputs.size() <= kSlices) return;
    const auto* names = strings_of(follow(value.restore->inputs[kTensorNames], value.frame));
    const auto* slices = strings_of(follow(value.restore->inputs[kSlices], value.frame));
    const auto index = static_cast<std::size_t>(value.output);
    if (names == nullptr || slices == nullptr || index >= names->size() || index >= slices->size()) return;
    bind_(handle.variable, (*names)[index], (*slices)[index]);
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
      if (makes_variable(node.op)) {
        if (frame == 0) value.variable = edge.node;
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
  const Bind& bind_;
  std::deque<Frame> frames_;
  std::unordered_map<const proto::NodeDef*, std::vector<std::string>> strings_;
  std::size_t visited_ = 0;
};

}  // namespace

bool makes_variable(std::string_view op) { return op == "VarHandleOp" || op == "VariableV2" || op == "Variable"; }

void trace_restore(const Graph& main, const Library& library, const NodeStore& store, std::string_view restore_op,
                   const std::function<void(NodeIndex, std::string, std::string)>& bind) {
  const NodeIndex node = main.find(restore_op.substr(0, restore_op.rfind(':')));
  if (node >= 0) Tracer(library, store, bind).run(main, node);
}

}  // namespace flowport::tf
