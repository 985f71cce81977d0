// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::math {

extern const HandlerRows kBessel;
extern const HandlerRows kBits;
extern const HandlerRows kCumulative;
extern const HandlerRows kElementwise;
extern const HandlerRows kError;
extern const HandlerRows kGamma;
extern const HandlerRows kIncomplete;
extern const HandlerRows kLoss;

/// The logarithm of the gamma function's magnitude, and its derivative, of doubles.
Value log_gamma(const Value& x);
Value digamma(const Value& x);

}  // namespace flowport::math
