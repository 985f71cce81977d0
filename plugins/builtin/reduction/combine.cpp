// Rows combined by segment: a scatter with a reduction where ONNX has one, else every row held against every segment.
#include <flowport/ops.hpp>

#include <limits>

#include "reduction.hpp"

namespace flowport::reduction {

namespace {

template <typename T>
Value exact_scalar(const Node& node, DType dtype, T value) {
  return node.constant(dtype, {}, std::as_bytes(std::span(&value, 1)));
}

template <typename T>
Value limit(const Node& node, DType dtype, bool lowest) {
  return exact_scalar(node, dtype, lowest ? std::numeric_limits<T>::lowest() : std::numeric_limits<T>::max());
}

/// The lowest or the highest number of the type: finite for floating ones.
Value limit_of(const Node& node, DType dtype, bool lowest) {
  const double sign = lowest ? -1 : 1;
  switch (dtype) {
    case DType::kInt8: return limit<std::int8_t>(node, dtype, lowest);
    case DType::kUint8: return limit<std::uint8_t>(node, dtype, lowest);
    case DType::kInt16: return limit<std::int16_t>(node, dtype, lowest);
    case DType::kUint16: return limit<std::uint16_t>(node, dtype, lowest);
    case DType::kInt32: return limit<std::int32_t>(node, dtype, lowest);
    case DType::kUint32: return limit<std::uint32_t>(node, dtype, lowest);
    case DType::kInt64: return limit<std::int64_t>(node, dtype, lowest);
    case DType::kUint64: return limit<std::uint64_t>(node, dtype, lowest);
    case DType::kFloat16: return node.scalar(dtype, sign * 65504.0);
    case DType::kBfloat16: return node.scalar(dtype, sign * 0x1.FEp127);
    case DType::kFloat: return limit<float>(node, dtype, lowest);
    default: return limit<double>(node, dtype, lowest);
  }
}

Value neutral(Combine how, const Value& data) {
  switch (how) {
    case Combine::kSum: return scalar_like(data, 0);
    case Combine::kProd: return scalar_like(data, 1);
    case Combine::kMax: return limit_of(data.node(), data.dtype(), true);
    case Combine::kMin: break;
  }
  return limit_of(data.node(), data.dtype(), false);
}

/// ScatterND's word for it, or nothing where the opset has none.
const char* scatter_reduction(Combine how, int opset) {
  switch (how) {
    case Combine::kSum: return opset >= 16 ? "add" : nullptr;
    case Combine::kProd: return opset >= 16 ? "mul" : nullptr;
    case Combine::kMax: return opset >= 18 ? "max" : nullptr;
    case Combine::kMin: break;
  }
  return opset >= 18 ? "min" : nullptr;
}

const char* reduce_op(Combine how) {
  switch (how) {
    case Combine::kSum: return "ReduceSum";
    case Combine::kProd: return "ReduceProd";
    case Combine::kMax: return "ReduceMax";
    case Combine::kMin: break;
  }
  return "ReduceMin";
}

/// The dims of a row of `data`, as a vector.
Value row_dims(const Value& data) { return slice(shape_of(data), Ints{1}, Ints{INT64_MAX}, Ints{0}); }

Value scattered(const char* reduction, const Value& data, const Value& ids, const Value& count, const Value& empty) {
  const Node& node = data.node();
  // Whatever takes part in nothing goes to a row of its own, behind the others.
  const Value in_range = logical_and(greater_equal(ids, 0.0), less(ids, count));
  const Value rows = unsqueeze(where(in_range, ids, count), {1});
  const Value start = expand(empty, concat({reshape(count + 1.0, Ints{1}), row_dims(data)}, 0));
  const Value all = node.emit("ScatterND", {start, rows, data}, {{"reduction", reduction}});
  return slice(all, node.ints({0}), reshape(count, Ints{1}), node.ints({0}));
}

Value compared(Combine how, const Value& data, const Value& ids, const Value& count, const Value& empty) {
  const Node& node = data.node();
  node.note("every row is held against every segment, for ONNX has no scatter with this reduction at this opset");
  Ints axes;
  for (int i = 1; i < data.known_rank(); ++i) axes.push_back(i + 1);
  // A row of neutral numbers in front: then no reduction is over nothing.
  const Value none = expand(empty, concat({node.ints({1}), row_dims(data)}, 0));
  const Value rows = concat({none, data}, 0);
  const Value row_ids = concat({node.ints({-1}), ids}, 0);
  const Value belongs = unsqueeze(equal(unsqueeze(iota(count), {1}), unsqueeze(row_ids, {0})), axes);
  return reduce(reduce_op(how), where(belongs, unsqueeze(rows, {0}), empty), {1}, false);
}

}  // namespace

Value combine_segments(Combine how, const Value& data, const Value& ids, const Value& count) {
  // ONNX Runtime has neither all of these scatters nor all of these reductions for half types.
  if (size_of(data.dtype()) == 2 && is_floating(data.dtype())) {
    const Value wide = cast(data, DType::kFloat);
    const Value all = combine_segments(how, wide, ids, count);
    if (how == Combine::kSum || how == Combine::kProd) return cast_like(all, data);
    const Value lowest = limit_of(data.node(), data.dtype(), true),
                highest = limit_of(data.node(), data.dtype(), false);
    const Value finite = how == Combine::kMax ? where(equal(all, -0x1.FFFFFEp127), cast_like(lowest, all), all)
                                              : where(equal(all, 0x1.FFFFFEp127), cast_like(highest, all), all);
    return cast_like(finite, data);
  }
  const Value empty = neutral(how, data);
  const char* reduction = scatter_reduction(how, data.node().opset());
  return reduction == nullptr ? compared(how, data, ids, count, empty) : scattered(reduction, data, ids, count, empty);
}

}  // namespace flowport::reduction
