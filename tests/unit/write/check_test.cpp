#include "fixture.h"

namespace flowport::write {
namespace {

class CheckTest : public WriteTest {
 protected:
  /// The problem with `builder`, which leaves nothing behind.
  Problem refusal(Builder& builder) {
    const Problem problem = refused(builder.model);
    EXPECT_EQ(problem.fault, Fault::kCheck);
    EXPECT_FALSE(problem.next.empty());
    EXPECT_EQ(problem.what.find('\n'), std::string::npos);
    EXPECT_TRUE(files().empty());
    return problem;
  }
};

void expect_contains(const std::string& text, const char* part) {
  EXPECT_NE(text.find(part), std::string::npos) << text;
}

TEST_F(CheckTest, RefusesAnOpThatThereIsNot) {
  Builder builder;
  const auto from = builder.origin("block/frob", "call/f", "example/frob");
  builder.output(builder.node("Frobnicate", {builder.input("x")}, nullptr, from), "y");
  const Problem problem = refusal(builder);
  expect_contains(problem.what, "No Op registered for Frobnicate");
  EXPECT_EQ(problem.where, "node 'y' (Frobnicate), from TF node 'block/frob' in 'call/f', by 'example/frob'");
}

TEST_F(CheckTest, RefusesAnOpThatIsNewerThanTheOpset) {
  Builder builder;
  builder.model.opsets = {{"", 13}};
  builder.output(builder.node("Gelu", {builder.input("x")}), "y");
  expect_contains(refusal(builder).where, "(Gelu)");
}

TEST_F(CheckTest, RefusesMissingInputsAndUnknownAttributes) {
  Builder few;
  few.output(few.node("Add", {few.input("x")}), "y");
  expect_contains(refusal(few).where, "'y' (Add)");

  Builder unknown;
  unknown.output(unknown.node("Relu", {unknown.input("x")}), "y");
  unknown.model.graph.nodes[0].set("slope", 0.5F);
  expect_contains(refusal(unknown).what, "slope");
}

TEST_F(CheckTest, RefusesADomainWithoutOpset) {
  Builder builder;
  builder.output(builder.node("Frob", {builder.input("x")}), "y");
  builder.model.graph.nodes[0].domain = "com.example";
  expect_contains(refusal(builder).what, "com.example");
  builder.model.opsets.push_back({"com.example", 1});
  write(builder.model);
}

TEST_F(CheckTest, NamesTheNodeWithinABody) {
  Builder builder;
  const auto condition = builder.input("c", {}, ir::DType::kBool);
  const auto x = builder.input("x");
  const auto from = builder.origin("cond/frob");
  const auto good = std::make_shared<ir::Graph>();
  good->outputs = {builder.node("Neg", {x}, good.get())};
  const auto bad = std::make_shared<ir::Graph>();
  bad->outputs = {builder.node("Frobnicate", {x}, bad.get(), from)};
  builder.output(builder.node("If", {condition}), "y");
  builder.model.graph.nodes[0].set("then_branch", good);
  builder.model.graph.nodes[0].set("else_branch", bad);
  EXPECT_EQ(refusal(builder).where, "node 'cond/frob/Frobnicate' (Frobnicate), from TF node 'cond/frob'");
}

TEST_F(CheckTest, RefusesNodesThatAreNotInOrder) {
  Builder builder;
  const auto x = builder.input("x");
  const auto from = builder.origin("late");
  const auto y = builder.node("Neg", {x});
  const auto z = builder.node("Abs", {y}, nullptr, from);
  std::swap(builder.model.graph.nodes[0], builder.model.graph.nodes[1]);
  builder.output(z, "z");
  const Problem problem = refusal(builder);
  expect_contains(problem.what, "topologically sorted");
  EXPECT_EQ(problem.where, "node 'z' (Abs), from TF node 'late'");
}

TEST_F(CheckTest, RefusesAValueOfAnotherBody) {
  Builder builder;
  const auto condition = builder.input("c", {}, ir::DType::kBool);
  const auto x = builder.input("x");
  const auto first = std::make_shared<ir::Graph>();
  const auto hidden = builder.node("Neg", {x}, first.get());
  first->outputs = {hidden};
  const auto second = std::make_shared<ir::Graph>();
  second->outputs = {builder.node("Abs", {hidden}, second.get())};
  builder.output(builder.node("If", {condition}), "y");
  builder.model.graph.nodes[0].set("then_branch", first);
  builder.model.graph.nodes[0].set("else_branch", second);
  expect_contains(refusal(builder).where, "(Abs)");
}

TEST_F(CheckTest, RefusesAValueThatTwoNodesMake) {
  Builder builder;
  const auto x = builder.input("x");
  const auto y = builder.node("Neg", {x});
  builder.model.graph.nodes.push_back({"Abs", "", {x}, {y}, {}, builder.origin("again")});
  builder.output(y, "y");
  const Problem problem = refusal(builder);
  expect_contains(problem.what, "single static assignment");
  EXPECT_EQ(problem.where, "value 'y' of node 'y' (Abs), from TF node 'again'");
}

TEST_F(CheckTest, RefusesAnIrVersionThatThereIsNot) {
  Builder builder;
  builder.output(builder.node("Relu", {builder.input("x")}), "y");
  builder.model.ir_version = 99;
  expect_contains(refusal(builder).what, "99");
}

TEST_F(CheckTest, RefusesAModelWithoutOpset) {
  Builder builder;
  builder.output(builder.node("Relu", {builder.input("x")}), "y");
  builder.model.opsets.clear();
  expect_contains(refusal(builder).what, "opset");
}

TEST_F(CheckTest, RefusesExperimentalOpsInSilence) {
  Builder builder;
  builder.output(builder.node("Affine", {builder.input("x")}), "y");
  testing::internal::CaptureStdout();
  const Problem problem = refusal(builder);
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
  expect_contains(problem.where, "(Affine)");
}

TEST_F(CheckTest, RefusesAnOutputWithoutElementType) {
  Builder builder;
  builder.output(builder.node("Relu", {builder.input("x")}), "y");
  builder.model.values[builder.model.graph.outputs[0]].type = {};
  EXPECT_EQ(refusal(builder).where, "'y'");
}

TEST_F(CheckTest, TakesLargeWeightsInAnyPlace) {
  Builder builder;
  const auto c = builder.node("Constant", {});
  builder.model.graph.nodes[0].set("value", Builder::weight_constant(2000, 1));
  builder.output(builder.node("Add", {c, builder.weight(2000, 7)}), "y");
  builder.output(builder.model.add_constant(ir::Constant::make_strings({1}, {std::string(5000, 's')})), "s");
  write(builder.model);
}

TEST_F(CheckTest, LeavesItOutWhereAsked) {
  Builder builder;
  builder.output(builder.node("Frobnicate", {builder.input("x")}), "y");
  write(builder.model, {.check = false});
  EXPECT_EQ(load().graph().node(0).op_type(), "Frobnicate");
}

}  // namespace
}  // namespace flowport::write
