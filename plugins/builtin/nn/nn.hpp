// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::nn {

extern const HandlerRows kConv;
extern const HandlerRows kConvTranspose;
extern const HandlerRows kDense;
extern const HandlerRows kNorm;
extern const HandlerRows kPool;

}  // namespace flowport::nn
