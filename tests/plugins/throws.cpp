// Faults: handlers that let exceptions out.
#include <stdexcept>

#include "abi_layout.h"

namespace {

flowport_status throws_int(const flowport_host*, flowport_node*, void*) { throw 7; }
flowport_status throws_std(const flowport_host*, flowport_node*, void*) {
  throw std::runtime_error("thrown by a fixture");
}

flowport_handler row(const char* op, decltype(flowport_handler::convert) convert) {
  flowport_handler handler{};
  handler.tf_op = op;
  handler.opset_min = 13;
  handler.convert = convert;
  return handler;
}

}  // namespace

extern "C" __attribute__((visibility("default"))) const flowport_plugin* flowport_plugin_query_v1(uint16_t) {
  static const flowport_handler handlers[] = {row("ThrowsInt", throws_int), row("ThrowsStd", throws_std)};
  static flowport_plugin plugin{};
  plugin.struct_size = sizeof(plugin);
  plugin.abi_major = FLOWPORT_ABI_MAJOR;
  plugin.abi_minor = FLOWPORT_ABI_MINOR;
  plugin.id = "fixture.throws";
  plugin.version = "1.0.0";
  plugin.summary = "a fixture";
  plugin.license = "Apache-2.0";
  plugin.url = "";
  plugin.handlers = {handlers, 2, sizeof(handlers[0])};
  return &plugin;
}
