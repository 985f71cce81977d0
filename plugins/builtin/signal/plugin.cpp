#include "signal.hpp"

using namespace flowport::signal;

FLOWPORT_PLUGIN_OF((flowport::PluginInfo{.id = "org.flowport.signal",
                                         .version = "0.1.0",
                                         .summary = "Fourier transforms, spectrograms",
                                         .license = "Apache-2.0"}),
                   kAudio, kTransforms)
