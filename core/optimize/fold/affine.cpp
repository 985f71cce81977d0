// Reads nodes as y = x * factor + bias per channel.
#include <algorithm>
#include <cmath>

#include "optimize/fold/fold.h"

namespace flowport::optimize::fold {

namespace {

constexpr std::int64_t kMaxChannels = 1 << 20;

bool all_finite(const std::vector<double>& numbers) {
  return std::all_of(numbers.begin(), numbers.end(), [](double n) { return std::isfinite(n); });
}

/// Elements of a known float tensor that is broadcast to rank `rank` and varies along `channel` only.
std::optional<std::vector<double>> per_channel(const Editor& editor, ir::ValueId value, std::size_t rank,
                                               std::size_t channel) {
  const auto& constant = editor.constant(value);
  if (constant == nullptr || constant->dtype() != ir::DType::kFloat) return std::nullopt;
  if (constant->rank() > rank || constant->count() > kMaxChannels || constant->count() == 0) return std::nullopt;
  const std::size_t missing = rank - constant->rank();
  for (std::size_t axis = 0; axis < constant->rank(); ++axis) {
    if (axis + missing != channel && constant->dims()[axis] != 1) return std::nullopt;
  }
  auto numbers = constant->as_doubles();
  if (!all_finite(numbers)) return std::nullopt;
  return numbers;
}

std::optional<Affine> of_batch_normalization(const Editor& editor, const ir::Node& node, ir::ValueId x,
                                             std::size_t channel) {
  if (node.inputs.size() != 5 || node.inputs[0] != x || channel != 1) return std::nullopt;
  if (node.int_attr("training_mode", 0) != 0) return std::nullopt;
  for (std::size_t i = 1; i < node.outputs.size(); ++i) {
    if (node.outputs[i] != 0) return std::nullopt;
  }
  std::vector<std::vector<double>> parameters;
  for (std::size_t slot = 1; slot < 5; ++slot) {
    auto numbers = per_channel(editor, node.inputs[slot], 1, 0);
    if (!numbers) return std::nullopt;
    parameters.push_back(std::move(*numbers));
  }
  float epsilon = 1e-5F;
  if (const auto* attribute = node.find("epsilon")) epsilon = std::get<float>(attribute->value);
  Affine affine;
  for (std::size_t i = 0; i < parameters[0].size(); ++i) {
    const double factor = parameters[0][i] / std::sqrt(parameters[3][i] + static_cast<double>(epsilon));
    affine.factors.push_back(factor);
    affine.biases.push_back(parameters[1][i] - parameters[2][i] * factor);
  }
  if (!all_finite(affine.factors) || !all_finite(affine.biases)) return std::nullopt;
  return affine;
}

}  // namespace

std::optional<Affine> affine_of(const Editor& editor, const ir::Node& node, ir::ValueId x, std::size_t channel) {
  if (!node.domain.empty()) return std::nullopt;
  if (node.op == "BatchNormalization") return of_batch_normalization(editor, node, x, channel);
  const bool additive = node.op == "Add" || node.op == "Sub";
  if (!additive && node.op != "Mul" && node.op != "Div") return std::nullopt;
  const std::size_t slot = node.inputs[0] == x ? 0 : 1;
  if (slot == 1 && node.op == "Div") return std::nullopt;
  const auto& type = editor.type(x);
  if (!type.has_rank || channel >= type.dims.size()) return std::nullopt;
  auto numbers = per_channel(editor, node.inputs[1 - slot], type.dims.size(), channel);
  if (!numbers) return std::nullopt;
  // A channel axis of size 1 must not be widened.
  const auto count = static_cast<std::int64_t>(numbers->size());
  if (count != 1 && type.dims[channel].size != count) return std::nullopt;
  Affine affine;
  if (node.op == "Add") {
    affine.biases = std::move(*numbers);
  } else if (node.op == "Mul") {
    affine.factors = std::move(*numbers);
  } else if (node.op == "Div") {
    for (double& number : *numbers) number = 1 / number;
    if (!all_finite(*numbers)) return std::nullopt;
    affine.factors = std::move(*numbers);
  } else if (slot == 0) {
    for (double& number : *numbers) number = -number;
    affine.biases = std::move(*numbers);
  } else {
    affine.factors = {-1};
    affine.biases = std::move(*numbers);
  }
  return affine;
}

}  // namespace flowport::optimize::fold
