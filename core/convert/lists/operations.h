// Operations on lists, emitted into one graph. Where a list is one that a loop collects, an operation that the collecting cannot
// say marks it as read and poisons the emission: the loop runs its body again with the list as a loop variable.
#pragma once

#include <utility>

#include "convert/emission.h"
#include "convert/lists/list.h"

namespace flowport::convert::lists {

/// [n, item dims...]: all items in one tensor; those not set are zeros. Fails where item shapes are known to differ.
ir::ValueId dense(Emission& emit, const List& list);
/// The rows of a list of which nothing is set: dims of its items that are not known are 0 until one is set.
ir::ValueId blank_rows(Emission& emit, const List& list);
/// All items as an ONNX sequence.
ir::ValueId sequence(Emission& emit, const List& list);
/// The same sequence, made by nodes of this graph: below opset 14 a body cannot give out a sequence from outside otherwise.
ir::ValueId copy_of_sequence(Emission& emit, ir::ValueId sequence);
/// The list in another form: its items are the rows of `tensor`, or those of `sequence`; as many as before.
List dense_list(const List& like, ir::ValueId tensor);
List sequence_list(const List& like, ir::ValueId sequence);
/// The first `count` (int64 scalar) rows of `tensor`.
List front_list(const List& like, ir::ValueId tensor, ir::ValueId count);
/// A list of which nothing says how many items it has.
inline List uncounted(List list) {
  list.count = 0;
  return list;
}
/// True where items of `list` may have different shapes, as far as types tell.
bool may_be_ragged(const ir::Model& model, const List& list);

/// int32 scalar: number of items.
ir::ValueId length(Emission& emit, const List& list);
/// Item `index` (integer scalar). `shape` (int64 [rank], or 0): of items that are not set.
ir::ValueId get(Emission& emit, const List& list, ir::ValueId index, ir::ValueId shape);
List set(Emission& emit, const List& list, ir::ValueId index, ir::ValueId item);
List push(Emission& emit, const List& list, ir::ValueId item);
/// The list without its last item, and that item.
std::pair<List, ir::ValueId> pop(Emission& emit, const List& list, ir::ValueId shape);
List resize(Emission& emit, const List& list, ir::ValueId size);

/// All items in one tensor with a new first dim. `shape` as in get().
ir::ValueId stack(Emission& emit, const List& list, ir::ValueId shape);
/// Items `indices` (integer [m]) in one tensor with a new first dim.
ir::ValueId gather(Emission& emit, const List& list, ir::ValueId indices, ir::ValueId shape);
/// Items `indices` (integer [m]) as a list.
List take(Emission& emit, const List& list, ir::ValueId indices);
struct Concatenation {
  ir::ValueId values = 0;
  ir::ValueId lengths = 0;  ///< int64 [n]; 0 where not asked for
};
/// Items joined along their first dim. `blank_rows` (integer [n], or 0): how many rows those have that are not set.
Concatenation concat(Emission& emit, const List& list, bool with_lengths, ir::ValueId blank_rows = 0);
/// The rows of `tensor` at places `indices` of a list of `size` items (integer scalar; 0: as many as the indices ask for).
/// `in_order`: the indices are known to be 0, 1, ... up to the number of rows and of items.
List scatter(Emission& emit, const List& like, ir::ValueId tensor, ir::ValueId indices, ir::ValueId size,
             bool in_order);
/// int64 [1]: so many rows that there is one for each of `indices`.
ir::ValueId rows_asked_for(Emission& emit, ir::ValueId indices);
/// The last of `rows`; where there is none, an item of `list` that is not set, if the shape of its items is known.
ir::ValueId last_row(Emission& emit, const List& list, ir::ValueId rows);
/// `list` with the rows of `tensor` at places `indices`.
List scatter_into(Emission& emit, const List& list, ir::ValueId tensor, ir::ValueId indices);
/// The items of `first`, then those of `second`.
List append(Emission& emit, const List& first, const List& second);
/// Zeros in place of every item that is set.
List zeros_like(Emission& emit, const List& list);
/// Sums of the items of two lists of one length; those that are not set count as zeros.
List add(Emission& emit, const List& a, const List& b);
/// `tensor` cut along its first dim into items of `lengths` (integer [n]).
List split(Emission& emit, const List& like, ir::ValueId tensor, ir::ValueId lengths);

}  // namespace flowport::convert::lists
