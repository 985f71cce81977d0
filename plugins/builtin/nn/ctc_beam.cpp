// Decoding of connectionist temporal classification by beam search, as TensorFlow does it: the beam is a set of label sequences,
// and all sequences of a batch take a step of time at once.
#include <cmath>

#include "ctc.hpp"
#include "nn.hpp"

namespace flowport::nn {

namespace {

Value number(const Value& flag) { return cast(flag, DType::kInt64); }
Value any(const Value& flags) {
  const Node& node = flags.node();
  return greater(reduce_max(concat({node.ints({0}), reshape(number(flags), Ints{-1})}, 0), {0}, false), 0);
}

Value log_sum_exp(const Value& a, const Value& b) {
  const Value most = maximum(a, b), none = equal(most, -INFINITY), by = where(none, 0, most);
  return where(none, most, by + flowport::log(flowport::exp(a - by) + flowport::exp(b - by)));
}

/// Members of each row of `x` [b, n, ...] by their numbers, int64 [b, m].
Value members(const Value& x, const Value& at) { return gather_nd(x, unsqueeze(at, {2}), 1); }

/// The beams, in the order of falling probability; those of no probability do not count. [b, width], but for the last two.
struct Beams {
  Value blank, label, total;  ///< log probabilities: of the sequence with a blank behind it, without one, and both
  Value length;               ///< of the sequence
  Value last;                 ///< its last label, -1 where it is empty
  Value labels;               ///< [b, width, time]
  Value extends;              ///< bool [b, width, width]: the first one is the second one with labels behind it

  std::vector<Value> all() const { return {blank, label, total, length, last, labels, extends}; }
  static Beams from(const std::vector<Value>& v) { return {v[0], v[1], v[2], v[3], v[4], v[5], v[6]}; }
};

struct Search {
  const Node& node;
  std::int64_t width;
  Value classes;  ///< int64 scalar: the labels, without the blank behind them

  Value columns(const Value& x) const { return unsqueeze(x, {1}); }  ///< [b, 1, width]
  Value rows(const Value& x) const { return unsqueeze(x, {2}); }     ///< [b, width, 1]

  Beams first(const Value& batch, const Value& time, DType dtype) const {
    const Value place = iota(node.int_scalar(width)), shape = concat({batch, node.ints({width})}, 0);
    const auto spread = [&](const Value& v) { return expand(v, shape); };
    const Value none = node.scalar(dtype, -INFINITY);
    const Value start = spread(where(equal(place, 0), node.scalar(dtype, 0), none));
    return {start,
            spread(none),
            start,
            spread(node.int_scalar(0)),
            spread(node.int_scalar(-1)),
            expand(node.int_scalar(-1), concat({shape, time}, 0)),
            expand(node.scalar(DType::kBool, 0), concat({shape, node.ints({width})}, 0))};
  }

  /// TF goes through the beams one by one and adds to each every label, while the least probable ones fall out. A beam that has
  /// fallen out when its turn as a child of a beam that is extended comes is not extended in its own turn, which comes later.
  /// Which these are depends on those before them only, so it is looked for until it does not change. `grown`: [b, width * classes].
  Value lost(const Value& stay, const Value& grown, const Value& parent, const Value& last) const {
    const Value least = reduce_min(where(equal(stay, -INFINITY), INFINITY, stay), {1}, true);
    const Value counts = reduce_sum(number(greater(grown, least)), {1}, false);
    const Value most = reduce_max(concat({node.ints({1}), counts}, 0), {0}, true);
    const auto top = node.emit_n("TopK", {grown, minimum(most, to_vector(dim_of(grown, 1)))}, {{"axis", 1}}, 2);
    const Value place = iota(node.int_scalar(width));
    const Value higher = reduce_sum(number(greater(columns(stay), rows(stay))), {2}, false);
    const Value turn = parent * classes + last, has_turn = logical_and(greater_equal(parent, 0), less(parent, place));
    const Value counted = logical_and(greater(columns(top[0]), rows(stay)), less(columns(top[1]), rows(turn)));
    const Value source = top[1] / classes, parents = maximum(parent, 0);
    const TypeSpec flags{DType::kBool, Ints{-1, width}};
    const Body body =
        node.body({{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}, flags}, [&](const std::vector<Value>& in) {
          const auto of = [&](const Value& at) {
            return logical_not(node.emit("GatherElements", {in[2], at}, {{"axis", 1}}));
          };
          const Value before = reduce_sum(number(logical_and(counted, columns(of(source)))), {2}, false);
          const Value asked = logical_and(has_turn, of(parents));
          const Value out = logical_and(asked, greater_equal(higher + before, static_cast<double>(width)));
          return std::vector{any(node.emit("Xor", {out, in[2]})), out};
        });
    const Value none = expand(node.scalar(DType::kBool, 0), shape_of(stay));
    return node.emit_n("Loop", {Value{}, node.scalar(DType::kBool, 1), none}, {{"body", body}}, 1)[0];
  }

  /// `scores`: the log probabilities of the classes at this time, [b, classes + 1].
  Beams step(const Beams& now, const Value& scores) const {
    const DType dtype = scores.dtype();
    const Value none = node.scalar(dtype, -INFINITY);
    const Value one_more = equal(rows(now.length), columns(now.length) + 1);
    const Value child_of = logical_and(now.extends, one_more);  // at most one in a row
    const Value place = iota(node.int_scalar(width));
    const Value parent = reduce_max(where(child_of, place, -1), {2}, false);

    // The sequences as they are.
    const Value same = equal(rows(now.last), columns(now.last));
    const Value before =
        reduce_max(where(child_of, where(same, columns(now.blank), columns(now.total)), none), {2}, false);
    const Value own = node.emit("GatherElements", {scores, maximum(now.last, 0)}, {{"axis", 1}});
    const Value label = log_sum_exp(now.label, before) + own;
    const Value blank = now.total + gather(scores, node.ints({-1}), 1);
    const Value stay = log_sum_exp(blank, label);

    // With each of the labels behind them, but for what is among them already.
    const Value letter = iota(classes);
    const Value is_last = equal(rows(now.last), letter);  // [b, width, classes]
    const Value there =
        greater(matmul(cast(node.emit("Transpose", {child_of}, {{"perm", Ints{0, 2, 1}}}), DType::kFloat),
                       cast(is_last, DType::kFloat)),
                0);
    const Value letters = slice(scores, {0}, {-1}, {1});
    const Value longer = columns(letters) + where(is_last, rows(now.blank), rows(now.total));
    const Value flat_shape = concat({slice(shape_of(scores), {0}, {1}, {0}), node.ints({-1})}, 0);
    const auto flat = [&](const Value& x) { return reshape(x, flat_shape); };
    const Value fresh = where(there, none, longer);
    const Value out = lost(stay, flat(fresh), parent, now.last);
    const Value grown = flat(where(rows(out), none, fresh));

    const auto top = node.emit_n("TopK", {concat({stay, grown}, 1), node.ints({width})}, {{"axis", 1}}, 2);
    const auto chosen = [&](const Value& stayed, const Value& new_one) {
      return node.emit("GatherElements", {concat({stayed, new_one}, 1), top[1]}, {{"axis", 1}});
    };
    const Value at = top[1] - static_cast<double>(width), is_grown = greater_equal(at, 0);
    const Value wide = maximum(classes, 1);
    const Value source = where(is_grown, at / wide, top[1]), added = where(is_grown, binary("Mod", at, wide), -1);
    const Value length = members(now.length, source), labels = members(now.labels, source);
    const Value behind = logical_and(rows(is_grown), equal(rows(length), iota(dim_of(now.labels, 2))));
    return {chosen(blank, expand(none, shape_of(grown))),
            chosen(label, grown),
            top[0],
            length + number(is_grown),
            where(is_grown, added, members(now.last, source)),
            where(behind, rows(added), labels),
            extensions(now, source, added, top[0])};
  }

  /// Which sequences extend which, when each is one of `now` with a label `added` behind it, or none (-1).
  Value extensions(const Beams& now, const Value& source, const Value& added, const Value& total) const {
    const Value wide = node.ints({1, width, 1}), other = columns(source) * expand(node.int_scalar(1), wide);
    const Value own = members(now.extends, source);
    const auto of_other = [&](const Value& x) { return node.emit("GatherElements", {x, other}, {{"axis", 2}}); };
    const Value extended = of_other(own);  // by the source of the second
    const Value length = members(now.length, source), grown = greater_equal(added, 0);
    // The label that the first has where the second has the added one.
    const Value last = maximum(minimum(columns(length), dim_of(now.labels, 2) - 1), 0);
    const Value next = node.emit("GatherElements",
                                 {members(now.labels, source), last * expand(node.int_scalar(1), wide)}, {{"axis", 2}});
    const Value first_length = rows(length) + number(rows(grown)), second_length = columns(length) + 1;
    const Value along =
        logical_and(logical_and(extended, equal(next, columns(added))), greater(first_length, second_length));
    const Value plain = logical_or(extended, logical_and(rows(grown), equal(rows(source), columns(source))));
    const Value alive = greater(total, -INFINITY);
    return logical_and(where(columns(grown), along, plain), logical_and(rows(alive), columns(alive)));
  }
};

// TF:   CTCBeamSearchDecoder(inputs: T [time, b, classes], sequence_length: int32 [b]) -> decoded_indices: top_paths * int64,
//       decoded_values: top_paths * int64, decoded_shape: top_paths * int64, log_probability: T [b, top_paths], attrs
//       beam_width, top_paths, merge_repeated; the last class is the blank
// ONNX: a Loop over time, TopK of the beams and what they can grow to
void ctc_beam_search_decoder(const Node& node) {
  const Value x = node.input(0), steps = dim_of(x, 0);
  const auto width = node.attr<std::int64_t>("beam_width"), paths = node.attr<std::int64_t>("top_paths");
  if (width < 1 || paths > width) node.bad_model("more top paths than beams");
  const Search search{node, width, dim_of(x, 2) - 1};
  const Value scores = node.emit("LogSoftmax", {x}, {{"axis", -1}}), lengths = cast(node.input(1), DType::kInt64);
  const Beams start = search.first(slice(shape_of(x), {1}, {2}, {0}), to_vector(steps), x.dtype());

  std::vector<TypeSpec> specs{{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}};
  for (std::size_t i = 0; i < 5; ++i) specs.push_back({start.all()[i].dtype(), Ints{-1, width}});
  specs.push_back({DType::kInt64, Ints{-1, width, -1}});
  specs.push_back({DType::kBool, Ints{-1, width, width}});
  const Body body = node.body(specs, [&](const std::vector<Value>& in) {
    const Beams now = Beams::from({in.begin() + 2, in.end()});
    const auto before = now.all(), after = search.step(now, gather(scores, in[0])).all();
    std::vector<Value> out{node.emit("Identity", {in[1]})};
    for (std::size_t i = 0; i < after.size(); ++i) {
      const Value goes_on = unsqueeze(greater(lengths, in[0]), i < 5 ? Ints{1} : Ints{1, 2});
      out.push_back(where(goes_on, after[i], before[i]));
    }
    return out;
  });
  std::vector<Value> inputs{steps, node.scalar(DType::kBool, 1)};
  for (const Value& state : start.all()) inputs.push_back(state);
  const Beams last = Beams::from(node.emit_n("Loop", inputs, {{"body", body}}, 7));

  const Value place = iota(steps);
  for (std::int64_t path = 0; path < paths; ++path) {
    const Value labels = gather(last.labels, path, 1), length = unsqueeze(gather(last.length, path, 1), {1});
    Value kept = less(place, length);
    if (node.attr<bool>("merge_repeated", true)) {
      const Value next = gather(labels, minimum(place + 1, steps - 1), 1);
      kept = logical_and(kept, logical_or(equal(place, length - 1), logical_not(equal(labels, next))));
    }
    const auto [indices, values, shape] = decoded(labels, kept);
    const int at = static_cast<int>(path), count = static_cast<int>(paths);
    node.bind(at, indices);
    node.bind(count + at, values);
    node.bind(2 * count + at, shape);
  }
  node.bind(3 * static_cast<int>(paths), slice(last.total, {0}, {paths}, {1}));
}

constexpr Handler kRows[] = {
    handler<ctc_beam_search_decoder>("CTCBeamSearchDecoder"),
};

}  // namespace

FLOWPORT_ROWS(kCtcBeam, kRows);

}  // namespace flowport::nn
