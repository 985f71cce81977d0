/* An empty version. */
#include "fixture.h"

static const flowport_plugin kPlugin = {ABI, .id = "fixture.empty_version", .version = "", .summary = "a fixture",
                                        .license = "Apache-2.0"};
EXPORT(&kPlugin)
