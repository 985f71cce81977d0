// Ragged tensors as variants, as tf.map_fn hands them through loops: see lists/nested.h.
#include <fmt/format.h>

#include "convert/intrinsics/list_ops.h"
#include "convert/lists/operations.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

Step to_variant(ListFrame& frame) {
  const auto rank = static_cast<std::size_t>(frame.int_attr("RAGGED_RANK"));
  lists::Item ragged;
  for (std::size_t i = 0; i <= rank; ++i) {
    const auto part = frame.tensor(i);
    if (!frame.is_ready()) return Step::kDone;
    ragged.push_back(i < rank ? lists::lengths_of(frame.emit(), part) : part);
  }
  if (rank == 0 || !frame.bool_attr("batched_input")) return frame.give_item(ragged);
  return frame.give(as_vector(lists::rows(frame.emit(), ragged)));
}

/// The ragged tensor of a vector of variants of which none was ever set: there are none.
lists::Item no_rows(ListFrame& frame, std::size_t rank) {
  auto& emit = frame.emit();
  lists::Item ragged(rank, emit.ints(std::vector<std::int64_t>{}));
  ragged.push_back(emit.zeros(frame.dtype_attr("Tvalues"), frame.item_shape("Tvalues", emit.ints({0}))));
  return ragged;
}

Step from_variant(ListFrame& frame) {
  const auto rank = static_cast<std::size_t>(frame.int_attr("output_ragged_rank"));
  auto& emit = frame.emit();
  const auto list = frame.is_list(0) ? frame.list(0) : Columns{};
  const bool is_empty = list.size() == 1 && lists::is_open(list[0]) && emit.known(list[0].count) == 0;
  auto ragged = is_empty ? no_rows(frame, rank) : frame.item(0);
  if (!frame.is_ready()) return Step::kDone;
  while (emit.ok() && ragged.size() <= rank) ragged = lists::with_lengths(emit, std::move(ragged));
  if (emit.ok() && ragged.size() > rank + 1) {
    return frame.frame().fail(
        fmt::format("a ragged tensor of {} ragged dims is read as one of {}", ragged.size() - 1, rank), {},
        Fault::kModel);
  }
  for (std::size_t i = 0; i < rank && emit.ok(); ++i) {
    ragged[i] = emit.cast(lists::splits_of(emit, ragged[i]), frame.dtype_attr("Tsplits"));
  }
  return frame.give(std::move(ragged));
}

}  // namespace

Step ragged_to_variant(Frame& frame) { return step_list_op(frame, to_variant); }
Step ragged_from_variant(Frame& frame) { return step_list_op(frame, from_variant); }

}  // namespace flowport::convert::intrinsics
