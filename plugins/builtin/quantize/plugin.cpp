#include "quantize.hpp"

using namespace flowport::quantize;

FLOWPORT_PLUGIN_OF((flowport::PluginInfo{.id = "org.flowport.quantize",
                                         .version = "0.1.0",
                                         .summary = "Quantization, and its rounding in floating point",
                                         .license = "Apache-2.0"}),
                   kFake)
