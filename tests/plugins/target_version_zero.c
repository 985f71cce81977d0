/* A target at version 0 of a domain. */
#include "fixture.h"

static const flowport_domain_version kDomains[] = {{"", 0, 0}};
static const flowport_target kTargets[] = {{.id = "fixture-0", .ir_version = 9, .domains = TABLE(kDomains)}};
static const flowport_plugin kPlugin = {ABI, TEXTS, .id = "fixture.target_version_zero", .targets = TABLE(kTargets)};
EXPORT(&kPlugin)
