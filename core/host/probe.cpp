#include "host/probe.h"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <utility>
#include <vector>

#include <flowport/abi.h>
#include <fmt/format.h>

#include "host/bring_up.h"
#include "host/crash_note.h"
#include "host/manifest.h"
#include "onnx/schema.h"

namespace flowport::host {
namespace {

constexpr std::uint32_t kInputs = 8;
constexpr std::uint32_t kOutputs = 4;
/// A handler that emits more than this for a node without content goes on for ever.
constexpr std::size_t kMostEmitted = 100'000;
constexpr std::array<std::int64_t, 1> kNoElements{0};
/// What the odd nodes' target has, where a row is not for other opsets.
constexpr std::uint32_t kOpset = 21;

/// Behind the handle that a handler gets.
struct Node {
  std::string op;
  OddNode kind = OddNode::kRefusingHost;
  std::uint64_t const_inputs = 0;
  std::uint32_t inputs = 0, outputs = 0;
  flowport_value next = 0;
  std::size_t emitted = 0;
  bool has_failed = false, has_reason = false, has_bound = false;
  std::uint32_t opset = kOpset;
  std::string reason;   ///< the first that the handler gave
  std::string invalid;  ///< what is wrong with the first emitted node that ONNX does not have so
};

/// The host has told the reason itself.
flowport_status refuse_call(Node* node) {
  if (node != nullptr) node->has_failed = node->has_reason = true;
  return FLOWPORT_BAD_CALL;
}

Node* node_of(flowport_node* handle) { return reinterpret_cast<Node*>(handle); }
flowport_node* handle_of(Node& node) { return reinterpret_cast<flowport_node*>(&node); }

bool refuses(const Node* node) { return node == nullptr || node->kind == OddNode::kRefusingHost; }

/// Whether `value` is an input with known content, which is empty.
bool is_known(const Node& node, flowport_value value) {
  if (value < 1 || value > node.inputs) return false;
  const bool is_asked_for = value <= 64 && (node.const_inputs >> (value - 1) & 1) != 0;
  return node.kind == OddNode::kEmptyConstants || is_asked_for;
}

flowport_type type_of(bool is_empty_constant) {
  flowport_type type{};
  type.struct_size = sizeof(type);
  if (is_empty_constant) {
    type.dtype = FLOWPORT_INT64;
    type.rank = 1;
    type.dims = kNoElements.data();
  } else {
    type.rank = -1;
  }
  return type;
}

bool is_value(const Node& node, flowport_value value) { return value >= 1 && value < node.next; }

flowport_status node_info(flowport_node* handle, flowport_node_info* out) {
  Node* const node = node_of(handle);
  if (node == nullptr || out == nullptr) return refuse_call(node);
  *out = {};
  out->struct_size = sizeof(*out);
  out->num_inputs = node->inputs;
  out->num_outputs = node->outputs;
  out->op = {node->op.data(), node->op.size()};
  out->name = {"odd", 3};
  out->path = {"", 0};
  return FLOWPORT_OK;
}

/// An answer, and no failure; its reason is that of a handler which gives the status back.
flowport_status decline(Node* node) {
  node->has_reason = true;
  return FLOWPORT_DECLINED;
}

flowport_status node_arity(flowport_node* handle, flowport_str, std::uint32_t* first, std::uint32_t* count) {
  Node* const node = node_of(handle);
  if (refuses(node) || first == nullptr || count == nullptr) return refuse_call(node);
  return decline(node);
}

flowport_status node_input(flowport_node* handle, std::uint32_t i, flowport_value* out) {
  Node* const node = node_of(handle);
  if (refuses(node) || out == nullptr || i >= node->inputs) return refuse_call(node);
  *out = i + 1;
  return FLOWPORT_OK;
}

flowport_status node_output_type(flowport_node* handle, std::uint32_t i, flowport_type* out) {
  Node* const node = node_of(handle);
  if (refuses(node) || out == nullptr || i >= node->outputs) return refuse_call(node);
  *out = type_of(false);
  return FLOWPORT_OK;
}

flowport_status node_attr(flowport_node* handle, flowport_str name, flowport_attr* out) {
  Node* const node = node_of(handle);
  if (refuses(node) || out == nullptr) return refuse_call(node);
  *out = {};
  out->name = name;
  return FLOWPORT_OK;
}

flowport_status value_type(flowport_node* handle, flowport_value value, flowport_type* out) {
  Node* const node = node_of(handle);
  if (refuses(node) || out == nullptr || !is_value(*node, value)) return refuse_call(node);
  *out = type_of(is_known(*node, value));
  return FLOWPORT_OK;
}

flowport_status value_const(flowport_node* handle, flowport_value value, flowport_tensor* out) {
  Node* const node = node_of(handle);
  if (refuses(node) || out == nullptr || !is_value(*node, value)) return refuse_call(node);
  *out = {};
  out->type = type_of(is_known(*node, value));
  if (is_known(*node, value)) out->data = kNoElements.data();
  return FLOWPORT_OK;
}

flowport_status value_items(flowport_node* handle, flowport_value value, const flowport_item** out,
                            std::uint32_t* count) {
  Node* const node = node_of(handle);
  if (refuses(node) || out == nullptr || count == nullptr || !is_value(*node, value)) return refuse_call(node);
  *out = nullptr;
  *count = 0;
  return FLOWPORT_OK;
}

std::string_view to_view(flowport_str s) {
  return s.data == nullptr ? std::string_view() : std::string_view(s.data, s.size);
}

/// What is wrong with a node of ONNX's own domains, whatever its inputs are; empty: nothing, or it is of another domain.
std::string fault_of(const flowport_op& op, std::uint32_t opset) {
  const std::string_view type = to_view(op.type), domain = to_view(op.domain);
  if (!domain.empty() && domain != "ai.onnx") return {};
  const auto* signature = ir::signature_of(type, "", opset);
  if (signature == nullptr) return fmt::format("it emitted {}, which ai.onnx {} does not have", type, opset);
  for (std::uint32_t i = 0; i < op.num_attrs; ++i) {
    const std::string_view name = to_view(op.attrs[i].name);
    if (std::ranges::find(signature->attributes, name, &ir::OpSignature::Attr::name) == signature->attributes.end())
      return fmt::format("it emitted {} with the attribute '{}', which that does not have in ai.onnx {}", type, name,
                         opset);
  }
  if (!signature->variadic_input && op.num_inputs > signature->inputs.size()) {
    return fmt::format("it emitted {} with {} inputs, of which that has {} in ai.onnx {}", type, op.num_inputs,
                       signature->inputs.size(), opset);
  }
  return {};
}

flowport_status emit(flowport_node* handle, const flowport_op* op, flowport_value* outputs) {
  Node* const node = node_of(handle);
  if (refuses(node) || op == nullptr || (outputs == nullptr && op->num_outputs > 0)) return refuse_call(node);
  if (node->emitted++ > kMostEmitted) return refuse_call(node);
  if (std::string fault = fault_of(*op, node->opset); !fault.empty()) {
    if (node->invalid.empty()) node->invalid = std::move(fault);
    return refuse_call(node);
  }
  for (std::uint32_t i = 0; i < op->num_outputs; ++i) outputs[i] = node->next++;
  return FLOWPORT_OK;
}

flowport_status constant(flowport_node* handle, const flowport_tensor* tensor, flowport_value* out) {
  Node* const node = node_of(handle);
  if (refuses(node) || tensor == nullptr || out == nullptr) return refuse_call(node);
  *out = node->next++;
  return FLOWPORT_OK;
}

flowport_status set_type(flowport_node* handle, flowport_value value, const flowport_type* type) {
  Node* const node = node_of(handle);
  return refuses(node) || type == nullptr || !is_value(*node, value) ? refuse_call(node) : FLOWPORT_OK;
}

flowport_status bind_output(flowport_node* handle, std::uint32_t i, flowport_value value) {
  Node* const node = node_of(handle);
  if (refuses(node) || i >= node->outputs || !is_value(*node, value)) return refuse_call(node);
  node->has_bound = true;
  return FLOWPORT_OK;
}

std::uint32_t opset(flowport_node* handle, flowport_str domain) {
  const Node* const node = node_of(handle);
  const bool is_onnx = to_view(domain).empty() || to_view(domain) == "ai.onnx";
  return node != nullptr && is_onnx ? node->opset : kOpset;
}
flowport_status option(flowport_node* handle, flowport_str, flowport_str*) {
  Node* const node = node_of(handle);
  return refuses(node) ? refuse_call(node) : FLOWPORT_DECLINED;
}
void note(flowport_node*, flowport_str) {}

flowport_status fail(flowport_node* handle, flowport_status code, flowport_str text, flowport_str) {
  Node* const node = node_of(handle);
  if (node == nullptr) return refuse_call(node);
  node->has_failed = true;
  node->has_reason = node->has_reason || !to_view(text).empty();
  if (node->reason.empty()) node->reason = to_view(text);
  return code;
}

const void* interface_of(flowport_str) { return nullptr; }

constexpr flowport_host kHost{sizeof(flowport_host),
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
                              interface_of};

/// A handler, or the function of a rewrite.
struct Callee {
  std::string what;  ///< "handler 'Abs'"
  std::string id, op;
  flowport_status (*function)(const flowport_host*, flowport_node*, void*) = nullptr;
  std::uint64_t const_inputs = 0;
  std::uint32_t opset = kOpset;
};

std::vector<Callee> callees_of(const Description& description) {
  std::vector<Callee> callees;
  for (const registry::Row& row : description.rows) {
    Callee callee{fmt::format("handler '{}'", row.id), row.id, row.tf_op, row.handler.convert, row.const_inputs};
    if (row.domain.empty()) {
      const int most = row.opset_max == 0 ? static_cast<int>(kOpset) : row.opset_max;
      callee.opset = static_cast<std::uint32_t>(std::max(std::min(static_cast<int>(kOpset), most), row.opset_min));
    }
    callees.push_back(std::move(callee));
  }
  for (const registry::Rewrite& rewrite : description.rewrites)
    callees.push_back({fmt::format("rewrite '{}'", rewrite.id), rewrite.id, rewrite.id, rewrite.apply.convert});
  return callees;
}

Node odd_node(OddNode kind, const Callee& callee) {
  Node node;
  node.op = callee.op;
  node.kind = kind;
  // The host calls no handler whose const_inputs are not there and known.
  node.const_inputs = callee.const_inputs;
  node.inputs = kind == OddNode::kNoInputs ? static_cast<std::uint32_t>(std::bit_width(node.const_inputs)) : kInputs;
  node.outputs = kOutputs;
  node.next = node.inputs + 1;
  node.opset = callee.opset;
  return node;
}

/// What is wrong with how a handler took a node, if anything is.
std::optional<std::string> broken_promise(flowport_status status, const Node& node) {
  if (status < FLOWPORT_OK || status > FLOWPORT_PLUGIN_BUG)
    return fmt::format("it returned the unknown status {}", status);
  if (status == FLOWPORT_OK && node.has_failed) return "it returned OK after a failure";
  if (status == FLOWPORT_OK && !node.has_bound) return "it returned OK without binding an output";
  if (status != FLOWPORT_OK && !node.has_reason) return fmt::format("it returned status {} and gave no reason", status);
  if (status == FLOWPORT_PLUGIN_BUG) return fmt::format("it ended with PLUGIN_BUG: {}", node.reason);
  return std::nullopt;
}

}  // namespace

std::string_view name_of(OddNode node) {
  switch (node) {
    case OddNode::kRefusingHost: return "a host that refuses every call";
    case OddNode::kNoInputs: return "a node without inputs and attributes";
    case OddNode::kUnknownTypes: return "a node with inputs of unknown type";
    case OddNode::kEmptyConstants: return "a node with empty constants";
    case OddNode::kCount: break;
  }
  return "?";
}

Checked<std::size_t> probe(const PluginFile& file, std::size_t first, const ProbeEvents& events) {
  Manifest manifest;
  if (file.manifest) {
    if (auto read = read_manifest(*file.manifest, manifest); !read) return tl::make_unexpected(read.error());
  }
  events.begins("loading");
  Description description;
  Stage stage = Stage::kInspected;
  if (auto loaded = load_tables(file, file.manifest ? &manifest : nullptr, description, stage); !loaded)
    return tl::make_unexpected(loaded.error());
  events.begins("init");
  const registry::Owner owner{
      description.id, description.version, file.canonical.string(), registry::Layer::kUserPlugin, {}};
  const auto state = start(description, owner);
  if (!state) return tl::make_unexpected(state.error());

  constexpr auto kWays = static_cast<std::size_t>(OddNode::kCount);
  const std::vector<Callee> callees = callees_of(description);
  const std::size_t calls = callees.size() * kWays;
  // One broken promise of a function, and one invalid node, say enough.
  const Callee* told = nullptr;
  const Callee* told_invalid = nullptr;
  for (std::size_t call = first; call < calls; ++call) {
    const Callee& callee = callees[call / kWays];
    const auto kind = static_cast<OddNode>(call % kWays);
    Node node = odd_node(kind, callee);
    events.begins(fmt::format("{}, with {},", callee.what, name_of(kind)));
    std::optional<std::string> broken;
    try {
      const CrashNote crash_note(description.id, callee.id, node.op);
      broken = broken_promise(callee.function(&kHost, handle_of(node), *state), node);
    } catch (...) {
      broken = "it let an exception out";
    }
    if (!node.invalid.empty() && std::exchange(told_invalid, &callee) != &callee) {
      events.finds(Rule::kEmitsOnnx, fmt::format("{}: {}", callee.what, node.invalid),
                   "correct the name, or state the opsets of the row by opset_min and opset_max");
    }
    if (!broken || std::exchange(told, &callee) == &callee) continue;
    events.finds(Rule::kKeepsPromises, fmt::format("{}, with {}: {}", callee.what, name_of(kind), *broken),
                 "see `convert` in flowport/abi.h");
  }
  return calls;
}

}  // namespace flowport::host
