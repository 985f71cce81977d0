// Zeros that a Pad puts around the operand of a convolution are the convolution's own pads.
#include <algorithm>

#include "optimize/fold/fold.h"

namespace flowport::optimize::fold {

namespace {

/// Pads of all axes, begins then ends, when `node` pads with zeros by known numbers of at least 0.
std::optional<std::vector<std::int64_t>> zero_pads(const Editor& editor, const ir::Node& node, std::size_t rank) {
  if (!node.domain.empty() || node.op != "Pad" || node.string_attr("mode", "constant") != "constant")
    return std::nullopt;
  if (node.inputs.size() > 2 && node.inputs[2] != 0) {
    const auto fill = scalar_of(editor.constant(node.inputs[2]));
    if (!fill || *fill != 0) return std::nullopt;
  }
  const auto given = ints_of(editor, node.inputs[1]);
  if (!given || std::any_of(given->begin(), given->end(), [](std::int64_t pad) { return pad < 0; }))
    return std::nullopt;
  if (node.inputs.size() < 4 || node.inputs[3] == 0) return given->size() == 2 * rank ? given : std::nullopt;
  const auto axes = ints_of(editor, node.inputs[3]);
  if (!axes || 2 * axes->size() != given->size()) return std::nullopt;
  std::vector<std::int64_t> pads(2 * rank, 0);
  for (std::size_t i = 0; i < axes->size(); ++i) {
    const auto axis = normal_axis((*axes)[i], rank);
    if (!axis) return std::nullopt;
    pads[*axis] = (*given)[i];
    pads[rank + *axis] = (*given)[axes->size() + i];
  }
  return pads;
}

/// Is every element of `value` at least 0, NaN aside?
bool is_never_negative(const Editor& editor, ir::ValueId value) {
  const NodeId producer = editor.producer(value);
  if (producer == kNoNode || !editor.node(producer).domain.empty()) return false;
  const ir::Node& node = editor.node(producer);
  if (node.op == "Clip" && node.inputs.size() > 1 && node.inputs[1] != 0) {
    const auto least = scalar_of(editor.constant(node.inputs[1]));
    return least && *least >= 0;
  }
  return node.op == "Relu" || node.op == "Sigmoid" || node.op == "HardSigmoid" || node.op == "Softmax";
}

/// A maximum over numbers of at least 0 stays when zeros among them are left out, unless nothing is left.
bool can_leave_zeros_out(const Editor& editor, const ir::Node& pool, ir::ValueId padded,
                         const std::vector<std::int64_t>& pads) {
  const auto* kernel = pool.ints_attr("kernel_shape");
  if (kernel == nullptr || pool.ints_attr("dilations") != nullptr || pool.int_attr("ceil_mode", 0) != 0) return false;
  if (pool.outputs.size() > 1 || pads.size() != 2 * kernel->size()) return false;
  for (std::size_t i = 0; i < pads.size(); ++i) {
    if (pads[i] >= (*kernel)[i % kernel->size()]) return false;
  }
  return is_never_negative(editor, padded);
}

}  // namespace

std::size_t fold_padding(Editor& editor, NodeId id) {
  const ir::Node& node = editor.node(id);
  if (node.op != "Conv" && node.op != "MaxPool") return 0;
  const std::string_view auto_pad = node.string_attr("auto_pad", "NOTSET");
  if (auto_pad != "NOTSET" && auto_pad != "VALID") return 0;
  const NodeId pad = editor.producer(node.inputs[0]);
  const auto& type = editor.type(node.inputs[0]);
  if (pad == kNoNode || !type.has_rank || type.dims.size() < 3) return 0;
  const std::size_t rank = type.dims.size();
  const auto pads = zero_pads(editor, editor.node(pad), rank);
  if (!pads) return 0;
  for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
    if ((*pads)[axis] != 0 || (*pads)[rank + axis] != 0) return 0;
  }
  const std::size_t spatial = rank - 2;
  std::vector<std::int64_t> total(2 * spatial, 0);
  if (const auto* own = node.ints_attr("pads"); own != nullptr && auto_pad == "NOTSET") {
    if (own->size() != total.size()) return 0;
    total = *own;
  }
  for (std::size_t i = 0; i < spatial; ++i) {
    total[i] += (*pads)[2 + i];
    total[spatial + i] += (*pads)[rank + 2 + i];
  }
  if (node.op == "MaxPool" && !can_leave_zeros_out(editor, node, editor.node(pad).inputs[0], total)) return 0;
  editor.remove_attribute(id, "auto_pad");
  editor.set_attribute(id, "pads", total);
  editor.set_input(id, 0, editor.node(pad).inputs[0]);
  if (editor.is_unused(editor.node(pad).outputs[0])) editor.remove(pad);
  return 1;
}

}  // namespace flowport::optimize::fold
