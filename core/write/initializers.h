// The constants that nodes use, each once, and where their bytes go.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "onnx/graph.h"
#include "write/outline.h"

namespace flowport::write {

struct Initializer {
  ir::ValueId value = 0;
  const ir::Constant* constant = nullptr;
  bool external = false;  ///< in the data file, at `offset`, which is the next multiple of `alignment`
  std::uint64_t offset = 0;
  std::uint64_t alignment = 1;
};

/// Tensors of fewer bytes stay in the model file; equal ones are found by their bytes.
inline constexpr std::uint64_t kSmallTensor = 1024;

/// Every constant that a node of any graph uses, in order of first use. Nodes that use an equal one (equal bytes up to
/// kSmallTensor, the same view of the same bytes above) are changed to use the first.
std::vector<Initializer> collect_initializers(ir::Model& model, const Outline& outline);

/// Marks tensors of at least kSmallTensor bytes as external and gives them their places: at multiples of 4096 from 1 MiB on, of
/// 64 below. Strings stay. Returns the size of the data file.
std::uint64_t place_externally(std::vector<Initializer>& initializers);

}  // namespace flowport::write
