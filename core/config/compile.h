// From an entry of `ops:` to what convert/ carries out.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "config/document.h"
#include "config/entry.h"
#include "config/fields.h"
#include "registry/mapping.h"
#include "tensorflow/op_table.h"

namespace flowport::config {

/// Opsets of ai.onnx that targets have.
constexpr int kLowestOpset = 13;
constexpr int kHighestOpset = 28;

/// Where the parts of a body node stand in the file.
struct NodePlaces {
  Mark op;
  std::vector<Mark> attrs;  ///< of BodyNode::attrs, in the same order
};

struct Compiled {
  registry::Mapping mapping;
  std::vector<NodePlaces> places;  ///< of Mapping::body
  std::uint64_t const_inputs = 0;  ///< bit i: TF input i must be known
};

/// Names resolved, literals typed. Reports names that are not there, literals without a type, outputs that get no value.
/// Touches onnx's schemas.
Compiled compile(const Entry& entry, const Source& source, const tf::OpTable& ops, Diagnostics& diagnostics);

/// Opsets at which every node of `compiled` is valid. Reports what keeps it from being valid at all opsets of `stated`, or at
/// any opset where `stated` is null.
OpsetRange check_opsets(const Entry& entry, const Compiled& compiled, const tf::OpTable& ops, Diagnostics& diagnostics);

}  // namespace flowport::config
