/* No fault: everything it hands to the host lies in memory that it overwrites as soon as the host has returned. The host may keep
 * no view of it. Three ops: one that converts, one that refuses, one that leaves a note. */
#include "fixture.h"

#include <string.h>

/* Texts and numbers of one call of the host, and what they are after it. */
typedef struct {
  char text[64];
  char name[16];
  float number;
  int64_t dims[1];
  flowport_value inputs[2];
  flowport_attr attrs[1];
} lent;

static flowport_str put(char* place, const char* text) {
  strcpy(place, text);
  return (flowport_str){place, strlen(text)};
}

static flowport_status take_back(lent* memory, flowport_status status) {
  memset(memory, 0x5a, sizeof(*memory));
  return status;
}

static flowport_status converts(const flowport_host* host, flowport_node* node, void* state) {
  (void)state;
  lent memory;
  flowport_value x = 0;
  flowport_status status = host->node_input(node, 0, &x);
  if (status != FLOWPORT_OK) return status;

  memory.number = 2;
  memory.dims[0] = 1;
  const flowport_tensor tensor = {.type = {sizeof(flowport_type), FLOWPORT_FLOAT, 1, 0, memory.dims},
                                  .data = &memory.number,
                                  .bytes = sizeof(memory.number)};
  flowport_value two = 0;
  status = take_back(&memory, host->constant(node, &tensor, &two));
  if (status != FLOWPORT_OK) return status;

  memory.inputs[0] = x;
  memory.inputs[1] = two;
  flowport_value product = 0;
  const flowport_op multiply = {.struct_size = sizeof(multiply),
                                .num_outputs = 1,
                                .type = put(memory.text, "Mul"),
                                .inputs = memory.inputs,
                                .num_inputs = 2};
  status = take_back(&memory, host->emit(node, &multiply, &product));
  if (status != FLOWPORT_OK) return status;

  memory.inputs[0] = product;
  memory.number = 0.25F;
  memory.attrs[0] = (flowport_attr){put(memory.name, "alpha"), FLOWPORT_ATTR_FLOAT, 1, &memory.number};
  flowport_value y = 0;
  const flowport_op leak = {.struct_size = sizeof(leak),
                            .num_outputs = 1,
                            .type = put(memory.text, "LeakyRelu"),
                            .inputs = memory.inputs,
                            .attrs = memory.attrs,
                            .num_inputs = 1,
                            .num_attrs = 1};
  status = take_back(&memory, host->emit(node, &leak, &y));
  return status == FLOWPORT_OK ? host->bind_output(node, 0, y) : status;
}

static flowport_status refuses(const flowport_host* host, flowport_node* node, void* state) {
  (void)state;
  lent memory;
  const flowport_str why = put(memory.text, "words that are gone by now");
  return take_back(&memory, host->fail(node, FLOWPORT_UNSUPPORTED, why, put(memory.name, "a way out")));
}

static flowport_status notes(const flowport_host* host, flowport_node* node, void* state) {
  lent memory;
  host->note(node, put(memory.text, "a note that is gone by now"));
  return take_back(&memory, converts(host, node, state));
}

static const flowport_handler kHandlers[] = {{.tf_op = "Reuses", .opset_min = 13, .convert = converts},
                                             {.tf_op = "ReusesAndRefuses", .opset_min = 13, .convert = refuses},
                                             {.tf_op = "ReusesAndNotes", .opset_min = 13, .convert = notes}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.reuses_memory", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
