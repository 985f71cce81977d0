// The tables of this plugin's source files.
#pragma once

#include <flowport/plugin.hpp>

namespace flowport::linalg {

extern const HandlerRows kDiagonals;
extern const HandlerRows kFactor;
extern const HandlerRows kJacobi;
extern const HandlerRows kSolve;
extern const HandlerRows kTridiagonal;

/// The solution of matrix * x = right, by elimination.
Value solve(const Value& matrix, const Value& right);

/// A matrix [..., m, n] as q [..., m, m] times r [..., m, n].
struct Orthogonal {
  Value q, r;
};
Orthogonal householder(const Value& x);

}  // namespace flowport::linalg
