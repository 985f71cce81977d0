/* A row with a flag that this host does not know. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {{.tf_op = "Op", .opset_min = 13, .flags = 4, .convert = decline}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.handler_flags", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
