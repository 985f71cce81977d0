// Pools whose windows differ in size, by sequences of random cuts.
#include <algorithm>
#include <limits>

#include "philox.hpp"
#include "random.hpp"
#include "run_time.hpp"

namespace flowport::random {

namespace {

/// The random numbers of a node: a block of Philox each time it is asked, or the runtime's where it has no seed.
struct Source {
  explicit Source(const Node& n)
      : node(n), seed(n.attr<std::int64_t>("seed", 0)), seed2(n.attr<std::int64_t>("seed2", 0)) {}

  bool seeded() const { return seed != 0 || seed2 != 0; }
  Words words_from(std::int64_t block) const {
    return Words(
        Philox(static_cast<std::uint64_t>(seed), static_cast<std::uint64_t>(block), static_cast<std::uint64_t>(seed2)));
  }
  /// `count` words from `block` on (int64 scalars), where these are of the run time.
  Value words_from(const Value& block, const Value& count) const {
    if (!seeded()) return drawn_words(node, count);
    if (node.opset() < 18) {
      node.unsupported("random cuts of dims that are not known when converting, below opset 18",
                       "convert with --opset 18 or higher, or give the shapes of the model's inputs with --shape");
    }
    const run_time::Seeded generator{run_time::words_of(node.int_scalar(seed)), run_time::words_of(block),
                                     run_time::words_of(node.int_scalar(seed2))};
    return reshape(run_time::draw(generator, count, 1), Ints{-1});
  }

  const Node& node;
  std::int64_t seed, seed2;
};

/// The dim of the input and how many windows it is cut into, int64 scalars.
struct Cut {
  Value size, windows;
};

/// As TF: cut i at ceil(a * (i + u)) where `a` is the mean size of a window, `u` random.
double range_of_u(double size, double windows, double least) {
  const double mean = size / windows;
  return std::min((least + 2) / mean - 1, (size + 1 - least) / mean - (windows - 1));
}

Ints pseudo_random_cuts(std::int64_t size, std::int64_t windows, Words words) {
  const auto n = static_cast<double>(size), m = static_cast<double>(windows), mean = n / m;
  const std::uint32_t high = words.next(), low = words.next();
  const double u = unit_double(high, low) * range_of_u(n, m, static_cast<double>(size / windows));
  Ints cuts{0};
  for (std::int64_t i = 1; i < windows; ++i) {
    cuts.push_back(static_cast<std::int64_t>(std::ceil(mean * (static_cast<double>(i) + u))) - 1);
  }
  cuts.push_back(size);
  return cuts;
}

Value pseudo_random_cuts(const Cut& cut, const Value& words) {
  const Node& node = cut.size.node();
  const Value n = cast(cut.size, DType::kDouble), m = cast(cut.windows, DType::kDouble), mean = n / m;
  const Value least = cast(cut.size / cut.windows, DType::kDouble);
  const Value range_of_u = minimum((least + 2.0) / mean - 1.0, (n + 1.0 - least) / mean - (m - 1.0));
  const Value u = run_time::unit_double(gather(words, 0), gather(words, 1)) * range_of_u;
  const Value place = cast(range(node.int_scalar(1), cut.windows, node.int_scalar(1)), DType::kDouble);
  return concat({node.ints({0}), cast(ceil(mean * (place + u)), DType::kInt64) - 1, to_vector(cut.size)}, 0);
}

/// As TF: windows of the least size, or one more, shuffled by Fisher and Yates.
Ints random_cuts(std::int64_t size, std::int64_t windows, Words words) {
  Ints sizes(static_cast<std::size_t>(windows), size / windows);
  std::fill_n(sizes.begin(), size % windows, size / windows + 1);
  for (std::size_t i = 0; i + 1 < sizes.size(); ++i) std::swap(sizes[i], sizes[i + words.next() % (sizes.size() - i)]);
  Ints cuts{0};
  for (const std::int64_t s : sizes) cuts.push_back(cuts.back() + s);
  return cuts;
}

Value random_cuts(const Cut& cut, const Value& words) {
  const Node& node = cut.size.node();
  const Value longer = less(iota(cut.windows), binary("Mod", cut.size, cut.windows));
  const Value sizes = cast(longer, DType::kInt64) + cut.size / cut.windows;
  const Body body = node.body(
      {{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}, {DType::kInt64, sizes.dims()}},
      [&](const std::vector<Value>& in) {
        const Value other = in[0] + binary("Mod", gather(words, in[0]), cut.windows - in[0]);
        const Value here = to_vector(in[0]), there = to_vector(other);
        const Value swapped = gather(in[2], concat({there, here}, 0));
        return std::vector{node.emit("Identity", {in[1]}),
                           node.emit("ScatterElements", {in[2], concat({here, there}, 0), swapped}, {{"axis", 0}})};
      });
  const Value shuffled =
      node.emit_n("Loop", {cut.windows - 1, node.scalar(DType::kBool, 1), sizes}, {{"body", body}}, 1)[0];
  return concat({node.ints({0}), cumsum(shuffled, node.int_scalar(0), false, false)}, 0);
}

/// Where the windows of a dim begin, and its end: int64 [windows + 1]. The generator stands at `block`.
Value cuts_of(const Source& source, const Cut& cut, const Value& block) {
  const Node& node = source.node;
  const bool pseudo_random = node.attr<bool>("pseudo_random", false);
  const auto size = cut.size.int_scalar(), windows = cut.windows.int_scalar(), first = block.int_scalar();
  if (windows && *windows < 1) node.bad_model("a pooling ratio above the dim");
  if (size && windows && first && source.seeded()) {
    const Words words = source.words_from(*first);
    return node.ints(pseudo_random ? pseudo_random_cuts(*size, *windows, words) : random_cuts(*size, *windows, words));
  }
  if (size && windows && *size % *windows == 0) {  // nothing is left to chance
    Ints cuts;
    for (std::int64_t i = 0; i <= *windows; ++i) cuts.push_back(i * (*size / *windows));
    return node.ints(cuts);
  }
  if (pseudo_random) return pseudo_random_cuts(cut, source.words_from(block, node.int_scalar(2)));
  return random_cuts(cut, source.words_from(block, cut.windows));
}

/// The elements of each window along `axis`, and which of them count: the shorter windows have some twice.
struct Windows {
  Value places, inside, counts;
  Windows(const Value& cuts, const Value& size, bool overlapping) {
    const Value start = slice(cuts, {0}, {-1}, {0}), next = slice(cuts, {1}, {INT64_MAX}, {0});
    const Value last = overlapping ? minimum(next, size - 1) : next - 1;
    counts = last - start + 1;
    const Value place = unsqueeze(start, {1}) + iota(reduce_max(counts, {0}, false)), end = unsqueeze(last, {1});
    inside = less_equal(place, end);
    places = minimum(place, end);
  }
};

Value max_of(const Windows& w, const Value& x, int axis) {
  return reduce_max(gather(x, w.places, axis), {axis + 1}, false);
}
Value sum_of(const Windows& w, const Value& x, int axis) {
  const Value counted = unsqueeze(w.inside, axis == 1 ? Ints{2, 3} : Ints{2});
  return reduce_sum(where(counted, gather(x, w.places, axis), 0), {axis + 1}, false);
}

// TF:   FractionalMaxPool(value: T [b, h, w, c]) -> output: T, row_pooling_sequence: int64, col_pooling_sequence: int64, attrs
//       pooling_ratio, pseudo_random, overlapping, deterministic, seed, seed2; FractionalAvgPool likewise
// ONNX: the cuts as constants, or by Philox in ONNX; Gather of the windows and ReduceMax, ReduceSum
void fractional_pool(const Node& node) {
  const Value x = node.input(0);
  const auto ratios = node.attr<std::vector<float>>("pooling_ratio");
  if (ratios.size() != 4) node.bad_model("pooling_ratio has not four items");
  const Source source(node);
  const auto cut = [&](int axis) {
    const Value size = dim_of(x, axis);
    const double ratio = static_cast<double>(ratios[static_cast<std::size_t>(axis)]);
    return Cut{size, cast(floor(cast(size, DType::kFloat) / ratio), DType::kInt64)};
  };
  const Cut rows = cut(1), columns = cut(2);
  const bool pseudo_random = node.attr<bool>("pseudo_random", false),
             overlapping = node.attr<bool>("overlapping", false);
  const Value row_cuts = cuts_of(source, rows, node.int_scalar(0));
  const Value column_cuts = cuts_of(source, columns, pseudo_random ? node.int_scalar(1) : (rows.windows + 3) / 4);
  const Windows in_rows(row_cuts, rows.size, overlapping), in_columns(column_cuts, columns.size, overlapping);
  if (node.op() == "FractionalMaxPool") {
    // NaN is never the greater one, as in TF.
    const double least = x.dtype() == DType::kFloat ? static_cast<double>(std::numeric_limits<float>::lowest())
                                                    : std::numeric_limits<double>::lowest();
    const Value numbers = is_floating(x.dtype()) ? where(is_nan(x), least, x) : x;
    node.bind(0, max_of(in_columns, max_of(in_rows, numbers, 1), 2));
  } else {
    const Value count = unsqueeze(in_rows.counts, {1, 2}) * unsqueeze(in_columns.counts, {1});
    node.bind(0, sum_of(in_columns, sum_of(in_rows, x, 1), 2) / cast_like(count, x));
  }
  node.bind(1, row_cuts);
  node.bind(2, column_cuts);
}

constexpr Handler kRows[] = {
    handler<fractional_pool>("FractionalAvgPool"),
    handler<fractional_pool>("FractionalMaxPool"),
};

}  // namespace

FLOWPORT_ROWS(kFractionalPool, kRows);

}  // namespace flowport::random
