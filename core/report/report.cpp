#include "report/report.h"

#include <algorithm>
#include <tuple>

#include <fmt/format.h>

#include "base/text.h"

namespace flowport::report {
namespace {

std::string dim_text(const ir::Model& model, const ir::Dim& dim) {
  if (dim.is_known()) return std::to_string(dim.size);
  return dim.symbol != 0 && dim.symbol < model.symbols.size() ? model.symbols[dim.symbol] : "?";
}

}  // namespace

std::string type_text(const ir::Model& model, const ir::Type& type) {
  std::string text(ir::name_of(type.dtype));
  if (type.has_rank) {
    std::vector<std::string> dims;
    dims.reserve(type.dims.size());
    for (const ir::Dim& dim : type.dims) dims.push_back(dim_text(model, dim));
    text += "[" + join(dims, ",") + "]";
  }
  switch (type.kind) {
    case ir::Type::Kind::kTensor: return text;
    case ir::Type::Kind::kSequence: return "sequence(" + text + ")";
    case ir::Type::Kind::kOptional: return "optional(" + text + ")";
  }
  return text;
}

std::vector<OpProblem> group_by_op(std::span<const UnsupportedNode> nodes) {
  std::map<std::tuple<std::string, std::string, std::string>, OpProblem> groups;
  for (const UnsupportedNode& node : nodes) {
    OpProblem& group = groups[{node.op, node.reason, node.next}];
    ++group.count;
    if (group.places.size() < kMostPlaces) group.places.push_back({node.node, node.path});
  }
  std::vector<OpProblem> result;
  result.reserve(groups.size());
  for (auto& [key, group] : groups) {
    std::tie(group.op, group.reason, group.next) = key;
    result.push_back(std::move(group));
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const OpProblem& a, const OpProblem& b) { return a.count > b.count; });
  return result;
}

}  // namespace flowport::report
