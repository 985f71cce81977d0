#include "onnx/graph.h"

#include <gtest/gtest.h>

namespace flowport::ir {
namespace {

ValueId add_node(Model& model, Graph& graph, std::string op, std::vector<ValueId> inputs) {
  const ValueId output = model.add_value({});
  Node node;
  node.op = std::move(op);
  node.inputs = std::move(inputs);
  node.outputs = {output};
  graph.nodes.push_back(std::move(node));
  return output;
}

std::vector<std::string> ops_of(const Graph& graph) {
  std::vector<std::string> ops;
  for (const auto& node : graph.nodes) ops.push_back(node.op);
  return ops;
}

TEST(Node, FindsAndSetsAttributes) {
  Node node;
  node.set("axis", std::int64_t{2});
  node.set("mode", std::string("linear"));
  node.set("axes", std::vector<std::int64_t>{0, 1});
  node.set("axis", std::int64_t{3});
  EXPECT_EQ(node.attributes.size(), 3U);
  EXPECT_EQ(node.int_attr("axis", 0), 3);
  EXPECT_EQ(node.int_attr("mode", 9), 9);
  EXPECT_EQ(node.string_attr("mode", ""), "linear");
  EXPECT_EQ(node.string_attr("none", "other"), "other");
  EXPECT_EQ(*node.ints_attr("axes"), (std::vector<std::int64_t>{0, 1}));
  EXPECT_EQ(node.ints_attr("axis"), nullptr);
  EXPECT_EQ(node.find("none"), nullptr);
}

TEST(Model, KnowsOpsetsByBothNamesOfTheDefaultDomain) {
  Model model;
  EXPECT_EQ(model.opset(), 0);
  model.opsets = {{"ai.onnx.ml", 3}, {"", 21}};
  EXPECT_EQ(model.opset(), 21);
  EXPECT_EQ(model.opset("ai.onnx"), 21);
  EXPECT_EQ(model.opset("ai.onnx.ml"), 3);
  EXPECT_EQ(model.opset("com.example"), 0);
}

TEST(Model, ConstantsAreTyped) {
  Model model;
  const ValueId id = model.add_constant(Constant::ints(std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(model.values[id].type, Type::tensor(DType::kInt64, {{2, 0}}));
  EXPECT_TRUE(model.values[id].type.is_static());
  EXPECT_FALSE(Type::tensor(DType::kFloat, {{-1, 0}}).is_static());
  EXPECT_FALSE(Type::tensor(DType::kFloat).is_static());
}

TEST(Model, DropsUnusedNodes) {
  Model model;
  const ValueId x = model.add_value({});
  const ValueId used = add_node(model, model.graph, "A", {x});
  const ValueId unused = add_node(model, model.graph, "B", {x});
  add_node(model, model.graph, "C", {unused});
  model.graph.outputs = {add_node(model, model.graph, "D", {used, 0})};
  EXPECT_EQ(model.drop_unused(), 2U);
  EXPECT_EQ(ops_of(model.graph), (std::vector<std::string>{"A", "D"}));
  EXPECT_EQ(model.drop_unused(), 0U);
}

TEST(Model, KeepsWhatBodiesUseAndDropsInsideBodies) {
  Model model;
  const ValueId x = model.add_value({});
  const ValueId outer = add_node(model, model.graph, "Outer", {x});
  const ValueId idle = add_node(model, model.graph, "Idle", {x});

  const auto body = std::make_shared<Graph>();
  const ValueId inner = add_node(model, *body, "Inner", {outer});
  add_node(model, *body, "DeadInside", {idle});
  body->outputs = {inner};

  model.graph.outputs = {add_node(model, model.graph, "If", {x})};
  model.graph.nodes.back().set("then_branch", body);

  const auto dead_body = std::make_shared<Graph>();
  dead_body->outputs = {add_node(model, *dead_body, "InDeadBody", {idle})};
  add_node(model, model.graph, "DeadIf", {x});
  model.graph.nodes.back().set("then_branch", dead_body);

  // Idle, DeadInside, DeadIf and what is in it.
  EXPECT_EQ(model.drop_unused(), 4U);
  EXPECT_EQ(ops_of(model.graph), (std::vector<std::string>{"Outer", "If"}));
  EXPECT_EQ(ops_of(*body), (std::vector<std::string>{"Inner"}));
}

TEST(Model, KeepsNodesWithOneUsedOutput) {
  Model model;
  const ValueId x = model.add_value({});
  add_node(model, model.graph, "Split", {x});
  const ValueId second = model.add_value({});
  model.graph.nodes.back().outputs = {0, second};
  model.graph.outputs = {second};
  EXPECT_EQ(model.drop_unused(), 0U);
}

TEST(Model, VisitsBodiesOuterFirst) {
  Model model;
  const auto inner = std::make_shared<Graph>();
  inner->name = "inner";
  const auto outer = std::make_shared<Graph>();
  outer->name = "outer";
  outer->nodes.emplace_back().set("body", inner);
  model.graph.name = "main";
  model.graph.nodes.emplace_back().set("body", outer);
  std::vector<std::string> names;
  Model::for_each_graph(model.graph, [&](Graph& graph) { names.push_back(graph.name); });
  EXPECT_EQ(names, (std::vector<std::string>{"main", "outer", "inner"}));
}

}  // namespace
}  // namespace flowport::ir
