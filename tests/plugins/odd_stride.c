/* A stride that leaves every second row unaligned. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {HANDLER("Op", 13, 0), HANDLER("Other", 13, 0)};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.odd_stride",
                                        .handlers = {kHandlers, 2, sizeof(flowport_handler) + 1}};
EXPORT(&kPlugin)
