#include "onnx/unify.h"

#include <algorithm>
#include <memory>
#include <numeric>
#include <utility>

namespace flowport::ir {

namespace {

/// Sets of symbols; the lowest of a set stands for it.
class SymbolSets {
 public:
  explicit SymbolSets(std::size_t count) : parent_(count) { std::iota(parent_.begin(), parent_.end(), SymbolId{0}); }

  SymbolId find(SymbolId symbol) {
    while (parent_[symbol] != symbol) {
      parent_[symbol] = parent_[parent_[symbol]];
      symbol = parent_[symbol];
    }
    return symbol;
  }

  void unite(SymbolId a, SymbolId b) {
    a = find(a);
    b = find(b);
    if (a == b) return;
    parent_[std::max(a, b)] = std::min(a, b);
    changed_ = true;
  }

  bool changed() const { return changed_; }

 private:
  std::vector<SymbolId> parent_;
  bool changed_ = false;
};

/// What the nodes of one graph demand.
class Demands {
 public:
  Demands(const Model& model, SymbolSets& sets) : model_(model), sets_(sets) {}

  void of(const Node& node) {
    if (!node.domain.empty()) return;
    if (node.op == "Concat") return concat(node);
    if (node.op == "MatMul") return equal(dim(node, 0, -1), dim(node, 1, rank(node, 1) == 1 ? 0 : -2));
    if (node.op == "Gemm") {
      return equal(dim(node, 0, node.int_attr("transA", 0) != 0 ? 0 : 1),
                   dim(node, 1, node.int_attr("transB", 0) != 0 ? 1 : 0));
    }
    if (node.op == "LSTM" || node.op == "GRU" || node.op == "RNN") return recurrent(node);
  }

 private:
  int rank(const Node& node, std::size_t input) const {
    const Type& type = model_.values[node.inputs[input]].type;
    return type.has_rank ? static_cast<int>(type.dims.size()) : -1;
  }

  /// Dim `axis` (from the end where negative) of an input; unknown where that is not there.
  Dim dim(const Node& node, std::size_t input, int axis) const {
    if (input >= node.inputs.size() || node.inputs[input] == 0) return {};
    const int dims = rank(node, input);
    if (axis < 0) axis += dims;
    if (axis < 0 || axis >= dims) return {};
    return model_.values[node.inputs[input]].type.dims[static_cast<std::size_t>(axis)];
  }

  void equal(const Dim& a, const Dim& b) {
    if (a.symbol != 0 && b.symbol != 0) sets_.unite(a.symbol, b.symbol);
  }

  void concat(const Node& node) {
    const int dims = rank(node, 0);
    const auto given = static_cast<int>(node.int_attr("axis", 0));
    const int axis = given < 0 ? given + dims : given;
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
      if (rank(node, i) != dims) continue;
      for (int d = 0; d < dims; ++d) {
        if (d != axis) equal(dim(node, 0, d), dim(node, i, d));
      }
    }
  }

  /// X, sequence_lens, initial_h and initial_c have one batch.
  void recurrent(const Node& node) {
    const bool batch_first = node.int_attr("layout", 0) != 0;
    const Dim batch = dim(node, 0, batch_first ? 0 : 1);
    equal(batch, dim(node, 4, 0));
    for (const std::size_t state : {std::size_t{5}, std::size_t{6}})
      equal(batch, dim(node, state, batch_first ? 0 : 1));
  }

  const Model& model_;
  SymbolSets& sets_;
};

}  // namespace

void unify_dims(Model& model) {
  SymbolSets sets(model.symbols.size());
  Demands demands(model, sets);
  for (const Node& node : model.graph.nodes) demands.of(node);
  if (!sets.changed()) return;
  for (Value& value : model.values) {
    for (Dim& dim : value.type.dims) dim.symbol = sets.find(dim.symbol);
    if (value.content == nullptr) continue;
    auto content = std::make_shared<Content>(*value.content);
    for (auto& element : content->elements) element.symbol = sets.find(element.symbol);
    value.content = std::move(content);
  }
}

}  // namespace flowport::ir
