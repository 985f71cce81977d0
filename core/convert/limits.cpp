#include "convert/limits.h"

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "onnx/schema.h"

namespace flowport::convert {
namespace {

constexpr std::string_view kStatic = "give the dims of the model's inputs with --shape";

const ir::OpSignature::Slot* slot_of(const std::vector<ir::OpSignature::Slot>& slots, std::size_t i) {
  return slots.empty() ? nullptr : &slots[std::min(i, slots.size() - 1)];
}

class Check {
 public:
  Check(ir::Model& model, const registry::Target& target) : model_(model), target_(target) {}

  std::vector<LimitBreak> run() {
    for (const ir::ValueId input : model_.graph.inputs) check_input(model_.values[input]);
    ir::Model::for_each_graph(model_.graph, [&](const ir::Graph& graph) {
      for (const ir::Node& node : graph.nodes) {
        if (auto broken = broken_by(node)) add(node, *std::move(broken));
      }
    });
    return std::move(found_);
  }

 private:
  struct Reason {
    std::string text, next;
  };

  void check_input(const ir::Value& input) {
    if (!target_.static_shapes || input.type.is_static()) return;
    found_.push_back(
        {"input", input.name, {}, fmt::format("{} takes no inputs of unknown dims", target_.id), std::string(kStatic)});
  }

  void add(const ir::Node& node, Reason reason) {
    const ir::Origin& origin = model_.origins[node.origin];
    // Nodes of passes come from no TF node: the value that they make is what can be found in the model.
    std::string name = origin.tf_node;
    if (name.empty() && !node.outputs.empty()) name = model_.values[node.outputs.front()].name;
    found_.push_back({node.domain.empty() ? node.op : node.domain + "::" + node.op, std::move(name), origin.path,
                      std::move(reason.text), std::move(reason.next)});
  }

  std::optional<Reason> broken_by(const ir::Node& node) const {
    if (const auto* denial = target_.denial(node.domain, node.op)) {
      return Reason{fmt::format("{} takes no {}: {}", target_.id, node.op, denial->reason), limit_advice(target_)};
    }
    if (auto wide = too_many_dims(node)) return wide;
    const auto* signature = ir::signature_of(node.op, node.domain, model_.opset(node.domain));
    if (signature == nullptr) return std::nullopt;
    const int first = signature->inputs.empty() ? -1 : signature->inputs.front().type_var;
    const auto check = [&](const std::vector<ir::ValueId>& values,
                           const std::vector<ir::OpSignature::Slot>& slots) -> std::optional<Reason> {
      for (std::size_t i = 0; i < values.size(); ++i) {
        const auto* slot = slot_of(slots, i);
        const ir::Type& type = model_.values[values[i]].type;
        const bool is_tensor = values[i] != 0 && type.kind == ir::Type::Kind::kTensor;
        if (slot == nullptr || !is_tensor || type.dtype == ir::DType::kUndefined) continue;
        const std::string_view variable =
            slot->type_var < 0 ? std::string_view() : signature->type_vars[static_cast<std::size_t>(slot->type_var)];
        const bool is_first = slot->type_var >= 0 && slot->type_var == first;
        const auto* denial = target_.denial(node.domain, node.op, variable, is_first, type.dtype);
        if (denial == nullptr) continue;
        return Reason{
            fmt::format("{} takes no {} of {}: {}", target_.id, node.op, ir::name_of(type.dtype), denial->reason),
            "use another element type in the model, or another target"};
      }
      return std::nullopt;
    };
    if (auto reason = check(node.inputs, signature->inputs)) return reason;
    return check(node.outputs, signature->outputs);
  }

  std::optional<Reason> too_many_dims(const ir::Node& node) const {
    if (target_.max_rank == 0) return std::nullopt;
    for (const auto* values : {&node.inputs, &node.outputs}) {
      for (const ir::ValueId value : *values) {
        const ir::Type& type = model_.values[value].type;
        if (value == 0 || !type.has_rank || type.dims.size() <= target_.max_rank) continue;
        return Reason{fmt::format("{} takes tensors of rank {} at most, this one has rank {}", target_.id,
                                  target_.max_rank, type.dims.size()),
                      "join dims by Reshape in the model, or use another target"};
      }
    }
    return std::nullopt;
  }

  ir::Model& model_;
  const registry::Target& target_;
  std::vector<LimitBreak> found_;
};

}  // namespace

std::string limit_advice(const registry::Target& target) {
  return fmt::format(
      "say the TensorFlow op in ops that {} takes by a mapping (--config), take the part of the model without it "
      "(--inputs, --outputs), or choose another target (`flowport target list`)",
      target.id);
}

std::vector<LimitBreak> broken_limits(ir::Model& model, const registry::Target& target) {
  return Check(model, target).run();
}

}  // namespace flowport::convert
