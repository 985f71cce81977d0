#include "convert/complex.h"

#include <cstddef>
#include <utility>

#include "convert/types.h"

namespace flowport::convert {

namespace {

/// A pair is a tensor of floats whose last dim is 2, so that most inputs need no look at TensorFlow's type.
bool may_be_pair(const ir::Type& type) {
  const bool real = type.dtype == ir::DType::kFloat || type.dtype == ir::DType::kDouble;
  return real &&
         (!type.has_rank || (!type.dims.empty() && (type.dims.back().size == 2 || !type.dims.back().is_known())));
}

bool is_complex_input(Frame& frame, const std::vector<Bound>& inputs, std::size_t i) {
  auto& engine = frame.engine();
  if (inputs[i].is_tensor() && !may_be_pair(engine.model().values[inputs[i].id].type)) return false;
  return is_complex(engine.dtype_of({&frame.scope(), frame.node().inputs[i]}));
}

bool is_complex_output(Frame& frame, std::size_t i) {
  return is_complex(frame.engine().program().output_type(frame.node(), static_cast<std::int32_t>(i)));
}

std::size_t output_count(Frame& frame) {
  return static_cast<std::size_t>(frame.engine().program().output_count(frame.node()));
}

Result<ir::ValueId> part_of(Frame& frame, Bound pair, std::int64_t part) {
  auto& engine = frame.engine();
  auto value = engine.tensor(pair);
  if (!value) return value;
  const ir::ValueId index = engine.model().add_constant(ir::Constant::int_scalar(part));
  return engine.emitter().emit(*frame.scope().target, "Gather", {*value, index}, {{"axis", std::int64_t{-1}}});
}

Result<ir::ValueId> pair_of(Frame& frame, ir::ValueId real, ir::ValueId imaginary) {
  auto& emitter = frame.engine().emitter();
  auto& graph = *frame.scope().target;
  const std::int64_t last = -1;
  std::vector<ir::ValueId> columns;
  for (const auto part : {real, imaginary}) {
    const ir::ValueId axes = emitter.model().add_constant(ir::Constant::ints(std::span(&last, 1)));
    auto column = emitter.emit(graph, "Unsqueeze", {part, axes});
    if (!column) return column;
    columns.push_back(*column);
  }
  return emitter.emit(graph, "Concat", std::move(columns), {{"axis", last}});
}

CallOutcome refusal(const Problem& problem) {
  CallOutcome outcome;
  outcome.status = problem.fault == Fault::kUnsupported ? FLOWPORT_UNSUPPORTED : FLOWPORT_BAD_CALL;
  outcome.reason = problem.what;
  outcome.hint = problem.next;
  return outcome;
}

CallOutcome call_by_parts(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs) {
  std::vector<std::size_t> complex_inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (is_complex_input(frame, inputs, i)) complex_inputs.push_back(i);
  }
  std::vector<std::size_t> complex_outputs;
  for (std::size_t i = 0; i < output_count(frame); ++i) {
    if (is_complex_output(frame, i)) complex_outputs.push_back(i);
  }
  CallOutcome outcome;
  if (complex_inputs.empty()) {
    outcome.status = FLOWPORT_DECLINED;
    outcome.reason = "it makes complex tensors from the parts of complex inputs, and no input is complex";
    return outcome;
  }
  const auto call = [&](std::int64_t part) {
    std::vector<Bound> parts = inputs;
    for (const std::size_t i : complex_inputs) {
      auto value = part_of(frame, inputs[i], part);
      if (!value) return refusal(value.error());
      parts[i] = Bound::tensor(*value);
    }
    return call_row(frame, row, parts, View::kPart);
  };
  outcome = call(0);
  if (outcome.status != FLOWPORT_OK || complex_outputs.empty()) return outcome;
  CallOutcome imaginary = call(1);
  if (imaginary.status != FLOWPORT_OK) return imaginary;
  for (const std::size_t i : complex_outputs) {
    if (!outcome.outputs[i].is_tensor() || !imaginary.outputs[i].is_tensor()) continue;
    auto pair = pair_of(frame, outcome.outputs[i].id, imaginary.outputs[i].id);
    if (!pair) return refusal(pair.error());
    outcome.outputs[i] = Bound::tensor(*pair);
  }
  return outcome;
}

}  // namespace

bool has_complex(Frame& frame, const std::vector<Bound>& inputs) {
  for (std::size_t i = 0; i < output_count(frame); ++i) {
    if (is_complex_output(frame, i)) return true;
  }
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (is_complex_input(frame, inputs, i)) return true;
  }
  return false;
}

CallOutcome call_for_complex(Frame& frame, const registry::Row& row, const std::vector<Bound>& inputs) {
  CallOutcome outcome;
  switch (row.complex) {
    case registry::Complex::kNone:
      outcome.status = FLOWPORT_DECLINED;
      outcome.reason = "it takes no complex tensors";
      return outcome;
    case registry::Complex::kPairs: return call_row(frame, row, inputs, View::kWhole);
    case registry::Complex::kParts: break;
  }
  auto& emitter = frame.engine().emitter();
  const auto savepoint = emitter.savepoint(*frame.scope().target);
  outcome = call_by_parts(frame, row, inputs);
  if (outcome.status != FLOWPORT_OK) emitter.roll_back(savepoint);
  return outcome;
}

}  // namespace flowport::convert
