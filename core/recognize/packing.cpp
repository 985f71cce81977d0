#include "recognize/packing.h"

#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "recognize/sequence.h"

namespace flowport::recognize {

namespace {

using convert::Emission;

std::vector<ir::Attribute> with(const char* name, std::int64_t value) {
  std::vector<ir::Attribute> attributes;
  attributes.push_back({name, value});
  return attributes;
}

std::size_t rank_of(Emission& emit, ir::ValueId value) { return emit.type(value).dims.size(); }

/// Of a mask a last axis of 1 is no part either.
Ordered ordered(const Index& index, ir::ValueId value, bool is_mask) {
  Ordered result;
  result.base = index.behind(value);
  for (;;) {
    const auto exchanged = sequence_of(index, result.base);
    result = {exchanged.base, result.exchanged != exchanged.exchanged, result.reversed};
    const auto* node = index.maker(result.base);
    const auto reversed = node == nullptr ? std::nullopt : reversal(index, *node, result.exchanged ? 1 : 0);
    if (reversed && reversed->lengths == 0) {
      result = {reversed->of, result.exchanged, !result.reversed};
      continue;
    }
    const bool adds = is_mask && node != nullptr && node->op == "Unsqueeze" && node->domain.empty();
    const auto axes = adds ? index.ints(node->inputs[1]) : std::nullopt;
    const auto& type = index.type(result.base);
    if (!axes || axes->size() != 1 || !type.has_rank || type.dims.size() != 3) return result;
    if (axes->front() != 2 && axes->front() != -1) return result;
    result.base = index.behind(node->inputs[0]);
  }
}

/// [time, batch, ...], from the first step to the last.
ir::ValueId in_order(Emission& emit, const Ordered& what) {
  if (!what.exchanged || !emit.ok()) return what.base;
  std::vector<std::int64_t> perm{1, 0};
  for (std::size_t i = 2; i < rank_of(emit, what.base); ++i) perm.push_back(static_cast<std::int64_t>(i));
  std::vector<ir::Attribute> attributes;
  attributes.push_back({"perm", std::move(perm)});
  return emit("Transpose", {what.base}, std::move(attributes));
}

ir::ValueId pair_up(Emission& emit, ir::ValueId steps, ir::ValueId lanes) {
  return emit("Concat", {emit("Unsqueeze", {steps, emit.ints({2})}), lanes}, with("axis", 2));
}

/// 0, 1, ... below dim `axis` of `value`.
ir::ValueId count_up(Emission& emit, ir::ValueId value, std::int64_t axis) {
  const auto count = emit("Squeeze", {emit.dims(value, axis, axis + 1), emit.ints({0})});
  return emit("Range", {emit.scalar(0), count, emit.scalar(1)});
}

bool has_dims_of(const Index& index, const Ordered& mask, ir::ValueId sequence) {
  for (const std::size_t axis : {std::size_t{0}, std::size_t{1}}) {
    const ir::Dim a = index.type(mask.base).dims[mask.exchanged ? 1 - axis : axis];
    if (!(a == index.type(sequence).dims[axis]) || (!a.is_known() && a.symbol == 0)) return false;
  }
  return true;
}

}  // namespace

Packer::Plan Packer::plan(Emission& emit, const Ordered& mask, ir::ValueId dims_of) {
  Plan plan;
  auto counts = in_order(emit, mask);
  if (emit.ok() && rank_of(emit, counts) == 3) counts = emit("Squeeze", {counts, emit.ints({2})});
  if (dims_of != 0) counts = emit("Expand", {counts, emit.dims(dims_of, 0, 2)});
  const auto ones = emit.cast(counts, ir::DType::kInt64);
  const auto total = emit("ReduceSum", {ones, emit.ints({0})}, with("keepdims", 0));
  plan.come = emit("CumSum", {ones, emit.scalar(0)});
  plan.to_come = emit("Add", {emit("Sub", {total, plan.come}), ones});
  plan.lengths = emit.cast(total, ir::DType::kInt32);
  // Each step has a place of its own, as ScatterND wants it: those that do not count stand behind those that do.
  const auto time = emit("Unsqueeze", {count_up(emit, ones, 0), emit.ints({1})});
  const auto behind = emit("Sub", {emit("Add", {total, time}), plan.come});
  const auto places = emit("Where", {counts, emit("Sub", {plan.come, emit.scalar(1)}), behind});
  plan.lanes = emit("Expand", {emit("Unsqueeze", {count_up(emit, ones, 1), emit.ints({0, 2})}),
                               emit.concat({emit.dims(ones, 0, 2), emit.ints({1})})});
  plan.places = pair_up(emit, places, plan.lanes);
  return plan;
}

Packed Packer::pack(Emission& emit, const Index& index, ir::ValueId sequence, ir::ValueId mask) {
  Ordered steps = ordered(index, sequence, false);
  Packed packed;
  packed.mask = ordered(index, mask, true);
  packed.reversed = steps.reversed && packed.mask.reversed;
  if (steps.reversed != packed.mask.reversed) {
    steps = {sequence, false, false};
    packed.mask = {mask, false, false};
  }
  steps.reversed = packed.mask.reversed = false;

  const bool has_dims = has_dims_of(index, packed.mask, sequence);
  const auto [known, is_new] = plans_.try_emplace({packed.mask, has_dims ? 0 : steps.base});
  if (is_new) known->second = plan(emit, packed.mask, has_dims ? 0 : sequence);
  const Plan& plan = known->second;
  const auto [made, is_first] = packed_.try_emplace({steps, packed.mask});
  if (is_first) {
    const auto given = in_order(emit, steps);
    made->second = emit("ScatterND", {given, plan.places, given});
  }
  packed.sequence = made->second;
  packed.lengths = plan.lengths;
  packed.after = pair_up(emit, packed.reversed ? plan.to_come : plan.come, plan.lanes);
  if (packed.reversed) {
    std::vector<ir::Attribute> axes = with("time_axis", 0);
    axes.push_back({"batch_axis", std::int64_t{1}});
    const auto lengths = emit.cast(plan.lengths, ir::DType::kInt64);
    packed.sequence = emit("ReverseSequence", {packed.sequence, lengths}, std::move(axes));
  }
  return packed;
}

ir::ValueId Packer::unpack(Emission& emit, const Packed& packed, ir::ValueId start, ir::ValueId rows) {
  const auto states = emit.concat({emit.unsqueeze(start), rows});
  const auto each = emit("GatherND", {states, packed.after});
  return packed.reversed ? emit.slice(each, -1, std::numeric_limits<std::int64_t>::min() + 1, -1) : each;
}

void Packer::note(const Packed& packed, ir::ValueId unpacked, ir::ValueId rows) {
  if (!packed.reversed) packed_[{Ordered{unpacked, false, false}, packed.mask}] = rows;
}

}  // namespace flowport::recognize
