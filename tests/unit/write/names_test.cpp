#include <set>

#include "fixture.h"

namespace flowport::write {
namespace {

TEST_F(WriteTest, NamesValuesAndNodesAfterTheirOrigin) {
  Builder builder;
  const auto x = builder.input("x");
  const auto conv = builder.origin("block1/Conv2D");
  const auto relu = builder.origin("block1/Relu");
  const auto a = builder.node("Transpose", {x}, nullptr, conv);
  const auto b = builder.node("Mul", {a, builder.floats({2, 2})}, nullptr, conv);
  const auto c = builder.node("Transpose", {b}, nullptr, conv);
  const auto d = builder.node("Relu", {c}, nullptr, relu);
  const auto e = builder.node("Neg", {d});
  builder.output(builder.node("Abs", {e}), "y");
  write(builder.model);
  const onnx::ModelProto proto = load();
  std::vector<std::string> names;
  for (const onnx::NodeProto& node : proto.graph().node()) {
    EXPECT_EQ(node.name(), node.output(0));
    names.push_back(node.name());
  }
  EXPECT_EQ(names, (std::vector<std::string>{"block1/Conv2D/Transpose", "block1/Conv2D/Mul",
                                             "block1/Conv2D/Transpose_1", "block1/Relu", "Neg", "y"}));
  EXPECT_EQ(proto.graph().initializer(0).name(), "block1/Conv2D/Mul/in1");
}

TEST_F(WriteTest, NumbersTheOtherOutputsOfANode) {
  Builder builder;
  const auto from = builder.origin("top");
  const auto first = builder.node(
      "TopK", {builder.input("x"), builder.model.add_constant(ir::Constant::ints(std::vector{1L}))}, nullptr, from);
  const auto second = builder.model.add_value(Builder::type(ir::DType::kInt64, {1}));
  builder.model.graph.nodes[0].outputs.push_back(second);
  builder.output(first);
  builder.output(second);
  write(builder.model);
  const onnx::ModelProto proto = load();
  EXPECT_EQ(proto.graph().output(0).name(), "top/TopK");
  EXPECT_EQ(proto.graph().output(1).name(), "top/TopK:1");
}

TEST_F(WriteTest, NeverTakesTheNameOfAnInputOrOutput) {
  Builder builder;
  const auto x = builder.input("Neg");
  const auto a = builder.node("Neg", {x});
  const auto b = builder.node("Abs", {a});
  builder.model.values[b].name = "Relu";
  const auto c = builder.node("Add", {b, builder.floats({1, 2}, "Neg")});
  builder.output(builder.node("Relu", {c}), "Relu");
  write(builder.model);
  const onnx::ModelProto proto = load();
  EXPECT_EQ(proto.graph().input(0).name(), "Neg");
  EXPECT_EQ(proto.graph().output(0).name(), "Relu");
  std::set<std::string> names{proto.graph().input(0).name(), proto.graph().initializer(0).name()};
  for (const onnx::NodeProto& node : proto.graph().node()) names.insert(node.output(0));
  EXPECT_EQ(names.size(), 6U);
}

TEST_F(WriteTest, RefusesTwoInputsOrOutputsOfOneName) {
  Builder builder;
  builder.output(builder.node("Neg", {builder.input("x")}), "x");
  const Problem problem = refused(builder.model);
  EXPECT_EQ(problem.fault, Fault::kCheck);
  EXPECT_EQ(problem.where, "output 'x'");
  EXPECT_TRUE(files().empty());
}

TEST_F(WriteTest, NamesInputsThatHaveNoName) {
  Builder builder;
  builder.model.graph.name.clear();
  const auto a = builder.input("");
  const auto b = builder.input("");
  builder.output(builder.node("Add", {a, b}));
  write(builder.model);
  const onnx::ModelProto proto = load();
  EXPECT_EQ(proto.graph().name(), "main");
  EXPECT_EQ(proto.graph().input(0).name(), "in0");
  EXPECT_EQ(proto.graph().input(1).name(), "in1");
}

TEST_F(WriteTest, KeepsSymbolsApart) {
  Builder builder;
  std::vector<ir::Dim> dims;
  for (const char* name : {"N", "N", "", "dim", ""}) dims.push_back({-1, builder.model.add_symbol(name)});
  const auto x = builder.model.add_value(ir::Type::tensor(ir::DType::kFloat, dims), "x");
  builder.model.graph.inputs = {x};
  builder.output(builder.node("Relu", {x}), "y");
  write(builder.model);
  const onnx::ModelProto proto = load();
  std::set<std::string> names;
  for (const auto& dim : proto.graph().input(0).type().tensor_type().shape().dim()) names.insert(dim.dim_param());
  EXPECT_EQ(names.size(), 5U);
  EXPECT_FALSE(names.contains(""));
  EXPECT_TRUE(names.contains("N"));
  EXPECT_TRUE(names.contains("dim"));
}

TEST_F(WriteTest, NamesManyNodesOfOneOriginInLinearTime) {
  Builder builder;
  ir::ValueId value = builder.input("x");
  for (int i = 0; i < 100'000; ++i) value = builder.node("Neg", {value});
  builder.output(value, "y");
  write(builder.model, {.check = false});
  EXPECT_EQ(load().graph().node(99'998).name(), "Neg_99998");
}

}  // namespace
}  // namespace flowport::write
