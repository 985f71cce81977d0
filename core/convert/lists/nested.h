// Lists of variants. A variant is a ragged tensor, and is carried by tensors: the row lengths (int64) of each ragged dim from the
// outermost inwards, and the flat values. Without ragged dims it is the values alone. A vector of variants, or a list whose items
// they are, is the same ragged tensor with one dim more, taken apart into rows: columns, of which each is a list of tensors.
#pragma once

#include <vector>

#include "convert/emission.h"
#include "convert/lists/list.h"

namespace flowport::convert::lists {

/// What carries one item of a list.
using Item = std::vector<ir::ValueId>;

/// What op `apply` makes of each column.
template <class Apply>
Columns each(Columns columns, Apply apply) {
  for (auto& column : columns) column = apply(column);
  return columns;
}

/// True where items are variants, and nothing says yet what carries them.
inline bool is_open(const List& list) { return list.item.dtype == ir::DType::kUndefined; }

/// The element types of what carries the items.
std::vector<ir::Type> types_of(const Columns& columns);
/// The list of which is_open() holds as columns with items of `types`.
Columns opened(const List& list, const std::vector<ir::Type>& types);
/// Gives the columns and `item`, which is to be written to them, as many parts.
void fit(Emission& emit, Columns& columns, Item& item);
/// Gives both as many columns.
void fit(Emission& emit, Columns& columns, Columns& others);

// Operations on all columns.
Columns set(Emission& emit, Columns columns, ir::ValueId index, Item item);
Columns push(Emission& emit, Columns columns, Item item);
Columns take(Emission& emit, const Columns& columns, ir::ValueId indices);
Columns append(Emission& emit, Columns first, Columns second);
/// `shape` as in the operations on one list, where items are tensors.
Item get(Emission& emit, const Columns& columns, ir::ValueId index, ir::ValueId shape);
/// Takes the last item out of `columns`.
Item pop(Emission& emit, Columns& columns, ir::ValueId shape);

/// `count` differences of consecutive splits, as int64; and back.
ir::ValueId lengths_of(Emission& emit, ir::ValueId splits);
ir::ValueId splits_of(Emission& emit, ir::ValueId lengths);

/// The list as an item of another list: without ragged dims where its items are known to have the same shape.
Item flat(Emission& emit, const Columns& columns);
/// The rows of a ragged tensor, which are the items of the list that it carries.
Columns rows(Emission& emit, const Item& item);
/// The ragged tensor with one more ragged dim, where its values have rows of one length.
Item with_lengths(Emission& emit, Item item);

/// The items joined along their first dim: vectors of variants.
Columns joined(Emission& emit, const Columns& columns);
/// Each item of `lists`, itself a list, with the row of `tensor` at its place pushed to it.
Columns push_each(Emission& emit, const Columns& lists, ir::ValueId tensor);

}  // namespace flowport::convert::lists
