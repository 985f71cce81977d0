#include "onnx/infer_rules.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "onnx/infer_rule_list.h"

namespace flowport::ir {
namespace {

struct Row {
  std::string_view op;
  InferRules rules;
};

/// Sorted by op.
constexpr std::array kRows = {
    Row{"Abs", {nullptr, rules::unary}},
    Row{"Add", {nullptr, rules::binary}},
    Row{"And", {nullptr, rules::binary}},
    Row{"Attention", {rules::attention, nullptr}},
    Row{"AveragePool", {rules::window_dims, nullptr}},
    Row{"Cast", {nullptr, rules::unary}},
    Row{"CastLike", {nullptr, rules::unary}},
    Row{"Clip", {nullptr, rules::clip}},
    Row{"Concat", {nullptr, rules::concat}},
    Row{"ConstantOfShape", {nullptr, rules::constant_of_shape}},
    Row{"Conv", {rules::window_dims, nullptr}},
    Row{"Div", {nullptr, rules::binary}},
    Row{"Equal", {nullptr, rules::binary}},
    Row{"Expand", {nullptr, rules::expand}},
    Row{"Flatten", {nullptr, rules::same_elements}},
    Row{"Gather", {nullptr, rules::gather}},
    Row{"GatherND", {rules::gather_nd_dims, rules::gather_nd}},
    Row{"Greater", {nullptr, rules::binary}},
    Row{"GreaterOrEqual", {rules::comparison, rules::binary, true}},
    Row{"GroupNormalization", {rules::same_dims, nullptr, true}},
    Row{"Identity", {nullptr, rules::same_elements}},
    Row{"If", {rules::if_types, nullptr, true}},
    Row{"Less", {nullptr, rules::binary}},
    Row{"LessOrEqual", {rules::comparison, rules::binary, true}},
    Row{"Loop", {rules::loop_types, nullptr, true}},
    Row{"Max", {nullptr, rules::fold}},
    Row{"MaxPool", {rules::window_dims, nullptr}},
    Row{"MeanVarianceNormalization", {rules::same_dims, nullptr, true}},
    Row{"Min", {nullptr, rules::fold}},
    Row{"Mod", {nullptr, rules::binary}},
    Row{"Mul", {nullptr, rules::binary}},
    Row{"Neg", {nullptr, rules::unary}},
    Row{"Not", {nullptr, rules::unary}},
    Row{"OneHot", {rules::one_hot_dims, nullptr}},
    Row{"Or", {nullptr, rules::binary}},
    Row{"Pad", {rules::pad_dims, nullptr}},
    Row{"Range", {rules::range_dims, rules::range}},
    Row{"ReduceMax", {nullptr, rules::reduce}},
    Row{"ReduceMin", {nullptr, rules::reduce}},
    Row{"ReduceProd", {nullptr, rules::reduce}},
    Row{"ReduceSum", {nullptr, rules::reduce}},
    Row{"Reshape", {rules::reshape_dims, rules::same_elements}},
    Row{"Resize", {rules::resize_dims, nullptr}},
    Row{"STFT", {rules::stft, nullptr, true}},
    Row{"Scan", {rules::scan_types, nullptr, true}},
    Row{"ScatterElements", {nullptr, rules::scatter_elements}},
    Row{"ScatterND", {nullptr, rules::scatter_nd}},
    Row{"SequenceMap", {rules::sequence_map_types, nullptr, true}},
    Row{"Shape", {nullptr, rules::shape}},
    Row{"Size", {nullptr, rules::size}},
    Row{"Slice", {rules::slice_dims, rules::slice}},
    Row{"Split", {rules::split_dims, rules::split}},
    Row{"Squeeze", {nullptr, rules::same_elements}},
    Row{"Sub", {nullptr, rules::binary}},
    Row{"Tile", {rules::tile_dims, rules::tile}},
    Row{"TopK", {rules::top_k_dims, nullptr}},
    Row{"Transpose", {nullptr, rules::same_elements}},
    Row{"Unsqueeze", {nullptr, rules::same_elements}},
    Row{"Where", {nullptr, rules::where}},
};

constexpr bool by_op(const Row& a, const Row& b) { return a.op < b.op; }
static_assert(std::is_sorted(kRows.begin(), kRows.end(), by_op));

}  // namespace

const InferRules* infer_rules_of(std::string_view op) {
  const auto found = std::lower_bound(kRows.begin(), kRows.end(), op,
                                      [](const Row& row, std::string_view name) { return row.op < name; });
  return found == kRows.end() || found->op != op ? nullptr : &found->rules;
}

std::optional<Content> NodeFacts::content(std::size_t input) const {
  const Value& value = this->value(input);
  if (value.constant != nullptr) {
    const Constant& constant = *value.constant;
    if (constant.rank() > 1 || constant.count() > kMostElements) return std::nullopt;
    if (constant.dtype() != DType::kBool && !is_integer(constant.dtype())) return std::nullopt;
    Content content{constant.rank() == 0, {}};
    const bool may_be_larger = constant.dtype() == DType::kUint64;
    for (const auto number : constant.as_ints()) {
      content.elements.push_back(may_be_larger && number < 0 ? Element{} : known_element(number));
    }
    return content;
  }
  if (value.content != nullptr) return *value.content;
  const Type& type = value.type;
  if (type.kind != Type::Kind::kTensor || !type.has_rank || type.dims.size() > 1) return std::nullopt;
  if (type.dtype != DType::kBool && !is_integer(type.dtype)) return std::nullopt;
  if (type.dims.empty()) return Content{true, {Element{}}};
  const Dim& dim = type.dims.front();
  if (!dim.is_known() || dim.size > kMostElements) return std::nullopt;
  return Content{false, std::vector<Element>(static_cast<std::size_t>(dim.size))};
}

std::optional<std::vector<std::int64_t>> NodeFacts::ints(std::size_t input) const {
  const Value& value = this->value(input);
  if (value.constant == nullptr || value.constant->count() > kMostElements) return std::nullopt;
  if (!is_integer(value.constant->dtype()) || value.constant->dtype() == DType::kUint64) return std::nullopt;
  return value.constant->as_ints();
}

void refine_dims(Type& type, const std::vector<Dim>& dims) {
  if (!type.has_rank || type.dims.size() != dims.size()) {
    type.has_rank = true;
    type.dims = dims;
    return;
  }
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i].is_known() || (dims[i].symbol != 0 && !type.dims[i].is_known())) type.dims[i] = dims[i];
  }
}

}  // namespace flowport::ir
