// What the ops on tensor lists (tensor_lists.cpp) and on TensorArrays (tensor_arrays.cpp) share.
#pragma once

#include "convert/emission.h"
#include "convert/intrinsics/intrinsics.h"
#include "convert/lists/list.h"
#include "convert/lists/nested.h"

namespace flowport::convert::intrinsics {

/// All inputs of an op on lists, run and looked at once.
class ListFrame {
 public:
  explicit ListFrame(Frame& frame);

  Frame& frame() { return frame_; }

  /// False where an input could not be converted, or the node was refused: nothing more is to be done.
  bool is_ready() const { return ready_; }
  Emission& emit() { return emit_; }
  /// True where input `i` is a list, or a tensor of variants as one.
  bool is_list(std::size_t i) const;
  /// The list in input `i`; empty where it is none: the node is refused then.
  Columns list(std::size_t i);
  /// What carries the item in input `i`, a tensor or a variant; empty where it is neither.
  lists::Item item(std::size_t i);
  /// The tensor in input `i`; refuses the node where it is none. 0 then.
  ir::ValueId tensor(std::size_t i);
  /// Of complex numbers, the element type of their parts.
  ir::DType dtype_attr(const char* name) const;
  /// Type of items of the element type in attribute `dtype`, of which TensorFlow says what `item` says of dims.
  ir::Type item_of(const char* dtype, ir::Type item) const;
  /// int64 [rank]: TensorFlow's shape of such an item (an integer tensor) as that of the tensor that carries it.
  ir::ValueId item_shape(const char* dtype, ir::ValueId shape);
  std::int64_t int_attr(const char* name) const;
  bool bool_attr(const char* name) const;

  /// Binds the node's outputs, or fails it where the emission has a problem.
  Step give(const Columns& list);
  Step give(std::vector<ir::ValueId> tensors);
  Step give_item(const lists::Item& item);
  Step give_items(const std::vector<lists::Item>& items);
  Step give(const Columns& list, const lists::Item& item);
  /// The number of items, known by its maker as such.
  Step give_length(const Columns& list);
  /// The items joined along their first dim, and how long each is where that is used. `blank_rows` as in lists::concat().
  Step give_concatenation(const Columns& list, bool of_variants, ir::ValueId blank_rows = 0);

  /// For variants that are put at places that only the run time knows.
  Step refuse_places();

  /// True where `indices` are known to be 0, 1, ... up to `size` (integer scalar).
  bool counts_up_to(ir::ValueId indices, ir::ValueId size);
  /// True where `indices` are known to name each item of `list` in input `list_input` once, in order.
  bool counts_items(ir::ValueId indices, std::size_t list_input);

 private:
  ir::ValueId limit_of(ir::ValueId indices);
  Bound bound(const Columns& list);
  Bound bound(const lists::Item& item);
  Step finish(std::vector<Bound> outputs);

  Frame& frame_;
  Emission emit_;
  bool ready_ = true;
};

using ListOp = Step (*)(ListFrame&);
/// Steps a node: asks for its inputs, then runs `op` on them unless one could not be converted.
Step step_list_op(Frame& frame, ListOp op);

/// The columns as a tensor of variants with one dim, and as a list.
Columns as_vector(Columns columns);
Columns as_list(Columns columns);

/// True where integer scalars `a` and `b` are known to be the same number.
bool same_number(const ir::Model& model, ir::ValueId a, ir::ValueId b);
/// What a TF shape tensor (-1: unknown) says of an item's dims.
ir::Type item_type(const ir::Model& model, ir::ValueId shape);
/// int64 [rank] with the known dims of `item`, -1 for the others; 0 where the rank is unknown.
ir::ValueId shape_of_item(Emission& emit, const ir::Type& item);

}  // namespace flowport::convert::intrinsics
