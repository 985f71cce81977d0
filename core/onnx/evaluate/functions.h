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

// cast.cpp
Results cast(const Call& call);
Results cast_like(const Call& call);

// move.cpp: parts and repetitions along the axes.
Results concat(const Call& call);
Results expand(const Call& call);
Results slice(const Call& call);
Results split(const Call& call);
Results where(const Call& call);

// rearrange.cpp: other movements of elements.
Results compress(const Call& call);
Results depth_to_space(const Call& call);
Results pad(const Call& call);
Results reverse_sequence(const Call& call);
Results space_to_depth(const Call& call);
Results tile(const Call& call);
Results trilu(const Call& call);

// gather.cpp: by indices that are data.
Results gather(const Call& call);
Results gather_elements(const Call& call);
Results gather_nd(const Call& call);
Results scatter_elements(const Call& call);
Results scatter_nd(const Call& call);

// unary.cpp: one number to one of the same type.
Results absolute(const Call& call);
Results acos(const Call& call);
Results acosh(const Call& call);
Results asin(const Call& call);
Results asinh(const Call& call);
Results atan(const Call& call);
Results atanh(const Call& call);
Results ceil(const Call& call);
Results cos(const Call& call);
Results cosh(const Call& call);
Results erf(const Call& call);
Results exp(const Call& call);
Results floor(const Call& call);
Results log(const Call& call);
Results negative(const Call& call);
Results reciprocal(const Call& call);
Results relu(const Call& call);
Results round(const Call& call);
Results sigmoid(const Call& call);
Results sign(const Call& call);
Results sin(const Call& call);
Results sinh(const Call& call);
Results sqrt(const Call& call);
Results tan(const Call& call);
Results tanh(const Call& call);

// arithmetic.cpp: several numbers to one of the same type.
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

// logic.cpp: truth and bits, and the two ops on strings.
Results bit_shift(const Call& call);
Results bitwise_and(const Call& call);
Results bitwise_not(const Call& call);
Results bitwise_or(const Call& call);
Results bitwise_xor(const Call& call);
Results equal(const Call& call);
Results greater(const Call& call);
Results greater_or_equal(const Call& call);
Results is_inf(const Call& call);
Results is_nan(const Call& call);
Results less(const Call& call);
Results less_or_equal(const Call& call);
Results logical_not(const Call& call);
Results string_concat(const Call& call);

// reduce.cpp
Results reduce_max(const Call& call);
Results reduce_mean(const Call& call);
Results reduce_min(const Call& call);
Results reduce_prod(const Call& call);
Results reduce_sum(const Call& call);

// order.cpp: sorting, searching, running sums.
Results arg_max(const Call& call);
Results arg_min(const Call& call);
Results cum_sum(const Call& call);
Results non_zero(const Call& call);
Results top_k(const Call& call);
Results unique(const Call& call);

// matmul.cpp
Results mat_mul(const Call& call);

}  // namespace flowport::ir::evaluation
