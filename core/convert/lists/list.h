// A list of tensors while the program runs symbolically: what TensorFlow's TensorList ops hand on as a variant, and what its
// TensorArray ops hand on as a flow. Lists are values: an op that changes a list makes a new one.
//
// The items of a list may be variants: ragged tensors, or lists again. A list as an item is a ragged tensor, whose rows are its
// items. A ragged tensor is carried by its row lengths, dim by dim, and its flat values; so a list of them is several lists of
// plain tensors side by side (Columns), on each of which an op on the list is done. See nested.h.
//
// The form follows from what is known: items that are known one by one cost nothing in the graph; a dense tensor holds items
// of one shape; an ONNX sequence holds the rest. Inside a loop a list is first taken to be only written, one item each time
// round (kCollecting): then the items are a scan output of the Loop, and the list costs no copy.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "convert/scope.h"
#include "onnx/graph.h"

namespace flowport::convert {

/// A loop variable that is a list, while the body is run on the assumption that it only writes it.
struct Collection {
  bool is_read = false;    ///< the assumption does not hold
  bool is_popped = false;  ///< and items are taken from its end
  /// What items turned out to be, of which the list says too little: one type for each list that carries them.
  std::vector<ir::Type> learnt;
  /// The list's length in the loop's body where each iteration adds an item, and the body; the length is 0 while nobody asks.
  std::function<ir::ValueId()> make_length;
  const ir::Graph* body = nullptr;
  ir::ValueId length = 0;
};

struct List {
  enum class Form : std::uint8_t {
    kBlank,       ///< `value` items (an integer scalar) that are not set
    kItems,       ///< `items`
    kDense,       ///< `value` is a tensor [n, item dims...]
    kFront,       ///< the first `count` (int64 scalar) rows of the tensor `value`: taking one off costs no copy
    kSequence,    ///< `value` is an ONNX sequence
    kCollecting,  ///< a loop variable's list, and what was written to it in this iteration
  };
  enum class Write : std::uint8_t { kNone, kSet, kPush };

  Form form = Form::kBlank;
  ir::Type item;                   ///< element type, and what is known of the shape of every item
  std::vector<ir::ValueId> items;  ///< kItems; 0: not set
  ir::ValueId value = 0;
  ir::ValueId count = 0;  ///< number of items (integer scalar), where a value is known that says it; 0: none
  ir::ValueId shape =
      0;  ///< kBlank, kItems: of items that are not set (int64 [rank]), where only the run time knows it; 0: none
  bool grows = false;  ///< setting an item past the end makes the list longer
  bool variants =
      false;  ///< items are variants, of which each may have another shape; `item.dtype` is of what carries them
  bool is_vector = false;  ///< no list, but a tensor of variants of one dim, of which these are the items
  std::shared_ptr<Collection> collection;
  Write write = Write::kNone;
  ir::ValueId index = 0;  ///< kSet: where
  ir::ValueId written = 0;
};

/// A list whose items are carried by several tensors each: one list for each of these.
using Columns = std::vector<List>;

}  // namespace flowport::convert
