// The rows of this plugin, by source file, and what its files share: places of sparse tensors as one number each, and rows of
// ragged tensors.
#pragma once

#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

namespace flowport::sparse {

extern const HandlerRows kCross;
extern const HandlerRows kEditDistance;
extern const HandlerRows kLayout;
extern const HandlerRows kRagged;
extern const HandlerRows kReduce;
extern const HandlerRows kSets;

/// Item `i` of a vector, as a scalar.
inline Value item(const Value& v, std::int64_t i) { return gather(v, i); }
inline Value vector_of(const Value& scalar) { return reshape(scalar, Ints{1}); }
/// An int64 scalar.
inline Value scalar_of(const Value& v) { return reshape(cast(v, DType::kInt64), Ints{}); }

inline Value compress(const Value& x, const Value& mask) { return x.node().emit("Compress", {x, mask}, {{"axis", 0}}); }
inline Value scatter(const Value& x, const Value& at, const Value& updates) {
  return x.node().emit("ScatterElements", {x, at, updates}, {{"axis", 0}});
}
/// Adds (`how`: add, max, min) updates that meet; add needs opset 16, max and min 18.
inline Value scatter(const Value& x, const Value& at, const Value& updates, std::string_view how) {
  return x.node().emit("ScatterElements", {x, at, updates}, {{"axis", 0}, {"reduction", how}});
}

/// For each dim of `shape` (int64 [rank]) the product of those behind it.
inline Value strides_of(const Value& shape) {
  const Value number = iota(num_elements(shape));
  const Value behind = less(unsqueeze(number, {1}), unsqueeze(number, {0}));
  return reduce_prod(where(behind, unsqueeze(shape, {0}), 1), {1}, false);
}
/// The places `indices` (int64 [n, rank]) counted in the order of a dense tensor: int64 [n].
inline Value linear(const Value& indices, const Value& shape) {
  return reduce_sum(indices * unsqueeze(strides_of(shape), {0}), {1}, false);
}
/// The way back: int64 [n, rank].
inline Value unravel(const Value& places, const Value& shape) {
  const Value size = unsqueeze(maximum(shape, 1), {0});
  return binary("Mod", unsqueeze(places, {1}) / unsqueeze(strides_of(maximum(shape, 1)), {0}), size);
}

/// The order that sorts `keys` (int64 [n]); equal ones stay in theirs.
inline Value sorting(const Value& keys) {
  return keys.node().emit_n("TopK", {keys, shape_of(keys)}, {{"axis", 0}, {"largest", 0}, {"sorted", 1}}, 2)[1];
}

struct Distinct {
  Value values;   ///< in ascending order
  Value first;    ///< where each stands first
  Value inverse;  ///< for each input, its place in `values`
  Value counts;
};
inline Distinct distinct(const Value& x) {
  const auto out = x.node().emit_n("Unique", {x}, {{"sorted", 1}}, 4);
  return {out[0], out[1], out[2], out[3]};
}

/// How many of `groups` (int64 [n], ascending) are each of 0 .. count - 1 (an int64 scalar).
inline Value sizes_of(const Distinct& groups, const Value& count) {
  return scatter(expand(count.node().int_scalar(0), vector_of(count)), groups.values, groups.counts);
}

/// For numbers in ascending order: how many equal ones stand before each.
inline Value place_in_group(const Value& sorted) {
  const Distinct groups = distinct(sorted);
  return iota(num_elements(sorted)) - gather(groups.first, groups.inverse);
}

/// Lengths (int64 [rows]) to row splits (int64 [rows + 1]), and back.
inline Value splits_of(const Value& lengths) {
  return concat({lengths.node().ints({0}), cumsum(lengths, lengths.node().int_scalar(0), false, false)}, 0);
}
inline Value ends_of(const Value& splits) { return slice(splits, {1}, {INT64_MAX}, {0}); }
inline Value starts_of(const Value& splits) { return slice(splits, {0}, {-1}, {0}); }
inline Value lengths_of(const Value& splits) { return ends_of(splits) - starts_of(splits); }

/// For each element of rows with these splits, the row that it is in: int64 [elements].
inline Value rows_of(const Value& splits) {
  const Node& node = splits.node();
  const Value total = gather(splits, -1);
  const Distinct ends = distinct(ends_of(splits));
  const Value none = expand(node.int_scalar(0), vector_of(total + 1));
  const Value row = cumsum(scatter(none, ends.values, ends.counts), node.int_scalar(0), false, false);
  return slice(row, {0}, {-1}, {0});
}

/// Sums and comparisons of half types lack kernels.
inline Value widened(const Value& x) {
  return size_of(x.dtype()) == 2 && is_floating(x.dtype()) ? cast(x, DType::kFloat) : x;
}

}  // namespace flowport::sparse
