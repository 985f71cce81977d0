#include "sparse.hpp"

using namespace flowport::sparse;

FLOWPORT_PLUGIN_OF((flowport::PluginInfo{.id = "org.flowport.sparse",
                                         .version = "0.1.0",
                                         .summary = "Sparse and ragged tensors, sets",
                                         .license = "Apache-2.0"}),
                   kCross, kEditDistance, kLayout, kRagged, kReduce, kSets)
