// Which tensor of the checkpoint belongs to which variable.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/problem.h"
#include "tensorflow/bundle.h"
#include "tensorflow/library.h"
#include "tensorflow/program.h"

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

 private:
  struct Saved {
    std::string key;
    std::string slice;
  };

  std::optional<Saved> find(const Node& node) const;
  void read_object_graph();

  const Graph& main_;
  const Bundle& bundle_;
  std::unordered_map<NodeIndex, Saved> restored_;
  std::unordered_map<std::string_view, NodeIndex> by_shared_name_;
  std::map<std::string, std::string, std::less<>> object_graph_;  ///< full name -> key; "" where the name is not unique
};

}  // namespace flowport::tf
