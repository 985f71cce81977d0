// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::math {

extern const HandlerRows kBits;
extern const HandlerRows kCumulative;
extern const HandlerRows kElementwise;
extern const HandlerRows kError;
extern const HandlerRows kGamma;
extern const HandlerRows kLoss;

}  // namespace flowport::math
