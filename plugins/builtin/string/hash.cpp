// Hashes of text. ONNX cannot read the bytes of a string; but those of an integer written by AsString are known from its digits.
#include <array>

#include "../words.hpp"
#include "string.hpp"

namespace flowport::string {

namespace {

using words::number, words::rotated, words::shifted, words::Words, words::words_of;

/// Three blocks of 8 bytes hold what an integer is written as: 20 characters at most.
constexpr std::int64_t kBytes = 24, kPowers = 19;

/// The integers that `text` is written from by AsString; stops where it is not.
Value integers_behind(const Node& node, const Value& text) {
  Value at = text;
  while (auto made_by = node.producer(at)) {
    const Value from = made_by->input(0);
    const bool plain = made_by->op() == "AsString" && made_by->attr<std::int64_t>("width", -1) <= 0;
    at = Value(node, from.id());
    if (plain && is_integer(at.dtype()) && at.dtype() != DType::kUint64) return at;
    if (made_by->op() != "Identity") break;
  }
  node.unsupported("hashes of strings, whose bytes ONNX cannot read (those of integers by AsString it can tell)",
                   "hash integers, look the strings up in a table, or hash them before the model");
}

/// Text of one number a row.
struct Text {
  Value bytes;   ///< int64 [n, kBytes], zeros behind the text
  Value length;  ///< int64 [n]
  Value words;   ///< the four bytes from each place on, the first one lowest: int64 [n, kBytes - 3]

  Value word(const Value& place) const {
    const Value inside = minimum(maximum(place, 0), static_cast<double>(kBytes - 4));
    return squeeze(bytes.node().emit("GatherElements", {words, unsqueeze(inside, {1})}, {{"axis", 1}}), {1});
  }
  Words fetch(const Value& place) const { return {word(place), word(place + 4)}; }
  Words fetch(std::int64_t place) const { return {gather(words, place, 1), gather(words, place + 4, 1)}; }
  Value byte(const Value& place) const { return words::modulo(word(place), 256); }
};

Value with_words(const Value& bytes) {
  Value all;
  for (std::int64_t i = 0; i < 4; ++i) {
    const Value part = slice(bytes, {i}, {kBytes - 3 + i}, {1}) * static_cast<double>(std::int64_t{1} << (8 * i));
    all = all ? all + part : part;
  }
  return all;
}

/// `x` (int64 [n]) in decimal digits.
Text text_of(const Value& x) {
  const Node& node = x.node();
  Ints powers{1};
  while (static_cast<std::int64_t>(powers.size()) < kPowers) powers.push_back(powers.back() * 10);
  const Value quotient = unsqueeze(x, {1}) / node.ints(powers), ten = number(x, 10);
  const Value digits = flowport::abs(quotient - quotient / ten * ten);
  const Value longer = logical_not(equal(slice(quotient, {1}, {kPowers}, {1}), 0));
  const Value negative = less(x, 0);
  const Value length = reduce_sum(cast(longer, DType::kInt64), {1}, false) + 1 + cast(negative, DType::kInt64);
  const Value place = iota(node.int_scalar(kBytes)), behind = unsqueeze(length, {1}) - 1 - place;
  const Value chosen = minimum(maximum(behind, 0), static_cast<double>(kPowers - 1));
  const Value digit = node.emit("GatherElements", {digits, chosen}, {{"axis", 1}}) + '0';
  const Value sign = logical_and(unsqueeze(negative, {1}), equal(place, 0));
  const Value bytes = where(sign, '-', where(greater_equal(behind, 0), digit, 0));
  return {bytes, length, with_words(bytes)};
}

/// FarmHash's Fingerprint64 of text of 1 to 20 bytes.
Words fingerprint(const Text& text, bool up_to_16) {
  const Node& node = text.length.node();
  const auto constant = [&](std::uint64_t x) { return words_of(node, x); };
  const Words k0 = constant(0xc3a5c85c97cb3127), k1 = constant(0xb492b66fbe98f273), k2 = constant(0x9ae16a3b2f90404f);
  const auto mixed = [](const Words& x) { return x ^ shifted(x, 47); };
  const auto word = [](const Value& x) { return Words{x, number(x, 0)}; };
  const Value& length = text.length;
  const Words factor{k2.low + length * 2, k2.high};  // the low word has room for that

  // Up to 3 bytes.
  const Value first = gather(text.bytes, 0, 1), middle = text.byte(length / number(length, 2));
  const Words y = word(first + middle * 256), z = word(length + text.byte(length - 1) * 4);
  const Words of_few = mixed((y * k2) ^ (z * k0)) * k2;
  // 4 to 7 bytes.
  Words u = words_of(length + gather(text.words, 0, 1) * 8), v = word(text.word(length - 4));
  // 8 to 16 bytes.
  const Words a = text.fetch(0), b = text.fetch(length - 8);
  const Value eight = greater_equal(length, 8);
  const Words head = a + k2;
  u = words::where(eight, rotated(b, 37) * factor + head, u);
  v = words::where(eight, (rotated(head, 25) + b) * factor, v);
  if (!up_to_16) {
    const Words start = a * k1, next = text.fetch(8), last = b * factor, before = text.fetch(length - 16) * k2;
    const Value seventeen = greater_equal(length, 17);
    u = words::where(seventeen, rotated(start + next, 43) + rotated(last, 30) + before, u);
    v = words::where(seventeen, start + rotated(next + k2, 18) + last, v);
  }
  const Words once = mixed((u ^ v) * factor);
  const Words of_many = mixed((v ^ once) * factor) * factor;
  return words::where(less(length, 4), of_few, of_many);
}

/// SipHash-2-4 (J.-P. Aumasson and D. J. Bernstein, 2012) of text of up to 20 bytes.
Words sip_hash(const Text& text, const std::array<std::uint64_t, 2>& key, bool up_to_15) {
  const Node& node = text.length.node();
  using State = std::array<Words, 4>;
  State s{words_of(node, key[0] ^ 0x736f6d6570736575), words_of(node, key[1] ^ 0x646f72616e646f6d),
          words_of(node, key[0] ^ 0x6c7967656e657261), words_of(node, key[1] ^ 0x7465646279746573)};
  const auto left = [](const Words& x, int bits) { return bits == 32 ? Words{x.high, x.low} : rotated(x, 64 - bits); };
  const auto mix = [&](Words& a, Words& b, int by, int then) {
    a = a + b;
    b = left(b, by) ^ a;
    if (then > 0) a = left(a, then);
  };
  const auto round = [&](State& v) {
    mix(v[0], v[1], 13, 32);
    mix(v[2], v[3], 16, 0);
    mix(v[0], v[3], 21, 0);
    mix(v[2], v[1], 17, 32);
  };
  // The length stands in the last byte of the last block.
  const Value& length = text.length;
  const Value blocks = length / number(length, 8), place = iota(node.int_scalar(kBytes));
  const Value is_end = equal(place, unsqueeze(blocks * 8 + 7, {1}));
  const Value padded = with_words(where(is_end, unsqueeze(length, {1}), text.bytes));
  for (std::int64_t block = 0; block < (up_to_15 ? 2 : 3); ++block) {
    const Words message{gather(padded, 8 * block, 1), gather(padded, 8 * block + 4, 1)};
    State next = s;
    next[3] = next[3] ^ message;
    round(next);
    round(next);
    next[0] = next[0] ^ message;
    const Value counts = greater_equal(blocks, static_cast<double>(block));
    for (std::size_t i = 0; i < s.size(); ++i) s[i] = block == 0 ? next[i] : words::where(counts, next[i], s[i]);
  }
  s[2] = s[2] ^ words_of(node, 0xff);
  for (int i = 0; i < 4; ++i) round(s);
  return (s[0] ^ s[1]) ^ (s[2] ^ s[3]);
}

// TF:   StringToHashBucketFast(input: string) -> output: int64, attr num_buckets: FarmHash; StringToHashBucketStrong has a key of
//       two numbers too: SipHash
// ONNX: the hash of the digits of integers that AsString writes, in words of 32 bits
void hash_bucket(const Node& node) {
  const Value x = integers_behind(node, node.input(0));
  if (node.opset() < 18) node.unsupported("hashes below opset 18", "convert with --opset 18 or higher");
  const Text text = text_of(cast(reshape(x, Ints{-1}), DType::kInt64));
  const bool is_short = size_of(x.dtype()) <= 4;  // 11 characters at most
  Words hash;
  if (node.op() == "StringToHashBucketStrong") {
    const Ints key = node.attr<Ints>("key");
    if (key.size() != 2) node.bad_model("the key has not two numbers");
    hash = sip_hash(text, {static_cast<std::uint64_t>(key[0]), static_cast<std::uint64_t>(key[1])}, is_short);
  } else {
    hash = fingerprint(text, is_short);
  }
  const std::int64_t buckets = node.attr<std::int64_t>("num_buckets");
  if (buckets < 1) node.bad_model("num_buckets is not above 0");
  node.bind(reshape(words::modulo(hash, node.int_scalar(buckets)), shape_of(x)));
}

constexpr Handler kRows[] = {
    handler<hash_bucket>("StringToHashBucketFast"),
    handler<hash_bucket>("StringToHashBucketStrong"),
};

}  // namespace

FLOWPORT_ROWS(kHash, kRows);

}  // namespace flowport::string
