#include "host/probe.h"

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

namespace flowport::host {
namespace {

constexpr std::uint32_t kInputs = 8;
constexpr std::uint32_t kOutputs = 4;
/// A handler that emits more than this for a node without content goes on for ever.
constexpr std::size_t kMostEmitted = 100'000;
constexpr std::array<std::int64_t, 1> kNoElements{0};

/// Behind the handle that a handler gets.
struct Node {
  std::string op;
  OddNode kind = OddNode::kRefusingHost;
  std::uint64_t const_inputs = 0;
  std::uint32_t inputs = 0, outputs = 0;
  flowport_value next = 0;
  std::size_t emitted = 0;
  bool has_failed = false, has_reason = false, has_bound = false;
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

flowport_status emit(flowport_node* handle, const flowport_op* op, flowport_value* outputs) {
  Node* const node = node_of(handle);
  if (refuses(node) || op == nullptr || (outputs == nullptr && op->num_outputs > 0)) return refuse_call(node);
  if (node->emitted++ > kMostEmitted) return refuse_call(node);
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

std::uint32_t opset(flowport_node*, flowport_str) { return 21; }
flowport_status option(flowport_node* handle, flowport_str, flowport_str*) {
  Node* const node = node_of(handle);
  return refuses(node) ? refuse_call(node) : FLOWPORT_DECLINED;
}
void note(flowport_node*, flowport_str) {}

flowport_status fail(flowport_node* handle, flowport_status code, flowport_str text, flowport_str) {
  Node* const node = node_of(handle);
  if (node == nullptr) return refuse_call(node);
  node->has_failed = true;
  node->has_reason = node->has_reason || (text.data != nullptr && text.size > 0);
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

Node odd_node(OddNode kind, const registry::Row& row) {
  Node node;
  node.op = row.tf_op;
  node.kind = kind;
  // The host calls no handler whose const_inputs are not there and known.
  node.const_inputs = row.const_inputs;
  node.inputs = kind == OddNode::kNoInputs ? static_cast<std::uint32_t>(std::bit_width(row.const_inputs)) : kInputs;
  node.outputs = kOutputs;
  node.next = node.inputs + 1;
  return node;
}

/// What is wrong with how a handler took a node, if anything is.
std::optional<std::string> broken_promise(flowport_status status, const Node& node) {
  if (status < FLOWPORT_OK || status > FLOWPORT_PLUGIN_BUG)
    return fmt::format("it returned the unknown status {}", status);
  if (status == FLOWPORT_OK && node.has_failed) return "it returned OK after a failure";
  if (status == FLOWPORT_OK && !node.has_bound) return "it returned OK without binding an output";
  if (status != FLOWPORT_OK && !node.has_reason) return fmt::format("it returned status {} and gave no reason", status);
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
  const std::size_t calls = description.rows.size() * kWays;
  // One broken promise of a handler says enough.
  const registry::Row* told = nullptr;
  for (std::size_t call = first; call < calls; ++call) {
    const registry::Row& row = description.rows[call / kWays];
    const auto kind = static_cast<OddNode>(call % kWays);
    Node node = odd_node(kind, row);
    events.begins(fmt::format("handler '{}', with {},", row.id, name_of(kind)));
    flowport_status status = FLOWPORT_OK;
    std::optional<std::string> broken;
    try {
      const CrashNote crash_note(description.id, row.id, node.op);
      status = row.handler.convert(&kHost, handle_of(node), *state);
      broken = broken_promise(status, node);
    } catch (...) {
      broken = "it let an exception out";
    }
    if (!broken || told == &row) continue;
    told = &row;
    events.finds(Rule::kKeepsPromises, fmt::format("handler '{}', with {}: {}", row.id, name_of(kind), *broken),
                 "see `convert` in flowport/abi.h; the C++ layer of the SDK keeps this rule by itself");
  }
  return calls;
}

}  // namespace flowport::host
