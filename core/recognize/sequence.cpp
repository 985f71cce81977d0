#include "recognize/sequence.h"

#include <limits>
#include <vector>

namespace flowport::recognize {

namespace {

bool exchanges_first_two(const ir::Node& node) {
  const auto* perm = node.op == "Transpose" ? node.ints_attr("perm") : nullptr;
  if (perm == nullptr || perm->size() < 2 || (*perm)[0] != 1 || (*perm)[1] != 0) return false;
  for (std::size_t i = 2; i < perm->size(); ++i) {
    if ((*perm)[i] != static_cast<std::int64_t>(i)) return false;
  }
  return true;
}

}  // namespace

Sequence sequence_of(const Index& index, ir::ValueId value) {
  Sequence sequence{index.behind(value), false};
  for (;;) {
    const auto* node = index.made_by(sequence.base, "Transpose");
    if (node == nullptr || !exchanges_first_two(*node)) return sequence;
    sequence = {index.behind(node->inputs[0]), !sequence.exchanged};
  }
}

std::optional<Reversal> reversal(const Index& index, const ir::Node& node, std::int64_t axis) {
  if (!node.domain.empty()) return std::nullopt;
  if (node.op == "ReverseSequence") {
    if (node.int_attr("time_axis", 0) != axis || node.int_attr("batch_axis", 1) != 1 - axis) return std::nullopt;
    return Reversal{index.behind(node.inputs[0]), node.inputs[1]};
  }
  if (node.op != "Slice" || node.inputs.size() != 5) return std::nullopt;
  const auto starts = index.ints(node.inputs[1]), ends = index.ints(node.inputs[2]);
  const auto axes = index.ints(node.inputs[3]), steps = index.ints(node.inputs[4]);
  if (!starts || !ends || axes != std::vector{axis} || steps != std::vector{std::int64_t{-1}}) return std::nullopt;
  constexpr std::int64_t kFar = std::numeric_limits<std::int32_t>::max();
  if ((*starts)[0] != -1 && (*starts)[0] < kFar) return std::nullopt;
  if ((*ends)[0] > -kFar) return std::nullopt;
  return Reversal{index.behind(node.inputs[0]), 0};
}

bool is_last_row(const Index& index, const ir::Node& node, ir::ValueId tensor) {
  return node.op == "Gather" && node.domain.empty() && node.int_attr("axis", 0) == 0 &&
         index.behind(node.inputs[0]) == tensor && index.number(node.inputs[1]) == -1.0 &&
         index.constant(node.inputs[1])->rank() == 0;
}

}  // namespace flowport::recognize
