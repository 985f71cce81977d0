#include "math.hpp"

using namespace flowport::math;

FLOWPORT_PLUGIN_OF((flowport::PluginInfo{.id = "org.flowport.math",
                                         .version = "0.1.0",
                                         .summary = "Arithmetic, bits, special functions, cumulative products, losses",
                                         .license = "Apache-2.0"}),
                   kBessel, kBits, kComplex, kComplexInverse, kCumulative, kElementwise, kError, kGamma, kIncomplete,
                   kLoss)
