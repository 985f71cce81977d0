/* A table with rows and without data. */
#include "fixture.h"

static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.null_table",
                                        .handlers = {NULL, 3, sizeof(flowport_handler)}};
EXPORT(&kPlugin)
