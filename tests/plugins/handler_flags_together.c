/* A row with two flags of which only one can hold. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {{.tf_op = "Op", .opset_min = 13, .flags = 3, .convert = decline}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.handler_flags_together", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
