// The rows of this plugin, by source file.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::math {

/// True for numbers below zero and for the negative zero; false for NaN.
Value is_negative(const Value& x);
/// atan2(y, x), with the signs of zeros.
Value angle_of(const Value& y, const Value& x);

extern const HandlerRows kBessel;
extern const HandlerRows kBits;
extern const HandlerRows kComplex;
extern const HandlerRows kComplexInverse;
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
