// What comes behind a convolution or a matrix product goes into its weight and its bias.
#include <algorithm>
#include <cmath>

#include "optimize/fold/fold.h"
#include "optimize/permutation.h"

namespace flowport::optimize::fold {

namespace {

/// How a node takes factors and biases of its output's channels.
struct Host {
  std::size_t channel = 0;  ///< axis of the output
  std::int64_t channels = 0;
  std::optional<std::size_t> weight_axis;  ///< of input 1, for factors; none: it takes no factors
  bool takes_bias = false;
};

std::optional<Host> host_of(const Editor& editor, const ir::Node& node) {
  if (node.inputs.size() < 2) return std::nullopt;
  const auto& weight = editor.constant(node.inputs[1]);
  const bool is_conv = node.op == "Conv" || node.op == "ConvTranspose";
  if (!is_conv && node.op != "Gemm" && node.op != "MatMul") return std::nullopt;
  if (weight == nullptr || weight->dtype() != ir::DType::kFloat || weight->rank() < 2) return std::nullopt;
  Host host;
  const std::int64_t group = node.int_attr("group", 1);
  if (node.op == "Conv") {
    host = {1, weight->dims()[0], 0, true};
  } else if (node.op == "ConvTranspose") {
    host = {1, weight->dims()[1] * group, std::nullopt, true};
    if (group == 1) host.weight_axis = 1;
  } else if (node.op == "Gemm") {
    const auto is_one = [&](std::string_view name) {
      const auto* attribute = node.find(name);
      return attribute == nullptr || std::get<float>(attribute->value) == 1.0F;
    };
    if (!is_one("alpha") || !is_one("beta")) return std::nullopt;
    const std::size_t axis = node.int_attr("transB", 0) != 0 ? 0 : 1;
    host = {1, weight->dims()[axis], axis, true};
  } else {
    const auto& type = editor.type(node.inputs[0]);
    if (!type.has_rank || type.dims.size() < 2 || weight->rank() != 2) return std::nullopt;
    // A bias makes it a Gemm, which is for matrices only.
    host = {type.dims.size() - 1, weight->dims()[1], 1, type.dims.size() == 2};
  }
  // A weight that others use too would be written twice.
  if (!editor.is_used_once(node.inputs[1])) host.weight_axis.reset();
  return host;
}

std::vector<double> spread(const std::vector<double>& numbers, std::int64_t channels) {
  if (numbers.size() != 1) return numbers;
  return std::vector<double>(static_cast<std::size_t>(channels), numbers.front());
}

/// Rounded to float; nullopt when a number does not fit.
std::optional<std::vector<float>> to_floats(const std::vector<double>& numbers) {
  std::vector<float> result;
  for (const double number : numbers) {
    result.push_back(static_cast<float>(number));
    if (!std::isfinite(result.back())) return std::nullopt;
  }
  return result;
}

/// The bias that the node has, one number for each channel; nullopt when it is not known.
std::optional<std::vector<double>> bias_of(const Editor& editor, const ir::Node& node, std::int64_t channels) {
  if (node.inputs.size() < 3 || node.inputs[2] == 0)
    return std::vector<double>(static_cast<std::size_t>(channels), 0.0);
  const auto& bias = editor.constant(node.inputs[2]);
  if (bias == nullptr || bias->dtype() != ir::DType::kFloat) return std::nullopt;
  if (bias->count() != channels || bias->dims().back() != channels) return std::nullopt;
  return bias->as_doubles();
}

bool apply(Editor& editor, NodeId id, const Host& host, const Affine& affine) {
  const ir::Node& node = editor.node(id);
  const auto fits = [&](const std::vector<double>& numbers) {
    return numbers.size() <= 1 || static_cast<std::int64_t>(numbers.size()) == host.channels;
  };
  if (!fits(affine.factors) || !fits(affine.biases)) return false;
  if (!affine.factors.empty() && !host.weight_axis) return false;
  const bool has_bias = node.inputs.size() > 2 && node.inputs[2] != 0;
  if (!affine.biases.empty() && !host.takes_bias) return false;

  std::optional<std::vector<float>> new_bias;
  if (has_bias || !affine.biases.empty()) {
    auto bias = bias_of(editor, node, host.channels);
    if (!bias) return false;
    const auto factors = spread(affine.factors, host.channels);
    const auto biases = spread(affine.biases, host.channels);
    for (std::size_t i = 0; i < bias->size(); ++i) {
      if (!factors.empty()) (*bias)[i] *= factors[i];
      if (!biases.empty()) (*bias)[i] += biases[i];
    }
    new_bias = to_floats(*bias);
    if (!new_bias) return false;
  }
  auto inputs = node.inputs;
  if (!affine.factors.empty()) {
    auto factors = to_floats(spread(affine.factors, host.channels));
    if (!factors) return false;
    inputs[1] = editor.add_constant(editor.constant(inputs[1])->scaled(*host.weight_axis, std::move(*factors)));
  }
  if (new_bias) {
    inputs.resize(3, 0);
    inputs[2] = editor.add_constant(ir::Constant::floats({host.channels}, *new_bias));
    if (node.op == "MatMul") editor.set_op(id, "Gemm");
  }
  editor.set_inputs(id, std::move(inputs));
  return true;
}

}  // namespace

std::size_t fold_following(Editor& editor, NodeId id) {
  std::size_t folded = 0;
  for (;;) {
    const auto host = host_of(editor, editor.node(id));
    if (!host || editor.node(id).outputs.empty() || editor.node(id).outputs[0] == 0) return folded;
    // The last node before what is to be folded: the host, or a Transpose of its output.
    NodeId last = id;
    const auto user_of = [&](NodeId node) {
      const NodeId user = editor.only_user(editor.node(node).outputs[0]);
      return user != kNoNode && editor.graph_of_node(user) == editor.graph_of_node(node) ? user : kNoNode;
    };
    NodeId user = user_of(id);
    std::size_t channel = host->channel;
    if (user != kNoNode && editor.node(user).op == "Transpose" && editor.node(user).domain.empty()) {
      const ir::Type& type = editor.type(editor.node(id).outputs[0]);
      const auto order = type.has_rank ? Permutation::of_transpose(editor.node(user), type.dims.size()) : std::nullopt;
      if (!order) return folded;
      channel = order->position_of(channel);
      last = user;
      user = user_of(last);
    }
    if (user == kNoNode) return folded;
    const auto affine = affine_of(editor, editor.node(user), editor.node(last).outputs[0], channel);
    if (!affine || !apply(editor, id, *host, *affine)) return folded;
    const ir::ValueId result = editor.node(user).outputs[0];
    editor.remove(user);
    editor.set_output(last, 0, result);
    ++folded;
  }
}

}  // namespace flowport::optimize::fold
