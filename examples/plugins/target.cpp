// A target: a run-time that has opset 18 and no Einsum. `--target example-edge` converts for it.
#include <flowport/plugin.hpp>

namespace {

constexpr flowport_denial kDenials[] = {{.domain = "", .op = "Einsum", .reason = "the run-time has no kernel for it"}};
constexpr flowport_domain_version kDomains[] = {{.domain = "", .version = 18}};
constexpr flowport_target kTargets[] = {{.id = "example-edge",
                                         .ir_version = 8,
                                         .domains = flowport::table_of<flowport_domain_version>(kDomains),
                                         .denials = flowport::table_of<flowport_denial>(kDenials),
                                         .doc = "A run-time for small machines"}};

}  // namespace

FLOWPORT_PLUGIN({.id = "example.target", .version = "1.0.0", .summary = "A target", .license = "Apache-2.0"}, {},
                kTargets)
