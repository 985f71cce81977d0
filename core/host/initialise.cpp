#include "host/initialise.h"

#include <exception>
#include <string>
#include <utility>

#include <fmt/format.h>

namespace flowport::host {
namespace {

/// The init call that runs on this thread: the functions of the table get no other context than a node, and there is none.
struct InitCall {
  const registry::Owner* owner;
  std::string text, hint;
};
thread_local InitCall* current = nullptr;

std::string to_string(flowport_str s) { return s.data == nullptr ? std::string() : std::string(s.data, s.size); }

template <typename... Arguments>
flowport_status bad_call(flowport_node*, Arguments...) {
  if (current != nullptr) current->text = "it asked about a node in init, where there is none";
  return FLOWPORT_BAD_CALL;
}

std::uint32_t opset(flowport_node*, flowport_str) { return 0; }

flowport_status option(flowport_node*, flowport_str name, flowport_str* out) {
  if (current == nullptr || out == nullptr) return FLOWPORT_BAD_CALL;
  const auto it = current->owner->options.find(to_string(name));
  if (it == current->owner->options.end()) return FLOWPORT_DECLINED;
  *out = {it->second.data(), it->second.size()};
  return FLOWPORT_OK;
}

void note(flowport_node*, flowport_str) {}

flowport_status fail(flowport_node*, flowport_status code, flowport_str text, flowport_str hint) {
  if (current == nullptr) return FLOWPORT_BAD_CALL;
  current->text = to_string(text);
  current->hint = to_string(hint);
  return code;
}

const void* interface_of(flowport_str) { return nullptr; }

constexpr flowport_host make_table() {
  flowport_host host{};
  host.struct_size = sizeof(host);
  host.abi_major = FLOWPORT_ABI_MAJOR;
  host.abi_minor = FLOWPORT_ABI_MINOR;
  host.node_info = bad_call;
  host.node_arity = bad_call;
  host.node_input = bad_call;
  host.node_output_type = bad_call;
  host.node_attr = bad_call;
  host.value_type = bad_call;
  host.value_const = bad_call;
  host.value_items = bad_call;
  host.emit = bad_call;
  host.constant = bad_call;
  host.set_type = bad_call;
  host.bind_output = bad_call;
  host.opset = opset;
  host.option = option;
  host.note = note;
  host.fail = fail;
  host.interface_of = interface_of;
  return host;
}

/// Static, since a plugin may keep the pointer.
constexpr flowport_host kHost = make_table();

}  // namespace

Checked<void*> initialise(decltype(flowport_plugin::init) init, const registry::Owner& owner) {
  if (init == nullptr) return nullptr;
  InitCall call{&owner, {}, {}};
  InitCall* const outer = std::exchange(current, &call);
  void* state = nullptr;
  const char* reason = nullptr;
  flowport_status status = FLOWPORT_PLUGIN_BUG;
  try {
    status = init(&kHost, &state, &reason);
  } catch (const std::exception& e) {
    call.text = fmt::format("it threw an exception: {}", e.what());
  } catch (...) {
    call.text = "it threw something that is not std::exception";
  }
  current = outer;
  if (status == FLOWPORT_OK) return state;
  if (reason != nullptr && *reason != '\0') call.text = reason;
  if (call.text.empty()) call.text = fmt::format("it gave status {} and no reason", status);
  if (call.hint.empty()) call.hint = "see the plugin's own documentation";
  return refuse(Rule::kInit, fmt::format("init refused: {}", call.text), call.hint);
}

}  // namespace flowport::host
