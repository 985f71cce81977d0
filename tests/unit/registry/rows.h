// Rows for tests of the registry.
#pragma once

#include <string>
#include <utility>

#include "registry/registry.h"

namespace flowport::registry {

/// Where a row comes from and what it says; the rest does not matter to resolution.
struct RowText {
  std::string op = "Op";
  std::string id = {};
  int opset_min = 13;
  int opset_max = 0;
  int priority = 0;
  std::string domain = {};
  std::string source = {};
  Complex complex = Complex::kNone;
};

inline Row row_of(const Owner* owner, RowText text) {
  Row row;
  row.tf_op = std::move(text.op);
  row.id = text.id.empty() ? row.tf_op : std::move(text.id);
  row.domain = std::move(text.domain);
  row.opset_min = text.opset_min;
  row.opset_max = text.opset_max;
  row.priority = text.priority;
  row.source = std::move(text.source);
  row.complex = text.complex;
  row.owner = owner;
  return row;
}

inline Target target_of(int opset) {
  Target target;
  target.id = "onnx-" + std::to_string(opset);
  target.ir_version = 10;
  target.domains[""] = opset;
  return target;
}

}  // namespace flowport::registry
