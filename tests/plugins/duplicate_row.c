/* The same row twice. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 0), HANDLER("Other", 13, 0), HANDLER("Op", 13, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.duplicate_row", .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
