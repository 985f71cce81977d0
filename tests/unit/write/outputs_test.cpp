#include "fixture.h"

namespace flowport::write {
namespace {

TEST_F(WriteTest, PutsAnIdentityBeforeAnOutputThatIsAnInput) {
  Builder builder;
  const auto x = builder.input("x");
  builder.output(x);
  write(builder.model);
  const onnx::ModelProto proto = load();
  ASSERT_EQ(proto.graph().node_size(), 1);
  EXPECT_EQ(proto.graph().node(0).op_type(), "Identity");
  EXPECT_EQ(proto.graph().node(0).input(0), "x");
  EXPECT_EQ(proto.graph().node(0).output(0), proto.graph().output(0).name());
  EXPECT_NE(proto.graph().output(0).name(), "x");
  EXPECT_EQ(proto.graph().output(0).type().tensor_type().shape().dim(0).dim_value(), 2);
}

TEST_F(WriteTest, KeepsTheNameOfAnOutputThatIsAConstant) {
  Builder builder;
  const auto x = builder.input("x");
  const auto constant = builder.floats({1, 2}, "y");
  builder.output(constant);
  builder.output(builder.node("Add", {x, constant}), "z");
  write(builder.model);
  const onnx::ModelProto proto = load();
  EXPECT_EQ(proto.graph().output(0).name(), "y");
  ASSERT_EQ(proto.graph().node_size(), 2);
  EXPECT_EQ(proto.graph().node(1).op_type(), "Identity");
  EXPECT_EQ(proto.graph().node(1).output(0), "y");
  ASSERT_EQ(proto.graph().initializer_size(), 1);
  EXPECT_EQ(proto.graph().node(1).input(0), proto.graph().initializer(0).name());
  EXPECT_EQ(proto.graph().node(0).input(1), proto.graph().initializer(0).name());
}

TEST_F(WriteTest, ListsAnOutputOnce) {
  Builder builder;
  const auto y = builder.node("Relu", {builder.input("x")});
  builder.output(y, "y");
  builder.output(y);
  builder.output(y);
  write(builder.model);
  const onnx::ModelProto proto = load();
  ASSERT_EQ(proto.graph().node_size(), 3);
  EXPECT_EQ(proto.graph().output(0).name(), "y");
  EXPECT_EQ(proto.graph().output(1).name(), proto.graph().node(1).output(0));
  EXPECT_EQ(proto.graph().output(2).name(), proto.graph().node(2).output(0));
  EXPECT_NE(proto.graph().output(1).name(), proto.graph().output(2).name());
}

TEST_F(WriteTest, DoesSoInBodies) {
  Builder builder;
  const auto condition = builder.input("c", {}, ir::DType::kBool);
  const auto x = builder.input("x");
  const auto then_branch = std::make_shared<ir::Graph>();
  then_branch->outputs = {x, x};
  const auto else_branch = std::make_shared<ir::Graph>();
  else_branch->outputs = {builder.floats({1, 2}), builder.node("Neg", {x}, else_branch.get())};
  const auto y = builder.node("If", {condition});
  const auto z = builder.model.add_value(Builder::type(ir::DType::kFloat, {2}));
  ir::Node& node = builder.model.graph.nodes[0];
  node.outputs.push_back(z);
  node.set("then_branch", then_branch);
  node.set("else_branch", else_branch);
  builder.output(y, "y");
  builder.output(z, "z");
  write(builder.model);
  const onnx::ModelProto proto = load();
  for (const onnx::AttributeProto& attribute : proto.graph().node(0).attribute()) {
    const onnx::GraphProto& body = attribute.g();
    ASSERT_EQ(body.node_size(), 2) << attribute.name();
    ASSERT_EQ(body.output_size(), 2);
    EXPECT_NE(body.output(0).name(), body.output(1).name());
    for (const onnx::ValueInfoProto& output : body.output()) {
      EXPECT_TRUE(body.node(0).output(0) == output.name() || body.node(1).output(0) == output.name());
    }
  }
}

TEST_F(WriteTest, RefusesASequenceThatPassesThroughWhereIdentityCannotTakeIt) {
  Builder builder;
  builder.model.opsets = {{"", 13}};
  ir::Type type = Builder::type(ir::DType::kFloat, {2});
  type.kind = ir::Type::Kind::kSequence;
  builder.model.graph.inputs = {builder.model.add_value(type, "s")};
  builder.output(builder.model.graph.inputs[0]);
  const Problem problem = refused(builder.model);
  EXPECT_EQ(problem.fault, Fault::kCheck);
  EXPECT_EQ(problem.next, "ask for opset 14 or higher");
  builder.model.opsets = {{"", 14}};
  write(builder.model);
  EXPECT_EQ(load().graph().node(0).op_type(), "Identity");
}

}  // namespace
}  // namespace flowport::write
