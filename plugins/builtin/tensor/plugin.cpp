#include "tensor.hpp"

using namespace flowport::tensor;

FLOWPORT_PLUGIN_OF((flowport::PluginInfo{.id = "org.flowport.tensor",
                                         .version = "0.1.0",
                                         .summary = "Shapes, slices, joins, gathers and padding",
                                         .license = "Apache-2.0"}),
                   kChoose, kGather, kJoin, kOrder, kPad, kPatches, kRank, kScatter, kSequence, kShape, kSlice, kSpace,
                   kTranspose, kUpdate)
