/* A text of 5000 characters. */
#include "fixture.h"

#define TEN(x) x x x x x x x x x x
static const flowport_plugin kPlugin = {ABI, .id = "fixture.endless_text", .version = "1.0.0", .license = "Apache-2.0",
                                        .summary = TEN(TEN(TEN("long ")))};
EXPORT(&kPlugin)
