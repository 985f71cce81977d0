// Ops whose inference in the onnx library is missing, slow or wrong.
#include <algorithm>

#include "onnx/infer_rule_list.h"

namespace flowport::ir::rules {
namespace {

/// The dim that two broadcast dims give; nullopt where they cannot.
std::optional<Dim> broadcast(const Dim& a, const Dim& b) {
  if (a == Dim{1, 0} || a == b) return b;
  if (b == Dim{1, 0}) return a;
  if (a.is_known() && b.is_known()) return std::nullopt;
  // A known dim other than 1 wins over whatever the other one turns out to be.
  if (a.is_known()) return a;
  if (b.is_known()) return b;
  return Dim{};
}

}  // namespace

Wrong same_dims(const NodeFacts& facts, std::vector<Type>& outputs) {
  if (facts.type(0).has_rank) refine_dims(outputs[0], facts.type(0).dims);
  return std::nullopt;
}

Wrong comparison(const NodeFacts& facts, std::vector<Type>& outputs) {
  outputs[0].dtype = DType::kBool;
  if (!facts.type(0).has_rank || !facts.type(1).has_rank) return std::nullopt;
  std::vector<Dim> dims = facts.type(0).dims;
  std::vector<Dim> other = facts.type(1).dims;
  if (dims.size() < other.size()) dims.swap(other);
  for (std::size_t i = 0; i < other.size(); ++i) {
    Dim& dim = dims[dims.size() - other.size() + i];
    const auto joined = broadcast(dim, other[i]);
    if (!joined) return "Incompatible dimensions";
    dim = *joined;
  }
  refine_dims(outputs[0], dims);
  return std::nullopt;
}

Wrong attention(const NodeFacts& facts, std::vector<Type>& outputs) {
  bool all_known = true;
  for (std::size_t i = 0; i < facts.input_count(); ++i) all_known &= !facts.has(i) || facts.type(i).is_static();
  if (all_known) return std::nullopt;
  // The library computes with 0 for a dim that is not a number.
  for (auto& output : outputs) {
    for (auto& dim : output.dims) {
      if (dim.is_known()) dim = Dim{};
    }
  }
  return std::nullopt;
}

Wrong stft(const NodeFacts& facts, std::vector<Type>& outputs) {
  outputs[0].dtype = facts.type(0).dtype;
  const Type& signal = facts.type(0);
  const auto step = facts.ints(1);
  std::int64_t length = -1;
  if (facts.has(3)) {
    if (const auto given = facts.ints(3); given && given->size() == 1) length = given->front();
  } else if (facts.type(2).has_rank && facts.type(2).dims.size() == 1) {
    length = facts.type(2).dims[0].size;
  }
  std::vector<Dim> dims(4);
  dims[3] = {2, 0};
  if (signal.has_rank && !signal.dims.empty()) dims[0] = signal.dims[0];
  if (length > 0) {
    dims[2] = {facts.node().int_attr("onesided", 1) != 0 ? length / 2 + 1 : length, 0};
    const Dim size = signal.has_rank && signal.dims.size() > 1 ? signal.dims[1] : Dim{};
    if (size.is_known() && step && step->size() == 1 && step->front() > 0 && size.size >= length) {
      dims[1] = {(size.size - length) / step->front() + 1, 0};
    }
  }
  refine_dims(outputs[0], dims);
  return std::nullopt;
}

}  // namespace flowport::ir::rules
