/* What fixture plugins share: a descriptor without fault, of which each fixture changes one thing. */
#ifndef FLOWPORT_TESTS_PLUGINS_FIXTURE_H
#define FLOWPORT_TESTS_PLUGINS_FIXTURE_H

#include "abi_layout.h"

static inline flowport_status decline(const flowport_host* host, flowport_node* node, void* state) {
  const flowport_str why = {"a fixture converts nothing", 26}, none = {NULL, 0};
  (void)state;
  return host->fail(node, FLOWPORT_DECLINED, why, none);
}

#define TABLE(rows) \
  { (rows), sizeof(rows) / sizeof((rows)[0]), sizeof((rows)[0]) }

#define ABI .struct_size = sizeof(flowport_plugin), .abi_major = FLOWPORT_ABI_MAJOR, .abi_minor = FLOWPORT_ABI_MINOR
#define TEXTS .version = "1.0.0", .summary = "a fixture", .license = "Apache-2.0", .url = ""

/* A handler row without fault for TF op `name` and the opsets of `min` to `max`. */
#define HANDLER(name, min, max) \
  { .tf_op = (name), .opset_min = (min), .opset_max = (max), .convert = decline }

#define EXPORT(descriptor)                                                                                \
  __attribute__((visibility("default"))) const flowport_plugin* flowport_plugin_query_v1(uint16_t minor); \
  const flowport_plugin* flowport_plugin_query_v1(uint16_t minor) {                                       \
    (void)minor;                                                                                          \
    return (descriptor);                                                                                  \
  }

#endif
