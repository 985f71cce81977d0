// Types behind loops that are gone: what a Loop's outputs do not tell, the recurrent op's do.
#pragma once

#include <cstddef>
#include <unordered_set>

#include "onnx/graph.h"

namespace flowport::recognize {

/// Goes through the nodes of one graph once, from the first to the last, as far as it is led.
class Refiner {
 public:
  /// Infers the nodes before the one at `end` again where a type that they see has become better. Nodes may have been added
  /// since, but not before the `end` of the last call.
  void up_to(ir::Model& model, const ir::Graph& graph, std::size_t end);

 private:
  std::size_t next_ = 0;
  std::unordered_set<ir::ValueId> refined_;
};

}  // namespace flowport::recognize
