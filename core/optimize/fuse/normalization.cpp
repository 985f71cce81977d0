// Normalisations that TensorFlow programs spell out.
#include <algorithm>
#include <cmath>

#include "optimize/fold/fold.h"
#include "optimize/fuse/fuse.h"
#include "optimize/fuse/match.h"

namespace flowport::optimize::fuse {

namespace {

/// (x - mean) / sqrt(mean of (x - mean)^2 + epsilon) * scale + bias
struct Normalization {
  ir::ValueId x = 0;
  ir::ValueId centered = 0;  ///< x - mean
  ir::ValueId root = 0;      ///< sqrt(variance + epsilon)
  double epsilon = 0;
  std::vector<std::size_t> axes;
  ir::ValueId scale = 0;  ///< known, or 0 for none
  ir::ValueId bias = 0;   ///< known, or 0 for none
};

/// ReduceMean with keepdims over known axes.
std::optional<std::vector<std::size_t>> mean_axes(const Editor& editor, const ir::Node& node) {
  const ir::Type& type = editor.type(node.inputs[0]);
  if (!type.has_rank || node.int_attr("keepdims", 1) != 1) return std::nullopt;
  std::optional<std::vector<std::int64_t>> named;
  if (const auto* attribute = node.ints_attr("axes")) {
    named = *attribute;
  } else if (node.inputs.size() > 1) {
    named = ints_of(editor, node.inputs[1]);
  }
  if (!named || named->empty()) return std::nullopt;
  std::vector<std::size_t> axes;
  for (const std::int64_t axis : *named) {
    const auto normal = normal_axis(axis, type.dims.size());
    if (!normal) return std::nullopt;
    axes.push_back(*normal);
  }
  std::sort(axes.begin(), axes.end());
  return axes;
}

/// Fills in x, centered, root, epsilon and axes from 1 / sqrt(variance + epsilon).
bool match_reciprocal_root(const Editor& editor, ir::ValueId value, Normalization& found) {
  const ir::Node* reciprocal = made_by(editor, value, "Reciprocal");
  if (reciprocal == nullptr) return false;
  const ir::Node* root = made_by(editor, reciprocal->inputs[0], "Sqrt");
  if (root == nullptr) return false;
  const auto shifted = as_shifted(editor, root->inputs[0]);
  if (!shifted || shifted->number < 0) return false;
  const ir::Node* variance = made_by(editor, shifted->operand, "ReduceMean");
  if (variance == nullptr) return false;
  const ir::Node* square = made_by(editor, variance->inputs[0], "Mul");
  if (square == nullptr || square->inputs[0] != square->inputs[1]) return false;
  const ir::Node* centered = made_by(editor, square->inputs[0], "Sub");
  if (centered == nullptr) return false;
  const ir::Node* mean = made_by(editor, centered->inputs[1], "ReduceMean");
  if (mean == nullptr || mean->inputs[0] != centered->inputs[0]) return false;
  const auto axes = mean_axes(editor, *mean);
  if (!axes || axes != mean_axes(editor, *variance)) return false;
  found.x = mean->inputs[0];
  found.centered = square->inputs[0];
  found.root = reciprocal->inputs[0];
  found.epsilon = shifted->number;
  found.axes = *axes;
  return true;
}

/// factor = 1 / sqrt(variance + epsilon), perhaps times a known scale.
bool match_factor(const Editor& editor, ir::ValueId factor, Normalization& found) {
  if (match_reciprocal_root(editor, factor, found)) return true;
  const ir::Node* product = made_by(editor, factor, "Mul");
  if (product == nullptr) return false;
  for (const auto& [inner, scale] : both_ways(*product)) {
    if (editor.constant(scale) == nullptr || !match_reciprocal_root(editor, inner, found)) continue;
    found.scale = scale;
    return true;
  }
  return false;
}

/// value = -mean * factor
bool is_shifted_mean(const Editor& editor, ir::ValueId value, ir::ValueId mean, ir::ValueId factor) {
  const Product product = product_of(editor, value);
  if (product.number != -1 || product.operands.size() != 2) return false;
  return (product.operands[0] == mean && product.operands[1] == factor) ||
         (product.operands[1] == mean && product.operands[0] == factor);
}

/// `rest` = bias - mean * factor, in any of its forms.
bool match_rest(const Editor& editor, ir::ValueId rest, ir::ValueId factor, Normalization& found) {
  const ir::ValueId mean = editor.node(editor.producer(found.centered)).inputs[1];
  if (is_shifted_mean(editor, rest, mean, factor)) return true;
  if (const ir::Node* sum = made_by(editor, rest, "Add")) {
    for (const auto& [shift, bias] : both_ways(*sum)) {
      if (editor.constant(bias) == nullptr || !is_shifted_mean(editor, shift, mean, factor)) continue;
      found.bias = bias;
      return true;
    }
  }
  const ir::Node* difference = made_by(editor, rest, "Sub");
  if (difference == nullptr || editor.constant(difference->inputs[0]) == nullptr) return false;
  const Product product = product_of(editor, difference->inputs[1]);
  const bool matches = product.number == 1 && product.operands.size() == 2 &&
                       ((product.operands[0] == mean && product.operands[1] == factor) ||
                        (product.operands[1] == mean && product.operands[0] == factor));
  if (matches) found.bias = difference->inputs[0];
  return matches;
}

/// x * factor + (bias - mean * factor)
std::optional<Normalization> match_normalization(const Editor& editor, const ir::Node& add) {
  for (const auto& [scaled, rest] : both_ways(add)) {
    const ir::Node* product = made_by(editor, scaled, "Mul");
    if (product == nullptr) continue;
    for (const auto& [x, factor] : both_ways(*product)) {
      Normalization found;
      if (match_factor(editor, factor, found) && found.x == x && match_rest(editor, rest, factor, found)) return found;
    }
  }
  return std::nullopt;
}

/// Parameters of a LayerNormalization have the dims of the normalised axes.
bool has_dims(const Editor& editor, ir::ValueId parameter, const std::vector<std::int64_t>& dims) {
  if (parameter == 0) return true;
  auto given = editor.constant(parameter)->dims();
  while (given.size() > dims.size() && given.front() == 1) given.erase(given.begin());
  return given == dims;
}

ir::ValueId with_dims(Editor& editor, ir::ValueId parameter, const std::vector<std::int64_t>& dims) {
  const ir::ConstantPtr constant = editor.constant(parameter);
  return constant->dims() == dims ? parameter : editor.add_constant(constant->reshaped(dims));
}

/// LayerNormalization, when the axes are the last ones.
bool as_layer_normalization(Editor& editor, NodeId id, const Normalization& found) {
  const ir::Type& type = editor.type(found.x);
  if (editor.model().opset() < 17 || !takes(editor, id, "LayerNormalization")) return false;
  std::vector<std::int64_t> dims;
  const std::size_t first = type.dims.size() - found.axes.size();
  for (std::size_t i = 0; i < found.axes.size(); ++i) {
    if (found.axes[i] != first + i || !type.dims[first + i].is_known()) return false;
    dims.push_back(type.dims[first + i].size);
  }
  if (!has_dims(editor, found.scale, dims) || !has_dims(editor, found.bias, dims)) return false;
  std::vector<ir::ValueId> inputs{found.x};
  if (found.scale != 0) {
    inputs.push_back(with_dims(editor, found.scale, dims));
  } else {
    std::int64_t count = 1;
    for (const std::int64_t dim : dims) count *= dim;
    const std::vector<float> ones(static_cast<std::size_t>(count), 1.0F);
    inputs.push_back(editor.add_constant(ir::Constant::floats(dims, ones)));
  }
  if (found.bias != 0) inputs.push_back(with_dims(editor, found.bias, dims));
  become(editor, id, "LayerNormalization", std::move(inputs));
  editor.set_attribute(id, "axis", -static_cast<std::int64_t>(dims.size()));
  editor.set_attribute(id, "epsilon", static_cast<float>(found.epsilon));
  return true;
}

/// (x - mean) / root * scale + bias: fewer passes over the data than what was there.
bool as_short_formula(Editor& editor, NodeId id, const Normalization& found) {
  const ir::Type type = editor.type(editor.node(id).outputs[0]);
  if (type.dims != editor.type(found.x).dims) return false;
  const auto insert = [&](std::string_view op, ir::ValueId left, ir::ValueId right) {
    ir::Node node;
    node.op = op;
    node.inputs = {left, right};
    node.outputs = {editor.add_value(type)};
    node.origin = editor.node(id).origin;
    const ir::ValueId output = node.outputs[0];
    editor.insert_before(id, std::move(node));
    return output;
  };
  if (found.scale == 0 && found.bias == 0) {
    become(editor, id, "Div", {found.centered, found.root});
    return true;
  }
  const ir::ValueId normal = insert("Div", found.centered, found.root);
  if (found.bias == 0) {
    become(editor, id, "Mul", {normal, found.scale});
    return true;
  }
  become(editor, id, "Add", {found.scale == 0 ? normal : insert("Mul", normal, found.scale), found.bias});
  return true;
}

}  // namespace

bool fuse_layer_normalization(Editor& editor, NodeId id) {
  if (editor.type(editor.node(id).outputs[0]).dtype != ir::DType::kFloat) return false;
  if (!takes(editor, id, "BatchNormalization")) return false;
  const auto found = match_normalization(editor, editor.node(id));
  if (!found) return false;
  return as_layer_normalization(editor, id, *found) || as_short_formula(editor, id, *found);
}

bool fuse_channel_affine(Editor& editor, NodeId id) {
  for (const ir::ValueId scaled : editor.node(id).inputs) {
    const ir::Node* product = made_by(editor, scaled, "Mul");
    if (product == nullptr || editor.only_user(scaled) != id) continue;
    const auto outer = fold::affine_of(editor, editor.node(id), scaled, 1);
    if (!outer) continue;
    for (const auto& [x, parameter] : both_ways(*product)) {
      const ir::Type& type = editor.type(x);
      if (editor.constant(parameter) == nullptr || !type.has_rank || type.dims.size() < 3) continue;
      const auto inner = fold::affine_of(editor, *product, x, 1);
      if (!inner || !type.dims[1].is_known()) continue;
      const auto channels = static_cast<std::size_t>(type.dims[1].size);
      const auto fits = [&](const std::vector<double>& numbers) { return numbers.size() == channels; };
      if (channels < 2 || (!fits(inner->factors) && !fits(outer->biases))) continue;
      std::vector<float> scale, bias;
      for (std::size_t i = 0; i < channels; ++i) {
        const double sign = outer->factors.empty() ? 1.0 : outer->factors.front();
        scale.push_back(static_cast<float>(sign * inner->factors[fits(inner->factors) ? i : 0]));
        bias.push_back(static_cast<float>(outer->biases[fits(outer->biases) ? i : 0]));
      }
      const std::vector<std::int64_t> dims{type.dims[1].size};
      const auto constant = [&](const std::vector<float>& numbers) {
        return editor.add_constant(ir::Constant::floats(dims, numbers));
      };
      const std::vector<float> zeros(channels, 0.0F);
      const std::vector<float> ones(channels, 1.0F);
      std::vector<ir::ValueId> inputs{x, constant(scale), constant(bias), constant(zeros), constant(ones)};
      become(editor, id, "BatchNormalization", std::move(inputs));
      editor.set_attribute(id, "epsilon", 0.0F);
      return true;
    }
  }
  return false;
}

}  // namespace flowport::optimize::fuse
