/* A target that allows, and does not say what. */
#include "fixture.h"

static const flowport_allowance kAllowed[] = {{.dtypes = 8}};
static const flowport_target kTargets[] = {{.id = "fixture-0", .ir_version = 9, .allowed = TABLE(kAllowed)}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.allowance_without_op", .targets = TABLE(kTargets)};
EXPORT(&kPlugin)
