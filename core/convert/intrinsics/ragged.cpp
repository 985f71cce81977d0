// Ragged tensors as variants, as tf.map_fn hands them through loops. A ragged tensor of one ragged dim *is* the list of its rows,
// and a row is the tensor itself.
#include "convert/intrinsics/list_ops.h"
#include "convert/lists/operations.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::convert::intrinsics {

namespace {

std::int64_t int_attr(Frame& frame, const char* name) {
  const auto* attr = frame.engine().program().attr(frame.node(), name);
  return attr == nullptr ? 0 : attr->i();
}

Step too_ragged(Frame& frame) {
  return frame.fail("a ragged tensor of more than one ragged dim goes through a loop",
                    "loop over its flat values, or over one ragged dim at a time");
}

Step to_variant(ListFrame& inputs) {
  Frame& frame = inputs.frame();
  const auto rank = int_attr(frame, "RAGGED_RANK");
  const auto values = inputs.tensor(frame.node().inputs.size() - 1);
  if (!inputs.is_ready()) return Step::kDone;
  if (rank == 0) return inputs.give(std::vector{values});
  if (rank > 1 || !inputs.bool_attr("batched_input")) return too_ragged(frame);
  const auto splits = inputs.tensor(0);
  if (!inputs.is_ready()) return Step::kDone;
  auto& emit = inputs.emit();
  List rows;
  rows.item = ir::Type::tensor(emit.type(values).dtype);
  const auto lengths = emit("Sub", {emit.slice(splits, 1, kEnd), emit.slice(splits, 0, -1)});
  return inputs.give(lists::split(emit, rows, values, lengths));
}

Step from_variant(ListFrame& inputs) {
  Frame& frame = inputs.frame();
  const auto rank = int_attr(frame, "output_ragged_rank");
  if (!inputs.is_list(0)) {
    const auto values = inputs.tensor(0);
    if (!inputs.is_ready()) return Step::kDone;
    return rank == 0 ? inputs.give(std::vector{values}) : too_ragged(frame);
  }
  if (rank != 1) return too_ragged(frame);
  auto& emit = inputs.emit();
  const auto joined = lists::concat(emit, *inputs.list(0), true);
  const auto splits = emit.concat({emit.ints({0}), emit("CumSum", {joined.lengths, emit.scalar(0)})});
  return inputs.give(std::vector{emit.cast(splits, inputs.dtype_attr("Tsplits")), joined.values});
}

Step rows_shape(ListFrame& inputs) {
  auto& emit = inputs.emit();
  const auto count = emit.as_item(lists::length(emit, *inputs.list(0)));
  const auto dims = emit.cast(count, inputs.dtype_attr("out_type"));
  if (emit.ok()) inputs.frame().engine().note_maker(dims, {&inputs.frame().scope(), {inputs.frame().index(), 0}});
  return inputs.give(std::vector{dims});
}

}  // namespace

Step ragged_to_variant(Frame& frame) { return step_list_op(frame, to_variant); }
Step ragged_from_variant(Frame& frame) { return step_list_op(frame, from_variant); }

Step shape_of_list(Frame& frame) { return step_on_list(frame, rows_shape); }

}  // namespace flowport::convert::intrinsics
