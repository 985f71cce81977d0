// Floating point numbers rounded to those that a quantized tensor can hold. TensorFlow's order of operations is kept, so that
// what lies between two steps goes the same way.
#include <flowport/ops.hpp>

#include <limits>

#include "quantize.hpp"

namespace flowport::quantize {

namespace {

/// The integers of a quantized tensor.
struct Levels {
  double least = 0, most = 0;
};

double power_of_two(std::int64_t bits) { return std::ldexp(1.0, static_cast<int>(bits)); }

/// Rounds numbers that are not negative, halves up.
Value round_away(const Value& x) {
  const Value whole = floor(x);
  return whole + cast_like(greater_equal(x - whole, 0.5), x);
}

/// `low` and `high` are moved so that 0 is one of the levels.
Value fake_quant(const Node& node, const Value& x, const Value& low, const Value& high) {
  const std::int64_t bits = node.attr<std::int64_t>("num_bits", 8);
  if (bits < 2 || bits > 16) node.bad_model("num_bits is not between 2 and 16");
  const Levels levels{node.attr<bool>("narrow_range", false) ? 1.0 : 0.0, power_of_two(bits) - 1};
  const double steps = levels.most - levels.least;
  const Value span = high - low, scale = span / steps, inverse = steps / span;
  const Value wanted = levels.least - low / scale;
  const Value zero = round_away(minimum(maximum(wanted, levels.least), levels.most));
  const Value least = (levels.least - zero) * scale, most = (levels.most - zero) * scale;
  const Value offset = floor(-least * inverse + 0.5);
  const Value shifted = maximum(minimum(x, most), least) - least;
  const Value level = node.op() == "FakeQuantWithMinMaxVars" ? shifted / scale : shifted * inverse;
  return floor(level - offset + 0.5) * scale;
}

// TF:   FakeQuantWithMinMaxArgs(inputs: float) -> outputs: float, attrs min, max, num_bits, narrow_range
// ONNX: Min, Max, Floor and arithmetic
void fake_quant_args(const Node& node) {
  const Value x = node.input(0);
  const double low = static_cast<double>(node.attr<float>("min", -6.0F));
  const double high = static_cast<double>(node.attr<float>("max", 6.0F));
  if (low >= high) node.bad_model("min is not below max");
  node.bind(fake_quant(node, x, scalar_like(x, low), scalar_like(x, high)));
}

// TF:   FakeQuantWithMinMaxVars(inputs: float, min: float, max: float) -> outputs: float, attrs num_bits, narrow_range;
//       FakeQuantWithMinMaxVarsPerChannel likewise with a min and a max for each item of the last dim
// ONNX: Min, Max, Floor and arithmetic
void fake_quant_vars(const Node& node) {
  const Value x = node.input(0), low = node.input(1), high = node.input(2);
  const Value empty = logical_and(equal(low, 0), equal(high, 0));
  node.bind(where(empty, 0, fake_quant(node, x, low, high)));
}

/// The largest finite number of `dtype`.
double largest(const Node& node, DType dtype) {
  switch (dtype) {
    case DType::kFloat16: return 65504.0;
    case DType::kBfloat16: return std::ldexp(255.0, 120);
    case DType::kFloat: return static_cast<double>(std::numeric_limits<float>::max());
    case DType::kDouble: return std::numeric_limits<double>::max();
    default: node.bad_model("the input is not floating point");
  }
}

/// Scales so that the wider side of [low, high] is the outermost level, and 0 stays 0.
Value quantize_and_dequantize(const Node& node, std::int64_t bits) {
  const Value x = node.input(0);
  const bool is_signed = node.attr<bool>("signed_input", true), given = node.attr<bool>("range_given");
  if (bits < 1 || bits > 63) node.bad_model("num_bits is out of range");
  const double half = power_of_two(bits - 1);
  const Levels levels{is_signed ? (node.attr<bool>("narrow_range", false) ? 1 - half : -half) : 0.0,
                      is_signed ? half - 1 : 2 * half - 1};
  const std::int64_t axis = node.attr<std::int64_t>("axis", -1);
  Value low = node.input(1), high = node.input(2);
  if (axis >= 0) {
    Ints others, behind;
    for (int i = 0; i < x.known_rank(); ++i) {
      if (i != axis) others.push_back(i);
      if (i > axis) behind.push_back(i - axis);
    }
    low = given ? unsqueeze(low, behind) : reduce_min(x, others, true);
    high = given ? unsqueeze(high, behind) : reduce_max(x, others, true);
    if (!given && others.empty()) low = high = x;
  } else if (!given) {
    low = reduce_min(x, {}, false);
    high = reduce_max(x, {}, false);
  }
  const double none = largest(node, x.dtype());
  const auto scale_for = [&](const Value& side, double level) {
    return where(greater(side * level, 0), level / side, none);
  };
  const Value from_low = scale_for(low, levels.least), from_high = scale_for(high, levels.most);
  const Value low_decides = less(from_low, from_high);
  const Value scale = where(low_decides, from_low, from_high);
  const Value inverse =
      levels.least == 0.0 ? high / levels.most : where(low_decides, low / levels.least, high / levels.most);
  const Value kept = given ? maximum(minimum(x, where(low_decides, inverse * levels.most, high)),
                                     where(low_decides, low, inverse * levels.least))
                           : x;
  const bool half_up = node.attr<std::string>("round_mode", "HALF_TO_EVEN") == "HALF_UP";
  const Value level = half_up ? floor(kept * scale + 0.5) : round(kept * scale);
  return level * inverse;
}

// TF:   QuantizeAndDequantizeV2(input: T, input_min: T, input_max: T) -> output: T, V4 likewise; attrs signed_input, num_bits,
//       range_given, round_mode, narrow_range, axis
// ONNX: Round or Floor, and arithmetic
void quantize_and_dequantize_v2(const Node& node) {
  node.bind(quantize_and_dequantize(node, node.attr<std::int64_t>("num_bits", 8)));
}

// TF:   QuantizeAndDequantizeV3(input: T, input_min: T, input_max: T, num_bits: int32) -> output: T, attrs signed_input,
//       range_given, narrow_range, axis
// ONNX: as QuantizeAndDequantizeV2
void quantize_and_dequantize_v3(const Node& node) {
  const auto bits = node.input(3).int_scalar();
  if (!bits) node.bad_model("num_bits is not one number");
  node.bind(quantize_and_dequantize(node, *bits));
}

constexpr Handler kRows[] = {
    handler<fake_quant_args>("FakeQuantWithMinMaxArgs"),
    handler<fake_quant_vars>("FakeQuantWithMinMaxVars"),
    handler<fake_quant_vars>("FakeQuantWithMinMaxVarsPerChannel"),
    handler<quantize_and_dequantize_v2>("QuantizeAndDequantizeV2"),
    handler<quantize_and_dequantize_v3>("QuantizeAndDequantizeV3", {.const_inputs = inputs_known(3)}),
    handler<quantize_and_dequantize_v2>("QuantizeAndDequantizeV4"),
};

}  // namespace

FLOWPORT_ROWS(kFake, kRows);

}  // namespace flowport::quantize
