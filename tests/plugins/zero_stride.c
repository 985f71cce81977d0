/* A table with rows and without stride. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.zero_stride", .handlers = {kHandlers, 1, 0}};
EXPORT(&kPlugin)
