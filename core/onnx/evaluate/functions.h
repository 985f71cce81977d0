// The evaluators, by family. Each takes a node that is valid for its opset and whose inputs have been checked as its row in
// evaluate.cpp asks; it gives nullopt for what it does not compute exactly.
#pragma once

#include "onnx/evaluate/call.h"

namespace flowport::ir::evaluation {

// views.cpp: the same elements in other dims; whatever the size.
Results identity(const Call& call);
Results reshape(const Call& call);
Results squeeze(const Call& call);
Results unsqueeze(const Call& call);
Results flatten(const Call& call);
Results transpose(const Call& call);

// generate.cpp: tensors from parameters, shapes and types.
Results constant(const Call& call);
Results constant_of_shape(const Call& call);
Results eye_like(const Call& call);
Results one_hot(const Call& call);
Results range(const Call& call);
Results shape(const Call& call);
Results size(const Call& call);

// move.cpp, rearrange.cpp: parts, repetitions and rearrangements.
Results concat(const Call& call);
Results expand(const Call& call);
Results pad(const Call& call);
Results slice(const Call& call);
Results split(const Call& call);
Results tile(const Call& call);
Results compress(const Call& call);
Results depth_to_space(const Call& call);
Results reverse_sequence(const Call& call);
Results space_to_depth(const Call& call);
Results trilu(const Call& call);
Results where(const Call& call);

// gather.cpp: by indices that are data.
Results gather(const Call& call);
Results gather_elements(const Call& call);
Results gather_nd(const Call& call);
Results scatter_elements(const Call& call);
Results scatter_nd(const Call& call);

// cast.cpp
Results cast(const Call& call);
Results cast_like(const Call& call);

// arithmetic.cpp
Results add(const Call& call);
Results clip(const Call& call);
Results divide(const Call& call);
Results max(const Call& call);
Results mean(const Call& call);
Results min(const Call& call);
Results mod(const Call& call);
Results multiply(const Call& call);
Results pow(const Call& call);
Results subtract(const Call& call);
Results sum(const Call& call);

// reduce.cpp
Results reduce_max(const Call& call);
Results reduce_mean(const Call& call);
Results reduce_min(const Call& call);
Results reduce_prod(const Call& call);
Results reduce_sum(const Call& call);

// logic.cpp
Results equal(const Call& call);

}  // namespace flowport::ir::evaluation
