// Small models for the tests of the passes: built line by line, run before and after.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "onnx/graph.h"

namespace flowport::optimize {

/// A model under construction. Types come from onnx's inference; a node that has none is a failure of the test.
class Net {
 public:
  using Attributes = std::initializer_list<std::pair<std::string_view, ir::Attribute::Storage>>;

  explicit Net(std::int64_t opset = 21);

  /// A negative dim is unknown; equal negative dims are equal at run time.
  ir::ValueId input(const std::string& name, const std::vector<std::int64_t>& dims,
                    ir::DType dtype = ir::DType::kFloat);
  /// Float constant with the numbers first, first + step, ...
  ir::ValueId floats(std::vector<std::int64_t> dims, float first = 0.5F, float step = 0.25F);
  ir::ValueId ints(std::vector<std::int64_t> values);
  ir::ValueId scalar(float number);
  ir::ValueId op(std::string_view name, std::vector<ir::ValueId> inputs, Attributes attributes = {});
  std::vector<ir::ValueId> ops(std::string_view name, std::vector<ir::ValueId> inputs, std::size_t outputs,
                               Attributes attributes = {});
  ir::ValueId transpose(ir::ValueId x, std::vector<std::int64_t> perm);
  ir::ValueId to_nchw(ir::ValueId x) { return transpose(x, {0, 3, 1, 2}); }
  ir::ValueId to_nhwc(ir::ValueId x) { return transpose(x, {0, 2, 3, 1}); }
  /// What a handler makes of Conv2D: a convolution between Transposes, with as many zeros around as keep the size.
  ir::ValueId conv(ir::ValueId x, std::int64_t channels, std::int64_t kernel = 3);
  void output(ir::ValueId value, const std::string& name);
  /// Nodes are added to `body` until the next call; null: to the main graph.
  void build_in(ir::Graph* body) { graph_ = body == nullptr ? &model.graph : body; }

  ir::Model model;

 private:
  ir::Graph* graph_ = &model.graph;
  std::map<std::int64_t, ir::SymbolId> symbols_;
};

/// Ops of the main graph in order.
std::vector<std::string> ops_of(const ir::Model& model);

/// Nodes of all graphs with this op.
std::size_t count_of(ir::Model& model, std::string_view op);

using Numbers = std::map<std::string, std::vector<double>>;

/// Outputs of the main graph, by name, when its inputs hold small numbers that depend on their place only; unknown dims are 2. Models with
/// bodies are not run.
Numbers run(const ir::Model& model);

/// Every output that `before` has is there in `after`, as good as equal.
void expect_same_numbers(const Numbers& before, const Numbers& after);

}  // namespace flowport::optimize
