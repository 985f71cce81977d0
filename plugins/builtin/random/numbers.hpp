// Numbers of a distribution with a parameter, each drawn in trials from blocks of its own.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>

#include "philox.hpp"
#include "random.hpp"
#include "run_time.hpp"

namespace flowport::random {

constexpr std::int64_t kBlocksOfNumber = 256;

/// Takes the blocks of a generator as two numbers each, of which the second is handed out first.
class Pairs {
 public:
  explicit Pairs(Philox& generator) : generator_(generator) {}
  double uniform() { return next(uniforms_, &uniform_pair); }
  double normal() { return next(normals_, &normal_pair); }

 private:
  using Pair = std::array<double, 2>;
  struct Rest {
    Pair numbers{};
    std::size_t left = 0;
  };
  static Pair uniform_pair(const Philox::Block& b) { return {unit_double(b[0], b[1]), unit_double(b[2], b[3])}; }
  static Pair normal_pair(const Philox::Block& b) {
    const double angle = 2 * std::numbers::pi * unit_double(b[2], b[3]);
    const double radius = std::sqrt(-2.0 * std::log(std::max(unit_double(b[0], b[1]), 1.0e-7)));
    return {std::sin(angle) * radius, std::cos(angle) * radius};
  }
  double next(Rest& rest, Pair (*pair)(const Philox::Block&)) {
    if (rest.left == 0) rest = {pair(generator_.next()), 2};
    return rest.numbers[--rest.left];
  }

  Philox& generator_;
  Rest uniforms_, normals_;
};

/// Numbers that are known: shape [..., dims of the parameter]. `draw` makes one of its parameter.
inline Value known_numbers(const Node& node, const Philox& generator, const Ints& shape,
                           const std::vector<double>& parameters, double (*draw)(double, Philox)) {
  std::int64_t count = 1;
  for (const std::int64_t dim : shape) count *= dim;
  const auto width = static_cast<std::int64_t>(parameters.size());
  if (count > 0 && (width == 0 || count % width != 0)) {
    node.bad_model("the shape does not end with that of the parameter");
  }
  std::vector<double> numbers(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    Philox own = generator;
    own.skip(static_cast<std::uint64_t>(kBlocksOfNumber * (i % width * (count / width) + i / width)));
    numbers[static_cast<std::size_t>(i)] = draw(parameters[static_cast<std::size_t>(i % width)], own);
  }
  return node.constant(node.output_dtype(), shape, numbers);
}

/// The same at run time: for each number its parameter (double [n]) and its first block (int64 [n]).
struct Numbers {
  Value parameter, start;
  Numbers(const Value& shape, const Value& parameters) {
    const Value flat = cast(reshape(parameters, Ints{-1}), DType::kDouble), width = maximum(num_elements(flat), 1);
    const Value count = reduce_prod(shape, {0}, false), number = iota(count), column = binary("Mod", number, width);
    start = (column * (count / width) + number / width) * static_cast<double>(kBlocksOfNumber);
    parameter = gather(flat, column);
  }
};

inline void need_run_time_philox(const Node& node) {
  if (node.opset() < 18) {
    node.unsupported(
        "random numbers of a seed, a shape or a parameter that depends on the model's inputs, below opset 18",
        "convert with --opset 18 or higher, or make them constants");
  }
}

/// Whether any of the flags is set; of none: no.
inline Value any_of(const Value& flags) {
  const Value none = flags.node().ints({0});
  return greater(reduce_max(concat({none, cast(flags, DType::kInt64)}, 0), {0}, false), 0);
}

}  // namespace flowport::random
