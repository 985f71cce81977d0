// Follows a restore op through the functions that it calls and tells which saved tensor ends up in which variable
// or lookup table.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>

#include "tensorflow/library.h"
#include "tensorflow/program.h"

namespace flowport::tf {

/// A tensor of the checkpoint, or the part of it that RestoreV2's shape_and_slice names.
struct SavedTensor {
  std::string key;
  std::string slice;
};

/// By node of the main graph.
struct RestoredState {
  struct Table {
    SavedTensor keys;
    SavedTensor values;
  };
  std::unordered_map<NodeIndex, SavedTensor> variables;
  std::unordered_map<NodeIndex, Table> tables;
};

/// What `restore_op` (a node or one of its tensors) restores. What cannot be followed is left out.
RestoredState trace_restore(const Graph& main, const Library& library, const NodeStore& store,
                            std::string_view restore_op);

/// True for ops whose output is a variable (a resource handle or a reference).
bool makes_variable(std::string_view op);

}  // namespace flowport::tf
