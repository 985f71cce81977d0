// The call's side of the plugin boundary: what a flowport_node* points to. Only host_table.cpp and handler_call.cpp see it.
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
#include "convert/tf_attributes.h"
#include "onnx/graph.h"

/// One TF node as a handler sees it: the node being converted, or one that made an input of it. All nodes of a call share the
/// handles of the first.
struct flowport_node {
  using Frame = flowport::convert::Frame;
  using Bound = flowport::convert::Bound;
  using Emitter = flowport::convert::Emitter;

  static constexpr unsigned kIndexBits = 20;  // handles of one call; the bits above carry the call's generation
  static constexpr std::uint32_t kIndexMask = (1U << kIndexBits) - 1;

  flowport_node(Frame frame_in, const flowport::registry::Row& row_in, std::vector<Bound> inputs_in,
                flowport::convert::View view_in)
      : frame(frame_in),
        row(row_in),
        inputs(std::move(inputs_in)),
        view(view_in),
        attributes(frame_in.engine().program(), frame.node(), view_in) {
    generation = (frame.engine().next_generation() & 0xfffU) << kIndexBits;
    graphs.push_back({frame.scope().target, 0});
    outputs.resize(static_cast<std::size_t>(frame.engine().program().output_count(frame.node())));
    path = frame.scope().path();
  }

  /// The node that made an input, to be read only.
  flowport_node(flowport_node& reader, Frame frame_in, std::vector<Bound> inputs_in)
      : frame(frame_in),
        row(reader.row),
        inputs(std::move(inputs_in)),
        call(reader.call),
        view(reader.view),
        attributes(frame_in.engine().program(), frame.node(), reader.view) {
    outputs.resize(static_cast<std::size_t>(frame.engine().program().output_count(frame.node())));
    path = frame.scope().path();
  }

  flowport_node(const flowport_node&) = delete;
  flowport_node& operator=(const flowport_node&) = delete;

  Frame frame;
  const flowport::registry::Row& row;
  std::vector<Bound> inputs;
  flowport_node* call = this;  // the node being converted
  flowport::convert::View view;
  flowport::convert::TfAttributes attributes;
  std::string path;
  std::uint32_t generation = 0;
  std::vector<flowport::ir::ValueId> handles;
  std::vector<std::optional<flowport::ir::ValueId>> outputs;
  flowport::convert::CallOutcome outcome;
  bool failed = false;

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

  Emitter& emitter() { return frame.engine().emitter(); }
  flowport::ir::Model& model() { return frame.engine().model(); }
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

/// The functions that handlers call.
extern const flowport_host kHostTable;

}  // namespace flowport::convert
