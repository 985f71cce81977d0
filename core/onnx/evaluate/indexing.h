// Arithmetic of dims and of element positions. Most ops that move elements are a list of source positions, one for each
// element of the result: `walk` makes such lists, `pick` applies them.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "onnx/constant.h"

namespace flowport::ir::evaluation {

using Dims = std::vector<std::int64_t>;
using DimsView = std::span<const std::int64_t>;

/// Number of elements; nullopt when a dim is negative, or where the product of the dims that are not 0 overflows.
std::optional<std::int64_t> count_of(DimsView dims);

/// The axis counted from 0; nullopt when it is outside [-rank, rank).
std::optional<std::size_t> axis_of(std::int64_t axis, std::size_t rank);

/// One flag per axis, set for those in `axes`; nullopt when one is outside the rank or comes twice.
std::optional<std::vector<bool>> marked_axes(DimsView axes, std::size_t rank);

/// Row-major strides in elements; all 0 when the tensor is empty.
Dims strides_of(DimsView dims);

/// Number of elements of all or a part of the dims of a tensor that exists, which has one.
std::int64_t product(DimsView dims);

/// Positions start + sum(coordinate * stride) for all coordinates of `dims` in row-major order. The caller has checked the
/// count.
std::vector<std::int64_t> walk(DimsView dims, DimsView strides, std::int64_t start = 0);

/// Dims that all of `shapes` broadcast to, numpy's way; nullopt when they do not agree.
std::optional<Dims> broadcast(std::span<const DimsView> shapes);

/// For each element of `to`, the position in a tensor of dims `from`, which broadcasts to it.
std::vector<std::int64_t> spread(DimsView from, DimsView to);

/// Elements of `source` (row-major) at `positions`; -1 gives zero, false or the empty string.
ConstantPtr pick(const Constant& source, Dims dims, std::span<const std::int64_t> positions);

/// All elements of constants of one type, one after the other, as a tensor of rank 1.
ConstantPtr joined(std::span<const ConstantPtr> parts);

/// Bytes that the content takes; strings count with their characters.
std::size_t bytes_of(const Constant& constant);

}  // namespace flowport::ir::evaluation
