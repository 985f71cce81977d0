// Bands and diagonals of matrices: written, read and replaced.
#include <flowport/ops.hpp>

#include "linalg.hpp"

namespace flowport::linalg {

namespace {

/// Diagonals lowest .. highest of a matrix: 0 is the main one, those above it count up. int64 scalars.
struct Diagonals {
  Value lowest, highest, count;
  bool right_above = false, right_below = false;  // shorter ones stand at the right of their row
  /// A single diagonal has no dim of its own among those of a tensor of diagonals.
  bool single() const { return count.int_scalar() == 1; }
  bool single_or_not() const { return !count.int_scalar(); }
};

Diagonals main_diagonal(const Node& node) { return {node.int_scalar(0), node.int_scalar(0), node.int_scalar(1)}; }

/// `k_input` < 0: the main diagonal.
Diagonals diagonals_of(const Node& node, int k_input) {
  Diagonals d = main_diagonal(node);
  if (k_input >= 0) {
    const Value given = node.input(k_input), k = to_vector(given);
    d.lowest = gather(k, 0);
    d.highest = gather(k, -1);
    if (given.rank() != 0 && given.dim(0) != 1) d.count = d.highest - d.lowest + 1;
    if (given.dim(0) > 2 || given.dim(0) == 0 || d.count.int_scalar().value_or(1) < 1)
      node.bad_model("k is neither one diagonal nor a pair in ascending order");
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

Value scalar(const Value& number) { return reshape(cast(number, DType::kInt64), Ints{}); }

/// The first `kept` items of a vector; a negative number leaves out that many at the end.
Value leading(const Value& items, const Value& kept) {
  const Node& node = items.node();
  return slice(items, node.ints({0}), to_vector(kept), node.ints({0}));
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
  const auto [row, column] = places_of(rows, columns);
  const Value k = column - row, longest = dim_of(diagonal, -1);
  const Value inside =
      d.single() ? equal(k, d.lowest) : logical_and(greater_equal(k, d.lowest), less_equal(k, d.highest));
  Value flat = diagonal, index = minimum(row, column);
  if (!d.single()) {
    const Value shape = shape_of(diagonal), inner = to_vector(longest * d.count);
    const Value one = scalar_like(longest, -1), two = scalar_like(longest, -2);
    const Value outer = leading(shape, d.single_or_not() ? where(equal(d.count, 1), one, two) : two);
    flat = reshape(diagonal, concat({outer, inner}, 0));
    index = index + (d.highest - k) * longest + shift_of(d, k, rows, columns, longest);
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
    const Value limit = scalar(input);
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
  Value rows = longest - minimum(d.highest, 0),
        columns = longest + maximum(d.lowest, 0);  // the least that there may be
  const Value square = maximum(rows, columns);
  if (!full) {
    rows = columns = square;
  } else {
    const Value given_rows = scalar(node.input(2)), given_columns = scalar(node.input(3));
    const Value free_rows = less(given_rows, 0), free_columns = less(given_columns, 0);
    rows = where(free_rows, where(free_columns, square, rows), given_rows);
    columns = where(free_columns, where(free_rows, square, columns), given_columns);
  }
  const Value padding = full ? node.input(4) : scalar_like(diagonal, 0);
  node.bind(with_diagonals(d, diagonal, rows, columns, padding));
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
  const Value longest = minimum(rows + minimum(d.highest, 0), columns - maximum(d.lowest, 0));
  const Value outer = slice(shape_of(x), {0}, {-2}, {0});
  const Value flat = reshape(x, concat({outer, to_vector(rows * columns)}, 0));
  const Value place = iota(longest);
  if (d.single()) {
    const Value first = maximum(d.lowest, 0) - minimum(d.lowest, 0) * columns;
    return node.bind(gather(flat, place * (columns + 1) + first, -1));
  }
  const Value k = unsqueeze(range(d.highest, d.lowest - 1, node.int_scalar(-1)), {1});
  const Value at = place - shift_of(d, k, rows, columns, longest);
  const Value row = at - minimum(k, 0), column = at + maximum(k, 0);
  const Value inside = logical_and(greater_equal(at, 0), logical_and(less(row, rows), less(column, columns)));
  const Value all = where(inside, gather(flat, where(inside, row * columns + column, 0), -1), node.input(2));
  if (!d.single_or_not()) return node.bind(all);
  const Value own = leading(to_vector(d.count), cast(greater(d.count, 1), DType::kInt64));
  node.bind(reshape(all, concat({outer, own, to_vector(longest)}, 0)));
}

// TF:   Diag(diagonal: T) -> output: T of the diagonal's shape twice over
// ONNX: Reshape of a diagonal matrix
void diag(const Node& node) {
  const Value x = node.input(0), count = num_elements(x), shape = shape_of(x);
  const Value matrix = with_diagonals(main_diagonal(node), reshape(x, Ints{-1}), count, count, scalar_like(x, 0));
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
    handler<matrix_diag>("MatrixDiagV2", {.complex = Complex::kParts}),
    handler<matrix_diag>("MatrixDiagV3", {.complex = Complex::kParts}),
    handler<matrix_diag_part>("MatrixDiagPart", {.complex = Complex::kParts}),
    handler<matrix_diag_part>("MatrixDiagPartV2", {.complex = Complex::kParts}),
    handler<matrix_diag_part>("MatrixDiagPartV3", {.complex = Complex::kParts}),
    handler<matrix_set_diag>("MatrixSetDiag", {.complex = Complex::kParts}),
    handler<matrix_set_diag>("MatrixSetDiagV2", {.complex = Complex::kParts}),
    handler<matrix_set_diag>("MatrixSetDiagV3", {.complex = Complex::kParts}),
};

}  // namespace

FLOWPORT_ROWS(kDiagonals, kRows);

}  // namespace flowport::linalg
