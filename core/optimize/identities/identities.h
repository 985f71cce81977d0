// Nodes that change nothing, and reshapes and transposes that follow one another.
#pragma once

#include <cstddef>

#include "optimize/editor.h"

namespace flowport::optimize {

/// Gives the number of nodes that were removed or joined with the one before.
std::size_t remove_identities(Editor& editor);

namespace identities {

/// The input that `node` passes on unchanged as its output 0, or 0. Exact: bit for bit, NaN and negative zero included.
ir::ValueId passed_on(const Editor& editor, const ir::Node& node);

/// Are the two shapes equal at run time, for sure? `equal_counts`: it is known that they have the same number of elements.
bool same_shape(const ir::Type& a, const ir::Type& b, bool equal_counts = false);

/// Rewrites a Reshape, Squeeze, Unsqueeze or Flatten whose input comes from another of them as one Reshape of that one's input;
/// true when it did.
bool join_reshapes(Editor& editor, NodeId node);

/// Gives a Reshape whose target is computed at run time a known one, where the dims tell; true when it did.
bool know_target(Editor& editor, NodeId node);

/// Lets a reduction keep the dims that a Reshape or Unsqueeze behind it puts back; true when it did, and `node` is gone.
bool keep_reduced_dims(Editor& editor, NodeId node);

/// Rewrites a matrix product of flattened rows that is reshaped back to the rows' dims as a product without reshapes; true when it
/// did. `node` is the last Reshape.
bool lift_product(Editor& editor, NodeId node);

/// Rewrites a Transpose of a Transpose as one Transpose; true when it did.
bool join_transposes(Editor& editor, NodeId node);

}  // namespace identities

}  // namespace flowport::optimize
