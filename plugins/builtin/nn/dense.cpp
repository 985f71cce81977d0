// Matrix products and bias.
#include <flowport/ops.hpp>

#include "nn.hpp"

namespace flowport::nn {

namespace {

/// Swaps the two last dims.
Value swap_last(const Value& x) {
  const int rank = x.known_rank();
  Ints perm;
  for (int i = 0; i < rank; ++i) perm.push_back(i);
  std::swap(perm[static_cast<std::size_t>(rank) - 1], perm[static_cast<std::size_t>(rank) - 2]);
  return transpose(x, perm);
}

// TF:   MatMul(a: T, b: T) -> product: T, attrs transpose_a, transpose_b
// ONNX: MatMul
void mat_mul(const Node& node) {
  const Value a = node.input(0), b = node.input(1);
  node.bind(matmul(node.attr<bool>("transpose_a", false) ? transpose(a, {1, 0}) : a,
                   node.attr<bool>("transpose_b", false) ? transpose(b, {1, 0}) : b));
}

// TF:   BatchMatMul(x: T, y: T) -> output: T, attrs adj_x, adj_y (conjugates: no matter for real numbers);
//       BatchMatMulV3(x: Ta, y: Tb) -> output: Tout
// ONNX: MatMul
void batch_mat_mul(const Node& node) {
  const Value x = cast(node.input(0), node.output_dtype()), y = cast(node.input(1), node.output_dtype());
  node.bind(
      matmul(node.attr<bool>("adj_x", false) ? swap_last(x) : x, node.attr<bool>("adj_y", false) ? swap_last(y) : y));
}

// TF:   BiasAdd(value: T, bias: T [C]) -> output: T, data_format NCHW; NHWC is a mapping
// ONNX: Add
void bias_add_channels_first(const Node& node) {
  const Value x = node.input(0), bias = node.input(1);
  if (node.attr<std::string>("data_format", "NHWC").back() == 'C') node.decline("it is for data_format NCHW only");
  Ints axes;
  for (int i = 2; i < x.known_rank(); ++i) axes.push_back(i - 1);
  node.bind(x + unsqueeze(bias, axes));
}

constexpr Handler kRows[] = {
    handler<batch_mat_mul>("BatchMatMul"),
    handler<batch_mat_mul>("BatchMatMulV2"),
    handler<batch_mat_mul>("BatchMatMulV3"),
    handler<bias_add_channels_first>("BiasAdd"),
    handler<mat_mul>("MatMul"),
};

}  // namespace

const HandlerRows kDense = kRows;

}  // namespace flowport::nn
