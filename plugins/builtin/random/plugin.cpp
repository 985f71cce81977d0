#include "random.hpp"

using namespace flowport::random;

FLOWPORT_PLUGIN_OF((flowport::PluginInfo{
                       .id = "org.flowport.random",
                       .version = "0.1.0",
                       .summary = "Random numbers: of known seeds as constants, others drawn at run time",
                       .license = "Apache-2.0"}),
                   kBoundingBox, kFractionalPool, kGamma, kMultinomial, kPoisson, kStateful, kStateless)
