// The tables of this plugin's source files.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::linalg {

extern const HandlerRows kDiagonals;
extern const HandlerRows kFactor;
extern const HandlerRows kJacobi;
extern const HandlerRows kSolve;

/// A matrix [..., m, n] as q [..., m, m] times r [..., m, n].
struct Orthogonal {
  Value q, r;
};
Orthogonal householder(const Value& x);

}  // namespace flowport::linalg
