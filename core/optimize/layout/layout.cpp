#include "optimize/layout/layout.h"

#include <algorithm>

#include "optimize/layout/plan.h"
#include "optimize/layout/rewrite.h"

namespace flowport::optimize {

namespace {

std::size_t count_transposes(const Editor& editor) {
  const auto nodes = editor.order();
  return static_cast<std::size_t>(
      std::count_if(nodes.begin(), nodes.end(), [&](NodeId id) { return editor.node(id).op == "Transpose"; }));
}

}  // namespace

std::size_t change_layout(Editor& editor) {
  const std::size_t before = count_transposes(editor);
  if (before == 0) return 0;
  const auto nodes = editor.order();
  layout::rewrite(editor, nodes, layout::make_plan(editor, nodes));
  const std::size_t after = count_transposes(editor);
  return before > after ? before - after : 0;
}

}  // namespace flowport::optimize
