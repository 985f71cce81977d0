// The tables of this plugin's source files.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::linalg {

extern const HandlerRows kDiagonals;
extern const HandlerRows kFactor;
extern const HandlerRows kSolve;

}  // namespace flowport::linalg
