// Matrices with a main diagonal and one on either side.
#include <string>

#include "linalg.hpp"
#include "loop.hpp"

namespace flowport::linalg {

namespace {

// TF:   TridiagonalMatMul(superdiag: T [..., 1, n], maindiag: T, subdiag: T, rhs: T [..., n, k]) -> output: T
// ONNX: Mul of shifted rows; the last item of superdiag and the first of subdiag do not count
void tridiagonal_mat_mul(const Node& node) {
  const Value right = node.input(3);
  const auto diagonal = [&](int input) { return as_column(squeeze(node.input(input), {-2})); };
  const auto rows = [](const Value& m, std::int64_t from, std::int64_t to) { return slice(m, {from}, {to}, {-2}); };
  const Value none = fill(shape_of(rows(right, 0, 1)), right, 0);
  const Value above = concat({rows(diagonal(0), 0, -1) * rows(right, 1, INT64_MAX), none}, -2);
  const Value below = concat({none, rows(diagonal(2), 1, INT64_MAX) * rows(right, 0, -1)}, -2);
  node.bind(above + diagonal(1) * right + below);
}

Attrs scan_attrs(const Body& body, std::int64_t backward) {
  const std::size_t inputs = 4;
  const Ints axes{-1, -1, -1, -2};
  Attrs attrs{{"body", body}, {"num_scan_inputs", static_cast<std::int64_t>(inputs)}, {"scan_input_axes", axes}};
  attrs.emplace_back("scan_input_directions", Ints(inputs, backward));
  return attrs;
}

// TF:   TridiagonalSolve(diagonals: T [..., 3, n], rhs: T [..., n, k]) -> output: T, attrs partial_pivoting, perturb_singular
// ONNX: a Scan that eliminates row by row, swapping neighbours where that is the larger pivot, and a Scan back
void tridiagonal_solve(const Node& node) {
  if (node.attr<bool>("perturb_singular", false)) node.unsupported("perturb_singular=true", "set it to false");
  const Value given = node.input(1), rhs = widened(given);
  const auto diagonal = [&](std::int64_t i) { return widened(gather(node.input(0), i, -2)); };
  const auto from = [](const Value& v, std::int64_t axis, std::int64_t start) {
    return slice(v, {start}, {INT64_MAX}, {axis});
  };
  if (node.input(0).known_rank() < 2) node.bad_model("diagonals of rank " + std::to_string(node.input(0).rank()));
  // A row more, of the unit matrix, so that there is something to scan; what stands at the end of the upper diagonal does not count.
  const Value last = dim_of(node.input(0), node.input(0).rank() - 1) - 1;
  const auto longer = [&](const Value& v, double end) {
    return concat({v, fill(shape_of(gather(v, node.ints({0}), -1)), v, end)}, -1);
  };
  const Value main = longer(diagonal(1), 1), below = longer(diagonal(2), 0);
  const Value above = longer(where(equal(iota(last + 1), last), 0, diagonal(0)), 0);
  const Value right = concat({rhs, fill(shape_of(gather(rhs, node.ints({0}), -2)), rhs, 0)}, -2);
  const Value none = fill(shape_of(gather(main, 0, -1)), main, 0);
  const std::vector<Value> first{gather(main, 0, -1), gather(above, 0, -1), none, gather(right, 0, -2)};
  // A row: its pivot, the two numbers behind it, and its right side.
  const TypeSpec number{main.dtype(), none.dims()}, side{main.dtype(), first[3].dims()};
  const auto wide = [](const Value& v) { return unsqueeze(v, {-1}); };
  const Body down =
      node.body({number, number, number, side, number, number, number, side}, [&](const std::vector<Value>& in) {
        const Value swap = greater(flowport::abs(in[4]), flowport::abs(in[0]));
        const auto chosen = [&](const Value& a, const Value& b) { return where(swap, a, b); };
        const Value kept_right = where(wide(swap), in[7], in[3]), other_right = where(wide(swap), in[3], in[7]);
        const Value pivot = chosen(in[4], in[0]), second = chosen(in[5], in[1]), third = chosen(in[6], in[2]);
        const Value factor = chosen(in[0], in[4]) / pivot;
        return std::vector<Value>{chosen(in[1], in[5]) - factor * second,
                                  chosen(in[2], in[6]) - factor * third,
                                  in[2] * 0.0,
                                  other_right - wide(factor) * kept_right,
                                  pivot,
                                  second,
                                  third,
                                  kept_right};
      });
  Attrs attrs = scan_attrs(down, 0);
  attrs.emplace_back("scan_output_axes", Ints{-1, -1, -1, -2});
  const auto rows = node.emit_n("Scan",
                                {first[0], first[1], first[2], first[3], from(below, -1, 1), from(main, -1, 1),
                                 from(above, -1, 1), from(right, -2, 1)},
                                attrs, 8);
  const auto whole = [&](std::size_t i) {
    return i < 3 ? concat({rows[i + 4], as_column(rows[i])}, -1) : concat({rows[7], as_row(rows[3])}, -2);
  };
  const Value zero = fill(shape_of(first[3]), right, 0);
  const Body up = node.body({side, side, number, number, number, side}, [&](const std::vector<Value>& in) {
    const Value x = (in[5] - wide(in[3]) * in[0] - wide(in[4]) * in[1]) / wide(in[2]);
    return std::vector<Value>{x, node.emit("Identity", {in[0]}), node.emit("Identity", {x})};
  });
  Attrs back = scan_attrs(up, 1);
  back.emplace_back("scan_output_axes", Ints{-2});
  back.emplace_back("scan_output_directions", Ints{1});
  const Value solved = node.emit_n("Scan", {zero, zero, whole(0), whole(1), whole(2), whole(3)}, back, 3)[2];
  node.bind(cast_like(slice(solved, {0}, {-1}, {-2}), given));
}

constexpr Handler kRows[] = {
    handler<tridiagonal_mat_mul>("TridiagonalMatMul"),
    handler<tridiagonal_solve>("TridiagonalSolve"),
};

}  // namespace

FLOWPORT_ROWS(kTridiagonal, kRows);

}  // namespace flowport::linalg
