#include "write/check.h"

#include <algorithm>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <google/protobuf/arena.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>

namespace flowport::write {
namespace {

/// Every node, bodies included; those of a body before the node that has it.
std::vector<const onnx::NodeProto*> nodes_of(const onnx::GraphProto& main) {
  std::vector<const onnx::GraphProto*> graphs{&main};
  std::vector<const onnx::NodeProto*> nodes;
  while (!graphs.empty()) {
    const onnx::GraphProto& graph = *graphs.back();
    graphs.pop_back();
    for (auto node = graph.node().rbegin(); node != graph.node().rend(); ++node) {
      nodes.push_back(&*node);
      for (const auto& attribute : node->attribute()) {
        if (attribute.has_g()) graphs.push_back(&attribute.g());
      }
    }
  }
  std::reverse(nodes.begin(), nodes.end());
  return nodes;
}

/// `node` with empty bodies: what is wrong with it is wrong with it alone.
onnx::NodeProto without_bodies(const onnx::NodeProto& node) {
  onnx::NodeProto alone;
  alone.set_name(node.name());
  alone.set_op_type(node.op_type());
  alone.set_domain(node.domain());
  *alone.mutable_input() = node.input();
  *alone.mutable_output() = node.output();
  for (const auto& attribute : node.attribute()) {
    onnx::AttributeProto& copy = *alone.add_attribute();
    if (!attribute.has_g()) {
      copy = attribute;
      continue;
    }
    copy.set_name(attribute.name());
    copy.set_type(attribute.type());
    copy.mutable_g()->set_name(attribute.g().name());
  }
  return alone;
}

std::optional<std::string> between(std::string_view text, std::string_view before, std::string_view after) {
  const auto start = text.find(before);
  if (start == std::string_view::npos) return std::nullopt;
  const auto end = text.find(after, start + before.size());
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(text.substr(start + before.size(), end - start - before.size()));
}

class Refusal {
 public:
  Refusal(const Contents& contents, const onnx::ModelProto& model) : contents_(contents), model_(model) {}

  Problem explain(const std::string& message) const {
    Problem result{
        Fault::kCheck, {}, {}, "this is a fault of the handler or the pass that made it: report it to its owner"};
    std::string reason = message;
    if (const auto node = faulty_alone()) {
      reason = node->second;
      result.where = place_of_name(node->first->name());
    } else if (const auto name = between(message, "name: ", " OpType: ")) {
      result.where = place_of_name(*name);
    } else if (const auto value = between(message, "'", "'")) {
      result.where = place_of_value(*value);
    }
    std::replace(reason.begin(), reason.end(), '\n', ' ');
    result.what = "onnx's checker refuses the model: " + reason;
    return result;
  }

 private:
  /// The first node that the checker refuses whatever is around it, and why.
  std::optional<std::pair<const onnx::NodeProto*, std::string>> faulty_alone() const {
    onnx::checker::CheckerContext context;
    std::unordered_map<std::string, int> imports;
    for (const auto& import : model_.opset_import()) imports[import.domain()] = static_cast<int>(import.version());
    context.set_ir_version(static_cast<int>(model_.ir_version()));
    context.set_opset_imports(std::move(imports));
    const onnx::checker::LexicalScopeContext scope;
    for (const onnx::NodeProto* node : nodes_of(model_.graph())) {
      try {
        onnx::checker::check_node(without_bodies(*node), context, scope);
      } catch (const std::exception& error) {
        return std::pair(node, std::string(error.what()));
      }
    }
    return std::nullopt;
  }

  std::string place_of_name(const std::string& name) const {
    for (const ir::Graph* graph : contents_.outline.graphs) {
      for (const ir::Node& node : graph->nodes) {
        if (name_of(contents_.model, node) == name) return place_of(contents_.model, node);
      }
    }
    return fmt::format("node '{}'", name);
  }

  /// The last node that makes `value`.
  std::string place_of_value(const std::string& value) const {
    std::string place = fmt::format("value '{}'", value);
    for (const ir::Graph* graph : contents_.outline.graphs) {
      for (const ir::Node& node : graph->nodes) {
        const bool makes = std::any_of(node.outputs.begin(), node.outputs.end(), [&](ir::ValueId id) {
          return id != 0 && contents_.model.values[id].name == value;
        });
        if (makes) place = fmt::format("value '{}' of {}", value, place_of(contents_.model, node));
      }
    }
    return place;
  }

  const Contents& contents_;
  const onnx::ModelProto& model_;
};

/// The checker only warns of these, on standard output, and no runtime has them.
Result<void> refuse_experimental(const Contents& contents) {
  for (const ir::Graph* graph : contents.outline.graphs) {
    for (const ir::Node& node : graph->nodes) {
      onnx::NodeProto proto;
      proto.set_op_type(node.op);
      proto.set_domain(node.domain);
      if (!onnx::checker::check_is_experimental_op(proto)) continue;
      return problem(Fault::kCheck, fmt::format("'{}' is an experimental op that ONNX no longer has", node.op),
                     place_of(contents.model, node), "use another op in the handler named here");
    }
  }
  return {};
}

Result<void> check_interface(const ir::Model& model) {
  const auto untyped = [&](const std::vector<ir::ValueId>& ids) {
    return std::find_if(ids.begin(), ids.end(),
                        [&](ir::ValueId id) { return model.values[id].type.dtype == ir::DType::kUndefined; });
  };
  for (const auto* ids : {&model.graph.inputs, &model.graph.outputs}) {
    if (const auto found = untyped(*ids); found != ids->end()) {
      return problem(Fault::kCheck, "an input or output of the model has no known element type",
                     fmt::format("'{}'", model.values[*found].name),
                     "this is a fault of the handler that made it: report it to its owner");
    }
  }
  return {};
}

}  // namespace

Result<void> check(const Contents& contents) {
  if (const std::size_t depth = nesting(contents.outline); depth > kDeepestNesting) {
    return problem(Fault::kCheck, fmt::format("conditions and loops are nested {} deep in the ONNX model", depth), {},
                   fmt::format("ONNX files can be read with up to {}: take the model apart", kDeepestNesting));
  }
  if (Result<void> typed = check_interface(contents.model); !typed) return typed;
  if (Result<void> known = refuse_experimental(contents); !known) return known;

  google::protobuf::Arena arena;
  auto& proto = *google::protobuf::Arena::CreateMessage<onnx::ModelProto>(&arena);
  if (!proto.ParseFromString(Encoder(contents, Encoder::Detail::kSkeleton).text())) {
    return problem(Fault::kInternal, "the written model cannot be read back");
  }
  try {
    onnx::checker::check_model(proto);
  } catch (const onnx::checker::ValidationError& error) {
    return tl::make_unexpected(Refusal(contents, proto).explain(error.std::runtime_error::what()));
  } catch (const std::exception& error) {
    return tl::make_unexpected(Refusal(contents, proto).explain(error.what()));
  }
  return {};
}

}  // namespace flowport::write
