// What makes each value of a model, and in which graph. A snapshot: good until nodes are moved. Values added since have no maker.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "onnx/graph.h"

namespace flowport::recognize {

class Index {
 public:
  explicit Index(ir::Model& model);

  const ir::Model& model() const { return model_; }
  const ir::Type& type(ir::ValueId value) const { return model_.values[value].type; }
  const ir::ConstantPtr& constant(ir::ValueId value) const { return model_.values[value].constant; }
  /// Null for inputs of graphs, initializers and the absent value.
  const ir::Node* maker(ir::ValueId value) const { return value < makers_.size() ? makers_[value] : nullptr; }
  /// The maker, where it is an `op` of ai.onnx.
  const ir::Node* made_by(ir::ValueId value, std::string_view op) const;
  /// The graph whose node or input the value is; null for initializers.
  const ir::Graph* home(ir::ValueId value) const { return value < homes_.size() ? homes_[value] : nullptr; }
  /// By a node, or as an output of a graph.
  bool is_used(ir::ValueId value) const { return value < used_.size() && used_[value]; }
  /// The only element of a known number, whatever its type.
  std::optional<double> number(ir::ValueId value) const;
  std::optional<std::vector<std::int64_t>> ints(ir::ValueId value) const;
  /// Behind Identity nodes.
  ir::ValueId behind(ir::ValueId value) const;
  /// Behind Identity and Cast nodes, and those that add and drop dims of 1. Of one element, all that leaves it one, and what
  /// takes it out of a vector that it was put into.
  ir::ValueId behind_casts(ir::ValueId value) const;
  /// Is an integer of one element known to be what `dim` is?
  bool is_number(ir::ValueId value, const ir::Dim& dim) const;
  /// True where all elements are known to be zero, whatever the shape. Behind what joins zeros and gives them another shape.
  bool is_zero(ir::ValueId value) const;

 private:
  /// The input of a Concat of single items that `slice` takes out of it; 0 where it does no such thing.
  ir::ValueId part_of_join(const ir::Node& slice) const;

  ir::Model& model_;
  std::vector<const ir::Node*> makers_;
  std::vector<const ir::Graph*> homes_;
  std::vector<bool> used_;
};

}  // namespace flowport::recognize
