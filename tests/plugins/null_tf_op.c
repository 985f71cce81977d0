/* A row for no op. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {{.opset_min = 13, .convert = decline}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.null_tf_op", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
