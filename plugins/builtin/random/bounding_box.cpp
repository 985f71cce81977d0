// A random crop that covers enough of an object.
#include "random.hpp"
#include "run_time.hpp"

namespace flowport::random {

namespace {

/// An attempt takes up to four words. TF draws one again where it would favour some numbers, which for an image of a million
/// rows happens once in 4000 times: words for this many more are there, and so many are looked at for each number.
constexpr std::int64_t kWordsOfAttempt = 4, kSpareWords = 64, kLookedAt = 8;

/// int64 scalars.
struct Size {
  Value height, width;
};
struct Crop {
  Value y, x;
  Size size;
};

/// Where the bounding boxes stand, in pixels: int64 [n] each.
struct Objects {
  Value top, left, bottom, right;
};

/// Hands out a row of random words (int64 [n]), from a place that only the run time knows.
struct Reader {
  Value words, place;

  Value unit() {
    const Value word = gather(words, place);
    place = place + 1;
    return run_time::unit_float(word);
  }
  /// One of 0 .. n - 1; where not `wanted` it is 0 and no word is taken.
  Value below(const Value& n, const Value& wanted) {
    const Node& node = words.node();
    const Value bound = maximum(n, 1);
    // Words below `rest` are skipped: those that would be one too many of a kind. There are none for powers of two.
    const Value rest = binary("Mod", node.int_scalar(0xffffffff), bound) + 1;
    const Value least = where(equal(rest, bound), 0, rest);
    const Value looked_at = gather(words, place + iota(node.int_scalar(kLookedAt)));
    const Value first = arg_max(cast(greater_equal(looked_at, least), DType::kInt32), 0, false);
    place = where(wanted, place + first + 1, place);
    return where(wanted, binary("Mod", gather(looked_at, first), bound), 0);
  }
};

/// What the attributes bound: the least and the most of each.
struct Bounds {
  float area[2], aspect_ratio[2];
};

Bounds bounds_of(const Node& node) {
  const auto pair = [&](std::string_view name, const std::vector<float>& otherwise) {
    const auto given = node.attr<std::vector<float>>(name, otherwise);
    if (given.size() != 2) node.bad_model(std::string(name) + " has not two items");
    return given;
  };
  const auto area = pair("area_range", {0.05F, 1.0F}), ratio = pair("aspect_ratio_range", {0.75F, 1.33F});
  return {{area[0], area[1]}, {ratio[0], ratio[1]}};
}

Value all_of(const std::vector<Value>& conditions) {
  Value all = conditions[0];
  for (std::size_t i = 1; i < conditions.size(); ++i) all = logical_and(all, conditions[i]);
  return all;
}

struct Attempt {
  Crop crop;
  Value valid;
};

/// One attempt, in float as TF does it. Numbers that are half between two are rounded to the even one.
Attempt attempt(const Bounds& bounds, const Size& image, Reader& reader) {
  const Node& node = image.height.node();
  const auto real = [](const Value& x) { return cast(x, DType::kFloat); };
  const auto whole = [](const Value& x) { return cast(flowport::round(x), DType::kInt64); };
  const auto constant = [&](float x) { return node.scalar(DType::kFloat, static_cast<double>(x)); };
  const auto [least_ratio, most_ratio] = bounds.aspect_ratio;
  const Value ratio = reader.unit() * constant(most_ratio - least_ratio) + constant(least_ratio);
  const auto area_of = [&](float share) { return constant(share) * real(image.width) * real(image.height); };
  const Value least_area = area_of(bounds.area[0]), most_area = area_of(bounds.area[1]);
  const auto width_at = [&](const Value& rows) { return whole(real(rows) * ratio); };
  const auto too_wide = [&](const Value& rows) { return greater(width_at(rows), image.width); };

  Value most = whole(flowport::sqrt(most_area / ratio));
  const Value widest = cast(image.width, DType::kDouble) + 0.5 - static_cast<double>(0.0000001F);
  const Value fitting = cast(widest / cast(ratio, DType::kDouble), DType::kInt64);
  most = where(too_wide(most), fitting - cast(too_wide(fitting), DType::kInt64), most);
  most = minimum(most, image.height);
  Value height = minimum(whole(flowport::sqrt(least_area / ratio)), most);
  height = height + reader.below(most - height + 1, less(height, most));

  const auto area = [&] { return real(width_at(height) * height); };
  height = height + cast(less(area(), least_area), DType::kInt64);
  height = height - cast(greater(area(), most_area), DType::kInt64);
  const Value width = width_at(height);
  const Value valid =
      all_of({greater_equal(area(), least_area), less_equal(area(), most_area), less_equal(width, image.width),
              less_equal(height, image.height), greater(width, 0), greater(height, 0)});
  const auto offset = [&](const Value& inner, const Value& outer) {
    return reader.below(outer - inner, logical_and(valid, less(inner, outer)));
  };
  const Value y = offset(height, image.height), x = offset(width, image.width);
  return {{y, x, {height, width}}, valid};
}

/// Whether at least this share of an object lies within the crop.
Value covers(const Crop& crop, const Objects& objects, const Value& share) {
  const auto area = [](const Value& height, const Value& width) { return cast(height * width, DType::kFloat); };
  const Value own = area(objects.bottom - objects.top, objects.right - objects.left);
  const Value height = minimum(objects.bottom, crop.y + crop.size.height) - maximum(objects.top, crop.y);
  const Value width = minimum(objects.right, crop.x + crop.size.width) - maximum(objects.left, crop.x);
  const Value common = area(maximum(height, 0), maximum(width, 0));
  const Value enough = logical_and(greater_equal(own, 1), greater_equal(common / own, share));
  const Node& node = share.node();
  return greater(reduce_max(concat({node.ints({0}), cast(enough, DType::kInt64)}, 0), {0}, false), 0);
}

Objects objects_of(const Node& node, const Value& boxes, const Size& image) {
  Value rows = reshape(boxes, Ints{-1, 4});
  if (node.attr<bool>("use_image_if_no_bounding_boxes", false)) {
    const std::vector<double> whole{0, 0, 1, 1};
    const Ints one_row{1, 4};
    const Value none = equal(num_elements(boxes), 0);
    const Value kept = slice(node.constant(DType::kFloat, one_row, whole), node.ints({0}),
                             to_vector(cast(none, DType::kInt64)), node.ints({0}));
    rows = concat({rows, kept}, 0);
  }
  const auto side = [&](std::int64_t i, const Value& length) {
    return cast(gather(rows, i, 1) * cast(length, DType::kFloat), DType::kInt64);
  };
  return {side(0, image.height), side(1, image.width), side(2, image.height), side(3, image.width)};
}

/// The words of the node's seed, or of no known one.
Value words_for(const Node& node, std::int64_t count) {
  if (!node.op().starts_with("Stateless")) return drawn_words(node, node.int_scalar(count));
  const Value seed = node.input(3);
  if (seed.is_known()) {
    const Seed s = scrambled(node, seed);
    Words words(Philox(s.key, s.counter_low, s.counter_high));
    Ints all;
    while (static_cast<std::int64_t>(all.size()) < count) all.push_back(words.next());
    return node.ints(all);
  }
  if (node.opset() < 18) {
    node.unsupported("a seed that depends on the model's inputs, below opset 18",
                     "convert with --opset 18 or higher, or make the seed a constant");
  }
  return reshape(run_time::draw(run_time::scrambled(seed), node.int_scalar(count), 1), Ints{-1});
}

// TF:   SampleDistortedBoundingBoxV2(image_size: T [3], bounding_boxes: float [b, n, 4], min_object_covered: float) -> begin: T
//       [3], size: T [3], bboxes: float [1, 1, 4], attrs seed, seed2, aspect_ratio_range, area_range, max_attempts,
//       use_image_if_no_bounding_boxes; SampleDistortedBoundingBox has min_object_covered as an attribute, the stateless op
//       its seed as an input
// ONNX: a Loop of attempts on random words, the whole image where none succeeds
void sample_distorted_bounding_box(const Node& node) {
  const Value given = cast(node.input(0), DType::kInt64);
  const Size image{gather(given, 0), gather(given, 1)};
  const Objects objects = objects_of(node, node.input(1), image);
  const Value share =
      node.num_inputs() > 2
          ? reshape(node.input(2), Ints{})
          : node.scalar(DType::kFloat, static_cast<double>(node.attr<float>("min_object_covered", 0.1F)));
  const Bounds bounds = bounds_of(node);
  const auto attempts = node.attr<std::int64_t>("max_attempts", 100);
  const Value words = words_for(node, kWordsOfAttempt * attempts + kSpareWords);

  const TypeSpec number{DType::kInt64, Ints{}};
  const Body body = node.body({number, {DType::kBool, Ints{}}, number, number, number, number, number},
                              [&](const std::vector<Value>& in) {
                                Reader reader{words, in[2]};
                                const auto [crop, valid] = attempt(bounds, image, reader);
                                const Value taken = logical_and(valid, covers(crop, objects, share));
                                return std::vector{logical_not(taken),
                                                   reader.place,
                                                   where(taken, crop.y, in[3]),
                                                   where(taken, crop.x, in[4]),
                                                   where(taken, crop.size.height, in[5]),
                                                   where(taken, crop.size.width, in[6])};
                              });
  const Value zero = node.int_scalar(0);
  const auto crop = node.emit_n(
      "Loop", {node.int_scalar(attempts), node.scalar(DType::kBool, 1), zero, zero, zero, image.height, image.width},
      {{"body", body}}, 5);
  const Value y = crop[1], x = crop[2], height = crop[3], width = crop[4];
  const auto vector = [&](const Value& first, const Value& second, std::int64_t depth) {
    return cast_like(concat({to_vector(first), to_vector(second), node.ints({depth})}, 0), node.input(0));
  };
  node.bind(0, vector(y, x, 0));
  node.bind(1, vector(height, width, -1));
  const auto relative = [](const Value& at, const Value& length) {
    return reshape(cast(at, DType::kFloat) / cast(length, DType::kFloat), Ints{1, 1, 1});
  };
  node.bind(2, concat({relative(y, image.height), relative(x, image.width), relative(y + height, image.height),
                       relative(x + width, image.width)},
                      2));
}

constexpr Handler kRows[] = {
    handler<sample_distorted_bounding_box>("SampleDistortedBoundingBox"),
    handler<sample_distorted_bounding_box>("SampleDistortedBoundingBoxV2"),
    handler<sample_distorted_bounding_box>("StatelessSampleDistortedBoundingBox"),
};

}  // namespace

FLOWPORT_ROWS(kBoundingBox, kRows);

}  // namespace flowport::random
