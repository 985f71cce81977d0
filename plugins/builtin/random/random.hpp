// The rows of this plugin, by source file, and the generators of its nodes.
#pragma once

#include <flowport/plugin.hpp>

#include "philox.hpp"

namespace flowport::random {

extern const HandlerRows kBoundingBox;
extern const HandlerRows kFractionalPool;
extern const HandlerRows kGamma;
extern const HandlerRows kMultinomial;
extern const HandlerRows kPoisson;
extern const HandlerRows kStateful;
extern const HandlerRows kStateless;

struct Seed {
  std::uint64_t key = 0, counter_low = 0, counter_high = 0;
};
/// TF scrambles seeds, so that close ones give numbers that have nothing in common.
Seed scrambled(const Node& node, const Value& seed);

/// The inputs behind the shape are a seed or, in the newer ops, a key, a counter and an algorithm.
/// Stops where the node asks for another generator than Philox.
void check_algorithm(const Node& node);
bool seed_is_known(const Node& node);
/// Where it is known.
Philox generator_of(const Node& node);

/// `count` (int64 scalar) words that ONNX's generator draws, int64 [count], with a note that they are not TF's.
Value drawn_words(const Node& node, const Value& count);

/// What the stateless ops do where not all of their inputs are known: the numbers, or the key and the counter of a seed.
void draw_at_run_time(const Node& node);
void scramble_at_run_time(const Node& node);

}  // namespace flowport::random
