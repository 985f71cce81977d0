// Matrices as products of triangular and orthogonal ones.
#include <limits>

#include "linalg.hpp"
#include "loop.hpp"

namespace flowport::linalg {

namespace {

// TF:   Cholesky(input: T [..., n, n]) -> output: T, lower triangles; reads the lower triangle only; BatchCholesky likewise
// ONNX: Loop over the columns
void cholesky(const Node& node) {
  const Value x = widened(node.input(0));
  const Value size = dim_of(x, -1), number = iota(size);
  const auto out = iterate(size, {x}, [&](const Value& k, const std::vector<Value>& state) {
    const Value column = column_at(state[0], k);
    const Value root = sqrt(as_column(gather(column, k, -1)));
    const Value factor = where(less(number, k), 0, column / root);
    const Value behind = greater(number, k);
    const Value both = logical_and(as_column(behind), as_row(behind));
    const Value rest = where(both, state[0] - as_column(factor) * as_row(factor), state[0]);
    return std::vector<Value>{where(as_row(equal(number, k)), as_column(factor), rest)};
  });
  node.bind(cast_like(out[0], node.input(0)));
}

}  // namespace

Orthogonal householder(const Value& x) {
  const double tiny = x.dtype() == DType::kDouble ? std::numeric_limits<double>::min()
                                                  : static_cast<double>(std::numeric_limits<float>::min());
  const Value rows = dim_of(x, -2), columns = dim_of(x, -1), trips = minimum(rows, columns);
  const Value row = iota(rows), column = iota(columns);
  const Value unit = cast_like(equal(as_column(row), as_row(row)), x);
  const Value batch = slice(shape_of(x), {0}, {-2}, {0}), side = reshape(rows, Ints{1});
  const Value start = expand(unit, concat({batch, side, side}, 0));
  const auto out = iterate(trips, {start, x}, [&](const Value& k, const std::vector<Value>& state) {
    const Value& q = state[0];
    const Value& r = state[1];
    const Value here = column_at(r, k), head = as_column(gather(here, k, -1));
    const Value tail = where(greater(row, k), here, 0);
    const Value rest = reduce_sum(tail * tail, {-1}, true);
    const Value length = sqrt(head * head + rest);
    const Value target = where(greater_equal(head, 0), -length, length);
    const Value skip = less_equal(rest, tiny);
    const Value direction = where(equal(row, k), 1, where(skip, 0, tail / (head - target)));
    const Value weight = where(skip, 0, (target - head) / target);
    const Value scaled = direction * weight;
    return std::vector<Value>{q - matmul(matmul(q, as_column(direction)), as_row(scaled)),
                              r - matmul(as_column(scaled), matmul(as_row(direction), r))};
  });
  return {out[0], where(less_equal(as_column(row), as_row(column)), out[1], 0)};
}

namespace {

// TF:   Qr(input: T [..., m, n]) -> q: T, r: T, attr full_matrices
// ONNX: Loop over the columns: Householder reflections, each with the sign that avoids cancellation
void qr(const Node& node) {
  const Value x = widened(node.input(0));
  const Orthogonal factors = householder(x);
  const bool full = node.attr<bool>("full_matrices", false);
  const Value size = reshape(minimum(dim_of(x, -2), dim_of(x, -1)), Ints{1});
  const auto cut = [&](const Value& m, std::int64_t axis) {
    return full ? m : slice(m, node.ints({0}), size, node.ints({axis}));
  };
  node.bind(0, cast_like(cut(factors.q, -1), node.input(0)));
  node.bind(1, cast_like(cut(factors.r, -2), node.input(0)));
}

constexpr Handler kRows[] = {
    handler<cholesky>("BatchCholesky"),
    handler<cholesky>("Cholesky"),
    handler<qr>("Qr"),
};

}  // namespace

FLOWPORT_ROWS(kFactor, kRows);

}  // namespace flowport::linalg
