#include "linalg.hpp"

using namespace flowport::linalg;

FLOWPORT_PLUGIN_OF((flowport::PluginInfo{.id = "org.flowport.linalg",
                                         .version = "0.1.0",
                                         .summary = "Bands and diagonals of matrices, decompositions and solvers",
                                         .license = "Apache-2.0"}),
                   kDiagonals, kFactor, kJacobi, kSolve, kTridiagonal)
