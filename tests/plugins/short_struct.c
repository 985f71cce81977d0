/* Its descriptor is shorter than that of ABI 1.0. */
#include "fixture.h"

static const flowport_plugin kPlugin = {.struct_size = offsetof(flowport_plugin, shutdown),
                                        .abi_major = FLOWPORT_ABI_MAJOR,
                                        .abi_minor = FLOWPORT_ABI_MINOR,
                                        TEXTS,
                                        .id = "fixture.short_struct"};
EXPORT(&kPlugin)
