/* The plugin of cube.cpp in plain C: Cube(x: T) -> y: T is Mul(Mul(x, x), x). */
#include <flowport/manifest.h>

#include <string.h>

static flowport_str text(const char* s) {
  flowport_str view = {s, strlen(s)};
  return view;
}

/* What the host refused it has recorded; its status is passed on. */
static flowport_status multiply(const flowport_host* host, flowport_node* node, flowport_value a, flowport_value b,
                                flowport_value* product) {
  const flowport_value inputs[] = {a, b};
  const flowport_op op = {.struct_size = sizeof op,
                          .num_outputs = 1,
                          .type = text("Mul"),
                          .domain = text(""),
                          .inputs = inputs,
                          .num_inputs = 2};
  return host->emit(node, &op, product);
}

static flowport_status cube(const flowport_host* host, flowport_node* node, void* state) {
  (void)state;
  flowport_value x, square, y;
  flowport_status status = host->node_input(node, 0, &x);
  if (status == FLOWPORT_OK) status = multiply(host, node, x, x, &square);
  if (status == FLOWPORT_OK) status = multiply(host, node, square, x, &y);
  if (status == FLOWPORT_OK) status = host->bind_output(node, 0, y);
  return status;
}

FLOWPORT_MANIFEST(FLOWPORT_MANIFEST_PLUGIN("com.example.cube_c", "1.0.0", "Apache-2.0", "", "Cubes, in C")
                      FLOWPORT_MANIFEST_HANDLER("Cube", "Cube", "", 13, 0, 0, 0, 0, "", ""))

static const flowport_handler kHandlers[] = {{.tf_op = "Cube", .opset_min = 13, .convert = cube}};

static const flowport_plugin kPlugin = {.struct_size = sizeof kPlugin,
                                        .abi_major = FLOWPORT_ABI_MAJOR,
                                        .abi_minor = FLOWPORT_ABI_MINOR,
                                        .id = "com.example.cube_c",
                                        .version = "1.0.0",
                                        .summary = "Cubes, in C",
                                        .license = "Apache-2.0",
                                        .handlers = {kHandlers, 1, sizeof kHandlers[0]}};

__attribute__((visibility("default"))) const flowport_plugin* flowport_plugin_query_v1(uint16_t host_minor) {
  (void)host_minor;
  return &kPlugin;
}
