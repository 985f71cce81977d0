// Random numbers that are a function of a seed: with the seed known they are constants.
#include <flowport/ops.hpp>

#include <algorithm>
#include <array>
#include <numbers>

#include "philox.hpp"
#include "random.hpp"

namespace flowport::random {

namespace {

bool all_known(const Node& node) {
  const auto inputs = node.inputs();
  return std::all_of(inputs.begin(), inputs.end(), [](const Value& input) { return input.is_known(); });
}

/// The next number of [0, 1) in `dtype`.
double uniform(DType dtype, Words& words) {
  const std::uint32_t first = words.next();
  switch (dtype) {
    case DType::kFloat16: return std::ldexp(static_cast<double>(first & 0x3ffU), -10);
    case DType::kBfloat16: return std::ldexp(static_cast<double>(first & 0x7fU), -7);
    case DType::kDouble: return unit_double(first, words.next());
    default: return static_cast<double>(unit_float(first));
  }
}

/// The next two numbers of the normal distribution, by Box and Muller; other types than double in float.
std::array<double, 2> normal(DType dtype, Words& words) {
  std::array<std::uint32_t, 4> bits{words.next(), words.next()};
  if (dtype == DType::kDouble) {
    bits[2] = words.next();
    bits[3] = words.next();
    const double angle = 2 * std::numbers::pi * unit_double(bits[2], bits[3]);
    const double radius = std::sqrt(-2.0 * std::log(std::max(unit_double(bits[0], bits[1]), 1.0e-7)));
    return {std::sin(angle) * radius, std::cos(angle) * radius};
  }
  const auto angle = static_cast<float>(2.0 * std::numbers::pi * static_cast<double>(unit_float(bits[1])));
  const float radius = std::sqrt(-2.0F * std::log(std::max(unit_float(bits[0]), 1.0e-7F)));
  return {static_cast<double>(std::sin(angle) * radius), static_cast<double>(std::cos(angle) * radius)};
}

Ints shape_of_output(const Node& node) {
  const Ints shape = node.input(0).known_ints();
  for (const std::int64_t dim : shape) {
    if (dim < 0) node.bad_model("a dim of the shape is negative");
  }
  return shape;
}
std::size_t count_of(const Ints& shape) {
  std::size_t count = 1;
  for (const std::int64_t dim : shape) count *= static_cast<std::size_t>(dim);
  return count;
}

// TF:   StatelessRandomUniform(shape: T, seed: Tseed) -> output: dtype;
//       StatelessRandomUniformV2(shape: Tshape, key: uint64, counter: uint64, alg: int32) likewise
// ONNX: a constant; Philox in ONNX where an input is not known
void stateless_uniform(const Node& node) {
  check_algorithm(node);
  if (!all_known(node)) return draw_at_run_time(node);
  const Ints shape = shape_of_output(node);
  const DType dtype = node.output_dtype();
  Words words(generator_of(node));
  std::vector<double> numbers(count_of(shape));
  for (double& number : numbers) number = uniform(dtype, words);
  node.bind(node.constant(dtype, shape, numbers));
}

// TF:   StatelessRandomNormal(shape: T, seed: Tseed) -> output: dtype; StatelessRandomNormalV2(shape, key, counter, alg)
// ONNX: a constant; Philox in ONNX where an input is not known
void stateless_normal(const Node& node) {
  check_algorithm(node);
  if (!all_known(node)) return draw_at_run_time(node);
  const Ints shape = shape_of_output(node);
  const DType dtype = node.output_dtype();
  Words words(generator_of(node));
  std::vector<double> numbers;
  const std::size_t count = count_of(shape);
  while (numbers.size() < count) {
    for (const double number : normal(dtype, words)) numbers.push_back(number);
  }
  numbers.resize(count);
  node.bind(node.constant(dtype, shape, numbers));
}

// TF:   StatelessTruncatedNormal(shape: T, seed: Tseed) -> output: dtype; StatelessTruncatedNormalV2(shape, key, counter, alg)
// ONNX: a constant; Philox in ONNX where an input is not known
void stateless_truncated_normal(const Node& node) {
  check_algorithm(node);
  if (!all_known(node)) return draw_at_run_time(node);
  const Ints shape = shape_of_output(node);
  const DType dtype = node.output_dtype();
  Philox generator = generator_of(node);
  // Each group of numbers has 256 words for each of them, so that groups do not wait for each other.
  const std::size_t group = dtype == DType::kDouble ? 2 : 4, count = count_of(shape);
  std::vector<double> numbers;
  while (numbers.size() < count) {
    Words words(generator);
    const std::size_t full = numbers.size() + group;
    while (numbers.size() < full) {
      for (const double number : normal(dtype, words)) {
        if (std::fabs(number) < 2.0 && numbers.size() < full) numbers.push_back(number);
      }
    }
    generator.skip(group * 256 / 4);
  }
  numbers.resize(count);
  node.bind(node.constant(dtype, shape, numbers));
}

/// The low bytes of `numbers` in an integer `dtype`.
Value integers(const Node& node, DType dtype, const Ints& shape, const std::vector<std::uint64_t>& numbers) {
  std::vector<std::byte> bytes;
  for (const std::uint64_t number : numbers) {
    const auto* data = reinterpret_cast<const std::byte*>(&number);
    bytes.insert(bytes.end(), data, data + size_of(dtype));
  }
  return node.constant(dtype, shape, bytes);
}

// TF:   StatelessRandomUniformInt(shape: T, seed: Tseed, minval: dtype, maxval: dtype) -> output: dtype;
//       StatelessRandomUniformIntV2(shape, key, counter, alg, minval, maxval) likewise;
//       StatelessRandomUniformFullInt(shape, seed) and its V2 have no bounds
// ONNX: a constant; Philox in ONNX where an input is not known
void stateless_uniform_int(const Node& node) {
  check_algorithm(node);
  if (!all_known(node)) return draw_at_run_time(node);
  const Ints shape = shape_of_output(node);
  const DType dtype = node.output_dtype();
  const bool wide = size_of(dtype) == 8;
  std::uint64_t low = 0, span = 0;
  if (node.op().find("Full") == std::string_view::npos) {
    const int first = node.op().ends_with("V2") ? 4 : 2;
    const auto least = node.input(first).int_scalar(), limit = node.input(first + 1).int_scalar();
    if (!least || !limit || *least == *limit) node.bad_model("minval is not below maxval");
    low = static_cast<std::uint64_t>(*least);
    span = static_cast<std::uint64_t>(*limit) - low;
  }
  Words words(generator_of(node));
  std::vector<std::uint64_t> numbers(count_of(shape));
  for (std::uint64_t& number : numbers) {
    const std::uint32_t first = words.next();
    const std::uint64_t bits = wide ? join(first, words.next()) : first;
    number = span == 0 ? bits : low + bits % span;
  }
  node.bind(integers(node, dtype, shape, numbers));
}

// TF:   StatelessRandomGetKeyCounter(seed: Tseed) -> key: uint64 [1], counter: uint64 [2]
//       StatelessRandomGetKeyCounterAlg also alg: int32
// ONNX: constants
void get_key_counter(const Node& node) {
  if (!node.input(0).is_known()) return scramble_at_run_time(node);
  const Seed s = scrambled(node, node.input(0));
  node.bind(0, integers(node, DType::kUint64, {1}, {s.key}));
  node.bind(1, integers(node, DType::kUint64, {2}, {s.counter_low, s.counter_high}));
  if (node.num_outputs() > 2) node.bind(2, node.scalar(DType::kInt32, 1));
}

constexpr HandlerOptions kAlgorithm{.const_inputs = inputs_known(3)};

constexpr Handler kRows[] = {
    handler<get_key_counter>("StatelessRandomGetKeyCounter"),
    handler<get_key_counter>("StatelessRandomGetKeyCounterAlg"),
    handler<stateless_normal>("StatelessRandomNormal"),
    handler<stateless_normal>("StatelessRandomNormalV2", kAlgorithm),
    handler<stateless_uniform>("StatelessRandomUniform"),
    handler<stateless_uniform_int>("StatelessRandomUniformFullInt"),
    handler<stateless_uniform_int>("StatelessRandomUniformFullIntV2", kAlgorithm),
    handler<stateless_uniform_int>("StatelessRandomUniformInt"),
    handler<stateless_uniform_int>("StatelessRandomUniformIntV2", kAlgorithm),
    handler<stateless_uniform>("StatelessRandomUniformV2", kAlgorithm),
    handler<stateless_truncated_normal>("StatelessTruncatedNormal"),
    handler<stateless_truncated_normal>("StatelessTruncatedNormalV2", kAlgorithm),
};

}  // namespace

FLOWPORT_ROWS(kStateless, kRows);

}  // namespace flowport::random
