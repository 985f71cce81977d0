// Classes drawn by their log probabilities.
#include "random.hpp"
#include "run_time.hpp"

namespace flowport::random {

namespace {

/// `count` (int64 scalar) numbers of [0, 1) in double, of the seed in input 2.
Value uniform_numbers(const Node& node, const Value& count) {
  const Value seed = node.input(2);
  if (const auto known = count.int_scalar(); known && seed.is_known()) {
    const Seed s = scrambled(node, seed);
    Words words(Philox(s.key, s.counter_low, s.counter_high));
    std::vector<double> numbers(static_cast<std::size_t>(*known));
    for (double& number : numbers) {
      const std::uint32_t high = words.next();
      number = unit_double(high, words.next());
    }
    const Ints dims{*known};
    return node.constant(DType::kDouble, dims, numbers);
  }
  if (node.opset() < 18) {
    node.unsupported("random numbers of a seed or for rows that the run time knows, below opset 18",
                     "convert with --opset 18 or higher, or give the shapes of the model's inputs with --shape");
  }
  const Value pairs = run_time::draw(run_time::scrambled(seed), count, 2);
  return run_time::unit_double(run_time::column(pairs, 0), run_time::column(pairs, 1));
}

// TF:   StatelessMultinomial(logits: T [b, classes], num_samples: int32, seed: Tseed) -> output: output_dtype [b, num_samples]
// ONNX: how many of the sums of the first probabilities do not exceed a random share of the whole; no logit that is not finite
//       has a probability
void stateless_multinomial(const Node& node) {
  node.note("with many rows TensorFlow's own numbers depend on how many threads it has; these are those of one thread");
  const Value logits = cast(node.input(0), DType::kDouble),
              samples = reshape(cast(node.input(1), DType::kInt64), Ints{});
  const Value finite = less(flowport::abs(logits), INFINITY);
  const Value most = reduce_max(where(finite, logits, -INFINITY), {1}, true);
  const Value shares = where(finite, flowport::exp(where(finite, logits - most, 0)), 0);
  const Value sums = cumsum(shares, node.int_scalar(1), false, false);
  const Value batch = dim_of(logits, 0), numbers = uniform_numbers(node, batch * samples);
  const Value shape = concat({to_vector(batch), to_vector(samples)}, 0);
  const Value wanted = reshape(numbers, shape) * gather(sums, node.ints({-1}), 1);
  const Value passed = less_equal(unsqueeze(sums, {1}), unsqueeze(wanted, {2}));
  node.bind(cast(reduce_sum(cast(passed, DType::kInt64), {2}, false), node.output_dtype()));
}

constexpr Handler kRows[] = {
    handler<stateless_multinomial>("StatelessMultinomial"),
};

}  // namespace

FLOWPORT_ROWS(kMultinomial, kRows);

}  // namespace flowport::random
