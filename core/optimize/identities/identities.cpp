#include "optimize/identities/identities.h"

namespace flowport::optimize {

std::size_t remove_identities(Editor& editor) {
  std::size_t changes = 0;
  for (const NodeId id : editor.order()) {
    if (!editor.node(id).domain.empty() || editor.node(id).inputs.empty() || editor.node(id).outputs.empty()) continue;
    if (identities::join_reshapes(editor, id) || identities::join_transposes(editor, id)) ++changes;
    if (identities::lift_product(editor, id) || identities::know_target(editor, id)) ++changes;
    if (identities::keep_reduced_dims(editor, id)) {
      ++changes;
      continue;
    }
    const ir::ValueId passed = identities::passed_on(editor, editor.node(id));
    if (passed == 0) continue;
    const ir::ValueId output = editor.node(id).outputs[0];
    if (editor.replace(output, passed) == 0) {
      // An output that is an input, a constant or another output is said by an Identity.
      if (editor.node(id).op == "Identity") continue;
      editor.set_op(id, "Identity");
      editor.clear_attributes(id);
      editor.set_inputs(id, {passed});
      continue;
    }
    editor.remove(id);
    ++changes;
  }
  return changes;
}

}  // namespace flowport::optimize
