// Bands and diagonals of matrices: written, read and replaced.
#include <flowport/ops.hpp>

#include <algorithm>

#include "linalg.hpp"

namespace flowport::linalg {

namespace {

/// Diagonals lowest .. highest of a matrix: 0 is the main one, those above it count up.
struct Diagonals {
  std::int64_t lowest = 0, highest = 0;
  bool right_above = false, right_below = false;  // shorter ones stand at the right of their row
  std::int64_t count() const { return highest - lowest + 1; }
};

/// `k_input` < 0: the main diagonal.
Diagonals diagonals_of(const Node& node, int k_input) {
  Diagonals d;
  if (k_input >= 0) {
    const Ints k = node.input(k_input).known_ints();
    if (k.empty() || k.size() > 2 || k.front() > k.back())
      node.bad_model("k is neither one diagonal nor a pair in ascending order");
    d.lowest = k.front();
    d.highest = k.back();
  }
  const auto align = node.attr<std::string>("align", "LEFT_LEFT");  // superdiagonals, then subdiagonals
  d.right_above = align.starts_with("RIGHT");
  d.right_below = align.ends_with("RIGHT");
  return d;
}

/// Row and column numbers of a matrix, to be broadcast against each other: [rows, 1] and [1, columns].
struct Places {
  Value row, column;
};

Places places_of(const Value& rows, const Value& columns) {
  return {unsqueeze(iota(rows), {1}), unsqueeze(iota(columns), {0})};
}

/// For diagonals `k` of a matrix of this size: by how much their elements stand shifted in a row of length `longest`.
Value shift_of(const Diagonals& d, const Value& k, const Value& rows, const Value& columns, const Value& longest) {
  const Value length = minimum(rows + minimum(k, 0), columns - maximum(k, 0));
  const Value at_right = longest - length, none = scalar_like(k, 0);
  if (d.right_above && d.right_below) return at_right;
  if (d.right_above) return where(greater(k, 0), at_right, none);
  if (d.right_below) return where(less(k, 0), at_right, none);
  return none;
}

/// A matrix of `rows` x `columns` with `diagonal` on its diagonals and `rest` (which broadcasts) beside them.
Value with_diagonals(const Diagonals& d, const Value& diagonal, const Value& rows, const Value& columns,
                     const Value& rest) {
  const Node& node = diagonal.node();
  const auto [row, column] = places_of(rows, columns);
  const Value k = column - row, longest = dim_of(diagonal, -1);
  const Value inside = d.count() == 1 ? equal(k, static_cast<double>(d.lowest))
                                      : logical_and(greater_equal(k, static_cast<double>(d.lowest)),
                                                    less_equal(k, static_cast<double>(d.highest)));
  Value flat = diagonal, index = minimum(row, column);
  if (d.count() > 1) {
    const Value outer = slice(shape_of(diagonal), {0}, {-2}, {0});
    flat = reshape(diagonal, concat({outer, reshape(longest * static_cast<double>(d.count()), Ints{1})}, 0));
    index = index + (node.int_scalar(d.highest) - k) * longest + shift_of(d, k, rows, columns, longest);
  }
  return where(inside, gather(flat, where(inside, index, 0), -1), rest);
}

// TF:   MatrixBandPart(input: T, num_lower: Tindex, num_upper: Tindex) -> band: T; a negative number keeps the whole triangle
// ONNX: Where(mask of row and column numbers, input, 0)
void matrix_band_part(const Node& node) {
  const Value x = node.input(0);
  const auto [row, column] = places_of(dim_of(x, -2), dim_of(x, -1));
  Value kept;
  const auto keep_within = [&](const Value& distance, const Value& input) {
    const auto known = input.int_scalar();
    if (known && *known < 0) return;
    const Value limit = reshape(cast(input, DType::kInt64), Ints{});
    Value within = less_equal(distance, limit);
    if (!known) within = logical_or(within, less(limit, 0));
    kept = kept ? logical_and(kept, within) : within;
  };
  keep_within(row - column, node.input(1));
  keep_within(column - row, node.input(2));
  node.bind(kept ? where(kept, x, 0) : node.emit("Identity", {x}));
}

// TF:   MatrixDiagV3(diagonal: T, k: int32, num_rows: int32, num_cols: int32, padding_value: T) -> output: T, attr align
//       MatrixDiagV2 likewise without align, all to the left; MatrixDiag, BatchMatrixDiag(diagonal) -> output
// ONNX: Gather of the diagonals by place, Where beside them
void matrix_diag(const Node& node) {
  const Value diagonal = node.input(0);
  const bool full = node.num_inputs() > 1;
  const Diagonals d = diagonals_of(node, full ? 1 : -1);
  const Value longest = dim_of(diagonal, -1);
  const Value least_rows = longest - static_cast<double>(std::min<std::int64_t>(d.highest, 0));
  const Value least_columns = longest + static_cast<double>(std::max<std::int64_t>(d.lowest, 0));
  const std::int64_t rows = full ? node.input(2).int_scalar().value_or(-1) : -1;
  const std::int64_t columns = full ? node.input(3).int_scalar().value_or(-1) : -1;
  const Value square = maximum(least_rows, least_columns);
  const auto size = [&](std::int64_t given, const Value& least) {
    return given >= 0 ? node.int_scalar(given) : rows < 0 && columns < 0 ? square : least;
  };
  const Value padding = full ? node.input(4) : scalar_like(diagonal, 0);
  node.bind(with_diagonals(d, diagonal, size(rows, least_rows), size(columns, least_columns), padding));
}

// TF:   MatrixSetDiagV3(input: T, diagonal: T, k: int32) -> output: T, attr align; MatrixSetDiagV2 likewise without align, all
//       to the left; MatrixSetDiag, BatchMatrixSetDiag(input, diagonal) -> output
// ONNX: Gather of the diagonals by place, Where beside them
void matrix_set_diag(const Node& node) {
  const Value x = node.input(0);
  const Diagonals d = diagonals_of(node, node.num_inputs() > 2 ? 2 : -1);
  node.bind(with_diagonals(d, node.input(1), dim_of(x, -2), dim_of(x, -1), x));
}

// TF:   MatrixDiagPartV3(input: T, k: int32, padding_value: T) -> diagonal: T, attr align; MatrixDiagPartV2 likewise without
//       align, all to the left; MatrixDiagPart, BatchMatrixDiagPart(input) -> diagonal
// ONNX: Gather of the flattened matrix; Where beyond the ends of shorter diagonals
void matrix_diag_part(const Node& node) {
  const Value x = node.input(0);
  const Diagonals d = diagonals_of(node, node.num_inputs() > 1 ? 1 : -1);
  const Value rows = dim_of(x, -2), columns = dim_of(x, -1);
  const Value longest = minimum(rows + static_cast<double>(std::min<std::int64_t>(d.highest, 0)),
                                columns - static_cast<double>(std::max<std::int64_t>(d.lowest, 0)));
  const Value outer = slice(shape_of(x), {0}, {-2}, {0});
  const Value flat = reshape(x, concat({outer, reshape(rows * columns, Ints{1})}, 0));
  const Value place = iota(longest);
  if (d.count() == 1) {
    const Value first = d.lowest >= 0 ? node.int_scalar(d.lowest) : columns * static_cast<double>(-d.lowest);
    return node.bind(gather(flat, place * (columns + 1) + first, -1));
  }
  Ints numbers;
  for (std::int64_t k = d.highest; k >= d.lowest; --k) numbers.push_back(k);
  const Value k = unsqueeze(node.ints(numbers), {1});
  const Value at = place - shift_of(d, k, rows, columns, longest);
  const Value row = at - minimum(k, 0), column = at + maximum(k, 0);
  const Value inside = logical_and(greater_equal(at, 0), logical_and(less(row, rows), less(column, columns)));
  node.bind(where(inside, gather(flat, where(inside, row * columns + column, 0), -1), node.input(2)));
}

// TF:   Diag(diagonal: T) -> output: T of the diagonal's shape twice over
// ONNX: Reshape of a diagonal matrix
void diag(const Node& node) {
  const Value x = node.input(0), count = num_elements(x), shape = shape_of(x);
  const Value matrix = with_diagonals({}, reshape(x, Ints{-1}), count, count, scalar_like(x, 0));
  node.bind(reshape(matrix, concat({shape, shape}, 0)));
}

// TF:   DiagPart(input: T) -> diagonal: T of the first half of the input's shape
// ONNX: Gather of the flattened input
void diag_part(const Node& node) {
  const Value x = node.input(0);
  const std::int64_t half = x.known_rank() / 2;
  const Value shape = slice(shape_of(x), {0}, {half}, {0});
  const Value count = reduce_prod(shape, {0}, false);
  node.bind(reshape(gather(reshape(x, Ints{-1}), iota(count) * (count + 1)), shape));
}

constexpr Handler kRows[] = {
    handler<matrix_band_part>("BatchMatrixBandPart", {.complex = Complex::kParts}),
    handler<matrix_diag>("BatchMatrixDiag", {.complex = Complex::kParts}),
    handler<matrix_diag_part>("BatchMatrixDiagPart", {.complex = Complex::kParts}),
    handler<matrix_set_diag>("BatchMatrixSetDiag", {.complex = Complex::kParts}),
    handler<diag>("Diag", {.complex = Complex::kParts}),
    handler<diag_part>("DiagPart", {.complex = Complex::kParts}),
    handler<matrix_band_part>("MatrixBandPart", {.complex = Complex::kParts}),
    handler<matrix_diag>("MatrixDiag", {.complex = Complex::kParts}),
    handler<matrix_diag>("MatrixDiagV2", {.const_inputs = inputs_known(1, 2, 3), .complex = Complex::kParts}),
    handler<matrix_diag>("MatrixDiagV3", {.const_inputs = inputs_known(1, 2, 3), .complex = Complex::kParts}),
    handler<matrix_diag_part>("MatrixDiagPart", {.complex = Complex::kParts}),
    handler<matrix_diag_part>("MatrixDiagPartV2", {.const_inputs = inputs_known(1), .complex = Complex::kParts}),
    handler<matrix_diag_part>("MatrixDiagPartV3", {.const_inputs = inputs_known(1), .complex = Complex::kParts}),
    handler<matrix_set_diag>("MatrixSetDiag", {.complex = Complex::kParts}),
    handler<matrix_set_diag>("MatrixSetDiagV2", {.const_inputs = inputs_known(2), .complex = Complex::kParts}),
    handler<matrix_set_diag>("MatrixSetDiagV3", {.const_inputs = inputs_known(2), .complex = Complex::kParts}),
};

}  // namespace

FLOWPORT_ROWS(kDiagonals, kRows);

}  // namespace flowport::linalg
