// Algorithms on batches of matrices that go row by row: a Loop whose states keep their shape. No size need be known.
#pragma once

#include <flowport/ops.hpp>

namespace flowport::linalg {

/// Runs `step(k, states)` for k = 0 .. trips - 1 (int64 scalars); it returns the next states, of the same shapes.
template <typename Step>
std::vector<Value> iterate(const Value& trips, const std::vector<Value>& states, Step&& step) {
  const Node& node = trips.node();
  std::vector<TypeSpec> specs{{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}};
  for (const auto& state : states) specs.push_back({state.dtype(), state.dims()});
  const Body body = node.body(specs, [&](const std::vector<Value>& in) {
    std::vector<Value> out = step(in[0], std::vector<Value>(in.begin() + 2, in.end()));
    out.insert(out.begin(), node.emit("Identity", {in[1]}));
    return out;
  });
  std::vector<Value> inputs{trips, node.scalar(DType::kBool, 1)};
  inputs.insert(inputs.end(), states.begin(), states.end());
  return node.emit_n("Loop", inputs, {{"body", body}}, static_cast<int>(states.size()));
}

inline Value row_at(const Value& matrix, const Value& k) { return gather(matrix, k, -2); }
inline Value column_at(const Value& matrix, const Value& k) { return gather(matrix, k, -1); }
inline Value as_row(const Value& vector) { return unsqueeze(vector, {-2}); }
inline Value as_column(const Value& vector) { return unsqueeze(vector, {-1}); }

/// Rows and columns swapped.
inline Value transposed(const Value& matrix) {
  const int rank = matrix.known_rank();
  if (rank < 2) matrix.node().bad_model("a matrix of rank " + std::to_string(rank));
  Ints perm;
  for (int i = 0; i < rank - 2; ++i) perm.push_back(i);
  perm.push_back(rank - 1);
  perm.push_back(rank - 2);
  return transpose(matrix, perm);
}

/// The element type to compute `x` in: half types lack precision and kernels.
inline Value widened(const Value& x) { return size_of(x.dtype()) == 2 ? cast(x, DType::kFloat) : x; }

}  // namespace flowport::linalg
