// From a TensorFlow program to an ONNX model.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "base/progress.h"
#include "convert/engine.h"
#include "convert/interface.h"
#include "onnx/graph.h"
#include "registry/registry.h"
#include "tensorflow/program.h"

namespace flowport::convert {

/// Whether `domain` is one of ONNX's own, which every run-time has.
inline bool is_standard(std::string_view domain) {
  return domain.empty() || domain == "ai.onnx" || domain == "ai.onnx.ml";
}

struct Conversion {
  ir::Model model;
  std::string signature;
  Journal journal;
  Problems problems;  ///< of the interface and the run as a whole; problems with nodes are in the journal
  bool ok() const { return problems.empty() && journal.problems.empty(); }
};

/// Runs `program` symbolically for the requested outputs. Every problem that can be found in one run is in the result.
/// `progress`, where there is one, counts nodes.
Conversion convert(const tf::Program& program, const registry::Registry& registry, const registry::Target& target,
                   const InterfaceOptions& options, Progress* progress = nullptr);

}  // namespace flowport::convert
