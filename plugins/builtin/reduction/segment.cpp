// Segments: rows combined by an id each.
#include <flowport/ops.hpp>

#include "reduction.hpp"

namespace flowport::reduction {

namespace {

/// An integer scalar as int64 of rank 0.
Value scalar64(const Value& x) {
  const Value v = cast(x, DType::kInt64);
  return v.rank() == 0 ? v : reshape(v, Ints{});
}

/// Number of rows of each segment, int64 [count].
Value sizes_of(const Value& ids, const Value& count) {
  return combine_segments(Combine::kSum, fill(shape_of(ids), ids, 1), ids, count);
}

/// A vector as [n, 1, ...] against the rows of `rows`.
Value along_rows(const Value& vector, const Value& rows) {
  Ints axes;
  for (int i = 1; i < rows.known_rank(); ++i) axes.push_back(i);
  return unsqueeze(vector, axes);
}

/// The last id and one more; 0 where there are no ids. `ids` ascend, as TF demands.
Value count_of_sorted(const Value& ids) {
  return reduce_max(concat({ids.node().ints({-1}), ids}, 0), {0}, false) + 1.0;
}

// TF:   UnsortedSegmentSum(data: T, segment_ids: Tindices, num_segments: Tnumsegments) -> output: T; Prod, Max, Min likewise
// ONNX: ScatterND with a reduction
void unsorted(const Node& node, Combine how) {
  const Value data = node.input(0), ids = node.input(1);
  const int rank = data.known_rank(), id_rank = ids.known_rank();
  if (id_rank > rank) node.bad_model("segment_ids have more dims than data");
  Value rows = data;
  if (id_rank == 0) rows = unsqueeze(data, {0});
  if (id_rank > 1) {
    const Value tail = slice(shape_of(data), Ints{id_rank}, Ints{INT64_MAX}, Ints{0});
    rows = reshape(data, concat({reshape(num_elements(ids), Ints{1}), tail}, 0));
  }
  node.bind(combine_segments(how, rows, to_vector(ids), scalar64(node.input(2))));
}
void unsorted_sum(const Node& node) { unsorted(node, Combine::kSum); }
void unsorted_prod(const Node& node) { unsorted(node, Combine::kProd); }
void unsorted_max(const Node& node) { unsorted(node, Combine::kMax); }
void unsorted_min(const Node& node) { unsorted(node, Combine::kMin); }

// TF:   SegmentSum(data: T, segment_ids: Tindices, ascending) -> output: T; Prod, Max, Min, Mean likewise
// ONNX: ScatterND with a reduction; a segment of nothing is 1 in a product, else 0
void sorted(const Node& node, Combine how) {
  const Value data = node.input(0), ids = cast(node.input(1), DType::kInt64);
  const Value count = count_of_sorted(ids);
  const Value all = combine_segments(how, data, ids, count);
  if (how == Combine::kSum || how == Combine::kProd) return node.bind(all);
  node.bind(where(along_rows(greater(sizes_of(ids, count), 0.0), data), all, 0));
}
void sorted_sum(const Node& node) { sorted(node, Combine::kSum); }
void sorted_prod(const Node& node) { sorted(node, Combine::kProd); }
void sorted_max(const Node& node) { sorted(node, Combine::kMax); }
void sorted_min(const Node& node) { sorted(node, Combine::kMin); }

enum class Divisor { kNone, kSize, kRootOfSize };

Value divided(Divisor divisor, const Value& data, const Value& ids, const Value& count) {
  const Value sum = combine_segments(Combine::kSum, data, ids, count);
  if (divisor == Divisor::kNone) return sum;
  const Value sizes = cast_like(maximum(sizes_of(ids, count), 1), data);
  return sum / along_rows(divisor == Divisor::kSize ? sizes : flowport::sqrt(sizes), data);
}

void sorted_mean(const Node& node) {
  const Value ids = cast(node.input(1), DType::kInt64);
  node.bind(divided(Divisor::kSize, node.input(0), ids, count_of_sorted(ids)));
}

// TF:   SparseSegmentSum(data: T, indices: Tidx, segment_ids: Tsegmentids[, num_segments]) -> output: T; Mean, SqrtN likewise
// ONNX: Gather, then as SegmentSum
void sparse(const Node& node, Divisor divisor) {
  const Value data = node.input(0), ids = cast(node.input(2), DType::kInt64);
  data.known_rank();
  const Value count = node.num_inputs() > 3 ? scalar64(node.input(3)) : count_of_sorted(ids);
  node.bind(divided(divisor, gather(data, node.input(1)), ids, count));
}
void sparse_sum(const Node& node) { sparse(node, Divisor::kNone); }
void sparse_mean(const Node& node) { sparse(node, Divisor::kSize); }
void sparse_sqrt_n(const Node& node) { sparse(node, Divisor::kRootOfSize); }

constexpr Handler kRows[] = {
    handler<sorted_max>("SegmentMax"),
    handler<sorted_mean>("SegmentMean", {.complex = Complex::kParts}),
    handler<sorted_min>("SegmentMin"),
    handler<sorted_prod>("SegmentProd"),
    handler<sorted_sum>("SegmentSum", {.complex = Complex::kParts}),
    handler<sparse_mean>("SparseSegmentMean"),
    handler<sparse_mean>("SparseSegmentMeanWithNumSegments"),
    handler<sparse_sqrt_n>("SparseSegmentSqrtN"),
    handler<sparse_sqrt_n>("SparseSegmentSqrtNWithNumSegments"),
    handler<sparse_sum>("SparseSegmentSum"),
    handler<sparse_sum>("SparseSegmentSumWithNumSegments"),
    handler<unsorted_max>("UnsortedSegmentMax"),
    handler<unsorted_min>("UnsortedSegmentMin"),
    handler<unsorted_prod>("UnsortedSegmentProd"),
    handler<unsorted_sum>("UnsortedSegmentSum", {.complex = Complex::kParts}),
};

}  // namespace

FLOWPORT_ROWS(kSegment, kRows);

}  // namespace flowport::reduction
