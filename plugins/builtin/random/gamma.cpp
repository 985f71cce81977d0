// Numbers of the gamma distribution: by rejection from pairs of a normal and a uniform number (G. Marsaglia and W. Tsang, "A simple
// method for generating gamma variables", 2000), in double as TF does.
#include <algorithm>
#include <cmath>
#include <numbers>

#include "numbers.hpp"

namespace flowport::random {

namespace {

/// For a shape parameter below 1 a number of `alpha + 1` is drawn, and scaled.
double shifted(double alpha) { return alpha + (alpha < 1 ? 2.0 / 3 : -1.0 / 3); }

double gamma(double alpha, Philox generator) {
  Pairs pairs(generator);
  if (alpha == 1) return -std::log1p(-pairs.uniform());
  const double d = shifted(alpha), c = 1.0 / 3 / std::sqrt(d);
  while (true) {
    const double x = pairs.normal(), root = 1 + c * x;
    if (root <= 0) continue;
    const double v = root * root * root, u = pairs.uniform();
    if (u < 1 - 0.0331 * (x * x) * (x * x) || std::log(u) < 0.5 * x * x + d * (1 - v + std::log(v))) {
      return alpha < 1 ? d * v * std::pow(pairs.uniform(), 1 / alpha) : d * v;
    }
  }
}

struct Pair {
  Value first, second;
};
Pair uniform_pair(const std::array<Value, 4>& b) {
  return {run_time::unit_double(b[0], b[1]), run_time::unit_double(b[2], b[3])};
}
Pair normal_pair(const std::array<Value, 4>& b) {
  const Pair u = uniform_pair(b);
  const Value angle = u.second * (2 * std::numbers::pi);
  const Value radius = flowport::sqrt(flowport::log(maximum(u.first, 1.0e-7)) * -2.0);
  return {flowport::sin(angle) * radius, flowport::cos(angle) * radius};
}

/// What is left of the last block, as Pairs has it.
struct Rest {
  Value number, is_there;
};

/// A Loop for all numbers at once, until each is accepted. `alpha` (double) and `start` (a block for each, int64): [n].
Value gamma_loop(const run_time::Seeded& generator, const Value& alpha, const Value& start) {
  const Node& node = alpha.node();
  const Value less_than_one = less(alpha, 1), count = shape_of(alpha);
  const Value d = where(less_than_one, alpha + 2.0 / 3, alpha - 1.0 / 3);
  const Value c = 1.0 / 3 / flowport::sqrt(d);
  const auto number_of = [](const Value& flag) { return cast(flag, DType::kInt64); };
  const TypeSpec of_double{DType::kDouble, Ints{-1}}, of_int{DType::kInt64, Ints{-1}}, of_bool{DType::kBool, Ints{-1}};
  const auto step = [&](const std::vector<Value>& in) {
    const Value place = in[2], pending = in[7];
    const Rest normals{in[3], in[4]}, uniforms{in[5], in[6]};
    const Value ahead = reshape(unsqueeze(place, {1}) + iota(node.int_scalar(2)), Ints{-1});
    const Value words = reshape(run_time::blocks_at(generator, ahead), Ints{-1, 8});
    std::array<std::array<Value, 4>, 2> block;
    for (std::size_t i = 0; i < 8; ++i) block[i / 4][i % 4] = run_time::column(words, static_cast<std::int64_t>(i));

    const Pair normal = normal_pair(block[0]);
    const Value x = where(normals.is_there, normals.number, normal.second);
    const Value root = 1 + c * x, valid = greater(root, 0), v = root * root * root;
    const Value used_one = logical_not(normals.is_there);

    const Pair here = uniform_pair(block[0]), next = uniform_pair(block[1]);
    const Pair uniform{where(used_one, next.first, here.first), where(used_one, next.second, here.second)};
    const Value u = where(uniforms.is_there, uniforms.number, uniform.second);
    const Value drawn = logical_and(valid, logical_not(uniforms.is_there));
    const Value square = x * x;
    const Value log_v = flowport::log(where(valid, v, 1));
    const Value fits =
        logical_or(less(u, 1 - square * 0.0331 * square), less(flowport::log(u), square * 0.5 + d * (1 - v + log_v)));
    const Value accepted = logical_and(pending, logical_and(valid, fits));
    const Value b = where(uniforms.is_there, uniform.second, uniform.first);  // what uniform() would give next
    const Value scaled = d * v * where(less_than_one, pow(b, reciprocal(alpha)), 1);
    const Value still = logical_and(pending, logical_not(accepted));
    return std::vector{any_of(still),
                       place + number_of(used_one) + number_of(drawn),
                       normal.first,
                       used_one,
                       where(drawn, uniform.first, uniforms.number),
                       where(valid, drawn, uniforms.is_there),
                       still,
                       where(accepted, scaled, in[8])};
  };
  const Value pending = logical_not(equal(alpha, 1));
  const Value zeros = expand(node.scalar(DType::kDouble, 0), count), none = expand(node.scalar(DType::kBool, 0), count);
  const Body body = node.body({{DType::kInt64, Ints{}},
                               {DType::kBool, Ints{}},
                               of_int,
                               of_double,
                               of_bool,
                               of_double,
                               of_bool,
                               of_bool,
                               of_double},
                              step);
  return node.emit_n("Loop", {Value{}, any_of(pending), start, zeros, none, zeros, none, pending, zeros},
                     {{"body", body}}, 7)[6];
}

Value run_time_gamma(const Node& node, const run_time::Seeded& generator, const Value& shape, const Value& alpha) {
  const Numbers all(shape, alpha);
  const Value first = run_time::blocks_at(generator, all.start);
  const Value u = run_time::unit_double(run_time::column(first, 2), run_time::column(first, 3));
  const Value exponential = -flowport::log(1 - u);
  const Value numbers = where(equal(all.parameter, 1), exponential, gamma_loop(generator, all.parameter, all.start));
  return reshape(cast(numbers, node.output_dtype()), shape);
}

// TF:   StatelessRandomGammaV2(shape: T, seed: Tseed, alpha: dtype) -> output: dtype;
//       StatelessRandomGammaV3(shape: shape_dtype, key: uint64, counter: uint64, alg: int32, alpha: dtype) likewise
// ONNX: a constant; Philox and a Loop of trials where an input is not known
void stateless_gamma(const Node& node) {
  check_algorithm(node);
  const Value shape = cast(node.input(0), DType::kInt64), alpha = node.input(node.num_inputs() - 1);
  const auto alphas = alpha.doubles();
  if (shape.is_known() && alphas && seed_is_known(node)) {
    for (const double a : *alphas) {
      if (!(a > 0)) node.bad_model("alpha is not above 0");
    }
    return node.bind(known_numbers(node, generator_of(node), shape.known_ints(), *alphas, gamma));
  }
  need_run_time_philox(node);
  node.bind(run_time_gamma(node, run_time::generator_of(node), shape, alpha));
}

// TF:   RandomGamma(shape: S, alpha: T) -> output: T of the shape, then that of alpha, attrs seed, seed2
// ONNX: as the stateless op, with a key from RandomUniform
void random_gamma(const Node& node) {
  need_run_time_philox(node);
  const Value alpha = node.input(1);
  node.bind(run_time_gamma(node, run_time::drawn_generator(node),
                           concat({to_vector(node.input(0)), shape_of(alpha)}, 0), alpha));
}

constexpr Handler kRows[] = {
    handler<random_gamma>("RandomGamma"),
    handler<stateless_gamma>("StatelessRandomGammaV2"),
    handler<stateless_gamma>("StatelessRandomGammaV3", {.const_inputs = inputs_known(3)}),
};

}  // namespace

FLOWPORT_ROWS(kGamma, kRows);

}  // namespace flowport::random
