/* Its rows of targets end where those of ABI 1.1 did: what lies behind is not a target's. */
#include "fixture.h"

static const flowport_domain_version kDomains[] = {{"", 19, 0}};
static const flowport_target kTargets[] = {
    {.id = "fixture-1.1", .ir_version = 9, .domains = TABLE(kDomains), .max_rank = 6, .flags = 6}};
static const flowport_plugin kPlugin = {
    ABI, TEXTS, .id = "fixture.target_of_1_1", .targets = {kTargets, 1, offsetof(flowport_target, allowed)}};
EXPORT(&kPlugin)
