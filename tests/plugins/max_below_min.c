/* A range that ends before it begins. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {HANDLER("Op", 18, 13)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.max_below_min", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
