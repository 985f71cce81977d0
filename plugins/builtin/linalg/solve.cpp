// Elimination with partial pivoting, and what it gives: solutions, inverses, determinants.
#include "linalg.hpp"
#include "loop.hpp"

namespace flowport::linalg {

namespace {

/// The order of rows in which row k and the row with the largest magnitude in column k, from k on, are swapped: [..., rows].
Value pivoting(const Value& matrix, const Value& k, const Value& row) {
  const Value size = flowport::abs(column_at(matrix, k));
  const Value pivot = arg_max(where(less(row, k), -1, size), -1, true);
  return where(equal(row, k), pivot, where(equal(row, pivot), k, row));
}

Value reordered(const Value& matrix, const Value& order) {
  const Value index = expand(as_column(order), shape_of(matrix));
  return matrix.node().emit("GatherElements", {matrix, index}, {{"axis", -2}});
}

}  // namespace

Value solve(const Value& matrix, const Value& right) {
  const Node& node = matrix.node();
  // [matrix, right side] becomes [unit matrix, solution].
  const Value size = dim_of(matrix, -1), row = iota(size);
  const Value both = concat({matrix, right}, -1);
  const auto out = iterate(size, {both}, [&](const Value& k, const std::vector<Value>& state) {
    const Value m = reordered(state[0], pivoting(state[0], k, row));
    const Value pivot_row = row_at(m, k);
    const Value scaled = as_row(pivot_row / as_column(column_at(pivot_row, k)));
    const Value is_pivot = as_column(equal(row, k));
    return std::vector<Value>{where(is_pivot, scaled, m - as_column(column_at(m, k)) * scaled)};
  });
  const Value end = node.ints({INT64_MAX}), last = node.ints({-1});
  return slice(out[0], reshape(size, Ints{1}), end, last);
}

namespace {

/// A unit matrix for each matrix of the batch.
Value unit_like(const Value& matrix) {
  const Value number = iota(dim_of(matrix, -1));
  const Value unit = cast_like(equal(as_column(number), as_row(number)), matrix);
  return expand(unit, shape_of(matrix));
}

// TF:   MatrixInverse(input: T [..., n, n]) -> output: T, attr adjoint; BatchMatrixInverse likewise
// ONNX: Loop over the columns: elimination with the unit matrix at the right
void matrix_inverse(const Node& node) {
  const Value x = widened(node.input(0));
  const Value matrix = node.attr<bool>("adjoint", false) ? transposed(x) : x;
  node.bind(cast_like(solve(matrix, unit_like(matrix)), node.input(0)));
}

// TF:   MatrixSolve(matrix: T [..., n, n], rhs: T [..., n, k]) -> output: T, attr adjoint; BatchMatrixSolve likewise
// ONNX: Loop over the columns: elimination with rhs at the right
void matrix_solve(const Node& node) {
  const Value x = widened(node.input(0));
  const Value matrix = node.attr<bool>("adjoint", false) ? transposed(x) : x;
  node.bind(cast_like(solve(matrix, widened(node.input(1))), node.input(0)));
}

/// `right` repeated for all matrices of a batch.
Value for_each_of(const Value& matrix, const Value& right) {
  if (matrix.rank() == 2) return right;
  const auto corner = [](const Value& m) { return slice(m, {0, 0}, {1, 1}, {-2, -1}); };
  const Value batch = slice(shape_of(corner(matrix) + corner(right)), {0}, {-2}, {0});
  return expand(right, concat({batch, slice(shape_of(right), {-2}, {INT64_MAX}, {0})}, 0));
}

// TF:   MatrixTriangularSolve(matrix: T [..., n, n], rhs: T [..., n, k]) -> output: T, attrs lower, adjoint; batches broadcast;
//       BatchMatrixTriangularSolve likewise
// ONNX: Loop over the rows: substitution
void matrix_triangular_solve(const Node& node) {
  const bool adjoint = node.attr<bool>("adjoint", false);
  const bool forward = node.attr<bool>("lower", true) != adjoint;
  const Value x = widened(node.input(0));
  const Value matrix = adjoint ? transposed(x) : x;
  const Value size = dim_of(matrix, -1), row = iota(size);
  const Value right = for_each_of(matrix, widened(node.input(1)));
  const auto out = iterate(size, {right}, [&](const Value& i, const std::vector<Value>& state) {
    const Value k = forward ? i : size - 1 - i;
    const Value column = column_at(matrix, k);
    const Value solved = as_row(row_at(state[0], k) / as_column(column_at(row_at(matrix, k), k)));
    const Value rest = where(forward ? greater(row, k) : less(row, k), column, 0);
    return std::vector<Value>{where(as_column(equal(row, k)), solved, state[0] - as_column(rest) * solved)};
  });
  node.bind(cast_like(out[0], node.input(0)));
}

Value reversed(const Value& x, int axis) { return slice(x, {-1}, {INT64_MIN + 1}, {axis}, {-1}); }

// TF:   BandedTriangularSolve(matrix: T [..., bands, n], rhs: T [..., n, k]) -> output: T, attrs lower, adjoint; the main diagonal is
//       the first band of a lower matrix and the last one of an upper; column i has what stands in row i; batches broadcast
// ONNX: Loop over the rows: substitution of as many solutions before as there are bands
void banded_triangular_solve(const Node& node) {
  const bool lower = node.attr<bool>("lower", true), adjoint = node.attr<bool>("adjoint", false);
  const bool forward = lower != adjoint;
  const Value given = widened(node.input(0));
  Value bands = lower ? given : reversed(given, -2);  // by the distance from the main diagonal
  const Value size = dim_of(bands, -1), count = dim_of(bands, -2);
  const Value row = iota(size), distance = as_column(iota(count));
  if (adjoint) {  // what stands in a column of the matrix
    const Value other = lower ? as_row(row) + distance : as_row(row) - distance;
    const Value inside = expand(minimum(maximum(other, 0), size - 1), shape_of(bands));
    bands = node.emit("GatherElements", {bands, inside}, {{"axis", -1}});
  }
  Value right = for_each_of(bands, widened(node.input(1)));
  if (!forward) {
    bands = reversed(bands, -1);
    right = reversed(right, -2);
  }
  bands = where(greater_equal(as_row(row), distance), bands, 0);
  const int rank = right.known_rank();
  const Value window_shape = concat(
      {slice(shape_of(right), {0}, {-2}, {0}), to_vector(count), slice(shape_of(right), {-1}, {INT64_MAX}, {0})}, 0);
  const Value start =
      expand(scalar_like(right, 0), window_shape);  // none for the row itself, then the solutions before it
  const TypeSpec window{right.dtype(), Ints(static_cast<std::size_t>(rank), -1)};
  const Body body =
      node.body({{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}, window}, [&](const std::vector<Value>& in) {
        const Value own = as_column(column_at(bands, in[0])), before = reduce_sum(own * in[2], {-2}, true);
        const Value solved = (as_row(row_at(right, in[0])) - before) / slice(own, {0}, {1}, {-2});
        const Value next = concat({slice(in[2], {0}, {1}, {-2}), solved, slice(in[2], {1}, {INT64_MAX}, {-2})}, -2);
        const Value kept = slice(next, node.ints({0}), to_vector(count), node.ints({-2}));
        return std::vector<Value>{node.emit("Identity", {in[1]}), kept, squeeze(solved, {-2})};
      });
  const Value rows = node.emit_n("Loop", {size, node.scalar(DType::kBool, 1), start}, {{"body", body}}, 2)[1];
  Ints perm;
  for (int axis = 1; axis < rank - 1; ++axis) perm.push_back(axis);
  perm.push_back(0);
  perm.push_back(rank - 1);
  const Value solution = transpose(rows, perm);
  node.bind(cast_like(forward ? solution : reversed(solution, -2), node.input(0)));
}

/// Lower triangle (with a unit diagonal that is not stored) and upper triangle in one matrix, and the order of the rows.
struct Factors {
  Value triangles, order;
};

Factors factorize(const Value& matrix) {
  const Value size = dim_of(matrix, -1), row = iota(size);
  const Value order = expand(row, slice(shape_of(matrix), {0}, {-1}, {0}));
  const auto out = iterate(size, {matrix, order}, [&](const Value& k, const std::vector<Value>& state) {
    const Value swaps = pivoting(state[0], k, row);
    const Value m = reordered(state[0], swaps);
    const Value column = column_at(m, k), pivot_row = row_at(m, k), pivot = column_at(pivot_row, k);
    const Value factor =
        where(logical_and(greater(row, k), logical_not(equal(as_column(pivot), 0))), column / as_column(pivot), 0);
    const Value below = as_column(greater(row, k)), here = as_row(equal(row, k));
    const Value left = where(as_row(less(row, k)), m, m - as_column(factor) * as_row(pivot_row));
    const Value next = where(logical_and(below, here), as_column(factor), left);
    return std::vector<Value>{next, matrix.node().emit("GatherElements", {state[1], swaps}, {{"axis", -1}})};
  });
  return {out[0], out[1]};
}

// TF:   Lu(input: T [..., n, n]) -> lu: T, p: output_idx_type [..., n]
// ONNX: Loop over the columns: elimination with the multipliers kept
void lu(const Node& node) {
  const Factors factors = factorize(node.input(0));
  node.bind(0, factors.triangles);
  node.bind(1, cast(factors.order, node.output_dtype(1)));
}

/// 1 or -1 for an even or odd order of rows, [...]: the signs of all differences multiplied.
Value parity(const Value& order, const Value& like) {
  const Value number = iota(dim_of(order, -1));
  const Value later = less(as_column(number), as_row(number));
  const Value inverted = logical_and(later, greater(as_column(order), as_row(order)));
  const Value count = reduce_sum(cast(inverted, DType::kInt64), {-2, -1}, false);
  const Value two = order.node().int_scalar(2);
  return 1 - cast_like(binary("Mod", count, two), like) * 2;
}

// TF:   LogMatrixDeterminant(input: T [..., n, n]) -> sign: T, log_abs_determinant: T
// ONNX: Loop over the columns: elimination; ReduceProd of the signs and ReduceSum of the logarithms of the diagonal
void log_matrix_determinant(const Node& node) {
  const Value x = widened(node.input(0));
  const Factors factors = factorize(x);
  const Value number = iota(dim_of(x, -1));
  const Value on_diagonal = equal(as_column(number), as_row(number));
  const Value signs = where(on_diagonal, sign(factors.triangles), 1);
  const Value sizes = where(on_diagonal, flowport::abs(factors.triangles), 1);
  node.bind(0, cast_like(reduce_prod(signs, {-2, -1}, false) * parity(factors.order, x), node.input(0)));
  node.bind(1, cast_like(reduce_sum(flowport::log(sizes), {-2, -1}, false), node.input(0)));
}

constexpr Handler kRows[] = {
    handler<banded_triangular_solve>("BandedTriangularSolve"),
    handler<matrix_inverse>("BatchMatrixInverse"),
    handler<matrix_solve>("BatchMatrixSolve"),
    handler<matrix_triangular_solve>("BatchMatrixTriangularSolve"),
    handler<log_matrix_determinant>("LogMatrixDeterminant"),
    handler<lu>("Lu"),
    handler<matrix_inverse>("MatrixInverse"),
    handler<matrix_solve>("MatrixSolve"),
    handler<matrix_triangular_solve>("MatrixTriangularSolve"),
};

}  // namespace

FLOWPORT_ROWS(kSolve, kRows);

}  // namespace flowport::linalg
