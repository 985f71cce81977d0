#include "convert/handler_call.h"

#include <algorithm>
#include <exception>
#include <utility>

#include <fmt/format.h>

#include "convert/call_node.h"
#include "convert/tf_attributes.h"
#include "convert/types.h"
#include "host/crash_note.h"

namespace flowport::convert {

CallOutcome settle(Frame& frame, CallOutcome outcome) {
  if (outcome.status != FLOWPORT_OK) return outcome;
  const auto& program = frame.engine().program();
  auto& model = frame.engine().model();
  const auto refuse = [&](std::string reason) {
    CallOutcome refused;
    refused.status = FLOWPORT_PLUGIN_BUG;
    refused.reason = std::move(reason);
    refused.hint = "report this to the plugin's author";
    return refused;
  };
  const auto* facts = frame.node().facts;
  for (std::size_t i = 0; i < outcome.outputs.size(); ++i) {
    const Bound& output = outcome.outputs[i];
    if (!output.is_tensor()) continue;  // never bound: fine as long as nothing uses it
    const ir::DType wanted = carried(program.output_type(frame.node(), static_cast<std::int32_t>(i)));
    auto& type = model.values[output.id].type;
    if (wanted == ir::DType::kUndefined || type.dtype == wanted) continue;
    if (type.dtype == ir::DType::kUndefined) {
      type.dtype = wanted;
      continue;
    }
    if (facts != nullptr && (*facts)[i].presumed) continue;
    return refuse(fmt::format("output {} was bound to a {} tensor, TensorFlow has {}", i, ir::name_of(type.dtype),
                              ir::name_of(wanted)));
  }
  return outcome;
}

void run_call(flowport_node& node, std::string_view id, const registry::HandlerFunction& function) {
  auto& emitter = node.emitter();
  const auto savepoint = emitter.savepoint(node.graph());
  flowport_status status = FLOWPORT_OK;
  {
    const host::CrashNote crash_note(node.owner.id, id, node.subject->name());
    try {
      status = function.convert(&kHostTable, &node, function.state);
    } catch (const std::exception& e) {
      status = node.fail(FLOWPORT_PLUGIN_BUG, fmt::format("let an exception out: {}", e.what()));
    } catch (...) {
      status = node.fail(FLOWPORT_PLUGIN_BUG, "let something out that is not std::exception");
    }
  }
  if (status == FLOWPORT_OK && node.failed) {
    node.outcome.status = FLOWPORT_PLUGIN_BUG;
    node.outcome.reason = "returned OK after a failure: " + node.outcome.reason;
  } else if (status == FLOWPORT_OK && node.graphs.size() != 1) {
    node.fail(FLOWPORT_PLUGIN_BUG, "left a body open");
  } else if (status == FLOWPORT_OK &&
             std::none_of(node.outputs.begin(), node.outputs.end(), [](const auto& o) { return !!o; })) {
    node.fail(FLOWPORT_PLUGIN_BUG, "returned OK without binding an output");
  } else if (status != FLOWPORT_OK) {
    if (!node.failed) {
      const bool gives_back = status == FLOWPORT_DECLINED && !node.declined.empty();
      node.fail(status, gives_back ? node.declined : "gave no reason");
    }
    if (status < FLOWPORT_OK || status > FLOWPORT_PLUGIN_BUG) {
      node.outcome.status = FLOWPORT_PLUGIN_BUG;
      node.outcome.reason = fmt::format("returned the unknown status {}", status);
    } else {
      node.outcome.status = status;
    }
  }
  if (node.outcome.status != FLOWPORT_OK) emitter.roll_back(savepoint);
}

namespace {

class TfSubject : public CallSubject {
 public:
  TfSubject(Frame frame, std::vector<Bound> inputs, View view)
      : frame_(frame),
        program_(frame_.engine().program()),
        inputs_(std::move(inputs)),
        view_(view),
        attributes_(program_, frame_.node(), view),
        path_(frame_.scope().path()),
        output_count_(static_cast<std::size_t>(program_.output_count(frame_.node()))) {}

  std::string_view op() const override { return frame_.node().op; }
  std::string_view name() const override { return frame_.node().name; }
  std::string_view path() const override { return path_; }
  std::size_t input_count() const override { return inputs_.size(); }
  std::size_t output_count() const override { return output_count_; }
  bool may_have_more_outputs() const override { return frame_.node().facts != nullptr; }
  std::optional<std::pair<std::size_t, std::size_t>> argument(std::string_view name) const override {
    const auto range = program().input_range(frame_.node(), name);
    if (!range) return std::nullopt;
    return std::pair{static_cast<std::size_t>(range->first), static_cast<std::size_t>(range->second)};
  }
  Result<ir::ValueId> input(std::size_t i) override { return frame_.engine().tensor(inputs_[i]); }
  ir::DType output_type(std::size_t i) const override {
    const auto type = program().output_type(frame_.node(), static_cast<std::int32_t>(i));
    return view_ == View::kPart ? carried(type) : to_onnx(type);
  }
  flowport_attr attribute(std::string_view name) override { return attributes_.get(name); }
  std::unique_ptr<CallSubject> producer(ir::ValueId value) override {
    auto& engine = frame_.engine();
    const auto place = engine.maker_of(value);
    // A node of another graph runs under other conditions: what it was made from may not be visible here.
    if (!place || place->scope->target != frame_.scope().target) return nullptr;
    Frame frame(engine, *place->scope, place->edge.node);
    std::vector<Bound> inputs;
    for (std::size_t i = 0; i < frame.node().inputs.size(); ++i) inputs.push_back(frame.input(i));
    return std::make_unique<TfSubject>(frame, std::move(inputs), view_);
  }

 private:
  const tf::Program& program() const { return program_; }

  Frame frame_;
  const tf::Program& program_;
  std::vector<Bound> inputs_;
  View view_;
  TfAttributes attributes_;
  std::string path_;
  std::size_t output_count_;
};

}  // namespace

CallOutcome call_handler(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs, View view) {
  const auto function = row.function();
  if (!function) {
    CallOutcome refused;
    refused.status = FLOWPORT_PLUGIN_BUG;
    refused.reason = function.error().what;
    refused.hint = function.error().next;
    return refused;
  }
  auto& engine = frame.engine();
  auto& target = *frame.scope().target;
  const auto savepoint = engine.emitter().savepoint(target);
  flowport_node node(std::make_unique<TfSubject>(frame, inputs, view), *row.owner, engine.emitter(), target,
                     engine.next_generation());
  run_call(node, row.id, *function);
  for (const auto& output : node.outputs)
    node.outcome.outputs.push_back(output ? Bound::tensor(*output) : Bound::unbound());
  const bool was_ok = node.outcome.status == FLOWPORT_OK;
  CallOutcome outcome = settle(frame, std::move(node.outcome));
  if (was_ok && outcome.status != FLOWPORT_OK) engine.emitter().roll_back(savepoint);
  return outcome;
}

}  // namespace flowport::convert
