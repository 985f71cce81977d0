#include "reduction.hpp"

using namespace flowport::reduction;

FLOWPORT_PLUGIN_OF((flowport::PluginInfo{.id = "org.flowport.reduction",
                                         .version = "0.1.0",
                                         .summary = "Reductions over axes, arg-extrema, cumulative sums",
                                         .license = "Apache-2.0"}),
                   kReduce)
