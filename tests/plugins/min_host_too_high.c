/* Needs a host of a later minor. Its rows can be read all the same: what it would have converted is known. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {HANDLER("FutureOp", 13, 0)};
static const flowport_plugin kPlugin = {.struct_size = sizeof(flowport_plugin),
                                        .abi_major = FLOWPORT_ABI_MAJOR,
                                        .abi_minor = FLOWPORT_ABI_MINOR + 4,
                                        .min_host_minor = FLOWPORT_ABI_MINOR + 3,
                                        TEXTS,
                                        .id = "fixture.min_host_too_high",
                                        .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
