// The order of rows for one TF op: what resolution sorts by and what explain words.
#pragma once

#include <string>

#include "registry/registry.h"

namespace flowport::registry {

/// "mapping.yaml:12" or "org.flowport.math": how messages name the owner of `row`.
std::string label_of(const Row& row);

/// "opset 13 to 17", "opset >= 18", with the domain where it is not ai.onnx.
std::string range_of(const Row& row);

/// Whether the opset that `target` has for the row's domain lies in the row's range.
bool fits(const Row& row, const Target& target);

/// Whether `a` is preferred: earlier layer, then higher opset_min, then higher priority.
bool precedes(const Row& a, const Row& b);

/// Whether guards, or that only one of the two takes complex tensors, keep `a` and `b` from ever being for the same node.
bool are_exclusive(const Row& a, const Row& b);

/// Whether neither precedes the other although both may be for the same node.
bool is_tie(const Row& a, const Row& b);

/// What made `winner` precede `loser`: "builtin before contrib", "opset_min 18 > 13", "priority 5 > 0".
std::string difference(const Row& winner, const Row& loser);

}  // namespace flowport::registry
