#include "optimize/editor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net.h"

namespace flowport::optimize {
namespace {

using testing::ElementsAre;

TEST(Editor, GivesTheNodesBackInOrder) {
  Net net;
  const auto x = net.input("x", {2});
  const auto y = net.op("Relu", {x});
  net.output(net.op("Neg", {y}), "z");
  {
    Editor editor(net.model);
    ir::Node abs;
    abs.op = "Abs";
    abs.inputs = {y};
    abs.outputs = {editor.add_value(editor.type(y))};
    editor.insert_after_definition(y, abs);
    ir::Node exp = abs;
    exp.op = "Exp";
    exp.inputs = {x};
    exp.outputs = {editor.add_value(editor.type(x))};
    editor.insert_after_definition(x, exp);
    EXPECT_EQ(editor.uses(y).size(), 2U);
    EXPECT_EQ(editor.only_user(y), kNoNode);
  }
  EXPECT_THAT(ops_of(net.model), ElementsAre("Exp", "Relu", "Abs", "Neg"));
}

TEST(Editor, ReplacingAnOutputKeepsItsIdAndName) {
  Net net;
  const auto relu = net.op("Relu", {net.input("x", {2})});
  const auto copy = net.op("Identity", {relu});
  net.output(net.op("Neg", {relu}), "negative");
  net.output(copy, "copy");
  {
    Editor editor(net.model);
    EXPECT_EQ(editor.replace(copy, relu), copy);
    EXPECT_EQ(editor.uses(copy).size(), 2U);  // Neg, and the Identity that nobody needs any more
    EXPECT_EQ(editor.drop_unused(), 1U);
  }
  EXPECT_THAT(ops_of(net.model), ElementsAre("Relu", "Neg"));
  EXPECT_EQ(net.model.graph.nodes[0].outputs[0], copy);
}

TEST(Editor, AnInputCannotBecomeAnOutput) {
  Net net;
  const auto x = net.input("x", {2});
  const auto copy = net.op("Identity", {x});
  net.output(copy, "copy");
  Editor editor(net.model);
  EXPECT_EQ(editor.replace(copy, x), 0U);
  EXPECT_NE(editor.producer(copy), kNoNode);
}

TEST(Editor, DropsWithABodyWhatOnlyTheBodyUsed) {
  Net net;
  const auto x = net.input("x", {2});
  const auto outer = net.op("Exp", {x});
  auto body = std::make_shared<ir::Graph>();
  net.build_in(body.get());
  net.output(net.op("Neg", {outer}), "inner");
  net.build_in(nullptr);
  ir::Node node;
  node.op = "If";
  node.inputs = {net.input("condition", {}, ir::DType::kBool)};
  node.set("then_branch", body);
  node.outputs = {net.model.add_value({})};
  net.model.graph.nodes.push_back(node);
  net.output(net.op("Abs", {x}), "y");
  {
    Editor editor(net.model);
    const auto order = editor.order();
    ASSERT_EQ(order.size(), 4U);
    EXPECT_EQ(editor.node(order[1]).op, "Neg");  // the body before its owner
    EXPECT_EQ(editor.drop_unused(), 2U);
  }
  EXPECT_THAT(ops_of(net.model), ElementsAre("Abs"));
}

}  // namespace
}  // namespace flowport::optimize
