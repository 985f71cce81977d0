// From a TensorFlow program to an ONNX model.
#pragma once

#include <string>
#include <vector>

#include "base/problem.h"
#include "base/progress.h"
#include "convert/engine.h"
#include "convert/interface.h"
#include "onnx/graph.h"
#include "registry/registry.h"
#include "tensorflow/program.h"

namespace flowport::convert {

struct Conversion {
  ir::Model model;
  std::string signature;
  Journal journal;
  Problems problems;  ///< of the interface and the run as a whole; problems with nodes are in the journal
  std::vector<const registry::CustomSchema*> custom_ops;
  bool ok() const { return problems.empty() && journal.problems.empty(); }
};

/// Runs `program` symbolically for the requested outputs. Every problem that can be found in one run is in the result.
/// `progress`, where there is one, counts nodes.
Conversion convert(const tf::Program& program, const registry::Registry& registry, const registry::Target& target,
                   const InterfaceOptions& options, Progress* progress = nullptr);

}  // namespace flowport::convert
