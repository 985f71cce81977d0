/* Rewrites in ABI 1.0, which does not say what they do. */
#include "fixture.h"

static const flowport_rewrite kRewrites[] = {{.id = "r", .phase = "after", .pattern = "", .apply = decline}};
static const flowport_plugin kPlugin = {.struct_size = sizeof(flowport_plugin),
                                        .abi_major = FLOWPORT_ABI_MAJOR,
                                        .abi_minor = 0,
                                        TEXTS,
                                        .id = "fixture.rewrites_too_early",
                                        .rewrites = TABLE(kRewrites)};
EXPORT(&kPlugin)
