/* A range that begins before the first opset. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {HANDLER("Op", 0, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.opset_zero", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
