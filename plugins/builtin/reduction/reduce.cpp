// Reductions over axes.
#include <flowport/complex.hpp>

#include <algorithm>

#include "reduction.hpp"

namespace flowport::reduction {

namespace {

struct Over {
  Ints axes;  // from the front where the rank is known
  bool keepdims;
  bool none;  // TF: an empty list of axes reduces nothing
};

Over over(const Node& node, int rank) {
  Over result{node.input(1).known_ints(), node.attr<bool>("keep_dims", false), false};
  result.none = result.axes.empty();
  if (rank >= 0) {
    for (auto& axis : result.axes) axis = normalize_axis(node, axis, rank);
    std::sort(result.axes.begin(), result.axes.end());
    result.axes.erase(std::unique(result.axes.begin(), result.axes.end()), result.axes.end());
  }
  return result;
}

Over over(const Node& node) { return over(node, node.input(0).rank()); }
/// The last dim of a pair is none of TensorFlow's.
Over over_of_pair(const Node& node) { return over(node, node.input(0).rank() - 1); }

/// Number of elements that each output is made of, as a scalar of x's type.
Value count_of(const Value& x, const Ints& axes) {
  const Value dims = gather(shape_of(x), x.node().ints(axes));
  return cast_like(reduce_prod(dims, {0}, false), x);
}

bool may_be_empty(const Value& x, const Ints& axes) {
  return std::any_of(axes.begin(), axes.end(), [&](std::int64_t axis) { return x.dim(static_cast<int>(axis)) <= 0; });
}

/// The reduction over axes that only the run time knows.
Value reduce_over_input(const Node& node, std::string_view op) {
  if (node.opset() < 18 && op != "ReduceSum") {
    node.unsupported("axes that depend on the model's inputs, below opset 18", "convert with --opset 18 or higher");
  }
  return node.emit(op, {node.input(0), to_vector(node.input(1))},
                   {{"keepdims", node.attr<bool>("keep_dims", false)}, {"noop_with_empty_axes", 1}});
}

// TF:   Sum(input: T, reduction_indices: Tidx) -> output: T, attr keep_dims; Prod, Max, Min likewise
// ONNX: ReduceSum, ReduceProd, ReduceMax, ReduceMin
void plain(const Node& node, std::string_view op) {
  const Value x = node.input(0);
  if (!node.input(1).is_known()) return node.bind(reduce_over_input(node, op));
  const Over o = over(node);
  node.bind(o.none ? node.emit("Identity", {x}) : reduce(op, x, o.axes, o.keepdims));
}
void sum(const Node& node) { plain(node, "ReduceSum"); }
void prod(const Node& node) { plain(node, "ReduceProd"); }
void max(const Node& node) { plain(node, "ReduceMax"); }
void min(const Node& node) { plain(node, "ReduceMin"); }

// TF:   Mean(input: T, reduction_indices: Tidx) -> output: T, attr keep_dims
// ONNX: ReduceMean; the mean of nothing is NaN, and integers are summed and divided
void mean(const Node& node) {
  const Value x = node.input(0);
  if (!node.input(1).is_known()) {
    if (!is_floating(x.dtype())) node.unsupported("the mean of integers over axes that depend on the model's inputs");
    return node.bind(reduce_over_input(node, "ReduceMean"));
  }
  const Over o = over(node);
  if (o.none) return node.bind(node.emit("Identity", {x}));
  if (is_floating(x.dtype()) && !may_be_empty(x, o.axes)) return node.bind(reduce_mean(x, o.axes, o.keepdims));
  node.bind(reduce_sum(x, o.axes, o.keepdims) / count_of(x, o.axes));
}

// TF:   All(input: bool, reduction_indices: Tidx) -> output: bool, attr keep_dims; Any likewise
// ONNX: ReduceMin, ReduceMax over int32, which are right for nothing as well: all of nothing is true, any is false
void all(const Node& node) {
  const Value x = node.input(0);
  const Over o = over(node);
  node.bind(o.none ? node.emit("Identity", {x}) : greater(reduce_min(cast(x, DType::kInt32), o.axes, o.keepdims), 0));
}
void any(const Node& node) {
  const Value x = node.input(0);
  const Over o = over(node);
  node.bind(o.none ? node.emit("Identity", {x}) : greater(reduce_max(cast(x, DType::kInt32), o.axes, o.keepdims), 0));
}

// TF:   EuclideanNorm(input: T, reduction_indices: Tidx) -> output: T, attr keep_dims
// ONNX: Sqrt(ReduceSum(x * x))
void euclidean_norm(const Node& node) {
  const Value x = node.input(0);
  const Over o = over(node);
  node.bind(o.none ? flowport::abs(x) : flowport::sqrt(reduce_sum(x * x, o.axes, o.keepdims)));
}

// TF:   EuclideanNorm(input: T, reduction_indices: Tidx) -> output: T, attr keep_dims, for complex numbers
// ONNX: ReduceL2 of both parts; the norm is real
void euclidean_norm_complex(const Node& node) {
  const Over o = over_of_pair(node);
  const auto [re, im] = parts_of(node.input(0));
  const Value squares = re * re + im * im;
  const Value norm = flowport::sqrt(o.none ? squares : reduce_sum(squares, o.axes, o.keepdims));
  node.bind(pair_of({norm, fill(shape_of(norm), norm, 0)}));
}

/// The product of `z` along `axis`, which stays with one element: halves are multiplied until one is left.
ComplexValue product_along(ComplexValue z, std::int64_t axis) {
  const std::int64_t count = z.re.dim(static_cast<int>(axis));
  const auto cut = [&](std::int64_t from, std::int64_t to) {
    return ComplexValue{slice(z.re, {from}, {to}, {axis}), slice(z.im, {from}, {to}, {axis})};
  };
  for (std::int64_t left = count; left > 1; left = (left + 1) / 2) {
    const std::int64_t half = left / 2;
    ComplexValue product = cut(0, half) * cut(half, 2 * half);
    if (left % 2 == 1) {
      const ComplexValue rest = cut(left - 1, left);
      product = {concat({product.re, rest.re}, axis), concat({product.im, rest.im}, axis)};
    }
    z = product;
  }
  return z;
}

// TF:   Prod(input: T, reduction_indices: Tidx) -> output: T, attr keep_dims, for complex numbers
// ONNX: the products of halves, and of their halves
void prod_complex(const Node& node) {
  const Over o = over_of_pair(node);
  ComplexValue z = parts_of(node.input(0));
  for (const auto axis : o.axes) {
    if (z.re.rank() < 0 || z.re.dim(static_cast<int>(axis)) < 1) {
      node.unsupported("a product of complex numbers along a dim that is not known or is 0",
                       "give the shapes of the model's inputs with --shape");
    }
    z = product_along(z, axis);
  }
  const auto shaped = [&](const Value& part) { return o.keepdims ? part : squeeze(part, o.axes); };
  node.bind(pair_of({shaped(z.re), shaped(z.im)}));
}

// TF:   ArgMax(input: T, dimension: Tidx) -> output: output_type, ArgMin likewise
// ONNX: ArgMax, ArgMin
void arg_extremum(const Node& node) {
  const Value y = node.emit(node.op(), {node.input(0)}, {{"axis", node.input(1).known_int()}, {"keepdims", 0}});
  node.bind(cast(y, node.output_dtype()));
}

constexpr HandlerOptions kAxesKnown{.const_inputs = inputs_known(1)};
constexpr HandlerOptions kLinear{.complex = Complex::kParts};

constexpr HandlerOptions kComplex{.const_inputs = inputs_known(1), .complex = Complex::kPairs, .id = "complex"};

constexpr Handler kRows[] = {
    handler<all>("All", kAxesKnown),
    handler<any>("Any", kAxesKnown),
    handler<arg_extremum>("ArgMax", kAxesKnown),
    handler<arg_extremum>("ArgMin", kAxesKnown),
    handler<euclidean_norm>("EuclideanNorm", kAxesKnown),
    handler<max>("Max"),
    handler<mean>("Mean", kLinear),
    handler<min>("Min"),
    handler<prod>("Prod"),
    handler<sum>("Sum", kLinear),
    handler<euclidean_norm_complex>("EuclideanNorm", kComplex),
    handler<prod_complex>("Prod", kComplex),
};

}  // namespace

FLOWPORT_ROWS(kReduce, kRows);

}  // namespace flowport::reduction
