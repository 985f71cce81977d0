#include "fixture.h"
#include "write/check.h"

namespace flowport::write {
namespace {

/// `depth` conditions within one another; the innermost gives Neg(x), all others hand it out.
Builder nested(std::size_t depth) {
  Builder builder;
  const auto condition = builder.input("c", {}, ir::DType::kBool);
  const auto x = builder.input("x");
  const auto branch = [&](auto fill) {
    auto body = std::make_shared<ir::Graph>();
    body->outputs = {fill(body.get())};
    return body;
  };
  auto inner = branch([&](ir::Graph* body) { return builder.node("Neg", {x}, body); });
  for (std::size_t i = 0; i < depth; ++i) {
    auto outer = i + 1 == depth ? nullptr : std::make_shared<ir::Graph>();
    ir::Graph* graph = outer ? outer.get() : &builder.model.graph;
    const auto y = builder.node("If", {condition}, graph);
    ir::Node& node = graph->nodes.back();
    node.set("then_branch", std::exchange(inner, outer));
    node.set("else_branch", branch([&](ir::Graph* body) { return builder.node("Abs", {x}, body); }));
    graph->outputs = {y};
  }
  builder.model.values[builder.model.graph.outputs[0]].name = "y";
  return builder;
}

TEST_F(WriteTest, WritesBodiesWithinBodies) {
  Builder builder = nested(3);
  const WriteSummary summary = write(builder.model);
  EXPECT_EQ(summary.nodes, 7U);
  EXPECT_EQ(summary.ops, (std::map<std::string, std::size_t>{{"Abs", 3}, {"If", 3}, {"Neg", 1}}));
  const onnx::ModelProto proto = load();
  const onnx::GraphProto* graph = &proto.graph();
  for (int i = 0; i < 3; ++i) {
    ASSERT_EQ(graph->node_size(), 1);
    ASSERT_EQ(graph->node(0).attribute_size(), 2);
    EXPECT_EQ(graph->node(0).attribute(0).name(), "then_branch");
    EXPECT_EQ(graph->node(0).attribute(0).type(), onnx::AttributeProto::GRAPH);
    EXPECT_EQ(graph->node(0).attribute(1).g().node(0).op_type(), "Abs");
    EXPECT_EQ(graph->output(0).name(), graph->node(0).output(0));
    graph = &graph->node(0).attribute(0).g();
  }
  EXPECT_EQ(graph->node(0).op_type(), "Neg");
  EXPECT_EQ(graph->node(0).input(0), "x");
}

TEST_F(WriteTest, WritesBodiesAsDeepAsAReaderTakes) {
  Builder builder = nested(kDeepestNesting);
  write(builder.model);
  load();
}

TEST_F(WriteTest, RefusesBodiesThatNoReaderTakes) {
  Builder builder = nested(kDeepestNesting + 1);
  const Problem problem = refused(builder.model);
  EXPECT_EQ(problem.fault, Fault::kCheck);
  EXPECT_NE(problem.what.find("31 deep"), std::string::npos) << problem.what;
  EXPECT_TRUE(files().empty());
}

TEST_F(WriteTest, GoesToAnyDepthWithoutRecursion) {
  Builder builder = nested(2000);
  EXPECT_EQ(write(builder.model, {.check = false}).nodes, 4001U);
}

TEST_F(WriteTest, WritesLoopsWithTheirInputsAndTheConstantsOfTheirBodies) {
  Builder builder;
  const auto x = builder.input("x");
  const auto trips = builder.model.add_constant(ir::Constant::int_scalar(3));
  const auto body = std::make_shared<ir::Graph>();
  const auto i = builder.model.add_value(Builder::type(ir::DType::kInt64, {}));
  const auto go = builder.model.add_value(Builder::type(ir::DType::kBool, {}));
  const auto state = builder.model.add_value(Builder::type(ir::DType::kFloat, {2}));
  body->inputs = {i, go, state};
  body->outputs = {go, builder.node("Add", {state, builder.floats({1, 2}, "step")}, body.get())};
  const auto from = builder.origin("while");
  const auto y = builder.node("Loop", {trips, 0, x}, nullptr, from);
  builder.model.graph.nodes[0].set("body", body);
  builder.output(y, "y");
  write(builder.model);

  const onnx::ModelProto proto = load();
  ASSERT_EQ(proto.graph().initializer_size(), 2);
  EXPECT_EQ(proto.graph().initializer(1).name(), "step");
  const onnx::GraphProto& written = proto.graph().node(0).attribute(0).g();
  EXPECT_EQ(written.name(), "y/body");
  EXPECT_EQ(written.initializer_size(), 0);
  ASSERT_EQ(written.input_size(), 3);
  EXPECT_EQ(written.input(0).name(), "y/body/in0");
  EXPECT_EQ(written.input(2).type().tensor_type().elem_type(), onnx::TensorProto::FLOAT);
  ASSERT_EQ(written.node_size(), 2);
  EXPECT_EQ(written.node(1).op_type(), "Identity") << "an input does not pass through as an output";
  EXPECT_EQ(written.output(0).name(), written.node(1).output(0));
}

TEST_F(WriteTest, ReadsTheDeepestTypesAtTheDeepestPlace) {
  Builder builder = nested(kDeepestNesting);
  ir::Graph* graph = &builder.model.graph;
  while (graph->nodes[0].op == "If") {
    graph = std::get<std::shared_ptr<ir::Graph>>(graph->nodes[0].find("then_branch")->value).get();
    ir::Value& value = builder.model.values[graph->outputs[0]];
    value.type.kind = ir::Type::Kind::kSequence;
  }
  write(builder.model);
  load();
}

}  // namespace
}  // namespace flowport::write
