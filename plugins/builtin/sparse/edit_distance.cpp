// Levenshtein distance of sequences that are the rows of sparse tensors.
#include "sparse.hpp"

namespace flowport::sparse {

namespace {

constexpr std::int64_t kFar = std::int64_t{1} << 40;

/// One sequence a group: its members as numbers, in rows of equal width, at least one wide.
struct Sequences {
  Value members;  ///< int64 [groups, width]
  Value lengths;  ///< int64 [groups]
};

/// `group` (int64 [n], ascending) tells for each of `members` (int64 [n]) the sequence that it is in.
Sequences sequences_of(const Value& group, const Value& members, const Value& groups) {
  const Node& node = group.node();
  const Distinct own = distinct(group);
  const Value place = iota(num_elements(group)) - gather(own.first, own.inverse);
  const Value lengths = sizes_of(own, groups);
  const Value width = reduce_max(concat({node.ints({1}), lengths}, 0), {0}, false);
  const Value flat = scatter(expand(node.int_scalar(-1), vector_of(groups * width)), group * width + place, members);
  return {reshape(flat, concat({vector_of(groups), vector_of(width)}, 0)), lengths};
}

/// Distances of the sequences, int64 [groups]. The table of the dynamic program is filled diagonal by diagonal: entry i of
/// diagonal d is the distance of the first i members of `a` and the first d - i of `b`.
Value distances(const Sequences& a, const Sequences& b) {
  const Node& node = a.lengths.node();
  const Value groups = to_vector(dim_of(a.lengths, 0)), width = dim_of(a.members, 1);
  const Value place = iota(width + 1), total = a.lengths + b.lengths;
  const Value start = expand(unsqueeze(where(equal(place, 0), node.int_scalar(0), node.int_scalar(kFar)), {0}),
                             concat({groups, to_vector(width + 1)}, 0));
  const Value edge = expand(node.int_scalar(kFar), concat({groups, node.ints({1})}, 0));
  const Value before = expand(node.int_scalar(kFar), shape_of(start));
  const Value own = gather(a.members, maximum(place - 1, 0), 1), last = unsqueeze(a.lengths, {1});
  const auto shifted = [&](const Value& diagonal) { return concat({edge, slice(diagonal, {0}, {-1}, {1})}, 1); };
  const TypeSpec table{DType::kInt64, Ints{-1, -1}};
  const Body body = node.body(
      {{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}, table, table, {DType::kInt64, Ints{-1}}},
      [&](const std::vector<Value>& in) {
        const Value d = in[0] + 1, other = minimum(maximum(d - place - 1, 0), dim_of(b.members, 1) - 1);
        const Value differ = cast(logical_not(equal(own, gather(b.members, other, 1))), DType::kInt64);
        const Value next = minimum(minimum(in[3], shifted(in[3])) + 1, shifted(in[2]) + differ);
        const Value reached = squeeze(node.emit("GatherElements", {next, last}, {{"axis", 1}}), {1});
        return std::vector{node.emit("Identity", {in[1]}), in[3], next, where(equal(total, d), reached, in[4])};
      });
  const Value trips = reduce_max(concat({node.ints({0}), total}, 0), {0}, false);
  const Value none = expand(node.int_scalar(0), groups);
  return node.emit_n("Loop", {trips, node.scalar(DType::kBool, 1), before, start, none}, {{"body", body}}, 3)[2];
}

// TF:   EditDistance(hypothesis_indices: int64, hypothesis_values: T, hypothesis_shape: int64, truth_indices: int64,
//       truth_values: T, truth_shape: int64) -> output: float, attr normalize: by the length of the truth
// ONNX: Unique for equal values, a Loop over the diagonals of the dynamic program of all pairs at once
void edit_distance(const Node& node) {
  const auto values = [&](int input) {
    const Value x = widened(node.input(input));
    return x.dtype() == DType::kBool ? cast(x, DType::kInt64) : x;
  };
  const Value hypothesis = values(1), truth = values(4);
  const auto outer = [&](int input) { return slice(cast(node.input(input), DType::kInt64), {0}, {-1}, {0}); };
  const Value shape = maximum(outer(2), outer(5)), groups = reduce_prod(shape, {0}, false);
  const auto group_of = [&](int input) {
    return linear(slice(cast(node.input(input), DType::kInt64), {0}, {-1}, {1}), shape);
  };
  const Value number = distinct(concat({hypothesis, truth}, 0)).inverse, count = shape_of(hypothesis);
  Value first = slice(number, node.ints({0}), count, node.ints({0}));
  Value second = slice(number, count, node.ints({INT64_MAX}), node.ints({0}));
  if (is_floating(hypothesis.dtype())) {  // NaN equals nothing
    first = where(is_nan(hypothesis), -2, first);
    second = where(is_nan(truth), -3, second);
  }
  const Sequences a = sequences_of(group_of(0), first, groups), b = sequences_of(group_of(3), second, groups);
  Value distance = cast(distances(a, b), DType::kFloat);
  if (node.attr<bool>("normalize", true)) {
    distance = where(equal(distance, 0), distance, distance / cast(b.lengths, DType::kFloat));
  }
  node.bind(reshape(distance, shape));
}

constexpr Handler kRows[] = {
    handler<edit_distance>("EditDistance"),
};

}  // namespace

FLOWPORT_ROWS(kEditDistance, kRows);

}  // namespace flowport::sparse
