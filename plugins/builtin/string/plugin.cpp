#include "string.hpp"

using namespace flowport::string;

FLOWPORT_PLUGIN_OF((flowport::PluginInfo{.id = "org.flowport.string",
                                         .version = "0.1.0",
                                         .summary = "Text: joined, split, its case, numbers as text, hashes",
                                         .license = "Apache-2.0"}),
                   kHash, kJoin, kText)
