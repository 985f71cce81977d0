/* A row without function. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 0), {.tf_op = "NoFunction", .opset_min = 13}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.null_convert", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
