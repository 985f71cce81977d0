// Philox said in ONNX, for seeds and counts that only the run time knows. The ops are those of opset 18.
#pragma once

#include "../words.hpp"

namespace flowport::random::run_time {

using words::bits_of, words::Words, words::words_of;

/// The key and the counter of a generator.
struct Seeded {
  Words key, low, high;
};
/// TF scrambles the seed (two integers) of its stateless ops.
Seeded scrambled(const Value& seed);

/// What the inputs of a stateless op say.
Seeded generator_of(const Node& node);

/// Those of a stateful op: a key and a counter that ONNX's generator draws, with a note that the numbers are not TF's.
Seeded drawn_generator(const Node& node);

/// The words of the blocks `place` (int64 [n]): int64 [n, 4].
Value blocks_at(const Seeded& s, const Value& place);
/// `count` (int64 scalar) groups of `width` (1, 2 or 4) words: int64 [count, width].
Value draw(const Seeded& s, const Value& count, std::int64_t width);

inline Value column(const Value& words, std::int64_t i) { return gather(words, i, 1); }

/// Numbers of [0, 1).
Value unit_float(const Value& word);
Value unit_double(const Value& high, const Value& low);

}  // namespace flowport::random::run_time
