/* Faults of handlers, one an op. Each op has one output. */
#include "fixture.h"

#include <stdlib.h>
#include <unistd.h>

#define TEXT(literal) ((flowport_str){(literal), sizeof(literal) - 1})

static flowport_status emit(const flowport_host* host, flowport_node* node, flowport_str type, flowport_str domain,
                            const flowport_attr* attrs, uint32_t num_attrs, flowport_value* output) {
  flowport_value input = 0;
  const flowport_status status = host->node_input(node, 0, &input);
  if (status != FLOWPORT_OK) return status;
  const flowport_op op = {.struct_size = sizeof(op),
                          .num_outputs = 1,
                          .type = type,
                          .domain = domain,
                          .inputs = &input,
                          .num_inputs = 1,
                          .attrs = attrs,
                          .num_attrs = num_attrs};
  return host->emit(node, &op, output);
}

#define CONVERT(name) static flowport_status name(const flowport_host* host, flowport_node* node, void* state)
#define UNUSED (void)host, (void)node, (void)state

CONVERT(garbage_status) {
  UNUSED;
  return 4711;
}
CONVERT(ok_without_outputs) {
  UNUSED;
  return FLOWPORT_OK;
}
CONVERT(no_reason) {
  UNUSED;
  return FLOWPORT_UNSUPPORTED;
}
CONVERT(binds_twice) {
  (void)state;
  flowport_value value = 0;
  flowport_status status = host->node_input(node, 0, &value);
  if (status == FLOWPORT_OK) status = host->bind_output(node, 0, value);
  return status == FLOWPORT_OK ? host->bind_output(node, 0, value) : status;
}
CONVERT(foreign_handle) {
  (void)state;
  return host->bind_output(node, 0, 0x7fffffff);
}
/* A value of one call, used in the next. */
CONVERT(stale_handle) {
  (void)state;
  static flowport_value kept = 0;
  flowport_value value = 0;
  const flowport_status status = emit(host, node, TEXT("Identity"), TEXT(""), NULL, 0, &value);
  if (status != FLOWPORT_OK) return status;
  const flowport_value bound = kept != 0 ? kept : value;
  kept = value;
  return host->bind_output(node, 0, bound);
}
CONVERT(unknown_op) {
  (void)state;
  flowport_value value = 0;
  const flowport_status status = emit(host, node, TEXT("NoSuchOp"), TEXT(""), NULL, 0, &value);
  return status == FLOWPORT_OK ? host->bind_output(node, 0, value) : status;
}
CONVERT(wrong_attr) {
  (void)state;
  const float alpha = 1.0F;
  const flowport_attr attr = {.name = TEXT("no_such_attr"), .kind = FLOWPORT_ATTR_FLOAT, .count = 1, .data = &alpha};
  flowport_value value = 0;
  const flowport_status status = emit(host, node, TEXT("Relu"), TEXT(""), &attr, 1, &value);
  return status == FLOWPORT_OK ? host->bind_output(node, 0, value) : status;
}
/* A custom op goes to the default domain only under the name of one of ONNX's own. */
CONVERT(unknown_domain) {
  (void)state;
  flowport_value value = 0;
  const flowport_status status = emit(host, node, TEXT("Blur"), TEXT("com.nobody"), NULL, 0, &value);
  return status == FLOWPORT_OK ? host->bind_output(node, 0, value) : status;
}
CONVERT(ok_after_failure) {
  (void)state;
  host->fail(node, FLOWPORT_UNSUPPORTED, TEXT("no"), TEXT("go"));
  return FLOWPORT_OK;
}
CONVERT(crashes) {
  UNUSED;
  abort();
  return FLOWPORT_OK;
}
CONVERT(never_returns) {
  UNUSED;
  while (pause() != 0) {
  }
  return FLOWPORT_OK;
}

#define ROW(op, function) \
  { .tf_op = (op), .opset_min = 13, .convert = (function) }
static const flowport_handler kHandlers[] = {
    ROW("GarbageStatus", garbage_status), ROW("OkWithoutOutputs", ok_without_outputs), ROW("NoReason", no_reason),
    ROW("BindsTwice", binds_twice),       ROW("ForeignHandle", foreign_handle),        ROW("StaleHandle", stale_handle),
    ROW("UnknownOp", unknown_op),         ROW("WrongAttr", wrong_attr),                ROW("UnknownDomain", unknown_domain),
    ROW("OkAfterFailure", ok_after_failure), ROW("Crashes", crashes), ROW("NeverReturns", never_returns)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.misbehaves", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
