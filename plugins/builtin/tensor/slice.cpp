// Parts of a tensor.
#include <flowport/ops.hpp>

#include <algorithm>

#include <cstdint>

#include "tensor.hpp"

namespace flowport::tensor {

namespace {

constexpr std::int64_t kToEnd = INT64_MAX;
constexpr std::int64_t kToStart = INT64_MIN + 1;

/// Item `i` of an index vector: a number where it is known.
struct Index {
  std::optional<std::int64_t> known;
  Value value;  // int64, rank 1, one item; where not known

  Value vector(const Node& node) const { return known ? node.ints({*known}) : value; }
};

/// `count`: how many items the vector has where its own shape does not tell.
std::vector<Index> indices_of(const Value& vector, std::int64_t count) {
  const auto items = vector.items();
  if (!items.empty()) count = static_cast<std::int64_t>(items.size());
  if (vector.dim(0) >= 0) count = vector.dim(0);
  if (count < 0) vector.node().unsupported("how many dims are sliced must be known when converting");
  std::vector<Index> indices;
  for (std::int64_t i = 0; i < count; ++i) {
    const auto at = static_cast<std::size_t>(i);
    if (at < items.size() && items[at].known != 0) {
      indices.push_back({items[at].value, {}});
    } else {
      indices.push_back({std::nullopt, to_vector(slice(vector, {i}, {i + 1}, {0}))});
    }
  }
  return indices;
}

Value to_vector(const Node& node, const std::vector<Index>& indices) {
  std::vector<Value> parts;
  Ints run;
  const auto flush = [&] {
    if (!run.empty()) parts.push_back(node.ints(run));
    run.clear();
  };
  for (const auto& index : indices) {
    if (index.known) {
      run.push_back(*index.known);
    } else {
      flush();
      parts.push_back(index.value);
    }
  }
  flush();
  return concat(parts, 0);
}

}  // namespace

Value strided_slice_of(const Node& node, const Value& x) {
  const Ints strides = node.input(3).known_ints();
  if (strides.size() > 64) node.bad_model("begin, end and strides have more items than their masks have bits");
  const auto count = static_cast<std::int64_t>(strides.size());
  const auto begins = indices_of(node.input(1), count), ends = indices_of(node.input(2), count);
  if (begins.size() != strides.size() || ends.size() != strides.size())
    node.bad_model("begin, end and strides differ in length");
  const auto mask = [&](const char* name) { return static_cast<std::uint64_t>(node.attr<std::int64_t>(name, 0)); };
  const std::uint64_t begin_mask = mask("begin_mask"), end_mask = mask("end_mask"),
                      ellipsis_mask = mask("ellipsis_mask"), new_axis_mask = mask("new_axis_mask"),
                      shrink_mask = mask("shrink_axis_mask");

  int consumed = 0;  // dims of x that the specification names
  for (std::size_t i = 0; i < strides.size(); ++i) {
    if (((ellipsis_mask | new_axis_mask) >> i & 1) == 0) ++consumed;
  }
  std::vector<Index> starts, stops;
  Ints axes, steps, shrunk, added;
  std::vector<Index> shrink_at;
  int axis = 0, out_axis = 0;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    const auto is = [&](std::uint64_t m) { return (m >> i & 1) != 0; };
    if (is(ellipsis_mask)) {
      const int skipped = x.known_rank() - consumed;
      if (skipped < 0) node.bad_model("more indices than dims");
      axis += skipped;
      out_axis += skipped;
      continue;
    }
    if (is(new_axis_mask)) {
      added.push_back(out_axis++);
      continue;
    }
    if (is(shrink_mask)) {
      shrunk.push_back(axis);
      shrink_at.push_back(begins[i]);
    } else {
      ++out_axis;
      if (strides[i] == 0) node.bad_model("a stride is 0");
      const bool from_start = is(begin_mask), to_end = is(end_mask);
      const bool whole = strides[i] == 1 && (from_start || begins[i].known == 0) && to_end;
      if (!whole) {
        axes.push_back(axis);
        steps.push_back(strides[i]);
        starts.push_back(from_start ? Index{strides[i] > 0 ? 0 : kToEnd, {}} : begins[i]);
        stops.push_back(to_end ? Index{strides[i] > 0 ? kToEnd : kToStart, {}} : ends[i]);
      }
    }
    ++axis;
  }

  Value y = x;
  if (!axes.empty()) {
    const bool plain = std::all_of(steps.begin(), steps.end(), [](std::int64_t s) { return s == 1; });
    y = slice(y, to_vector(node, starts), to_vector(node, stops), node.ints(axes), plain ? Value{} : node.ints(steps));
  }
  for (std::size_t i = shrunk.size(); i-- > 0;) {  // from the back, so that earlier axes keep their place
    const Value index =
        shrink_at[i].known ? node.int_scalar(*shrink_at[i].known) : flowport::reshape(shrink_at[i].value, Ints{});
    y = gather(y, index, shrunk[i]);
  }
  return unsqueeze(y, added);
}

namespace {

// TF:   StridedSlice(input: T, begin: Index, end: Index, strides: Index) -> output: T
// ONNX: Slice, then Squeeze and Unsqueeze; Gather where one index is taken of one axis
void strided_slice(const Node& node) {
  const Value x = node.input(0), y = strided_slice_of(node, x);
  node.bind(y.id() == x.id() ? node.emit("Identity", {x}) : y);
}

// TF:   Slice(input: T, begin: Index, size: Index) -> output: T; a size of -1 reaches to the end
// ONNX: Slice
void slice_op(const Node& node) {
  const Value x = node.input(0);
  if (node.input(1).dim(0) < 0 && node.input(2).dim(0) < 0) {  // one item an axis, however many there are
    const Value begin = cast(node.input(1), DType::kInt64), size = cast(node.input(2), DType::kInt64);
    const Value end = where(equal(size, -1), node.int_scalar(kToEnd), begin + size);
    return node.bind(node.emit("Slice", {x, begin, end}));
  }
  const std::int64_t count = std::max(node.input(1).dim(0), node.input(2).dim(0));
  const auto begins = indices_of(node.input(1), count), sizes = indices_of(node.input(2), count);
  if (begins.size() != sizes.size()) node.bad_model("begin and size differ in length");
  std::vector<Index> stops;
  Ints axes;
  for (std::size_t i = 0; i < begins.size(); ++i) {
    axes.push_back(static_cast<std::int64_t>(i));
    if (sizes[i].known == -1) {
      stops.push_back({kToEnd, {}});
    } else if (begins[i].known && sizes[i].known) {
      stops.push_back({*begins[i].known + *sizes[i].known, {}});
    } else {
      const Value size = sizes[i].vector(node), stop = begins[i].vector(node) + size;
      stops.push_back({std::nullopt, sizes[i].known ? stop : where(equal(size, -1), node.ints({kToEnd}), stop)});
    }
  }
  if (axes.empty()) return node.bind(node.emit("Identity", {x}));
  node.bind(slice(x, to_vector(node, begins), to_vector(node, stops), node.ints(axes)));
}

// TF:   Split(split_dim: int32, value: T) -> output: num_split * T
// ONNX: Split
void split_op(const Node& node) {
  const Value x = node.input(1);
  const auto axis = node.input(0).known_int();
  const auto parts = static_cast<std::int64_t>(node.num_outputs());
  const std::int64_t size = x.dim(static_cast<int>(axis));
  if (parts < 1) node.bad_model("it should have at least one output");
  if (parts == 1) return node.bind(node.emit("Identity", {x}));
  if (size >= 0) {
    if (size % parts != 0) node.bad_model("the dim does not divide into " + std::to_string(parts) + " parts");
    return node.bind_all(split(x, Ints(static_cast<std::size_t>(parts), size / parts), axis));
  }
  if (node.opset() >= 18) {
    return node.bind_all(node.emit_n("Split", {x}, {{"axis", axis}, {"num_outputs", parts}}, static_cast<int>(parts)));
  }
  node.bind_all(node.emit_n("Split", {x}, {{"axis", axis}}, static_cast<int>(parts)));
}

// TF:   SplitV(value: T, size_splits: Tlen, split_dim: int32) -> output: num_split * T; one size may be -1
// ONNX: Split
void split_v(const Node& node) {
  const Value x = node.input(0), sizes = node.input(1);
  const auto axis = node.input(2).known_int();
  Value lengths = cast(sizes, DType::kInt64);
  const auto known = sizes.ints();
  if (!known || std::any_of(known->begin(), known->end(), [](std::int64_t n) { return n < 0; })) {
    const Value rest = dim_of(x, static_cast<int>(axis)) - reduce_sum(maximum(lengths, 0), {0}, false);
    lengths = where(less(lengths, 0), rest, lengths);
  }
  node.bind_all(node.emit_n("Split", {x, lengths}, {{"axis", axis}}, node.num_outputs()));
}

// TF:   Unpack(value: T) -> output: num * T, attr axis
// ONNX: Split, then Squeeze
void unpack(const Node& node) {
  const Value x = node.input(0);
  const std::int64_t axis = node.attr<std::int64_t>("axis", 0);
  const int count = node.num_outputs();
  if (count == 0) node.bad_model("it should have at least one output");
  if (count == 1) return node.bind(flowport::squeeze(x, {axis}));
  const auto parts = split(x, Ints(static_cast<std::size_t>(count), 1), axis);
  for (int i = 0; i < count; ++i) node.bind(i, flowport::squeeze(parts[static_cast<std::size_t>(i)], {axis}));
}

constexpr Handler kRows[] = {
    handler<slice_op>("Slice", {.complex = Complex::kParts}),
    handler<split_op>("Split", {.const_inputs = inputs_known(0), .complex = Complex::kParts}),
    handler<split_v>("SplitV", {.const_inputs = inputs_known(2), .complex = Complex::kParts}),
    handler<strided_slice>("StridedSlice", {.const_inputs = inputs_known(3), .complex = Complex::kParts}),
    handler<unpack>("Unpack", {.complex = Complex::kParts}),
};

}  // namespace

FLOWPORT_ROWS(kSlice, kRows);

}  // namespace flowport::tensor
