#include "rnn.hpp"

using namespace flowport::rnn;

FLOWPORT_PLUGIN_WITH_REWRITES((flowport::PluginInfo{.id = "org.flowport.rnn",
                                                    .version = "0.1.0",
                                                    .summary = "Recurrent cells and layers",
                                                    .license = "Apache-2.0"}),
                              kRecognition, kBlockLstm, kCells, kCudnn)
