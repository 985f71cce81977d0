/* A plugin in C: two headers are all that it needs. */
#include <flowport/manifest.h>

/* TF:   MySign(x: T) -> y: T
 * ONNX: Sign */
static flowport_status convert_sign(const flowport_host* host, flowport_node* node, void* state) {
  (void)state;
  flowport_value x = 0, y = 0;
  flowport_status status = host->node_input(node, 0, &x);
  if (status != FLOWPORT_OK) return status;
  const flowport_op op = {
      .struct_size = sizeof(op), .num_outputs = 1, .type = {"Sign", 4}, .inputs = &x, .num_inputs = 1};
  status = host->emit(node, &op, &y);
  if (status != FLOWPORT_OK) return status;
  return host->bind_output(node, 0, y);
}

static const flowport_handler kHandlers[] = {{.tf_op = "MySign", .opset_min = 13, .convert = convert_sign}};

static const flowport_plugin kPlugin = {
    .struct_size = sizeof(kPlugin),
    .abi_major = FLOWPORT_ABI_MAJOR,
    .abi_minor = FLOWPORT_ABI_MINOR,
    .id = "example.plain_c",
    .version = "1.0.0",
    .summary = "A plugin in C",
    .license = "Apache-2.0",
    .url = "",
    .handlers = {kHandlers, 1, sizeof(flowport_handler)},
};

/* The same as text in a section of the file: so flowport knows what it has without running it. */
FLOWPORT_MANIFEST(FLOWPORT_MANIFEST_PLUGIN("example.plain_c", "1.0.0", "Apache-2.0", "", "A plugin in C")
                      FLOWPORT_MANIFEST_HANDLER("MySign", "MySign", "", 13, 0, 0, 0, 0, "", ""))

__attribute__((visibility("default"))) const flowport_plugin* flowport_plugin_query_v1(uint16_t host_minor);
const flowport_plugin* flowport_plugin_query_v1(uint16_t host_minor) {
  (void)host_minor;
  return &kPlugin;
}
