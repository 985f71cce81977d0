// Sequences of numbers, and sequences turned around.
#include <flowport/ops.hpp>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

// TF:   Range(start: Tidx, limit: Tidx, delta: Tidx) -> output: Tidx
// ONNX: Range over the wider integers; floats as start + i * delta, their number computed in their own type
void range_op(const Node& node) {
  const Value start = node.input(0), limit = node.input(1), delta = node.input(2);
  const DType type = start.dtype();
  if (is_integer(type)) {
    const auto wide = [](const Value& x) { return reshape(cast(x, DType::kInt64), Ints{}); };
    return node.bind(cast(range(wide(start), wide(limit), wide(delta)), type));
  }
  const Value count = reshape(cast(ceil(abs((limit - start) / delta)), DType::kInt64), Ints{});
  node.bind(start + cast(iota(count), type) * delta);
}

// TF:   LinSpace(start: T, stop: T, num: Tidx) -> output: T
// ONNX: start + i * step; the last number is `stop` itself
void lin_space(const Node& node) {
  const Value start = node.input(0), stop = node.input(1), count = reshape(cast(node.input(2), DType::kInt64), Ints{});
  const Value gaps = maximum(count - 1, 1), i = iota(count);
  const Value step = (stop - start) / cast_like(gaps, start);
  node.bind(where(equal(i, gaps), stop, start + cast_like(i, start) * step));
}

// TF:   ReverseSequence(input: T, seq_lengths: Tlen) -> output: T, attrs seq_dim, batch_dim
// ONNX: ReverseSequence with batch and time among the first two axes
void reverse_sequence(const Node& node) {
  const Value x = node.input(0), lengths = cast(node.input(1), DType::kInt64);
  const auto time = node.attr<std::int64_t>("seq_dim"), batch = node.attr<std::int64_t>("batch_dim", 0);
  if (time < 0 || batch < 0) node.bad_model("seq_dim or batch_dim is negative");
  const auto reversed = [&](const Value& v, std::int64_t batch_axis, std::int64_t time_axis) {
    return node.emit("ReverseSequence", {v, lengths}, {{"batch_axis", batch_axis}, {"time_axis", time_axis}});
  };
  if (time + batch == 1) return node.bind(reversed(x, batch, time));
  const int rank = x.known_rank();
  if (normalize_axis(node, time, rank) == normalize_axis(node, batch, rank)) node.bad_model("seq_dim is batch_dim");
  Ints to{batch, time}, back(static_cast<std::size_t>(rank));
  for (int i = 0; i < rank; ++i) {
    if (i != batch && i != time) to.push_back(i);
  }
  for (std::size_t i = 0; i < to.size(); ++i) back[static_cast<std::size_t>(to[i])] = static_cast<std::int64_t>(i);
  node.bind(transpose(reversed(transpose(x, to), 0, 1), back));
}

// TF:   UnravelIndex(indices: Tidx, dims: Tidx [rank]) -> output: Tidx [rank, indices]
// ONNX: Div and Mod by the strides of the dims
void unravel_index(const Node& node) {
  const Value indices = cast(node.input(0), DType::kInt64), dims = to_vector(node.input(1));
  const std::int64_t rank = dims.dim(0);
  if (rank < 0) node.unsupported("the length of dims must be known when converting");
  if (rank == 0) node.bad_model("dims is empty");
  std::vector<Value> strides(static_cast<std::size_t>(rank), node.ints({1}));
  for (std::int64_t i = rank - 1; i-- > 0;) {
    const auto at = static_cast<std::size_t>(i);
    strides[at] = strides[at + 1] * slice(dims, {i + 1}, {i + 2}, {0});
  }
  Value stride = concat(strides, 0), size = dims;
  if (indices.known_rank() > 0) {
    stride = unsqueeze(stride, {1});
    size = unsqueeze(size, {1});
  }
  node.bind(cast(binary("Mod", indices / stride, size), node.output_dtype()));
}

constexpr Handler kRows[] = {
    handler<lin_space>("LinSpace"),
    handler<range_op>("Range"),
    handler<reverse_sequence>("ReverseSequence", {.complex = Complex::kParts}),
    handler<unravel_index>("UnravelIndex"),
};

}  // namespace

FLOWPORT_ROWS(kSequence, kRows);

}  // namespace flowport::tensor
