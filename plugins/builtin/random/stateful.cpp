// Random numbers that differ from run to run: drawn by ONNX's generators, from the same distribution.
#include <flowport/ops.hpp>

#include "random.hpp"
#include "run_time.hpp"

namespace flowport::random {

namespace {

void tell(const Node& node) {
  node.note("the random numbers are of the same distribution as TensorFlow's, but not the same numbers");
}

/// ONNX's attribute where TF has a seed; without one each session begins with another.
Attrs with_seed(const Node& node, Attrs attrs) {
  const auto seed = node.attr<std::int64_t>("seed", 0), seed2 = node.attr<std::int64_t>("seed2", 0);
  if (seed != 0 || seed2 != 0) attrs.emplace_back("seed", static_cast<float>(seed2 != 0 ? seed2 : seed));
  return attrs;
}

/// Numbers of ONNX's generator `op` (RandomUniform or RandomNormal) in a shape that may be known at run time only.
Value draw(const Node& node, std::string_view op, const Value& shape, DType dtype, Attrs attrs = {}) {
  attrs.emplace_back("dtype", dtype);
  if (const auto dims = shape.ints()) {
    attrs.emplace_back("shape", *dims);
    return node.emit(op, {}, with_seed(node, attrs));
  }
  const Value like = expand(node.scalar(dtype, 0), shape);
  return node.emit(std::string(op) + "Like", {like}, with_seed(node, attrs));
}

/// ONNX Runtime draws no half types.
DType drawn_in(DType dtype) { return size_of(dtype) == 2 ? DType::kFloat : dtype; }

}  // namespace

Value drawn_words(const Node& node, const Value& count) {
  tell(node);
  return cast(floor(draw(node, "RandomUniform", to_vector(count), DType::kDouble) * 0x1p32), DType::kInt64);
}

run_time::Seeded run_time::drawn_generator(const Node& node) {
  const Value words = drawn_words(node, node.int_scalar(4));
  const auto word = [&](std::int64_t i) { return gather(words, i); };
  return {{word(0), word(1)}, {node.int_scalar(0), node.int_scalar(0)}, {word(2), word(3)}};
}

namespace {

// TF:   RandomUniform(shape: T) -> output: dtype, attrs seed, seed2
// ONNX: RandomUniform, RandomUniformLike
void random_uniform(const Node& node) {
  tell(node);
  const DType dtype = node.output_dtype();
  node.bind(cast(draw(node, "RandomUniform", node.input(0), drawn_in(dtype)), dtype));
}

// TF:   RandomStandardNormal(shape: T) -> output: dtype, attrs seed, seed2
// ONNX: RandomNormal, RandomNormalLike
void random_standard_normal(const Node& node) {
  tell(node);
  const DType dtype = node.output_dtype();
  node.bind(cast(draw(node, "RandomNormal", node.input(0), drawn_in(dtype)), dtype));
}

// TF:   TruncatedNormal(shape: T) -> output: dtype, attrs seed, seed2; nothing beyond two standard deviations
// ONNX: RandomUniform between erf(-sqrt 2) and erf(sqrt 2), and a polynomial for the inverse of erf between them (M. Giles,
//       "Approximating the erfinv function", 2010)
void truncated_normal(const Node& node) {
  tell(node);
  constexpr double kCoefficients[] = {2.81022636e-08, 3.43273939e-07, -3.5233877e-06, -4.39150654e-06, 0.00021858087,
                                      -0.00125372503, -0.00417768164, 0.246640727,    1.50140941};
  const double bound = std::erf(std::sqrt(2.0));
  const Value u = draw(node, "RandomUniform", node.input(0), DType::kFloat, {{"low", -bound}, {"high", bound}});
  const Value w = -flowport::log(1 - u * u) - 2.5;
  Value p = scalar_like(u, kCoefficients[0]);
  for (std::size_t i = 1; i < std::size(kCoefficients); ++i) p = p * w + kCoefficients[i];
  const Value x = p * u * std::sqrt(2.0);
  node.bind(cast(maximum(minimum(x, 2), -2), node.output_dtype()));
}

// TF:   RandomUniformInt(shape: T, minval: Tout, maxval: Tout) -> output: Tout, attrs seed, seed2
// ONNX: RandomUniform, Floor
void random_uniform_int(const Node& node) {
  tell(node);
  const Value low = cast(node.input(1), DType::kDouble), high = cast(node.input(2), DType::kDouble);
  const Value share = draw(node, "RandomUniform", node.input(0), DType::kDouble);
  node.bind(cast(floor(share * (high - low)) + low, node.output_dtype()));
}

// TF:   RandomShuffle(value: T) -> output: T, attrs seed, seed2; in another order along the first dim
// ONNX: TopK of RandomUniform, Gather
void random_shuffle(const Node& node) {
  tell(node);
  const Value x = node.input(0);
  const Value count = reshape(dim_of(x, 0), Ints{1});
  const Value keys = draw(node, "RandomUniform", count, DType::kFloat);
  node.bind(gather(x, node.emit_n("TopK", {keys, count}, {{"axis", 0}}, 2)[1]));
}

// TF:   Multinomial(logits: T [batch, classes], num_samples: int32) -> output: output_dtype [batch, num_samples]
// ONNX: Multinomial
void multinomial(const Node& node) {
  tell(node);
  const auto samples = node.input(1).int_scalar();
  if (!samples) node.bad_model("num_samples is not one number");
  node.bind(node.emit("Multinomial", {cast(node.input(0), DType::kFloat)},
                      with_seed(node, {{"sample_size", *samples}, {"dtype", node.output_dtype()}})));
}

constexpr Handler kRows[] = {
    handler<multinomial>("Multinomial", {.const_inputs = inputs_known(1)}),
    handler<random_shuffle>("RandomShuffle"),
    handler<random_standard_normal>("RandomStandardNormal"),
    handler<random_uniform>("RandomUniform"),
    handler<random_uniform_int>("RandomUniformInt"),
    handler<truncated_normal>("TruncatedNormal"),
};

}  // namespace

FLOWPORT_ROWS(kStateful, kRows);

}  // namespace flowport::random
