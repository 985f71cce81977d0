#include "optimize/fold/fold.h"

namespace flowport::optimize {

std::size_t fold_constants(Editor& editor) {
  std::size_t changes = 0;
  for (const NodeId id : editor.order()) {
    if (!editor.is_live(id) || !editor.node(id).domain.empty()) continue;
    changes += fold::fold_padding(editor, id);
    changes += fold::fold_preceding(editor, id);
    changes += fold::fold_flattening(editor, id);
    changes += fold::fold_following(editor, id);
  }
  return changes;
}

}  // namespace flowport::optimize
