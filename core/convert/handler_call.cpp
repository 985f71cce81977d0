#include "convert/handler_call.h"

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "convert/tf_attributes.h"
#include "convert/types.h"
#include "host/crash_note.h"

namespace {

using flowport::Fault;
using flowport::Problem;
using flowport::Result;
using flowport::convert::Bound;
using flowport::convert::CallOutcome;
using flowport::convert::Emitter;
using flowport::convert::Frame;
namespace ir = flowport::ir;

constexpr unsigned kIndexBits = 20;  // handles of one call; the bits above carry the call's generation
constexpr std::uint32_t kIndexMask = (1U << kIndexBits) - 1;

std::string_view to_view(flowport_str s) { return s.data == nullptr ? std::string_view() : std::string_view(s.data, s.size); }
flowport_str to_str(std::string_view s) { return {s.data(), s.size()}; }

}  // namespace

/// The call's side of the boundary: what a flowport_node* points to.
struct flowport_node {
  flowport_node(Frame& frame_in, const flowport::registry::Row& row_in, const std::vector<Bound>& inputs_in)
      : frame(frame_in), row(row_in), inputs(inputs_in), attributes(frame_in.engine().program(), frame_in.node()) {
    generation = (frame.engine().next_generation() & 0xfffU) << kIndexBits;
    graphs.push_back({frame.scope().target, 0});
    outputs.resize(static_cast<std::size_t>(frame.engine().program().output_count(frame.node())));
    path = frame.scope().path();
  }

  Frame& frame;
  const flowport::registry::Row& row;
  const std::vector<Bound>& inputs;
  flowport::convert::TfAttributes attributes;
  std::string path;
  std::uint32_t generation = 0;
  std::vector<ir::ValueId> handles;
  std::vector<std::optional<ir::ValueId>> outputs;
  CallOutcome outcome;
  bool failed = false;

  // Views given out live as long as the call.
  std::deque<std::vector<std::int64_t>> dims;
  std::deque<flowport::Bytes> bytes;
  std::deque<std::vector<flowport_str>> strings;
  std::deque<std::vector<flowport_item>> items;

  struct OpenBody {
    ir::Graph* graph;
    flowport_body id;
  };
  std::vector<OpenBody> graphs;  // the innermost open graph is last
  std::vector<std::shared_ptr<ir::Graph>> bodies;

  Emitter& emitter() { return frame.engine().emitter(); }
  ir::Model& model() { return frame.engine().model(); }
  ir::Graph& graph() { return *graphs.back().graph; }

  flowport_value give(ir::ValueId value) {
    handles.push_back(value);
    return generation | static_cast<std::uint32_t>(handles.size());
  }

  /// The value behind a handle, or nullopt with the failure recorded.
  std::optional<ir::ValueId> value(flowport_value handle, std::string_view what) {
    const std::uint32_t index = handle & kIndexMask;
    if ((handle & ~kIndexMask) == generation && index >= 1 && index <= handles.size()) return handles[index - 1];
    fail(FLOWPORT_BAD_CALL, fmt::format("{} got the value {}, which this call does not have", what, handle),
         "a value may be used only within the call that got it");
    return std::nullopt;
  }

  flowport_status fail(flowport_status code, std::string reason, std::string hint = {}) {
    if (!failed) {
      failed = true;
      outcome.status = code;
      outcome.reason = std::move(reason);
      outcome.hint = std::move(hint);
    }
    return code;
  }

  flowport_type describe(const ir::Type& type) {
    auto& list = dims.emplace_back();
    for (const auto& dim : type.dims) list.push_back(dim.size);
    return {sizeof(flowport_type), static_cast<std::int32_t>(type.dtype), type.has_rank ? static_cast<std::int32_t>(list.size()) : -1,
            0, list.data()};
  }

  /// A type that the plugin gave; dims below zero are unknown.
  static ir::Type read(const flowport_type& given) {
    ir::Type type = ir::Type::tensor(static_cast<ir::DType>(given.dtype));
    if (given.rank < 0) return type;
    type.has_rank = true;
    for (std::int32_t i = 0; i < given.rank; ++i) type.dims.push_back({std::max<std::int64_t>(given.dims[i], -1), 0});
    return type;
  }

  Result<ir::ConstantPtr> read(const flowport_tensor& given);
  Result<ir::Attribute> read(const flowport_attr& given);
};

Result<ir::ConstantPtr> flowport_node::read(const flowport_tensor& given) {
  const auto bad = [](std::string what) { return flowport::problem(Fault::kInternal, std::move(what)); };
  const auto dtype = static_cast<ir::DType>(given.type.dtype);
  const std::size_t element = dtype == ir::DType::kString ? sizeof(flowport_str) : ir::size_of(dtype);
  if (element == 0) return bad(fmt::format("a constant has the unknown element type {}", given.type.dtype));
  if (given.type.rank < 0) return bad("a constant needs a known rank");
  std::vector<std::int64_t> shape;
  std::size_t count = 1;
  for (std::int32_t i = 0; i < given.type.rank; ++i) {
    const std::int64_t dim = given.type.dims[i];
    if (dim < 0 || (dim != 0 && count > (std::size_t{1} << 40) / static_cast<std::size_t>(dim))) {
      return bad(fmt::format("dim {} of a constant is {}", i, dim));
    }
    shape.push_back(dim);
    count *= static_cast<std::size_t>(dim);
  }
  if (given.bytes != count * element) {
    return bad(fmt::format("a constant has {} bytes, its type needs {}", given.bytes, count * element));
  }
  if (dtype == ir::DType::kString) {
    std::vector<std::string> list;
    const auto* views = static_cast<const flowport_str*>(given.data);
    for (std::size_t i = 0; i < count; ++i) list.emplace_back(to_view(views[i]));
    return ir::Constant::make_strings(std::move(shape), std::move(list));
  }
  std::vector<std::byte> copy(given.bytes);
  if (given.bytes != 0) std::memcpy(copy.data(), given.data, given.bytes);
  return ir::Constant::make(dtype, std::move(shape), flowport::Bytes(std::move(copy)));
}

Result<ir::Attribute> flowport_node::read(const flowport_attr& given) {
  ir::Attribute attribute;
  attribute.name = to_view(given.name);
  const auto list = [&]<typename T>(T) {
    const auto* p = static_cast<const T*>(given.data);
    return std::vector<T>(p, p + given.count);
  };
  switch (given.kind) {
    case FLOWPORT_ATTR_INT: attribute.value = *static_cast<const std::int64_t*>(given.data); break;
    case FLOWPORT_ATTR_FLOAT: attribute.value = *static_cast<const float*>(given.data); break;
    case FLOWPORT_ATTR_STRING: attribute.value = std::string(to_view(*static_cast<const flowport_str*>(given.data))); break;
    case FLOWPORT_ATTR_INTS: attribute.value = list(std::int64_t{}); break;
    case FLOWPORT_ATTR_FLOATS: attribute.value = list(float{}); break;
    case FLOWPORT_ATTR_STRINGS: {
      std::vector<std::string> texts;
      for (const auto& s : list(flowport_str{})) texts.emplace_back(to_view(s));
      attribute.value = std::move(texts);
      break;
    }
    case FLOWPORT_ATTR_TENSOR: {
      auto constant = read(*static_cast<const flowport_tensor*>(given.data));
      if (!constant) return tl::make_unexpected(constant.error());
      attribute.value = *constant;
      break;
    }
    case FLOWPORT_ATTR_BODY: {
      const auto id = *static_cast<const flowport_body*>(given.data);
      if (id == 0 || id > bodies.size()) return flowport::problem(Fault::kInternal, fmt::format("there is no body {}", id));
      attribute.value = bodies[id - 1];
      break;
    }
    default:
      return flowport::problem(Fault::kInternal,
                               fmt::format("attribute '{}' has kind {}, which cannot be emitted", attribute.name, given.kind));
  }
  return attribute;
}

namespace {

using Node = flowport_node;

flowport_status node_info(Node* node, flowport_node_info* out) {
  const auto& tf_node = node->frame.node();
  out->num_inputs = static_cast<std::uint32_t>(node->inputs.size());
  out->num_outputs = static_cast<std::uint32_t>(node->outputs.size());
  out->reserved = 0;
  out->op = to_str(tf_node.op);
  out->name = to_str(tf_node.name);
  out->path = to_str(node->path);
  return FLOWPORT_OK;
}

flowport_status node_arity(Node* node, flowport_str arg, std::uint32_t* first, std::uint32_t* count) {
  const auto range = node->frame.engine().program().input_range(node->frame.node(), to_view(arg));
  if (!range) {
    return node->fail(FLOWPORT_DECLINED, fmt::format("{} has no argument '{}'", node->frame.node().op, to_view(arg)));
  }
  *first = static_cast<std::uint32_t>(range->first);
  *count = static_cast<std::uint32_t>(range->second);
  return FLOWPORT_OK;
}

flowport_status node_input(Node* node, std::uint32_t i, flowport_value* out) {
  if (i >= node->inputs.size()) {
    return node->fail(FLOWPORT_BAD_CALL, fmt::format("input {} was asked for; the node has {}", i, node->inputs.size()));
  }
  auto value = node->frame.engine().tensor(node->inputs[i]);
  if (!value) return node->fail(FLOWPORT_UNSUPPORTED, value.error().what, value.error().next);
  *out = node->give(*value);
  return FLOWPORT_OK;
}

flowport_status node_output_type(Node* node, std::uint32_t i, flowport_type* out) {
  if (i >= node->outputs.size()) {
    return node->fail(FLOWPORT_BAD_CALL, fmt::format("output {} was asked for; the node has {}", i, node->outputs.size()));
  }
  const auto type = node->frame.engine().program().output_type(node->frame.node(), static_cast<std::int32_t>(i));
  *out = node->describe(ir::Type::tensor(flowport::convert::to_onnx(type)));
  return FLOWPORT_OK;
}

flowport_status node_attr(Node* node, flowport_str name, flowport_attr* out) {
  *out = node->attributes.get(to_view(name));
  return FLOWPORT_OK;
}

flowport_status value_type(Node* node, flowport_value handle, flowport_type* out) {
  const auto value = node->value(handle, "value_type");
  if (!value) return FLOWPORT_BAD_CALL;
  *out = node->describe(node->model().values[*value].type);
  return FLOWPORT_OK;
}

flowport_status value_const(Node* node, flowport_value handle, flowport_tensor* out) {
  const auto value = node->value(handle, "value_const");
  if (!value) return FLOWPORT_BAD_CALL;
  const auto& constant = node->model().values[*value].constant;
  out->type = node->describe(node->model().values[*value].type);
  out->data = nullptr;
  out->bytes = 0;
  if (constant == nullptr) return FLOWPORT_OK;
  static constexpr char kEmpty = 0;  // known and empty is not unknown
  if (constant->dtype() == ir::DType::kString) {
    auto& views = node->strings.emplace_back();
    for (const auto& text : constant->strings()) views.push_back(to_str(text));
    out->data = views.empty() ? static_cast<const void*>(&kEmpty) : views.data();
    out->bytes = views.size() * sizeof(flowport_str);
    return FLOWPORT_OK;
  }
  const auto& held = node->bytes.emplace_back(constant->bytes());
  out->data = held.size() == 0 ? static_cast<const void*>(&kEmpty) : held.data();
  out->bytes = held.size();
  return FLOWPORT_OK;
}

flowport_status value_items(Node* node, flowport_value handle, const flowport_item** out, std::uint32_t* count) {
  const auto id = node->value(handle, "value_items");
  if (!id) return FLOWPORT_BAD_CALL;
  const auto& value = node->model().values[*id];
  *out = nullptr;
  *count = 0;
  auto& list = node->items.emplace_back();
  if (value.constant != nullptr && value.constant->rank() <= 1 &&
      (value.type.dtype == ir::DType::kInt64 || value.type.dtype == ir::DType::kInt32)) {
    for (const auto number : value.constant->as_ints()) list.push_back({number, 1, 0});
  } else if (value.content != nullptr) {
    for (const auto& element : value.content->elements) {
      list.push_back({element.known ? element.value : -1, element.known ? 1U : 0U, element.symbol});
    }
  } else {
    return FLOWPORT_OK;
  }
  *out = list.data();
  *count = static_cast<std::uint32_t>(list.size());
  return FLOWPORT_OK;
}

flowport_status emit(Node* node, const flowport_op* op, flowport_value* outputs) {
  ir::Node emitted;
  emitted.op = to_view(op->type);
  emitted.domain = to_view(op->domain);
  for (std::uint32_t i = 0; i < op->num_inputs; ++i) {
    if (op->inputs[i] == 0) {
      emitted.inputs.push_back(0);
      continue;
    }
    const auto value = node->value(op->inputs[i], fmt::format("input {} of {}", i, emitted.op));
    if (!value) return FLOWPORT_BAD_CALL;
    emitted.inputs.push_back(*value);
  }
  while (!emitted.inputs.empty() && emitted.inputs.back() == 0) emitted.inputs.pop_back();
  for (std::uint32_t i = 0; i < op->num_attrs; ++i) {
    auto attribute = node->read(op->attrs[i]);
    if (!attribute) return node->fail(FLOWPORT_BAD_CALL, fmt::format("{}: {}", emitted.op, attribute.error().what));
    emitted.attributes.push_back(*std::move(attribute));
  }
  if (node->handles.size() + op->num_outputs > kIndexMask) return node->fail(FLOWPORT_NO_MEMORY, "too many values in one call");
  auto values = node->emitter().emit(node->graph(), std::move(emitted), op->num_outputs);
  if (!values) {
    const auto code = values.error().fault == Fault::kUnsupported ? FLOWPORT_UNSUPPORTED : FLOWPORT_BAD_CALL;
    return node->fail(code, values.error().what, values.error().next);
  }
  for (std::uint32_t i = 0; i < op->num_outputs; ++i) outputs[i] = node->give((*values)[i]);
  return FLOWPORT_OK;
}

flowport_status constant(Node* node, const flowport_tensor* tensor, flowport_value* out) {
  auto made = node->read(*tensor);
  if (!made) return node->fail(FLOWPORT_BAD_CALL, made.error().what);
  *out = node->give(node->model().add_constant(*made));
  return FLOWPORT_OK;
}

flowport_status set_type(Node* node, flowport_value handle, const flowport_type* given) {
  const auto id = node->value(handle, "set_type");
  if (!id) return FLOWPORT_BAD_CALL;
  auto& type = node->model().values[*id].type;
  const ir::Type stated = flowport_node::read(*given);
  if (type.dtype == ir::DType::kUndefined) type.dtype = stated.dtype;
  const bool fits = type.dtype == stated.dtype && (!stated.has_rank || !type.has_rank || stated.dims.size() == type.dims.size());
  if (!fits) return node->fail(FLOWPORT_BAD_CALL, "set_type contradicts what is known of the value");
  if (!stated.has_rank) return FLOWPORT_OK;
  if (!type.has_rank) {
    type.has_rank = true;
    type.dims = stated.dims;
    return FLOWPORT_OK;
  }
  for (std::size_t i = 0; i < stated.dims.size(); ++i) {
    if (!stated.dims[i].is_known()) continue;
    if (type.dims[i].is_known() && type.dims[i].size != stated.dims[i].size) {
      return node->fail(FLOWPORT_BAD_CALL, fmt::format("set_type contradicts dim {}: {} is not {}", i, stated.dims[i].size,
                                                       type.dims[i].size));
    }
    type.dims[i] = stated.dims[i];
  }
  return FLOWPORT_OK;
}

flowport_status bind_output(Node* node, std::uint32_t i, flowport_value handle) {
  if (i >= node->outputs.size()) {
    return node->fail(FLOWPORT_BAD_CALL, fmt::format("output {} was bound; the node has {}", i, node->outputs.size()));
  }
  if (node->outputs[i]) return node->fail(FLOWPORT_BAD_CALL, fmt::format("output {} was bound twice", i));
  const auto value = node->value(handle, "bind_output");
  if (!value) return FLOWPORT_BAD_CALL;
  node->outputs[i] = *value;
  return FLOWPORT_OK;
}

std::uint32_t opset(Node* node, flowport_str domain) {
  return static_cast<std::uint32_t>(std::max(node->emitter().target().opset(to_view(domain)), 0));
}

flowport_status option(Node* node, flowport_str name, flowport_str* out) {
  const auto& options = node->row.owner->options;
  const auto it = options.find(std::string(to_view(name)));
  if (it == options.end()) return FLOWPORT_DECLINED;
  *out = to_str(it->second);
  return FLOWPORT_OK;
}

void note(Node* node, flowport_str text) { node->outcome.notes.emplace_back(to_view(text)); }

flowport_status fail(Node* node, flowport_status code, flowport_str text, flowport_str hint) {
  return node->fail(code, std::string(to_view(text)), std::string(to_view(hint)));
}

flowport_status begin_body(Node* node, flowport_body* out) {
  node->bodies.push_back(node->frame.engine().new_body(std::string(node->frame.node().op) + "_body"));
  *out = static_cast<flowport_body>(node->bodies.size());
  node->graphs.push_back({node->bodies.back().get(), *out});
  return FLOWPORT_OK;
}

flowport_status body_input(Node* node, const flowport_type* type, flowport_value* out) {
  if (node->graphs.size() < 2) return node->fail(FLOWPORT_BAD_CALL, "body input without an open body");
  const auto value = node->model().add_value(flowport_node::read(*type));
  node->graph().inputs.push_back(value);
  *out = node->give(value);
  return FLOWPORT_OK;
}

flowport_status end_body(Node* node, flowport_body body, const flowport_value* outputs, std::uint32_t count) {
  if (node->graphs.size() < 2 || node->graphs.back().id != body) {
    return node->fail(FLOWPORT_BAD_CALL, fmt::format("body {} is not the innermost open body", body));
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto value = node->value(outputs[i], "body output");
    if (!value) return FLOWPORT_BAD_CALL;
    node->graph().outputs.push_back(*value);
  }
  node->graphs.pop_back();
  return FLOWPORT_OK;
}

const void* interface_of(flowport_str id) {
  static constexpr flowport_body_api kBodyApi{sizeof(flowport_body_api), 0, begin_body, body_input, end_body};
  return to_view(id) == FLOWPORT_BODY_API ? &kBodyApi : nullptr;
}

constexpr flowport_host kHost{
    sizeof(flowport_host), FLOWPORT_ABI_MAJOR, FLOWPORT_ABI_MINOR, node_info, node_arity, node_input, node_output_type,
    node_attr, value_type, value_const, value_items, emit, constant, set_type, bind_output, opset, option, note, fail,
    interface_of,
};

}  // namespace

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
  for (std::size_t i = 0; i < outcome.outputs.size(); ++i) {
    const Bound& output = outcome.outputs[i];
    if (!output.is_tensor()) continue;  // never bound: fine as long as nothing uses it
    const ir::DType wanted = to_onnx(program.output_type(frame.node(), static_cast<std::int32_t>(i)));
    auto& type = model.values[output.id].type;
    if (wanted == ir::DType::kUndefined || type.dtype == wanted) continue;
    if (type.dtype == ir::DType::kUndefined) {
      type.dtype = wanted;
      continue;
    }
    return refuse(fmt::format("output {} was bound to a {} tensor, TensorFlow has {}", i, ir::name_of(type.dtype),
                              ir::name_of(wanted)));
  }
  return outcome;
}

CallOutcome call_handler(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs) {
  flowport_node node(frame, row, inputs);
  auto& emitter = frame.engine().emitter();
  const auto savepoint = emitter.savepoint(*frame.scope().target);
  flowport_status status = FLOWPORT_OK;
  {
    const host::CrashNote crash_note(row.owner->id, row.id, frame.node().name);
    status = row.convert(&kHost, &node, row.state);
  }
  if (status == FLOWPORT_OK && node.failed) {
    node.outcome.status = FLOWPORT_PLUGIN_BUG;
    node.outcome.reason = "returned OK after a failure: " + node.outcome.reason;
  } else if (status == FLOWPORT_OK && node.graphs.size() != 1) {
    node.fail(FLOWPORT_PLUGIN_BUG, "left a body open");
  } else if (status == FLOWPORT_OK && std::none_of(node.outputs.begin(), node.outputs.end(), [](const auto& o) { return !!o; })) {
    node.fail(FLOWPORT_PLUGIN_BUG, "returned OK without binding an output");
  } else if (status != FLOWPORT_OK) {
    if (!node.failed) node.fail(status, "gave no reason");
    if (status < FLOWPORT_OK || status > FLOWPORT_PLUGIN_BUG) {
      node.outcome.status = FLOWPORT_PLUGIN_BUG;
      node.outcome.reason = fmt::format("returned the unknown status {}", status);
    } else {
      node.outcome.status = status;
    }
  }
  for (const auto& output : node.outputs) node.outcome.outputs.push_back(output ? Bound::tensor(*output) : Bound::unbound());
  CallOutcome outcome = settle(frame, std::move(node.outcome));
  if (outcome.status != FLOWPORT_OK) emitter.roll_back(savepoint);
  return outcome;
}

}  // namespace flowport::convert
