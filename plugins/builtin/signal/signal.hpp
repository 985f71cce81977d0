// The rows of this plugin by source file, and discrete Fourier transforms along one axis.
#pragma once

#include <flowport/complex.hpp>
#include <flowport/plugin.hpp>

namespace flowport::signal {

/// What a transform takes and gives along its axis.
enum class Kind {
  kComplex,  ///< a pair of `length` bins to the same
  kInverse,  ///< likewise, back
  kToHalf,   ///< `length` real numbers to the pair of their length / 2 + 1 first bins
  kFromHalf  ///< the pair of the length / 2 + 1 first bins to `length` real numbers
};

/// Transforms `x` along axis `axis` (-1: the last one, a pair's last dim not counted), which has as many elements as `kind` and
/// `length` (an int64 scalar) ask for.
Value transform(Kind kind, const Value& x, int axis, const Value& length);

extern const HandlerRows kAudio;
extern const HandlerRows kTransforms;

}  // namespace flowport::signal
