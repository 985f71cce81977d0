// The rows of this plugin, by source file, and what its files share.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::nn {

extern const HandlerRows kConv;
extern const HandlerRows kConvTranspose;
extern const HandlerRows kCtc;
extern const HandlerRows kCtcBeam;
extern const HandlerRows kDense;
extern const HandlerRows kDilated;
extern const HandlerRows kLocal;
extern const HandlerRows kNorm;
extern const HandlerRows kPool;

/// The convolution `conv` (Conv2D, Conv3D or DepthwiseConv2dNative) of `x`, by its attributes but with these spatial dilations.
Value convolve(const Node& conv, const Value& x, const Value& filter, const Ints& dilations);

}  // namespace flowport::nn
