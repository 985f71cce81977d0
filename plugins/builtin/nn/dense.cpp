// Matrix products and bias.
#include <flowport/complex.hpp>

#include "nn.hpp"

namespace flowport::nn {

namespace {

/// Swaps the two last dims.
Value swap_last(const Value& x) {
  const int rank = x.known_rank();
  if (rank < 2) x.node().bad_model("a matrix is needed, and the input's rank is " + std::to_string(rank));
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

/// A product that is linear in both factors, of complex numbers: of their parts, each with each.
template <typename Product>
Value complex_product(const ComplexValue& a, const ComplexValue& b, Product&& product) {
  return pair_of({product(a.re, b.re) - product(a.im, b.im), product(a.re, b.im) + product(a.im, b.re)});
}

// TF:   MatMul(a: T, b: T) -> product: T, attrs transpose_a, transpose_b, for complex numbers
// ONNX: MatMul of the parts
void mat_mul_complex(const Node& node) {
  const auto factor = [&](int i, std::string_view transposed) {
    const ComplexValue z = parts_of(node.input(i));
    return node.attr<bool>(transposed, false) ? ComplexValue{transpose(z.re, {1, 0}), transpose(z.im, {1, 0})} : z;
  };
  node.bind(complex_product(factor(0, "transpose_a"), factor(1, "transpose_b"), matmul));
}

// TF:   BatchMatMul(x: T, y: T) -> output: T, attrs adj_x, adj_y, for complex numbers
// ONNX: MatMul of the parts
void batch_mat_mul_complex(const Node& node) {
  const auto factor = [&](int i, std::string_view adjoint) {
    const ComplexValue z = parts_of(node.input(i));
    return node.attr<bool>(adjoint, false) ? conj({swap_last(z.re), swap_last(z.im)}) : z;
  };
  node.bind(complex_product(factor(0, "adj_x"), factor(1, "adj_y"), matmul));
}

// TF:   Einsum(inputs: T x N) -> output: T, attr equation, for complex numbers
// ONNX: Einsum of the parts
void einsum_complex(const Node& node) {
  const auto inputs = node.some_inputs();
  const Attrs attrs{{"equation", node.attr<std::string>("equation")}};
  if (inputs.size() > 2) {
    node.unsupported("Einsum of more than two complex tensors", "write it as several products of two");
  }
  const ComplexValue x = parts_of(inputs[0]);
  if (inputs.size() == 1)
    return node.bind(pair_of({node.emit("Einsum", {x.re}, attrs), node.emit("Einsum", {x.im}, attrs)}));
  node.bind(complex_product(x, parts_of(inputs[1]), [&](const Value& a, const Value& b) {
    return node.emit("Einsum", {a, b}, attrs);
  }));
}

// TF:   BiasAdd(value: T, bias: T [C]) -> output: T, data_format NCHW; NHWC is a mapping
// ONNX: Add
void bias_add_channels_first(const Node& node) {
  const Value x = node.input(0), bias = node.input(1);
  if (node.attr<std::string>("data_format", "NHWC").ends_with('C')) node.decline("it is for data_format NCHW only");
  Ints axes;
  for (int i = 2; i < x.known_rank(); ++i) axes.push_back(i - 1);
  node.bind(x + unsqueeze(bias, axes));
}

constexpr HandlerOptions kComplex{.complex = Complex::kPairs, .id = "complex"};

constexpr Handler kRows[] = {
    handler<batch_mat_mul>("BatchMatMul"),
    handler<batch_mat_mul>("BatchMatMulV2"),
    handler<batch_mat_mul>("BatchMatMulV3"),
    handler<bias_add_channels_first>("BiasAdd", {.complex = Complex::kParts}),
    handler<mat_mul>("MatMul"),
    handler<batch_mat_mul_complex>("BatchMatMul", kComplex),
    handler<batch_mat_mul_complex>("BatchMatMulV2", kComplex),
    handler<batch_mat_mul_complex>("BatchMatMulV3", kComplex),
    handler<einsum_complex>("Einsum", kComplex),
    handler<mat_mul_complex>("MatMul", kComplex),
};

}  // namespace

FLOWPORT_ROWS(kDense, kRows);

}  // namespace flowport::nn
