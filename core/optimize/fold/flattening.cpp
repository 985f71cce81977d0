// Flattened activations whose axes were moved before: the matrix behind takes its rows in the order in which they come.
#include "optimize/fold/fold.h"
#include "optimize/permutation.h"

namespace flowport::optimize::fold {

std::size_t fold_flattening(Editor& editor, NodeId id) {
  const ir::Node& product = editor.node(id);
  const bool takes_rows = product.op == "MatMul" || (product.op == "Gemm" && product.int_attr("transA", 0) == 0 &&
                                                     product.int_attr("transB", 0) == 0);
  if (!takes_rows || !editor.is_used_once(product.inputs[1])) return 0;
  const ir::ConstantPtr matrix = editor.constant(product.inputs[1]);
  if (matrix == nullptr || matrix->rank() != 2) return 0;
  const NodeId flatten = editor.producer(product.inputs[0]);
  if (flatten == kNoNode || editor.only_user(product.inputs[0]) != id) return 0;
  if (editor.node(flatten).op != "Reshape" || !editor.node(flatten).domain.empty()) return 0;
  const NodeId move = editor.producer(editor.node(flatten).inputs[0]);
  if (move == kNoNode || editor.node(move).op != "Transpose" || !editor.node(move).domain.empty()) return 0;

  const ir::Type& moved = editor.type(editor.node(flatten).inputs[0]);
  const ir::Type& flat = editor.type(product.inputs[0]);
  if (!moved.has_rank || moved.dims.size() < 3 || !flat.has_rank || flat.dims.size() != 2) return 0;
  const auto order = Permutation::of_transpose(editor.node(move), moved.dims.size());
  if (!order || (*order)[0] != 0) return 0;
  std::vector<std::int64_t> dims;
  std::int64_t rows = 1;
  for (std::size_t axis = 1; axis < moved.dims.size(); ++axis) {
    const std::int64_t size = moved.dims[axis].size;
    if (size < 1 || size > matrix->dims()[0] / rows) return 0;
    rows *= size;
    dims.push_back(size);
  }
  // As many rows as columns of the flattened tensor: one row of it is one image.
  if (rows != matrix->dims()[0] || flat.dims[1].size != rows) return 0;
  const auto target = ints_of(editor, editor.node(flatten).inputs[1]);
  if (!target || target->size() != 2) return 0;

  const Permutation back = order->inverse();
  std::vector<std::int64_t> axes;
  for (std::size_t axis = 1; axis < back.rank(); ++axis) axes.push_back(static_cast<std::int64_t>(back[axis]) - 1);
  axes.push_back(static_cast<std::int64_t>(dims.size()));
  dims.push_back(matrix->dims()[1]);
  editor.set_input(id, 1,
                   editor.add_constant(matrix->reshaped(std::move(dims))->transposed(axes)->reshaped(matrix->dims())));
  // 0 in the target means the same after the move: the first axis stays, and the second is spelled out.
  const std::vector<std::int64_t> shape{target->front(), rows};
  editor.set_inputs(flatten, {editor.node(move).inputs[0], editor.add_constant(ir::Constant::ints(shape))});
  if (editor.is_unused(editor.node(move).outputs[0])) editor.remove(move);
  return 1;
}

}  // namespace flowport::optimize::fold
