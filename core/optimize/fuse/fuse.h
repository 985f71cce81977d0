// Formulas that ONNX has an op for. What is matched says the same as the op, up to rounding.
#pragma once

#include <cstddef>

#include "optimize/editor.h"

namespace flowport::optimize {

/// Gives the number of formulas that became one node.
std::size_t fuse_formulas(Editor& editor);

namespace fuse {

// Each looks at the last node of a formula and rewrites it in place; true when it did. Nodes that are not used any more stay for
// Editor::drop_unused.

/// x * factor + bias per channel (axis 1): BatchNormalization.
bool fuse_channel_affine(Editor& editor, NodeId add);
/// (x - mean) / sqrt(variance + epsilon) * scale + bias over the last axes: LayerNormalization, from opset 17.
bool fuse_layer_normalization(Editor& editor, NodeId add);
/// min(max(x + b, 0), h) / h: HardSigmoid.
bool fuse_hard_sigmoid(Editor& editor, NodeId last);
/// x * HardSigmoid(x) with its usual numbers: HardSwish, from opset 14.
bool fuse_hard_swish(Editor& editor, NodeId product);
/// relu(x) - alpha * relu(-x): PRelu.
bool fuse_prelu(Editor& editor, NodeId add);
/// x * 0.5 * (1 + erf(x / sqrt(2))): Gelu, from opset 20.
bool fuse_gelu(Editor& editor, NodeId product);

}  // namespace fuse

}  // namespace flowport::optimize
