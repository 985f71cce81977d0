#include "recognize/index.h"

#include <algorithm>

namespace flowport::recognize {

Index::Index(ir::Model& model)
    : model_(model), makers_(model.values.size()), homes_(model.values.size()), used_(model.values.size(), false) {
  ir::Model::for_each_graph(model.graph, [&](ir::Graph& graph) {
    for (const auto input : graph.inputs) homes_[input] = &graph;
    for (const auto output : graph.outputs) used_[output] = true;
    for (const auto& node : graph.nodes) {
      for (const auto input : node.inputs) used_[input] = true;
      for (const auto output : node.outputs) {
        makers_[output] = &node;
        homes_[output] = &graph;
      }
    }
  });
  makers_[0] = nullptr;
  homes_[0] = nullptr;
}

const ir::Node* Index::made_by(ir::ValueId value, std::string_view op) const {
  const auto* node = maker(value);
  return node != nullptr && node->op == op && node->domain.empty() ? node : nullptr;
}

std::optional<double> Index::number(ir::ValueId value) const {
  const auto& known = constant(value);
  if (value == 0 || known == nullptr || known->count() != 1 || known->dtype() == ir::DType::kString)
    return std::nullopt;
  return known->as_doubles().front();
}

std::optional<std::vector<std::int64_t>> Index::ints(ir::ValueId value) const {
  const auto& known = constant(value);
  if (value == 0 || known == nullptr || known->rank() > 1) return std::nullopt;
  if (known->dtype() != ir::DType::kInt64 && known->dtype() != ir::DType::kInt32) return std::nullopt;
  return known->as_ints();
}

ir::ValueId Index::behind(ir::ValueId value) const {
  while (const auto* node = made_by(value, "Identity")) value = node->inputs[0];
  return value;
}

ir::ValueId Index::part_of_join(const ir::Node& slice) const {
  if (slice.op != "Slice" || slice.inputs.size() < 3) return 0;
  const auto* join = made_by(behind(slice.inputs[0]), "Concat");
  const auto starts = ints(slice.inputs[1]);
  const auto& type = this->type(slice.outputs[0]);
  if (join == nullptr || !starts || starts->size() != 1 || !type.has_rank || type.dims.size() != 1) return 0;
  const auto is_item = [&](ir::ValueId part) {
    const auto& dims = this->type(part).dims;
    return this->type(part).has_rank && dims.size() == 1 && dims[0].size == 1;
  };
  const auto count = static_cast<std::int64_t>(join->inputs.size());
  const auto start = starts->front() < 0 ? starts->front() + count : starts->front();
  const bool one_each = std::all_of(join->inputs.begin(), join->inputs.end(), is_item);
  if (!one_each || type.dims[0].size != 1 || start < 0 || start >= count) return 0;
  return join->inputs[static_cast<std::size_t>(start)];
}

ir::ValueId Index::behind_casts(ir::ValueId value) const {
  for (;;) {
    const auto* node = maker(value);
    if (node == nullptr || !node->domain.empty()) return value;
    const auto is_one = [&](ir::ValueId each) {
      const auto& given = type(each);
      return given.has_rank &&
             std::all_of(given.dims.begin(), given.dims.end(), [](const auto& d) { return d.size == 1; });
    };
    if (const auto part = part_of_join(*node)) {
      value = part;
      continue;
    }
    const bool passes =
        node->op == "Identity" || node->op == "Cast" || node->op == "Unsqueeze" || node->op == "Squeeze";
    const bool takes = node->op == "Reshape" || node->op == "Slice";
    if (takes && !(is_one(value) && is_one(node->inputs[0]))) return value;
    if (!passes && !takes) return value;
    value = node->inputs[0];
  }
}

bool Index::is_number(ir::ValueId value, const ir::Dim& dim) const {
  if (value == 0) return false;
  if (const auto known = number(value)) return dim.is_known() && static_cast<double>(dim.size) == *known;
  const auto& content = model_.values[value].content;
  if (content == nullptr || content->elements.size() != 1) return false;
  const auto& element = content->elements[0];
  return element.known ? dim.is_known() && element.value == dim.size
                       : element.symbol != 0 && element.symbol == dim.symbol;
}

bool Index::is_zero(ir::ValueId value) const {
  value = behind(value);
  if (value == 0) return false;
  if (const auto& known = constant(value)) {
    constexpr std::size_t kMostBytes = 1U << 20;
    if (known->dtype() == ir::DType::kString || known->byte_size() > kMostBytes) return false;
    const auto numbers = known->as_doubles();
    return std::all_of(numbers.begin(), numbers.end(), [](double n) { return n == 0; });
  }
  const auto* made = maker(value);
  if (made == nullptr || !made->domain.empty()) return false;
  if (made->op == "Concat") {
    return std::all_of(made->inputs.begin(), made->inputs.end(), [&](ir::ValueId input) { return is_zero(input); });
  }
  return (made->op == "Expand" || made->op == "Unsqueeze") && is_zero(made->inputs[0]);
}

}  // namespace flowport::recognize
