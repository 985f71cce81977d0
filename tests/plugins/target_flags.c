/* A target with a flag that nobody knows. */
#include "fixture.h"

static const flowport_target kTargets[] = {{.id = "fixture-0", .ir_version = 9, .flags = 6}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.target_flags", .targets = TABLE(kTargets)};
EXPORT(&kPlugin)
