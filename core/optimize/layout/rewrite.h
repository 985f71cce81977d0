// Carries out a layout::Plan: nodes that go along work on permuted values, all Transposes are dissolved, and those that something
// still asks for are put right behind the value that they permute, once for each order.
#pragma once

#include <cstddef>
#include <vector>

#include "optimize/layout/plan.h"

namespace flowport::optimize::layout {

void rewrite(Editor& editor, const std::vector<NodeId>& nodes, const Plan& plan);

}  // namespace flowport::optimize::layout
