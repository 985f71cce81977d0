// What the ops on tensor lists (tensor_lists.cpp) and on TensorArrays (tensor_arrays.cpp) share.
#pragma once

#include "convert/emission.h"
#include "convert/intrinsics/intrinsics.h"
#include "convert/lists/list.h"

namespace flowport::convert::intrinsics {

/// All inputs of an op on lists, run and looked at once.
class ListFrame {
 public:
  explicit ListFrame(Frame& frame);

  Frame& frame() { return frame_; }

  /// False where an input could not be converted, or the node was refused: nothing more is to be done.
  bool is_ready() const { return ready_; }
  Emission& emit() { return emit_; }
  bool is_list(std::size_t i) const { return frame_.input(i).is_list(); }
  /// The list in input `i`; refuses the node where it is none.
  const List* list(std::size_t i);
  /// The tensor in input `i`; refuses the node where it is none. 0 then.
  ir::ValueId tensor(std::size_t i);
  /// Of complex numbers, the element type of their parts.
  ir::DType dtype_attr(const char* name) const;
  /// Type of items of the element type in attribute `dtype`, of which TensorFlow says what `item` says of dims.
  ir::Type item_of(const char* dtype, ir::Type item) const;
  /// int64 [rank]: TensorFlow's shape of such an item (an integer tensor) as that of the tensor that carries it.
  ir::ValueId item_shape(const char* dtype, ir::ValueId shape);
  bool bool_attr(const char* name) const;

  /// Binds the node's outputs, or fails it where the emission has a problem.
  Step give(const List& list);
  Step give(std::vector<ir::ValueId> tensors);
  Step give(const List& list, ir::ValueId tensor);
  /// The number of items, known by its maker as such.
  Step give_length(const List& list);
  /// The items joined along their first dim, and how long each is where that is used. `blank_rows` as in lists::concat().
  Step give_concatenation(const List& list, ir::ValueId blank_rows = 0);

  /// True where `indices` are known to be 0, 1, ... up to `size` (integer scalar).
  bool counts_up_to(ir::ValueId indices, ir::ValueId size);
  /// True where `indices` are known to name each item of `list` in input `list_input` once, in order.
  bool counts_items(ir::ValueId indices, std::size_t list_input);

 private:
  ir::ValueId limit_of(ir::ValueId indices);
  Step finish(std::vector<Bound> outputs);

  Frame& frame_;
  Emission emit_;
  bool ready_ = true;
};

using ListOp = Step (*)(ListFrame&);
/// Steps a node: asks for its inputs, then runs `op` on them unless one could not be converted.
Step step_list_op(Frame& frame, ListOp op);
/// `op` where the first input is a list; else what the registry has for the node.
Step step_on_list(Frame& frame, ListOp op);

/// True where integer scalars `a` and `b` are known to be the same number.
bool same_number(const ir::Model& model, ir::ValueId a, ir::ValueId b);
/// What a TF shape tensor (-1: unknown) says of an item's dims.
ir::Type item_type(const ir::Model& model, ir::ValueId shape);
/// int64 [rank] with the known dims of `item`, -1 for the others; 0 where the rank is unknown.
ir::ValueId shape_of_item(Emission& emit, const ir::Type& item);

}  // namespace flowport::convert::intrinsics
