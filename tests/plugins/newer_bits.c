/* Built for a later minor, accepts this host, and yet relies on a bit of a row that this host does not know. */
#include "fixture.h"

static const flowport_handler kHandlers[] = {{.tf_op = "Op", .opset_min = 13, .flags = 0x4000, .convert = decline}};
static const flowport_plugin kPlugin = {.struct_size = sizeof(flowport_plugin),
                                        .abi_major = FLOWPORT_ABI_MAJOR,
                                        .abi_minor = FLOWPORT_ABI_MINOR + 1,
                                        TEXTS,
                                        .id = "fixture.newer_bits",
                                        .handlers = TABLE(kHandlers)};
EXPORT(&kPlugin)
