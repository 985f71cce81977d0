// Numbers of the Poisson distribution: for small rates by products of uniform numbers (D. Knuth), for others by transformed
// rejection (W. Hoermann, "The transformed rejection method for generating Poisson random variables", 1993), as TF does.
#include "numbers.hpp"

namespace flowport::random {

namespace {

constexpr double kSmallRates = 10;

/// What transformed rejection makes of a rate. `T`: double, or Value at run time.
template <typename T>
struct Hat {
  T b, a, inverse_alpha, tight;
  template <typename Sqrt>
  Hat(const T& rate, Sqrt&& root)
      : b(root(rate) * 2.53 + 0.931),
        a(b * 0.02483 - 0.059),
        inverse_alpha(1.1328 / (b - 3.4) + 1.1239),
        tight(0.9277 - 3.6224 / (b - 2.0)) {}
};

double poisson(double rate, Philox generator) {
  Pairs pairs(generator);
  if (rate < kSmallRates) {
    const double limit = std::exp(-rate);
    double product = pairs.uniform(), count = 0;
    for (; product > limit; ++count) product *= pairs.uniform();
    return count;
  }
  const Hat<double> hat(rate, [](double x) { return std::sqrt(x); });
  while (true) {
    const double u = pairs.uniform() - 0.5, v = pairs.uniform(), us = 0.5 - std::fabs(u);
    const double k = std::floor((2 * hat.a / us + hat.b) * u + rate + 0.43);
    if (k < 0) continue;
    if (us >= 0.07 && v <= hat.tight) return k;
    if (us < 0.013 && v > us) continue;
    const double s = std::log(v * hat.inverse_alpha / (hat.a / (us * us) + hat.b));
    if (s <= -rate + k * std::log(rate) - std::lgamma(k + 1)) return k;
  }
}

/// log(k!) for k >= 0 in double, by Stirling's series ten further on.
Value log_factorial(const Value& k) {
  Value product = k + 1.0;
  for (int i = 2; i <= 10; ++i) product = product * (k + static_cast<double>(i));
  const Value z = k + 11.0, r = reciprocal(z), r2 = r * r;
  const Value series = r * (1.0 / 12 - r2 * (1.0 / 360 - r2 * (1.0 / 1260 - r2 * (1.0 / 1680))));
  return (z - 0.5) * flowport::log(z) - z + 0.5 * std::log(2 * std::numbers::pi) + series - flowport::log(product);
}

/// All numbers in one Loop: round i takes block i of each for two factors, or for one trial.
Value run_time_poisson(const Node& node, const run_time::Seeded& generator, const Value& shape, const Value& rates) {
  const Numbers all(shape, rates);
  const Value is_small = less(all.parameter, kSmallRates), count = shape_of(all.parameter);
  const Value limit = flowport::exp(-all.parameter), rate = maximum(all.parameter, kSmallRates);
  const Hat<Value> hat(rate, [](const Value& x) { return flowport::sqrt(x); });
  const TypeSpec of_double{DType::kDouble, Ints{-1}}, of_bool{DType::kBool, Ints{-1}};
  const auto step = [&](const std::vector<Value>& in) {
    const Value product = in[2], number = in[3], pending = in[4];
    const Value words = run_time::blocks_at(generator, all.start + in[0]);
    const auto unit = [&](std::int64_t i) {
      return run_time::unit_double(run_time::column(words, i), run_time::column(words, i + 1));
    };
    const Value first = unit(2), second = unit(0);
    const Value once = product * first, twice = once * second;
    const auto above = [&](const Value& x) { return cast(greater(x, limit), DType::kDouble); };
    const Value counted = number + above(once) + above(once) * above(twice);

    const Value u = first - 0.5, us = 0.5 - flowport::abs(u);
    const Value k = floor((hat.a * 2.0 / us + hat.b) * u + rate + 0.43), valid = greater_equal(k, 0);
    const Value tight = logical_and(greater_equal(us, 0.07), less_equal(second, hat.tight));
    const Value outside = logical_and(less(us, 0.013), greater(second, us));
    const Value s = flowport::log(second * hat.inverse_alpha / (hat.a / (us * us) + hat.b));
    const Value fits = less_equal(s, k * flowport::log(rate) - rate - log_factorial(maximum(k, 0)));
    const Value accepted = logical_and(valid, logical_or(tight, logical_and(logical_not(outside), fits)));

    const Value done = where(is_small, less_equal(minimum(once, twice), limit), accepted);
    const Value still = logical_and(pending, logical_not(done));
    const Value next = where(is_small, counted, where(accepted, k, number));
    return std::vector{any_of(still), twice, where(pending, next, number), still};
  };
  const auto everywhere = [&](DType dtype, double x) { return expand(node.scalar(dtype, x), count); };
  const Value pending = everywhere(DType::kBool, 1);
  const Body body = node.body({{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}, of_double, of_double, of_bool}, step);
  const Value numbers = node.emit_n(
      "Loop", {Value{}, any_of(pending), everywhere(DType::kDouble, 1), everywhere(DType::kDouble, 0), pending},
      {{"body", body}}, 3)[1];
  return reshape(cast(numbers, node.output_dtype()), shape);
}

// TF:   StatelessRandomPoisson(shape: T, seed: Tseed, lam: Rtype) -> output: dtype of the shape, which ends with that of lam
// ONNX: a constant; Philox and a Loop of trials where an input is not known
void stateless_poisson(const Node& node) {
  const Value shape = cast(node.input(0), DType::kInt64), rate = node.input(2);
  const auto rates = rate.doubles();
  if (shape.is_known() && rates && seed_is_known(node)) {
    for (const double r : *rates) {
      if (!(r >= 0 && std::isfinite(r))) node.bad_model("lam is not a finite number from 0 on");
    }
    return node.bind(known_numbers(node, generator_of(node), shape.known_ints(), *rates, poisson));
  }
  need_run_time_philox(node);
  node.bind(run_time_poisson(node, run_time::generator_of(node), shape, rate));
}

// TF:   RandomPoissonV2(shape: S, rate: R) -> output: dtype of the shape, then that of rate, attrs seed, seed2
// ONNX: as the stateless op, with a key from RandomUniform
void random_poisson(const Node& node) {
  need_run_time_philox(node);
  const Value rate = node.input(1), shape = concat({to_vector(node.input(0)), shape_of(rate)}, 0);
  node.bind(run_time_poisson(node, run_time::drawn_generator(node), shape, rate));
}

constexpr Handler kRows[] = {
    handler<random_poisson>("RandomPoissonV2"),
    handler<stateless_poisson>("StatelessRandomPoisson"),
};

}  // namespace

FLOWPORT_ROWS(kPoisson, kRows);

}  // namespace flowport::random
