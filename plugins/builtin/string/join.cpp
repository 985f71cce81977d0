// Strings put together.
#include <flowport/ops.hpp>

#include "string.hpp"

namespace flowport::string {

namespace {

Value joined(const std::vector<Value>& parts, const std::string& separator) {
  const Node& node = parts[0].node();
  const auto append = [&](const Value& a, const Value& b) { return node.emit("StringConcat", {a, b}); };
  Value all = parts[0];
  for (std::size_t i = 1; i < parts.size(); ++i) {
    all = append(separator.empty() ? all : append(all, node.strings({}, {separator})), parts[i]);
  }
  return all;
}

// TF:   StringJoin(inputs: N * string) -> output: string, attr separator; scalars go with every element
// ONNX: StringConcat
void string_join(const Node& node) {
  const auto parts = node.some_inputs("inputs");
  const Value all = joined(parts, node.attr<std::string>("separator", ""));
  node.bind(parts.size() == 1 ? node.emit("Identity", {all}) : all);
}

/// All slices of `x` along an axis whose length only the run time knows, joined; that dim becomes 1.
Value joined_at_run_time(const Value& x, int axis, const std::string& separator) {
  const Node& node = x.node();
  const Value none = node.strings({}, {""});
  const Value start = expand(none, where(equal(iota(node.int_scalar(x.rank())), axis), 1, shape_of(x)));
  const TypeSpec state{DType::kString, start.dims()};
  const Body body =
      node.body({{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}, state}, [&](const std::vector<Value>& in) {
        const Value between = gather(node.strings({2}, {"", separator}), minimum(in[0], 1));
        const Value next = slice(x, reshape(in[0], Ints{1}), reshape(in[0] + 1, Ints{1}), node.ints({axis}));
        return std::vector<Value>{node.emit("Identity", {in[1]}), joined({in[2], between, next}, "")};
      });
  return node.emit_n("Loop", {dim_of(x, axis), node.scalar(DType::kBool, 1), start}, {{"body", body}}, 1)[0];
}

// TF:   ReduceJoin(inputs: string, reduction_indices: int32) -> output: string, attrs keep_dims, separator; one axis after the
//       other
// ONNX: StringConcat of Slices, in a Loop where it is not known how many
void reduce_join(const Node& node) {
  Value x = node.input(0);
  const int rank = x.known_rank();
  const auto separator = node.attr<std::string>("separator", "");
  const Ints wanted = node.input(1).known_ints();
  Ints axes;
  for (const std::int64_t axis : wanted) {
    const int at = normalize_axis(node, axis, rank);
    axes.push_back(at);
    const std::int64_t size = x.dim(at);
    if (size < 0) {
      x = joined_at_run_time(x, at, separator);
      continue;
    }
    if (size == 0) {
      const Value shape = shape_of(x);
      const Value one = where(equal(iota(node.int_scalar(rank)), at), 1, shape);
      x = expand(node.strings({}, {""}), one);
      continue;
    }
    std::vector<Value> parts;
    for (std::int64_t i = 0; i < size; ++i) parts.push_back(slice(x, {i}, {i + 1}, {at}));
    x = joined(parts, separator);
  }
  if (!node.attr<bool>("keep_dims", false)) x = squeeze(x, axes);
  node.bind(axes.empty() ? node.emit("Identity", {x}) : x);
}

// TF:   UnsortedSegmentJoin(inputs: string, segment_ids: Tindices, num_segments: Tnumsegments) -> output: string, attr separator;
//       segment_ids has the first dims of inputs
// ONNX: TopK for the order of the segments, StringConcat of the first of all of them, then the second, ... in a Loop
void unsorted_segment_join(const Node& node) {
  const Value x = node.input(0), ids = to_vector(node.input(1)), count = to_vector(node.input(2));
  const Value inner = slice(shape_of(x), shape_of(shape_of(node.input(1))), node.ints({INT64_MAX}), node.ints({0}));
  const Value flat = reshape(x, concat({shape_of(ids), reduce_prod(inner, {0}, true)}, 0));
  const Value order = node.emit_n("TopK", {ids, shape_of(ids)}, {{"axis", 0}, {"largest", 0}, {"sorted", 1}}, 2)[1];
  const Value one = expand(node.int_scalar(1), shape_of(ids));
  const Value lengths =
      node.emit("ScatterElements", {expand(node.int_scalar(0), count), ids, one}, {{"axis", 0}, {"reduction", "add"}});
  const Value starts = cumsum(lengths, node.int_scalar(0), true, false), sorted = gather(flat, order);
  const Value start = expand(node.strings({}, {""}), concat({count, reduce_prod(inner, {0}, true)}, 0));
  const Value separators = node.strings({2}, {"", node.attr<std::string>("separator", "")});
  const Body body =
      node.body({{DType::kInt64, Ints{}}, {DType::kBool, Ints{}}, {DType::kString, Ints{-1, -1}}},
                [&](const std::vector<Value>& in) {
                  const Value there = less(in[0], lengths);
                  const Value next = gather(sorted, where(there, starts + in[0], 0));
                  const Value all = joined({in[2], gather(separators, minimum(in[0], 1)), next}, "");
                  return std::vector<Value>{node.emit("Identity", {in[1]}), where(unsqueeze(there, {1}), all, in[2])};
                });
  const Value trips = reduce_max(concat({node.ints({0}), lengths}, 0), {0}, false);
  const Value all = node.emit_n("Loop", {trips, node.scalar(DType::kBool, 1), start}, {{"body", body}}, 1)[0];
  node.bind(reshape(all, concat({count, inner}, 0)));
}

constexpr Handler kRows[] = {
    handler<reduce_join>("ReduceJoin", {.opset_min = 20, .const_inputs = inputs_known(1)}),
    handler<string_join>("StringJoin", {.opset_min = 20}),
    handler<unsorted_segment_join>("UnsortedSegmentJoin", {.opset_min = 20}),
};

}  // namespace

FLOWPORT_ROWS(kJoin, kRows);

}  // namespace flowport::string
