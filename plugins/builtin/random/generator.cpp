// The generators of nodes.
#include <flowport/ops.hpp>

#include "philox.hpp"
#include "random.hpp"
#include "run_time.hpp"

namespace flowport::random {

namespace {

/// Whether the inputs behind the shape are a key, a counter and an algorithm; otherwise they are a seed.
bool has_key(const Node& node) {
  return node.op().ends_with("V3") || (node.op().ends_with("V2") && node.op() != "StatelessRandomGammaV2");
}

}  // namespace

Seed scrambled(const Node& node, const Value& seed) {
  const Ints words = seed.known_ints();
  if (words.size() != 2) node.bad_model("the seed has not two items");
  Philox generator(0x02461e293ec8f720, static_cast<std::uint64_t>(words[0]), static_cast<std::uint64_t>(words[1]));
  const auto mixed = generator.next();
  return {join(mixed[0], mixed[1]), 0, join(mixed[2], mixed[3])};
}

void check_algorithm(const Node& node) {
  constexpr std::int64_t kPhilox = 1, kAuto = 3;
  if (!has_key(node)) return;
  const auto algorithm = node.input(3).int_scalar();
  if (algorithm != kPhilox && algorithm != kAuto) {
    node.unsupported("a generator other than Philox", "use the algorithm 'philox' or 'auto_select'");
  }
}

bool seed_is_known(const Node& node) {
  return node.input(1).is_known() && (!has_key(node) || node.input(2).is_known());
}

Philox generator_of(const Node& node) {
  if (!has_key(node)) {
    const Seed s = scrambled(node, node.input(1));
    return {s.key, s.counter_low, s.counter_high};
  }
  const Ints key = node.input(1).known_ints(), counter = node.input(2).known_ints();
  if (key.empty() || counter.size() < 2) node.bad_model("the key or the counter is too short");
  return {static_cast<std::uint64_t>(key[0]), static_cast<std::uint64_t>(counter[0]),
          static_cast<std::uint64_t>(counter[1])};
}

run_time::Seeded run_time::generator_of(const Node& node) {
  if (!has_key(node)) return scrambled(node.input(1));
  const Value counter = node.input(2);
  return {words_of(gather(node.input(1), 0)), words_of(gather(counter, 0)), words_of(gather(counter, 1))};
}

}  // namespace flowport::random
