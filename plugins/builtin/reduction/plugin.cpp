#include "reduction.hpp"

using namespace flowport::reduction;

FLOWPORT_PLUGIN_OF((flowport::PluginInfo{.id = "org.flowport.reduction",
                                         .version = "0.1.0",
                                         .summary = "Reductions over axes and by segment, arg-extrema, counts",
                                         .license = "Apache-2.0"}),
                   kBincount, kReduce, kSegment)
