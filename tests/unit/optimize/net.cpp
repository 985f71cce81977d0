#include "net.h"

#include <gtest/gtest.h>

#include "onnx/schema.h"

namespace flowport::optimize {

Net::Net(std::int64_t opset) { model.opsets.push_back({"", opset}); }

ir::ValueId Net::input(const std::string& name, const std::vector<std::int64_t>& dims, ir::DType dtype) {
  std::vector<ir::Dim> type_dims;
  for (const std::int64_t dim : dims) {
    if (dim >= 0) {
      type_dims.push_back({dim, 0});
      continue;
    }
    auto& symbol = symbols_[dim];
    if (symbol == 0) symbol = model.add_symbol("dim" + std::to_string(-dim));
    type_dims.push_back({-1, symbol});
  }
  const ir::ValueId id = model.add_value(ir::Type::tensor(dtype, std::move(type_dims)), name);
  graph_->inputs.push_back(id);
  return id;
}

ir::ValueId Net::floats(std::vector<std::int64_t> dims, float first, float step) {
  std::size_t count = 1;
  for (const std::int64_t dim : dims) count *= static_cast<std::size_t>(dim);
  std::vector<float> numbers;
  for (std::size_t i = 0; i < count; ++i) numbers.push_back(first + step * static_cast<float>(i % 7));
  return model.add_constant(ir::Constant::floats(std::move(dims), numbers));
}

ir::ValueId Net::ints(std::vector<std::int64_t> values) { return model.add_constant(ir::Constant::ints(values)); }

ir::ValueId Net::scalar(float number) { return model.add_constant(ir::Constant::floats({}, {&number, 1})); }

ir::ValueId Net::op(std::string_view name, std::vector<ir::ValueId> inputs, Attributes attributes) {
  return ops(name, std::move(inputs), 1, attributes).front();
}

std::vector<ir::ValueId> Net::ops(std::string_view name, std::vector<ir::ValueId> inputs, std::size_t outputs,
                                  Attributes attributes) {
  ir::Node node;
  node.op = name;
  node.inputs = std::move(inputs);
  for (const auto& [attribute, value] : attributes) node.set(attribute, value);
  for (std::size_t i = 0; i < outputs; ++i) node.outputs.push_back(model.add_value({}));
  node.origin = static_cast<std::uint32_t>(model.origins.size());
  model.origins.push_back({std::string(name), "", ""});
  const auto inferred = ir::infer_node(model, node);
  EXPECT_TRUE(inferred.has_value()) << name << ": " << (inferred ? "" : inferred.error().what);
  graph_->nodes.push_back(node);
  return node.outputs;
}

ir::ValueId Net::transpose(ir::ValueId x, std::vector<std::int64_t> perm) {
  return op("Transpose", {x}, {{"perm", std::move(perm)}});
}

ir::ValueId Net::conv(ir::ValueId x, std::int64_t channels, std::int64_t kernel) {
  const std::int64_t in = model.values[x].type.dims[3].size;
  const auto weight = floats({channels, in, kernel, kernel}, -0.3F, 0.1F);
  const std::vector<std::int64_t> pads(4, kernel / 2);
  return to_nhwc(op("Conv", {to_nchw(x), weight}, {{"pads", pads}}));
}

void Net::output(ir::ValueId value, const std::string& name) {
  model.values[value].name = name;
  graph_->outputs.push_back(value);
}

std::vector<std::string> ops_of(const ir::Model& model) {
  std::vector<std::string> names;
  for (const auto& node : model.graph.nodes) names.push_back(node.op);
  return names;
}

std::size_t count_of(ir::Model& model, std::string_view op) {
  std::size_t count = 0;
  ir::Model::for_each_graph(model.graph, [&](const ir::Graph& graph) {
    for (const auto& node : graph.nodes) count += node.op == op ? 1 : 0;
  });
  return count;
}

void expect_same_numbers(const Numbers& before, const Numbers& after) {
  for (const auto& [name, numbers] : before) {
    ASSERT_TRUE(after.contains(name)) << name;
    ASSERT_EQ(numbers.size(), after.at(name).size()) << name;
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      ASSERT_NEAR(numbers[i], after.at(name)[i], 1e-4 * (1 + std::abs(numbers[i]))) << name << " element " << i;
    }
  }
}

}  // namespace flowport::optimize
