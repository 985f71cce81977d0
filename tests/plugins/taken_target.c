/* A target of the name that good.c gives its own. */
#include "fixture.h"

static const flowport_domain_version kDomains[] = {{"", 20, 0}};
static const flowport_target kTargets[] = {{.id = "fixture-19", .ir_version = 9, .domains = TABLE(kDomains)}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.taken_target", .targets = TABLE(kTargets)};
EXPORT(&kPlugin)
