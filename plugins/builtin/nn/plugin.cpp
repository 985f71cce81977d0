#include "nn.hpp"

using namespace flowport::nn;

FLOWPORT_PLUGIN_OF((flowport::PluginInfo{.id = "org.flowport.nn",
                                         .version = "0.1.0",
                                         .summary = "Convolutions, pools, normalisation and dense layers",
                                         .license = "Apache-2.0"}),
                   kConv, kConvTranspose, kCtc, kCtcBeam, kDense, kDilated, kLocal, kNorm, kPool)
