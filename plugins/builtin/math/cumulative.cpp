// Running products and sums that CumSum does not say.
#include <flowport/ops.hpp>

#include "math.hpp"

namespace flowport::math {

namespace {

/// A Scan along the axis of input 1: the state begins with `first` everywhere and becomes step(state, slice of x).
template <typename Step>
Value running(const Node& node, const Value& x, double first, Step&& step) {
  const int rank = x.known_rank();
  const int axis = normalize_axis(node, node.input(1).known_int(), rank);
  const bool exclusive = node.attr<bool>("exclusive", false);
  const std::int64_t backward = node.attr<bool>("reverse", false) ? 1 : 0;
  Ints others;
  Ints slice_dims;
  for (int i = 0; i < rank; ++i) {
    if (i == axis) continue;
    others.push_back(i);
    slice_dims.push_back(x.dim(i));
  }
  const Value state = fill(gather(shape_of(x), node.ints(others)), x, first);
  const TypeSpec spec{x.dtype(), slice_dims};
  const Body body = node.body({spec, spec}, [&](const std::vector<Value>& in) {
    const Value next = step(in[0], in[1]);
    return std::vector<Value>{next, node.emit("Identity", {exclusive ? in[0] : next})};
  });
  return node.emit_n("Scan", {state, x},
                     {{"body", body},
                      {"num_scan_inputs", 1},
                      {"scan_input_axes", Ints{axis}},
                      {"scan_input_directions", Ints{backward}},
                      {"scan_output_axes", Ints{axis}},
                      {"scan_output_directions", Ints{backward}}},
                     2)[1];
}

// TF:   Cumprod(x: T, axis: Tidx) -> out: T, attrs exclusive, reverse; from opset 26 on a mapping
// ONNX: Scan
void cumprod(const Node& node) {
  const Value x = node.input(0);
  node.bind(running(node, x, 1, [](const Value& product, const Value& slice) { return product * slice; }));
}

// TF:   CumulativeLogsumexp(x: T, axis: Tidx) -> out: T, attrs exclusive, reverse
// ONNX: Scan; half types in float32
void cumulative_logsumexp(const Node& node) {
  const Value x = node.input(0);
  const bool half = size_of(x.dtype()) == 2;
  const Value wide = half ? cast(x, DType::kFloat) : x;
  const auto step = [](const Value& a, const Value& b) {
    const Value top = maximum(a, b), gap = flowport::abs(a - b);
    // Of two equal infinities the gap is NaN; the sum is that infinity.
    const Value sum = top + flowport::log(flowport::exp(-gap) + 1.0);
    return where(logical_and(is_nan(gap), equal(a, b)), a, sum);
  };
  node.bind(cast_like(running(node, wide, -INFINITY, step), x));
}

constexpr Handler kRows[] = {
    handler<cumprod>("Cumprod", {.const_inputs = inputs_known(1)}),
    handler<cumulative_logsumexp>("CumulativeLogsumexp", {.const_inputs = inputs_known(1)}),
};

}  // namespace

FLOWPORT_ROWS(kCumulative, kRows);

}  // namespace flowport::math
