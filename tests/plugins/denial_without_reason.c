/* A target that denies and does not say why. */
#include "fixture.h"

static const flowport_denial kDenials[] = {{.op = "Max", .dtypes = 8}};
static const flowport_target kTargets[] = {{.id = "fixture-0", .ir_version = 9, .denials = TABLE(kDenials)}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.denial_without_reason", .targets = TABLE(kTargets)};
EXPORT(&kPlugin)
