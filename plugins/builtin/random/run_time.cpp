// Random numbers of seeds and shapes that only the run time knows: Philox said in ONNX, with 32-bit words held as int64.
#include <flowport/ops.hpp>

#include <array>
#include <numbers>

#include "random.hpp"

namespace flowport::random {

namespace {

constexpr std::int64_t kHalfWord = std::int64_t{1} << 16, kWord = std::int64_t{1} << 32;

Value number(const Value& like, std::int64_t n) { return like.node().int_scalar(n); }
/// The remainder that is not negative.
Value modulo(const Value& x, std::int64_t divisor) { return binary("Mod", x, number(x, divisor)); }
Value exclusive_or(const Value& a, const Value& b) { return binary("BitwiseXor", a, b); }

struct Words {
  Value low, high;
};
/// 64 bits, in an integer of any kind, as two words.
Words words_of(const Value& bits) {
  const Value x = cast(bits, DType::kInt64), low = modulo(x, kWord);
  return {low, modulo((x - low) / number(x, kWord), kWord)};
}
/// The int64 with these bits.
Value bits_of(const Value& low, const Value& high) {
  const Value upper = where(less(high, number(high, kWord / 2)), high, high - number(high, kWord));
  return upper * number(high, kWord) + low;
}

/// The 64 bits of the product with a constant of 32 bits.
Words product(const Value& x, std::int64_t constant) {
  const Value p = x * number(x, constant % kHalfWord), q = x * number(x, constant / kHalfWord);
  const Value upper = modulo(q, kHalfWord);
  const Value sum = p + upper * number(x, kHalfWord);
  return {modulo(sum, kWord), (q - upper) / number(x, kHalfWord) + sum / number(x, kWord)};
}

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

struct Seeded {
  Words key, low, high;
};

Seeded scrambled(const Value& seed) {
  const Words first = words_of(gather(seed, 0)), second = words_of(gather(seed, 1));
  const Block mixed = philox({first.low, first.high, second.low, second.high},
                             {number(first.low, 0x3ec8f720), number(first.low, 0x02461e29)});
  return {{mixed[0], mixed[1]}, {number(first.low, 0), number(first.low, 0)}, {mixed[2], mixed[3]}};
}

/// What the inputs behind the shape say: a seed or, in the V2 ops, a key and a counter.
Seeded seeded(const Node& node) {
  if (!node.op().ends_with("V2")) return scrambled(node.input(1));
  const Value counter = node.input(2);
  return {words_of(gather(node.input(1), 0)), words_of(gather(counter, 0)), words_of(gather(counter, 1))};
}

/// The words of the blocks `place` (int64 [n]): int64 [n, 4].
Value blocks_at(const Seeded& s, const Value& place) {
  const Value word = number(place, kWord);
  const Value w0 = s.low.low + place, w1 = s.low.high + w0 / word, w2 = s.high.low + w1 / word,
              w3 = s.high.high + w2 / word;
  const Block out = philox({modulo(w0, kWord), modulo(w1, kWord), modulo(w2, kWord), modulo(w3, kWord)}, s.key);
  std::vector<Value> columns;
  for (const Value& column : out) columns.push_back(unsqueeze(column, {1}));
  return concat(columns, 1);
}

/// `count` (int64 scalar) groups of `width` (1, 2 or 4) words: int64 [count, width].
Value draw(const Seeded& s, const Value& count, std::int64_t width) {
  const Value blocks = (count * static_cast<double>(width) + 3) / 4;
  const Value rows = reshape(blocks_at(s, iota(blocks)), Ints{-1, width});
  const Node& node = count.node();
  return slice(rows, node.ints({0}), reshape(count, Ints{1}), node.ints({0}));
}

Value column(const Value& words, std::int64_t i) { return gather(words, i, 1); }

Value unit_float(const Value& word) { return cast(modulo(word, 1 << 23), DType::kFloat) * std::ldexp(1.0, -23); }
Value unit_double(const Value& high, const Value& low) {
  const Value fraction = modulo(high, 1 << 20) * number(high, kWord) + low;
  return cast(fraction, DType::kDouble) * std::ldexp(1.0, -52);
}

Value uniform(const Seeded& s, const Value& count, DType dtype) {
  if (dtype == DType::kDouble) {
    const Value words = draw(s, count, 2);
    return unit_double(column(words, 0), column(words, 1));
  }
  const Value word = column(draw(s, count, 1), 0);
  if (dtype == DType::kFloat) return unit_float(word);
  const int bits = dtype == DType::kFloat16 ? 10 : 7;
  return cast(cast(modulo(word, std::int64_t{1} << bits), DType::kFloat) * std::ldexp(1.0, -bits), dtype);
}

std::int64_t words_for_pair(DType dtype) { return dtype == DType::kDouble ? 4 : 2; }

/// For each row of words a pair by Box and Muller, [n, 2]; other types than double in float.
Value normal_pairs(const Value& words, DType dtype) {
  const bool wide = dtype == DType::kDouble;
  const Value u = wide ? unit_double(column(words, 0), column(words, 1)) : unit_float(column(words, 0));
  const Value v = wide ? unit_double(column(words, 2), column(words, 3)) : unit_float(column(words, 1));
  const Value angle = cast_like(cast(v, DType::kDouble) * (2 * std::numbers::pi), u);
  const Value radius = flowport::sqrt(flowport::log(maximum(u, 1.0e-7)) * -2.0);
  return concat({unsqueeze(flowport::sin(angle) * radius, {1}), unsqueeze(flowport::cos(angle) * radius, {1})}, 1);
}

/// The first `count` numbers, in `dtype`.
Value first_of(const Value& numbers, const Value& count, DType dtype) {
  const Node& node = count.node();
  return cast(slice(reshape(numbers, Ints{-1}), node.ints({0}), reshape(count, Ints{1}), node.ints({0})), dtype);
}

Value normal(const Seeded& s, const Value& count, DType dtype) {
  return first_of(normal_pairs(draw(s, (count + 1) / 2, words_for_pair(dtype)), dtype), count, dtype);
}

/// Each group of numbers takes the first that are within 2 from blocks of its own, of which 8 are looked at: that they do not
/// hold enough happens once in 10^18 groups.
Value truncated_normal(const Seeded& s, const Value& count, DType dtype) {
  constexpr std::int64_t kBlocks = 8;
  const Node& node = count.node();
  const std::int64_t group = dtype == DType::kDouble ? 2 : 4;
  const Value groups = (count + static_cast<double>(group - 1)) / static_cast<double>(group);
  const Value start = iota(groups) * static_cast<double>(group * 256 / 4);
  const Value place = reshape(unsqueeze(start, {1}) + unsqueeze(iota(node.int_scalar(kBlocks)), {0}), Ints{-1});
  const std::int64_t width = words_for_pair(dtype), drawn = kBlocks * 4 / width * 2;
  const Value pairs = normal_pairs(reshape(blocks_at(s, place), Ints{-1, width}), dtype);
  const Value numbers = reshape(pairs, Ints{-1, drawn});
  const Value position = unsqueeze(iota(node.int_scalar(drawn)), {0});
  const Value rank = where(less(flowport::abs(numbers), 2), position, position + static_cast<double>(drawn));
  const Value chosen = node.emit_n("TopK", {rank, node.ints({group})}, {{"axis", 1}, {"largest", 0}}, 2)[1];
  return first_of(node.emit("GatherElements", {numbers, chosen}, {{"axis", 1}}), count, dtype);
}

Value integers(const Node& node, const Seeded& s, const Value& count, DType dtype) {
  const bool wide = size_of(dtype) == 8, bounded = node.op().find("Full") == std::string_view::npos;
  const Value words = draw(s, count, wide ? 2 : 1);
  const Value low = column(words, 0), high = wide ? column(words, 1) : number(low, 0);
  const Value bits = wide ? bits_of(low, high) : low;
  if (!bounded) {
    const Value word =
        dtype == DType::kInt32 ? where(less(bits, number(bits, kWord / 2)), bits, bits - number(bits, kWord)) : bits;
    return cast(word, dtype);
  }
  const int first = node.op().ends_with("V2") ? 4 : 2;
  const Value least = cast(node.input(first), DType::kInt64), span = cast(node.input(first + 1), DType::kInt64) - least;
  const DType in = wide ? DType::kUint64 : DType::kInt64;
  return cast(least + cast(binary("Mod", cast(bits, in), cast(span, in)), DType::kInt64), dtype);
}

}  // namespace

void draw_at_run_time(const Node& node) {
  if (node.opset() < 18) {
    node.unsupported("random numbers of a seed or a shape that depends on the model's inputs, below opset 18",
                     "convert with --opset 18 or higher, or make the seed and the shape constants");
  }
  const Value shape = cast(node.input(0), DType::kInt64), count = reduce_prod(shape, {0}, false);
  const DType dtype = node.output_dtype();
  const Seeded s = seeded(node);
  const auto named = [&](std::string_view part) { return node.op().find(part) != std::string_view::npos; };
  const Value flat = is_integer(dtype)          ? integers(node, s, count, dtype)
                     : named("TruncatedNormal") ? truncated_normal(s, count, dtype)
                     : named("Normal")          ? normal(s, count, dtype)
                                                : uniform(s, count, dtype);
  node.bind(reshape(flat, shape));
}

void scramble_at_run_time(const Node& node) {
  if (node.opset() < 18) {
    node.unsupported("a seed that depends on the model's inputs, below opset 18", "convert with --opset 18 or higher");
  }
  const Seeded s = scrambled(node.input(0));
  const auto joined = [](const Words& w) { return reshape(cast(bits_of(w.low, w.high), DType::kUint64), Ints{1}); };
  node.bind(0, joined(s.key));
  node.bind(1, concat({joined(s.low), joined(s.high)}, 0));
  if (node.num_outputs() > 2) node.bind(2, node.scalar(DType::kInt32, 1));
}

}  // namespace flowport::random
