/* A table with more rows than any plugin has. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.endless_table",
                                        .handlers = {kHandlers, ~0u, sizeof(flowport_handler)}};
EXPORT(&kPlugin)
