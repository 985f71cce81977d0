// The call's side of the plugin boundary: what a flowport_node* points to. Seen by what makes calls (handler_call.cpp, the
// recogniser) and by host_table.cpp.
#pragma once

#include <algorithm>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <flowport/abi.h>
#include <fmt/format.h>

#include "convert/handler_call.h"
#include "onnx/graph.h"

namespace flowport::convert {

/// What a call is about, as the read functions of the host table tell it: a TF node, or a match of a rewrite.
class CallSubject {
 public:
  CallSubject() = default;
  CallSubject(const CallSubject&) = delete;
  CallSubject& operator=(const CallSubject&) = delete;
  virtual ~CallSubject() = default;

  virtual std::string_view op() const = 0;
  virtual std::string_view name() const = 0;
  virtual std::string_view path() const = 0;
  virtual std::size_t input_count() const = 0;
  virtual std::size_t output_count() const = 0;
  /// Nobody defines the op: it has at least `output_count` outputs.
  virtual bool may_have_more_outputs() const { return false; }
  /// First and count of the flat inputs of argument `name`; nullopt where there is no such argument.
  virtual std::optional<std::pair<std::size_t, std::size_t>> argument(std::string_view name) const = 0;
  /// Input `i`; 0 where it is absent.
  virtual Result<ir::ValueId> input(std::size_t i) = 0;
  virtual ir::DType output_type(std::size_t i) const = 0;
  /// A view that lives as long as the subject; kind FLOWPORT_ATTR_NONE where there is none.
  virtual flowport_attr attribute(std::string_view name) = 0;
  /// What made `value`, where it is a node that may be read here; else null.
  virtual std::unique_ptr<CallSubject> producer(ir::ValueId value) = 0;
};

}  // namespace flowport::convert

/// A subject as a plugin sees it: that of the call, or one that made an input of it. All of a call share the handles of the first.
struct flowport_node {
  using Emitter = flowport::convert::Emitter;
  using CallSubject = flowport::convert::CallSubject;

  static constexpr unsigned kIndexBits = 20;  // handles of one call; the bits above carry the call's generation
  static constexpr std::uint32_t kIndexMask = (1U << kIndexBits) - 1;

  /// A call about `subject_in`, of a function of `owner_in`'s, that emits to `target`. `number`: differs between calls.
  flowport_node(std::unique_ptr<CallSubject> subject_in, const flowport::registry::Owner& owner_in, Emitter& emitter_in,
                flowport::ir::Graph& target, std::uint32_t number)
      : subject(std::move(subject_in)),
        owner(owner_in),
        emitter_(emitter_in),
        generation((number & 0xfffU) << kIndexBits) {
    graphs.push_back({&target, 0});
    outputs.resize(subject->output_count());
  }

  /// What made an input, to be read only.
  flowport_node(flowport_node& reader, std::unique_ptr<CallSubject> subject_in)
      : subject(std::move(subject_in)), owner(reader.owner), emitter_(reader.emitter_), call(reader.call) {
    outputs.resize(subject->output_count());
  }

  flowport_node(const flowport_node&) = delete;
  flowport_node& operator=(const flowport_node&) = delete;

  std::unique_ptr<CallSubject> subject;
  const flowport::registry::Owner& owner;
  Emitter& emitter_;
  flowport_node* call = this;  // the call's own
  std::uint32_t generation = 0;
  std::vector<flowport::ir::ValueId> handles;
  std::vector<std::optional<flowport::ir::ValueId>> outputs;
  flowport::convert::CallOutcome outcome;
  bool failed = false;
  std::string declined;  ///< why a question was answered DECLINED, for a handler that gives that back

  // Views given out live as long as the call.
  std::deque<std::vector<std::int64_t>> dims;
  std::deque<flowport::Bytes> bytes;
  std::deque<std::vector<flowport_str>> strings;
  std::deque<std::vector<flowport_item>> items;
  std::deque<flowport_node> producers;

  struct OpenBody {
    flowport::ir::Graph* graph;
    flowport_body id;
  };
  std::vector<OpenBody> graphs;  // the innermost open graph is last
  std::vector<std::shared_ptr<flowport::ir::Graph>> bodies;

  Emitter& emitter() { return emitter_; }
  flowport::ir::Model& model() { return emitter_.model(); }
  flowport::ir::Graph& graph() { return *graphs.back().graph; }

  flowport_value give(flowport::ir::ValueId value) {
    call->handles.push_back(value);
    return call->generation | static_cast<std::uint32_t>(call->handles.size());
  }

  /// The value behind a handle, or nullopt with the failure recorded.
  std::optional<flowport::ir::ValueId> value(flowport_value handle, std::string_view what) {
    const std::uint32_t index = handle & kIndexMask;
    if ((handle & ~kIndexMask) == call->generation && index >= 1 && index <= call->handles.size())
      return call->handles[index - 1];
    fail(FLOWPORT_BAD_CALL, fmt::format("{} got the value {}, which this call does not have", what, handle),
         "a value may be used only within the call that got it");
    return std::nullopt;
  }

  flowport_status fail(flowport_status code, std::string reason, std::string hint = {}) {
    if (!call->failed) {
      call->failed = true;
      call->outcome.status = code;
      call->outcome.reason = std::move(reason);
      call->outcome.hint = std::move(hint);
    }
    return code;
  }

  flowport_type describe(const flowport::ir::Type& type) {
    auto& list = dims.emplace_back();
    for (const auto& dim : type.dims) list.push_back(dim.size);
    return {sizeof(flowport_type), static_cast<std::int32_t>(type.dtype),
            type.has_rank ? static_cast<std::int32_t>(list.size()) : -1, 0, list.data()};
  }

  /// A type that the plugin gave; dims below zero are unknown.
  static flowport::ir::Type read(const flowport_type& given) {
    flowport::ir::Type type = flowport::ir::Type::tensor(static_cast<flowport::ir::DType>(given.dtype));
    if (given.rank < 0) return type;
    type.has_rank = true;
    for (std::int32_t i = 0; i < given.rank; ++i) type.dims.push_back({std::max<std::int64_t>(given.dims[i], -1), 0});
    return type;
  }

  flowport::Result<flowport::ir::ConstantPtr> read(const flowport_tensor& given);
  flowport::Result<flowport::ir::Attribute> read(const flowport_attr& given);
};

namespace flowport::convert {

/// The functions that plugins call.
extern const flowport_host kHostTable;

/// Runs `function` for `node` and settles the outcome's status. What it emitted stays where the status is OK and is dropped
/// otherwise; node.outputs has what it bound.
void run_call(flowport_node& node, std::string_view id, const registry::HandlerFunction& function);

}  // namespace flowport::convert
