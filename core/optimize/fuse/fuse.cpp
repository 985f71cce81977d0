#include "optimize/fuse/fuse.h"

namespace flowport::optimize {

std::size_t fuse_formulas(Editor& editor) {
  std::size_t changes = 0;
  for (const NodeId id : editor.order()) {
    if (!editor.is_live(id) || !editor.node(id).domain.empty() || editor.node(id).inputs.size() != 2) continue;
    const auto count = [&](bool fused) { changes += fused ? 1 : 0; };
    // By the op at the time of asking: what one rule makes of a node can be the end of another rule's formula.
    if (editor.node(id).op == "Mul" || editor.node(id).op == "Div") count(fuse::fuse_hard_sigmoid(editor, id));
    if (editor.node(id).op == "Mul") count(fuse::fuse_hard_swish(editor, id) || fuse::fuse_gelu(editor, id));
    if (editor.node(id).op == "Add") count(fuse::fuse_layer_normalization(editor, id));
    if (editor.node(id).op == "Add" || editor.node(id).op == "Sub") {
      count(fuse::fuse_prelu(editor, id) || fuse::fuse_channel_affine(editor, id));
    }
  }
  return changes;
}

}  // namespace flowport::optimize
