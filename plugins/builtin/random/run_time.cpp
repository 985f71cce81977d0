// Random numbers of seeds and shapes that only the run time knows.
#include "run_time.hpp"

#include <numbers>

#include "random.hpp"

namespace flowport::random {

using namespace run_time;
using words::kWord, words::modulo, words::number;

namespace {

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
  const Seeded s = run_time::generator_of(node);
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
  const auto joined = [](const run_time::Words& w) {
    return reshape(cast(bits_of(w.low, w.high), DType::kUint64), Ints{1});
  };
  node.bind(0, joined(s.key));
  node.bind(1, concat({joined(s.low), joined(s.high)}, 0));
  if (node.num_outputs() > 2) node.bind(2, node.scalar(DType::kInt32, 1));
}

}  // namespace flowport::random
