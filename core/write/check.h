// onnx's own checker, run on the model as it will be written, weights left out.
#pragma once

#include "base/problem.h"
#include "write/encode.h"

namespace flowport::write {

/// Bodies within bodies that every reader can take: protobuf reads messages up to 100 deep.
inline constexpr std::size_t kDeepestNesting = 30;

/// Fault::kCheck where onnx's checker refuses the model, with the node and its origin in `where` as far as it can be told, or
/// where bodies are nested too deep for a reader.
Result<void> check(const Contents& contents);

}  // namespace flowport::write
