// Counts by value.
#include <flowport/ops.hpp>

#include "reduction.hpp"

namespace flowport::reduction {

namespace {

/// `weights`, flat; ones where there are none (TF: no elements).
Value weights_or_ones(const Value& weights, const Value& values) {
  const auto dims = weights.static_dims();
  bool empty = false;
  if (!dims) {
    const Value flat = reshape(weights, Ints{-1});
    return concat({flat, fill(maximum(shape_of(values) - shape_of(flat), 0), weights, 1)}, 0);
  }
  for (const std::int64_t dim : *dims) empty = empty || dim == 0;
  return empty ? fill(shape_of(values), weights, 1) : reshape(weights, Ints{-1});
}

Value size_of_bins(const Value& size) {
  const Value v = cast(size, DType::kInt64);
  return v.rank() == 0 ? v : reshape(v, Ints{});
}

// TF:   DenseBincount(input: Tidx [n] or [rows, n], size: Tidx, weights: T) -> output: T [size] or [rows, size],
//       attr binary_output
// ONNX: ScatterND with reduction add; values from `size` on are not counted
void dense_bincount(const Node& node) {
  const Value input = node.input(0), size = size_of_bins(node.input(1));
  const bool binary = node.attr<bool>("binary_output", false);
  const int rank = input.known_rank();
  const Value values = to_vector(input);
  const Value weights = binary ? fill(shape_of(values), node.input(2), 1) : weights_or_ones(node.input(2), values);
  Value bins;
  if (rank < 2) {
    bins = combine_segments(Combine::kSum, weights, values, size);
  } else {
    const Value rows = dim_of(input, 0);
    const Value wide = size + 1.0;  // a bin more in each row, for what is not counted
    const Value in_row = minimum(cast(input, DType::kInt64), size) + unsqueeze(iota(rows), {1}) * wide;
    const Value flat = combine_segments(Combine::kSum, weights, to_vector(in_row), rows * wide);
    const Value table = reshape(flat, concat({reshape(rows, Ints{1}), reshape(wide, Ints{1})}, 0));
    bins = slice(table, node.ints({0}), reshape(size, Ints{1}), node.ints({1}));
  }
  node.bind(binary ? minimum(bins, 1) : bins);
}

// TF:   Bincount(arr: int32, size: int32, weights: T) -> bins: T [size]
// ONNX: ScatterND with reduction add
void bincount(const Node& node) {
  const Value values = to_vector(node.input(0));
  const Value weights = weights_or_ones(node.input(2), values);
  node.bind(combine_segments(Combine::kSum, weights, values, size_of_bins(node.input(1))));
}

// TF:   HistogramFixedWidth(values: T, value_range: T [2], nbins: int32) -> out: dtype [nbins]
// ONNX: the bin of each value in double precision, as TF has it, then ScatterND with reduction add
void histogram_fixed_width(const Node& node) {
  const Value values = reshape(node.input(0), Ints{-1}), range = node.input(1), bins = size_of_bins(node.input(2));
  const Value low = gather(range, 0), width = cast(gather(range, 1) - low, DType::kDouble) / cast(bins, DType::kDouble);
  const Value place = cast(maximum(values, low) - low, DType::kDouble) / width;
  const Value last = bins - 1.0;
  const Value bin = cast(minimum(place, cast(last, DType::kDouble)), DType::kInt64);
  const Value ones = fill(shape_of(bin), bin, 1);
  node.bind(cast(combine_segments(Combine::kSum, ones, bin, bins), node.output_dtype()));
}

constexpr Handler kRows[] = {
    handler<bincount>("Bincount"),
    handler<dense_bincount>("DenseBincount"),
    handler<histogram_fixed_width>("HistogramFixedWidth"),
};

}  // namespace

FLOWPORT_ROWS(kBincount, kRows);

}  // namespace flowport::reduction
