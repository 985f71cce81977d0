// Singular values, eigenvalues and least squares by one-sided Jacobi rotations, in double precision. In each step half of the columns are turned
// against the other half, then they change partners as in a round-robin tournament.
#include <algorithm>

#include "linalg.hpp"
#include "loop.hpp"

namespace flowport::linalg {

namespace {

constexpr std::int64_t kMostSweeps = 40;

struct Singular {
  Value values;  ///< [..., n], in descending order
  Value left;    ///< [..., m, n], the directions times the values
  Value right;   ///< [..., n, n], orthogonal
};

/// left = matrix * right, with columns at right angles.
Singular decompose(const Value& matrix) {
  const Node& node = matrix.node();
  const Value columns = dim_of(matrix, -1), first = node.ints({0});
  const Value odd = binary("Mod", columns, node.int_scalar(2));
  const Value count = columns + odd, half = count / 2;
  // One column of zeros more where their number is odd.
  const Value spare = fill(concat({slice(shape_of(matrix), {0}, {-1}, {0}), reshape(odd, Ints{1})}, 0), matrix, 0);
  const Value work = concat({matrix, spare}, -1);
  const Value number = iota(count), unit = cast_like(equal(as_column(number), as_row(number)), matrix);
  const Value side = reshape(count, Ints{1});
  const Value turned = expand(unit, concat({slice(shape_of(matrix), {0}, {-2}, {0}), side, side}, 0));
  // Partners are the columns i and count - 1 - i; then all but the first move on by one.
  const Value lower = iota(half), upper = count - 1 - lower;
  const Value before = where(equal(number, 0), 0, where(equal(number, 1), count - 1, number - 1));
  const Value next = where(less(before, half), before, half + count - 1 - before);
  const Value trips = (count - 1) * static_cast<double>(kMostSweeps);

  const TypeSpec whole{DType::kInt64, Ints{}};
  const Body body = node.body(
      {whole, {DType::kBool, Ints{}}, {matrix.dtype(), work.dims()}, {matrix.dtype(), turned.dims()}, whole},
      [&](const std::vector<Value>& in) {
        const Value a = gather(in[2], lower, -1), b = gather(in[2], upper, -1);
        const auto dot = [](const Value& v, const Value& w) { return reduce_sum(v * w, {-2}, true); };
        const Value alpha = dot(a, a), beta = dot(b, b), gamma = dot(a, b);
        const Value angle = flowport::abs(gamma), bound = flowport::sqrt(alpha) * flowport::sqrt(beta) * 1e-15;
        const Value turns = greater(angle, bound);
        const Value zeta = (beta - alpha) / (where(turns, gamma, 1) * 2.0);
        const Value tangent = where(less(zeta, 0), scalar_like(zeta, -1), scalar_like(zeta, 1)) /
                              (flowport::abs(zeta) + flowport::sqrt(zeta * zeta + 1.0));
        const Value cosine = where(turns, reciprocal(flowport::sqrt(tangent * tangent + 1.0)), 1);
        const Value sine = where(turns, cosine * tangent, 0);
        const auto rotated = [&](const Value& m) {
          const Value l = gather(m, lower, -1), r = gather(m, upper, -1);
          return gather(concat({l * cosine - r * sine, l * sine + r * cosine}, -1), next, -1);
        };
        const Value moved =
            reduce_max(concat({node.ints({0}), reshape(cast(turns, DType::kInt64), Ints{-1})}, 0), {0}, false);
        const Value quiet = where(equal(moved, 0), in[4] + 1, 0);  // steps in which nothing turned
        return std::vector<Value>{less(quiet, count - 1), rotated(in[2]), rotated(in[3]), quiet};
      });
  const auto out =
      node.emit_n("Loop", {trips, node.scalar(DType::kBool, 1), work, turned, node.int_scalar(0)}, {{"body", body}}, 3);
  // A sweep may have ended early: the spare column is wherever it is zero in the rows of `right` that are the matrix's.
  const Value left = out[0], right = slice(out[1], first, reshape(columns, Ints{1}), node.ints({-2}));
  const Value is_spare = equal(reduce_sum(right * right, {-2}, false), 0);
  const Value length = where(is_spare, -1, flowport::sqrt(reduce_sum(left * left, {-2}, false)));
  const auto sorted = node.emit_n("TopK", {length, reshape(columns, Ints{1})}, {{"axis", -1}}, 2);
  const auto chosen = [&](const Value& m) {
    const Value shape = concat({slice(shape_of(m), {0}, {-1}, {0}), reshape(columns, Ints{1})}, 0);
    return node.emit("GatherElements", {m, expand(as_row(sorted[1]), shape)}, {{"axis", -1}});
  };
  return {sorted[0], chosen(left), chosen(right)};
}

// TF:   Svd(input: T [..., m, n]) -> s: T, u: T, v: T, attrs compute_uv, full_matrices
// ONNX: Loop of Jacobi rotations, TopK; u by division, and by Householder reflections where a value is 0
void svd(const Node& node) {
  const Value given = node.input(0), x = cast(given, DType::kDouble);
  const Singular parts = decompose(x);
  const Value size = reshape(minimum(dim_of(x, -2), dim_of(x, -1)), Ints{1});
  const Value zero = node.ints({0}), end = node.ints({INT64_MAX}), last = node.ints({-1});
  const Value values = slice(parts.values, zero, size, last);
  node.bind(0, cast_like(values, given));
  if (!node.attr<bool>("compute_uv", true)) {
    for (int i = 1; i <= 2; ++i) node.bind(i, node.constant(given.dtype(), Ints{0}, std::vector<double>{}));
    return;
  }
  node.note("singular vectors are determined up to their sign; they may differ from TensorFlow's by it");
  const Value is_zero = less_equal(values, slice(values, {0}, {1}, {-1}) * 1e-14);
  const Value directions =
      where(as_row(is_zero), 0, slice(parts.left, zero, size, last) / as_row(where(is_zero, 1, values)));
  const Value basis = householder(directions).q;
  const Value thin = where(as_row(is_zero), slice(basis, zero, size, last), directions);
  const bool full = node.attr<bool>("full_matrices", false);
  node.bind(1, cast_like(full ? concat({thin, slice(basis, size, end, last)}, -1) : thin, given));
  node.bind(2, cast_like(full ? parts.right : slice(parts.right, zero, size, last), given));
}

// TF:   SelfAdjointEigV2(input: T [..., n, n]) -> e: T, v: T, in ascending order, attr compute_v; reads the lower triangle only
// ONNX: as Svd, of the matrix moved by a multiple of the unit matrix so that no eigenvalue is negative
void self_adjoint_eig(const Node& node) {
  const Value given = node.input(0), x = cast(given, DType::kDouble);
  const Value number = iota(dim_of(x, -1)), row = as_column(number), column = as_row(number);
  const Value lower = where(greater_equal(row, column), x, 0), strict = where(greater(row, column), x, 0);
  const Value symmetric = lower + transposed(strict);
  const Value bound = flowport::sqrt(reduce_sum(symmetric * symmetric, {-2, -1}, true));
  const Value unit = cast(equal(row, column), DType::kDouble);
  const Singular parts = decompose(symmetric + unit * bound);
  const auto reversed = [](const Value& v) { return slice(v, Ints{-1}, Ints{INT64_MIN + 1}, {-1}, {-1}); };
  node.bind(0, cast_like(reversed(parts.values - squeeze(bound, {-1})), given));
  if (!node.attr<bool>("compute_v", true)) {
    return node.bind(1, node.constant(given.dtype(), Ints{0}, std::vector<double>{}));
  }
  node.note("eigenvectors are determined up to their sign; they may differ from TensorFlow's by it");
  node.bind(1, cast_like(reversed(parts.right), given));
}

// TF:   MatrixSolveLs(matrix: T [..., m, n], rhs: T [..., m, k], l2_regularizer: double) -> output: T, attr fast: by the normal
//       equations; otherwise the shortest of the best solutions, without the regularizer
// ONNX: elimination; Loop of Jacobi rotations
void matrix_solve_ls(const Node& node) {
  const Value given = node.input(0), a = cast(given, DType::kDouble), b = cast(node.input(1), DType::kDouble);
  if (!node.attr<bool>("fast", true)) {
    const Singular parts = decompose(a);
    const Value square = parts.values * parts.values;
    const Value limit = slice(parts.values, {0}, {1}, {-1}) * 1e-14;
    const Value inverse = where(less_equal(parts.values, limit), 0, reciprocal(square));
    return node.bind(cast_like(matmul(parts.right, as_column(inverse) * matmul(transposed(parts.left), b)), given));
  }
  const std::int64_t rows = a.dim(-2), columns = a.dim(-1);
  if (rows < 0 || columns < 0) {
    node.unsupported("it is not known whether there are more rows than columns", "give the matrix a known shape");
  }
  const Value across = transposed(a);
  const Value number = iota(node.int_scalar(std::min(rows, columns)));
  const Value unit = cast(equal(as_column(number), as_row(number)), DType::kDouble) * node.input(2);
  node.bind(cast_like(rows >= columns ? solve(matmul(across, a) + unit, matmul(across, b))
                                      : matmul(across, solve(matmul(a, across) + unit, b)),
                      given));
}

constexpr Handler kRows[] = {
    handler<matrix_solve_ls>("MatrixSolveLs"),
    handler<self_adjoint_eig>("SelfAdjointEigV2"),
    handler<svd>("Svd"),
};

}  // namespace

FLOWPORT_ROWS(kJacobi, kRows);

}  // namespace flowport::linalg
