// What operations on lists are made of: the collecting, items one by one, and the rows of dense tensors.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "convert/emission.h"
#include "convert/lists/list.h"

namespace flowport::convert::lists {

inline constexpr std::int64_t kMostItems = 1 << 16;  ///< that are listed one by one

/// True, and poisons, where the list is a loop's to collect.
bool reads_collection(Emission& emit, const List& list);

/// The same of two lists that become one; a list to collect is told what the other's items are.
bool reads_collections(Emission& emit, const List& a, const List& b);

List items_list(const List& like, std::vector<ir::ValueId> items);
/// The list with its items listed one by one, where their number is known.
std::optional<List> as_items(Emission& emit, const List& list);

/// Notes what an item that is written to `list` says of all items, where a loop collects it and its type says nothing: their rank.
void learn_item(const List& list, const ir::Type& item);

/// A Loop of `count` iterations with one output of type `type`, which `step(body, iteration, carried)` gives: a scan output, or, where
/// there is a `start`, what is carried from one iteration to the next.
using LoopStep = std::function<ir::ValueId(Emission& body, ir::ValueId iteration, ir::ValueId carried)>;
ir::ValueId repeat(Emission& emit, const char* name, ir::ValueId count, ir::ValueId start, const ir::Type& type,
                   const LoopStep& step);

/// int64 [1]
ir::ValueId row_count(Emission& emit, ir::ValueId tensor);
/// `tensor` with rows of zeros behind it, so that it has at least `rows` (int64 [1]).
ir::ValueId pad_rows(Emission& emit, ir::ValueId tensor, ir::ValueId rows);
/// `tensor` with rows of the shape of `item`: where a Loop did not run once its scan output's unknown dims are 0, and these rows
/// become zeros.
ir::ValueId fit_rows(Emission& emit, ir::ValueId tensor, ir::ValueId item);
/// Two tensors with rows of one shape, of which either may have none of its own, as in fit_rows().
std::pair<ir::ValueId, ir::ValueId> alike(Emission& emit, ir::ValueId a, ir::ValueId b);
/// `value` in another shape, of which dims may be 0, and none is -1.
ir::ValueId reshape(Emission& emit, ir::ValueId value, ir::ValueId shape);

}  // namespace flowport::convert::lists
