// The host's functions, as abi.h specifies them.
#include <cstring>

#include "convert/call_node.h"
#include "convert/types.h"

namespace {

using flowport::Fault;
using flowport::Result;
namespace ir = flowport::ir;

std::string_view to_view(flowport_str s) {
  return s.data == nullptr ? std::string_view() : std::string_view(s.data, s.size);
}
flowport_str to_str(std::string_view s) { return {s.data(), s.size()}; }

}  // namespace

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
    case FLOWPORT_ATTR_STRING:
      attribute.value = std::string(to_view(*static_cast<const flowport_str*>(given.data)));
      break;
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
      if (id == 0 || id > bodies.size())
        return flowport::problem(Fault::kInternal, fmt::format("there is no body {}", id));
      attribute.value = bodies[id - 1];
      break;
    }
    default:
      return flowport::problem(Fault::kInternal, fmt::format("attribute '{}' has kind {}, which cannot be emitted",
                                                             attribute.name, given.kind));
  }
  return attribute;
}

namespace {

using Node = flowport_node;

flowport_status node_info(Node* node, flowport_node_info* out) {
  out->num_inputs = static_cast<std::uint32_t>(node->subject->input_count());
  out->num_outputs = static_cast<std::uint32_t>(node->outputs.size());
  out->reserved = 0;
  out->op = to_str(node->subject->op());
  out->name = to_str(node->subject->name());
  out->path = to_str(node->subject->path());
  return FLOWPORT_OK;
}

flowport_status node_arity(Node* node, flowport_str arg, std::uint32_t* first, std::uint32_t* count) {
  const auto range = node->subject->argument(to_view(arg));
  if (!range) {
    // An answer, and no failure of the call.
    node->call->declined = fmt::format("{} has no argument '{}'", node->subject->op(), to_view(arg));
    return FLOWPORT_DECLINED;
  }
  *first = static_cast<std::uint32_t>(range->first);
  *count = static_cast<std::uint32_t>(range->second);
  return FLOWPORT_OK;
}

flowport_status node_input(Node* node, std::uint32_t i, flowport_value* out) {
  const std::size_t count = node->subject->input_count();
  if (i >= count)
    return node->fail(FLOWPORT_BAD_CALL, fmt::format("input {} was asked for; the node has {}", i, count));
  auto value = node->subject->input(i);
  if (!value) return node->fail(FLOWPORT_UNSUPPORTED, flowport::convert::sentence(value.error()), value.error().next);
  *out = *value == 0 ? 0 : node->give(*value);
  return FLOWPORT_OK;
}

flowport_status node_output_type(Node* node, std::uint32_t i, flowport_type* out) {
  if (i >= node->outputs.size()) {
    return node->fail(FLOWPORT_BAD_CALL,
                      fmt::format("output {} was asked for; the node has {}", i, node->outputs.size()));
  }
  *out = node->describe(ir::Type::tensor(node->subject->output_type(i)));
  // The shapes that TensorFlow wrote down, one for each output.
  const flowport_attr shapes = node->subject->attribute("_output_shapes");
  if (shapes.kind == FLOWPORT_ATTR_SHAPE && i < shapes.count) {
    const auto& said = static_cast<const flowport_type*>(shapes.data)[i];
    out->rank = said.rank;
    out->dims = said.dims;
  }
  return FLOWPORT_OK;
}

flowport_status node_attr(Node* node, flowport_str name, flowport_attr* out) {
  *out = node->subject->attribute(to_view(name));
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
  if (node->call->handles.size() + op->num_outputs > Node::kIndexMask)
    return node->fail(FLOWPORT_NO_MEMORY, "too many values in one call");
  auto values = node->emitter().emit(node->call->graph(), std::move(emitted), op->num_outputs);
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
  const bool fits =
      type.dtype == stated.dtype && (!stated.has_rank || !type.has_rank || stated.dims.size() == type.dims.size());
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
      return node->fail(FLOWPORT_BAD_CALL, fmt::format("set_type contradicts dim {}: {} is not {}", i,
                                                       stated.dims[i].size, type.dims[i].size));
    }
    type.dims[i] = stated.dims[i];
  }
  return FLOWPORT_OK;
}

flowport_status bind_output(Node* node, std::uint32_t i, flowport_value handle) {
  if (node->call != node) return node->fail(FLOWPORT_BAD_CALL, "an output of another node was bound");
  if (i >= node->outputs.size()) {
    if (!node->subject->may_have_more_outputs() || i >= Node::kIndexMask) {
      return node->fail(FLOWPORT_BAD_CALL,
                        fmt::format("output {} was bound; the node has {}", i, node->outputs.size()));
    }
    node->outputs.resize(i + 1);
  }
  if (node->outputs[i]) return node->fail(FLOWPORT_BAD_CALL, fmt::format("output {} was bound twice", i));
  const auto value = node->value(handle, "bind_output");
  if (!value) return FLOWPORT_BAD_CALL;
  node->outputs[i] = *value;
  return FLOWPORT_OK;
}

std::uint32_t opset(Node* node, flowport_str domain) {
  const std::string_view name = to_view(domain) == "ai.onnx" ? std::string_view() : to_view(domain);
  return static_cast<std::uint32_t>(std::max(node->emitter().target().opset(name), 0));
}

flowport_status option(Node* node, flowport_str name, flowport_str* out) {
  const auto& options = node->owner.options;
  const auto it = options.find(std::string(to_view(name)));
  if (it == options.end()) return FLOWPORT_DECLINED;
  *out = to_str(it->second);
  return FLOWPORT_OK;
}

void note(Node* node, flowport_str text) { node->call->outcome.notes.emplace_back(to_view(text)); }

flowport_status fail(Node* node, flowport_status code, flowport_str text, flowport_str hint) {
  return node->fail(code, std::string(to_view(text)), std::string(to_view(hint)));
}

flowport_status begin_body(Node* node, flowport_body* out) {
  node->call->bodies.push_back(flowport::convert::Engine::new_body(std::string(node->subject->op()) + "_body"));
  *out = static_cast<flowport_body>(node->call->bodies.size());
  node->call->graphs.push_back({node->call->bodies.back().get(), *out});
  return FLOWPORT_OK;
}

flowport_status body_input(Node* node, const flowport_type* type, flowport_value* out) {
  if (node->call->graphs.size() < 2) return node->fail(FLOWPORT_BAD_CALL, "body input without an open body");
  const auto value = node->model().add_value(flowport_node::read(*type));
  node->call->graph().inputs.push_back(value);
  *out = node->give(value);
  return FLOWPORT_OK;
}

flowport_status end_body(Node* node, flowport_body body, const flowport_value* outputs, std::uint32_t count) {
  if (node->call->graphs.size() < 2 || node->call->graphs.back().id != body) {
    return node->fail(FLOWPORT_BAD_CALL, fmt::format("body {} is not the innermost open body", body));
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    const auto value = node->value(outputs[i], "body output");
    if (!value) return FLOWPORT_BAD_CALL;
    node->call->graph().outputs.push_back(*value);
  }
  node->call->graphs.pop_back();
  return FLOWPORT_OK;
}

flowport_status producer_of(Node* node, flowport_value handle, flowport_node** out) {
  *out = nullptr;
  const auto value = node->value(handle, "producer_of");
  if (!value) return FLOWPORT_BAD_CALL;
  auto maker = node->subject->producer(*value);
  if (maker == nullptr) return FLOWPORT_DECLINED;
  *out = &node->call->producers.emplace_back(*node, std::move(maker));
  return FLOWPORT_OK;
}

const void* interface_of(flowport_str id) {
  static constexpr flowport_body_api kBodyApi{sizeof(flowport_body_api), 0, begin_body, body_input, end_body};
  static constexpr flowport_producer_api kProducerApi{sizeof(flowport_producer_api), 0, producer_of};
  if (to_view(id) == FLOWPORT_BODY_API) return &kBodyApi;
  if (to_view(id) == FLOWPORT_PRODUCER_API) return &kProducerApi;
  return nullptr;
}

constexpr flowport_host kTable{
    sizeof(flowport_host),
    FLOWPORT_ABI_MAJOR,
    FLOWPORT_ABI_MINOR,
    node_info,
    node_arity,
    node_input,
    node_output_type,
    node_attr,
    value_type,
    value_const,
    value_items,
    emit,
    constant,
    set_type,
    bind_output,
    opset,
    option,
    note,
    fail,
    interface_of,
};

}  // namespace

namespace flowport::convert {

const flowport_host kHostTable = kTable;

}  // namespace flowport::convert
