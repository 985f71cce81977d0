#include <algorithm>
#include <functional>
#include <iterator>
#include <string_view>

#include "onnx/evaluate/functions.h"
#include "onnx/schema.h"

namespace flowport::ir {
namespace {

namespace ev = evaluation;

enum class Needs {
  kSmallInputs,  ///< all inputs known, none larger than the limit: a weight is not computed with by accident
  kInputs,       ///< all inputs known, of any size: the function makes views or looks at the size itself
  kTypes,        ///< the function looks at what is known of each input
};

struct Row {
  std::string_view op;
  Needs needs;
  ev::Results (*evaluate)(const ev::Call&);
};

using enum Needs;

constexpr Row kRows[] = {
    {"Abs", kSmallInputs, ev::absolute},
    {"Acos", kSmallInputs, ev::acos},
    {"Acosh", kSmallInputs, ev::acosh},
    {"Add", kSmallInputs, ev::add},
    {"And", kSmallInputs, ev::bitwise_and},
    {"ArgMax", kSmallInputs, ev::arg_max},
    {"ArgMin", kSmallInputs, ev::arg_min},
    {"Asin", kSmallInputs, ev::asin},
    {"Asinh", kSmallInputs, ev::asinh},
    {"Atan", kSmallInputs, ev::atan},
    {"Atanh", kSmallInputs, ev::atanh},
    {"BitShift", kSmallInputs, ev::bit_shift},
    {"BitwiseAnd", kSmallInputs, ev::bitwise_and},
    {"BitwiseNot", kSmallInputs, ev::bitwise_not},
    {"BitwiseOr", kSmallInputs, ev::bitwise_or},
    {"BitwiseXor", kSmallInputs, ev::bitwise_xor},
    {"Cast", kInputs, ev::cast},
    {"CastLike", kTypes, ev::cast_like},
    {"Ceil", kSmallInputs, ev::ceil},
    {"Clip", kSmallInputs, ev::clip},
    {"Compress", kSmallInputs, ev::compress},
    {"Concat", kSmallInputs, ev::concat},
    {"Constant", kInputs, ev::constant},
    {"ConstantOfShape", kSmallInputs, ev::constant_of_shape},
    {"Cos", kSmallInputs, ev::cos},
    {"Cosh", kSmallInputs, ev::cosh},
    {"CumSum", kSmallInputs, ev::cum_sum},
    {"DepthToSpace", kSmallInputs, ev::depth_to_space},
    {"Div", kSmallInputs, ev::divide},
    {"Equal", kSmallInputs, ev::equal},
    {"Erf", kSmallInputs, ev::erf},
    {"Exp", kSmallInputs, ev::exp},
    {"Expand", kSmallInputs, ev::expand},
    {"EyeLike", kTypes, ev::eye_like},
    {"Flatten", kInputs, ev::flatten},
    {"Floor", kSmallInputs, ev::floor},
    {"Gather", kSmallInputs, ev::gather},
    {"GatherElements", kSmallInputs, ev::gather_elements},
    {"GatherND", kSmallInputs, ev::gather_nd},
    {"Greater", kSmallInputs, ev::greater},
    {"GreaterOrEqual", kSmallInputs, ev::greater_or_equal},
    {"Identity", kInputs, ev::identity},
    {"IsInf", kSmallInputs, ev::is_inf},
    {"IsNaN", kSmallInputs, ev::is_nan},
    {"Less", kSmallInputs, ev::less},
    {"LessOrEqual", kSmallInputs, ev::less_or_equal},
    {"Log", kSmallInputs, ev::log},
    {"MatMul", kSmallInputs, ev::mat_mul},
    {"Max", kSmallInputs, ev::max},
    {"Mean", kSmallInputs, ev::mean},
    {"Min", kSmallInputs, ev::min},
    {"Mod", kSmallInputs, ev::mod},
    {"Mul", kSmallInputs, ev::multiply},
    {"Neg", kSmallInputs, ev::negative},
    {"NonZero", kSmallInputs, ev::non_zero},
    {"Not", kSmallInputs, ev::logical_not},
    {"OneHot", kSmallInputs, ev::one_hot},
    {"Or", kSmallInputs, ev::bitwise_or},
    {"Pad", kSmallInputs, ev::pad},
    {"Pow", kSmallInputs, ev::pow},
    {"Range", kSmallInputs, ev::range},
    {"Reciprocal", kSmallInputs, ev::reciprocal},
    {"ReduceMax", kSmallInputs, ev::reduce_max},
    {"ReduceMean", kSmallInputs, ev::reduce_mean},
    {"ReduceMin", kSmallInputs, ev::reduce_min},
    {"ReduceProd", kSmallInputs, ev::reduce_prod},
    {"ReduceSum", kSmallInputs, ev::reduce_sum},
    {"Relu", kSmallInputs, ev::relu},
    {"Reshape", kInputs, ev::reshape},
    {"ReverseSequence", kSmallInputs, ev::reverse_sequence},
    {"Round", kSmallInputs, ev::round},
    {"ScatterElements", kSmallInputs, ev::scatter_elements},
    {"ScatterND", kSmallInputs, ev::scatter_nd},
    {"Shape", kTypes, ev::shape},
    {"Sigmoid", kSmallInputs, ev::sigmoid},
    {"Sign", kSmallInputs, ev::sign},
    {"Sin", kSmallInputs, ev::sin},
    {"Sinh", kSmallInputs, ev::sinh},
    {"Size", kTypes, ev::size},
    {"Slice", kSmallInputs, ev::slice},
    {"SpaceToDepth", kSmallInputs, ev::space_to_depth},
    {"Split", kSmallInputs, ev::split},
    {"Sqrt", kSmallInputs, ev::sqrt},
    {"Squeeze", kInputs, ev::squeeze},
    {"StringConcat", kSmallInputs, ev::string_concat},
    {"Sub", kSmallInputs, ev::subtract},
    {"Sum", kSmallInputs, ev::sum},
    {"Tan", kSmallInputs, ev::tan},
    {"Tanh", kSmallInputs, ev::tanh},
    {"Tile", kSmallInputs, ev::tile},
    {"TopK", kSmallInputs, ev::top_k},
    {"Transpose", kInputs, ev::transpose},
    {"Trilu", kSmallInputs, ev::trilu},
    {"Unique", kSmallInputs, ev::unique},
    {"Unsqueeze", kInputs, ev::unsqueeze},
    {"Where", kSmallInputs, ev::where},
    {"Xor", kSmallInputs, ev::bitwise_xor},
};
static_assert(std::ranges::is_sorted(kRows, {}, &Row::op));

bool inputs_suffice(const Model& model, const Node& node, Needs needs, std::size_t limit) {
  if (needs == kTypes) return true;
  return std::ranges::all_of(node.inputs, [&](ValueId id) {
    if (id == 0) return true;
    const auto& constant = model.values[id].constant;
    return constant != nullptr && (needs == kInputs || ev::bytes_of(*constant) <= limit);
  });
}

}  // namespace

std::optional<std::vector<ConstantPtr>> evaluate_node(const Model& model, const Node& node, std::size_t limit) {
  if (!node.domain.empty() && node.domain != "ai.onnx") return std::nullopt;
  const Row* row = std::ranges::lower_bound(kRows, std::string_view(node.op), {}, &Row::op);
  if (row == std::end(kRows) || row->op != node.op) return std::nullopt;
  if (!inputs_suffice(model, node, row->needs, limit)) return std::nullopt;
  auto results = row->evaluate(ev::Call(model, node, limit));
  if (!results || results->size() < node.outputs.size()) return std::nullopt;
  results->resize(node.outputs.size());
  return results;
}

}  // namespace flowport::ir
