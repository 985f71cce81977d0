// Which tensor of the checkpoint belongs to which variable or lookup table.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "base/problem.h"
#include "tensorflow/bundle.h"
#include "tensorflow/library.h"
#include "tensorflow/program.h"
#include "tensorflow/restore_trace.h"

namespace flowport::tf {

/// Answers what TensorFlow's own restore op answers: names of variables are not unique. Where no restore op tells, the
/// object graph in the checkpoint does, and where that is silent too, a tensor of the variable's own name is taken.
class Variables {
 public:
  /// `restore_op` is the SaverDef's; it may be empty. All arguments must outlive this object.
  Variables(const Graph& main, const Library& library, const NodeStore& store, const Bundle& bundle,
            std::string_view restore_op);

  /// The saved content of the variable that `node` makes. Errors: not saved, bad entry, another dtype than the variable's.
  Result<Tensor> read(const Node& node) const;
  /// Keys and values of the lookup table that `node` makes. Errors: not saved, bad entry.
  Result<std::pair<Tensor, Tensor>> read_table(const Node& node) const;

 private:
  std::optional<SavedTensor> find(const Node& node) const;
  std::map<std::string, std::string, std::less<>> read_object_graph() const;

  const Graph& main_;
  const Bundle& bundle_;
  RestoredState restored_;
  std::unordered_map<std::string_view, NodeIndex> by_shared_name_;
  /// Full name -> key, "" where the name is not unique; read when it is first needed.
  mutable std::optional<std::map<std::string, std::string, std::less<>>> object_graph_;
};

}  // namespace flowport::tf
