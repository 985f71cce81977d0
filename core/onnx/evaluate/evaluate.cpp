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
    {"Add", kSmallInputs, ev::add},
    {"Cast", kInputs, ev::cast},
    {"CastLike", kTypes, ev::cast_like},
    {"Concat", kSmallInputs, ev::concat},
    {"Constant", kInputs, ev::constant},
    {"ConstantOfShape", kSmallInputs, ev::constant_of_shape},
    {"Div", kSmallInputs, ev::divide},
    {"Equal", kSmallInputs, ev::equal},
    {"Expand", kSmallInputs, ev::expand},
    {"Flatten", kInputs, ev::flatten},
    {"Gather", kSmallInputs, ev::gather},
    {"Identity", kInputs, ev::identity},
    {"Max", kSmallInputs, ev::max},
    {"Min", kSmallInputs, ev::min},
    {"Mul", kSmallInputs, ev::multiply},
    {"Range", kSmallInputs, ev::range},
    {"ReduceMax", kSmallInputs, ev::reduce_max},
    {"ReduceMean", kSmallInputs, ev::reduce_mean},
    {"ReduceMin", kSmallInputs, ev::reduce_min},
    {"ReduceProd", kSmallInputs, ev::reduce_prod},
    {"ReduceSum", kSmallInputs, ev::reduce_sum},
    {"Reshape", kInputs, ev::reshape},
    {"Shape", kTypes, ev::shape},
    {"Size", kTypes, ev::size},
    {"Slice", kSmallInputs, ev::slice},
    {"Split", kSmallInputs, ev::split},
    {"Squeeze", kInputs, ev::squeeze},
    {"Sub", kSmallInputs, ev::subtract},
    {"Transpose", kInputs, ev::transpose},
    {"Unsqueeze", kInputs, ev::unsqueeze},
    {"Where", kSmallInputs, ev::where},
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
