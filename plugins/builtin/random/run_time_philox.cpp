// Philox 4x32-10 said in ONNX.
#include "run_time.hpp"

namespace flowport::random::run_time {

using words::exclusive_or, words::kWord, words::modulo, words::number, words::product;

namespace {

using Block = std::array<Value, 4>;

/// Philox 4x32-10 of a counter and a key.
Block philox(Block x, Words key) {
  for (int round = 0; round < 10; ++round) {
    const Words a = product(x[0], 0xD2511F53), b = product(x[2], 0xCD9E8D57);
    x = {exclusive_or(exclusive_or(b.high, x[1]), key.low), b.low, exclusive_or(exclusive_or(a.high, x[3]), key.high),
         a.low};
    key = {modulo(key.low + number(key.low, 0x9E3779B9), kWord),
           modulo(key.high + number(key.high, 0xBB67AE85), kWord)};
  }
  return x;
}

}  // namespace

Seeded scrambled(const Value& seed) {
  const Words first = words_of(gather(seed, 0)), second = words_of(gather(seed, 1));
  const Block mixed = philox({first.low, first.high, second.low, second.high},
                             {number(first.low, 0x3ec8f720), number(first.low, 0x02461e29)});
  return {{mixed[0], mixed[1]}, {number(first.low, 0), number(first.low, 0)}, {mixed[2], mixed[3]}};
}

Value blocks_at(const Seeded& s, const Value& place) {
  const Value word = number(place, kWord);
  const Value w0 = s.low.low + place, w1 = s.low.high + w0 / word, w2 = s.high.low + w1 / word,
              w3 = s.high.high + w2 / word;
  const Block out = philox({modulo(w0, kWord), modulo(w1, kWord), modulo(w2, kWord), modulo(w3, kWord)}, s.key);
  std::vector<Value> columns;
  for (const Value& column : out) columns.push_back(unsqueeze(column, {1}));
  return concat(columns, 1);
}

Value draw(const Seeded& s, const Value& count, std::int64_t width) {
  const Value blocks = (count * static_cast<double>(width) + 3) / 4;
  const Value rows = reshape(blocks_at(s, iota(blocks)), Ints{-1, width});
  const Node& node = count.node();
  return slice(rows, node.ints({0}), reshape(count, Ints{1}), node.ints({0}));
}

Value unit_float(const Value& word) { return cast(modulo(word, 1 << 23), DType::kFloat) * std::ldexp(1.0, -23); }
Value unit_double(const Value& high, const Value& low) {
  const Value fraction = modulo(high, 1 << 20) * number(high, kWord) + low;
  return cast(fraction, DType::kDouble) * std::ldexp(1.0, -52);
}

}  // namespace flowport::random::run_time
