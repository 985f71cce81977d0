// What is run, in which order and how often; what becomes of nodes that cannot be.
#include <string_view>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graphs.h"
#include "running.h"

namespace flowport::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

TEST(Engine, RunsOnlyWhatOutputsNeed) {
  const Converted run(placeholder("x") + unary("y", "Relu", "x") + unary("unused", "NoSuchOp", "x"), outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Relu"));
  EXPECT_EQ(run.result.journal.tf_ops.count("NoSuchOp"), 0U);
}

TEST(Engine, RunsANodeOnceHoweverOftenItIsUsed) {
  std::string graph = placeholder("x");
  // 2^40 ways lead to x.
  for (int i = 0; i < 40; ++i) {
    const std::string before = i == 0 ? "x" : "n" + std::to_string(i - 1);
    graph += binary("n" + std::to_string(i), "AddV2", before, before);
  }
  const Converted run(graph, outputs({"n39:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_EQ(run.ops().size(), 40U);
  EXPECT_THAT(run.result.journal.tf_ops, ::testing::Contains(Pair("AddV2", 40U)));
}

TEST(Engine, DepthOfTheGraphIsNoMatter) {
  std::string graph = placeholder("x");
  constexpr int kDepth = 30000;
  for (int i = 0; i < kDepth; ++i) {
    graph += unary("n" + std::to_string(i), i % 2 == 0 ? "Neg" : "Exp", i == 0 ? "x" : "n" + std::to_string(i - 1));
  }
  const Converted run(graph, outputs({"n" + std::to_string(kDepth - 1) + ":0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_EQ(run.ops().size(), static_cast<std::size_t>(kDepth));
}

TEST(Engine, WhatIsKnownIsComputed) {
  const Converted run(placeholder("x", {-1}, kInt32) + int_const("two", 2) + int_const("three", 3) +
                          binary("six", "Mul", "two", "three", kInt32) + binary("y", "AddV2", "x", "six", kInt32),
                      outputs({"y:0"}));
  ASSERT_THAT(run.ops(), ElementsAre("Add"));
  const auto& six = run.value(run.result.model.graph.nodes[0].inputs[1]);
  ASSERT_NE(six.constant, nullptr);
  EXPECT_THAT(six.constant->as_ints(), ElementsAre(6));
}

TEST(Engine, PartlyKnownShapesAreCarriedThroughShapeArithmetic) {
  // reshape(x, [shape(x)[0], -1]) of a [?, 4, 2] tensor is [?, 8].
  const Converted run(placeholder("x", {-1, 4, 2}) + node("s", "Shape", {"x"}, {{"T", kFloat}, {"out_type", kInt32}}) +
                          ints_const("b", {0}) + ints_const("e", {1}) + ints_const("one", {1}) +
                          node("n", "StridedSlice", {"s", "b", "e", "one"},
                               {{"T", kInt32}, {"Index", kInt32}, {"shrink_axis_mask", "i: 1"}}) +
                          int_const("rest", -1) +
                          node("to", "Pack", {"n", "rest"}, {{"N", "i: 2"}, {"T", kInt32}, {"axis", "i: 0"}}) +
                          node("y", "Reshape", {"x", "to"}, {{"T", kFloat}, {"Tshape", kInt32}}),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.outputs(), ElementsAre("y:0: float[x_dim0,8]"));
}

TEST(Engine, OpsWithoutHandlerAreAllFound) {
  const Converted run(
      placeholder("x") + unary("p", "Frobnicate", "x") + unary("q", "Relu", "p") + unary("y", "Gizmo", "q"),
      outputs({"y:0"}));
  EXPECT_FALSE(run.result.ok());
  EXPECT_THAT(run.problems(), UnorderedElementsAre(HasSubstr("Frobnicate p: "), HasSubstr("Gizmo y: ")));
}

TEST(Engine, RefusalOfAHandlerNamesNodeAndReason) {
  // The axes come from the model's input.
  const Converted run(placeholder("x", {2, 3}) + placeholder("p", {2}, kInt32) +
                          node("y", "ReverseV2", {"x", "p"}, {{"T", kFloat}, {"Tidx", kInt32}}),
                      outputs({"y:0"}));
  ASSERT_EQ(run.problems().size(), 1U);
  EXPECT_THAT(run.problems()[0], HasSubstr("ReverseV2 y: "));
  EXPECT_EQ(run.result.journal.problems[0].fault, Fault::kUnsupported);
  EXPECT_FALSE(run.next()[0].empty());
}

flowport_status refuse(const flowport_host* host, flowport_node* node, void*) {
  const std::string_view reason = "not sayable";
  return host->fail(node, FLOWPORT_UNSUPPORTED, {reason.data(), reason.size()}, {nullptr, 0});
}

flowport_status pass_on(const flowport_host* host, flowport_node* node, void*) {
  flowport_value x = 0;
  const flowport_status status = host->node_input(node, 0, &x);
  return status == FLOWPORT_OK ? host->bind_output(node, 0, x) : status;
}

/// Converts a node of which the row of one layer says that ONNX cannot say it, and a row of `second` can.
Conversion refused_then(registry::Layer second) {
  const Converted read(placeholder("x") + unary("y", "Zap", "x"), outputs({"y:0"}));
  registry::Registry registry;
  const auto add = [&](const char* id, registry::Layer layer, decltype(&refuse) convert) {
    registry::Row row;
    row.tf_op = row.id = "Zap";
    row.owner = registry.add_owner({id, "1", "", layer, {}});
    row.handler.convert = convert;
    ASSERT_TRUE(registry.add_row(std::move(row)).has_value());
  };
  add("first", registry::Layer::kUserPlugin, refuse);
  add("second", second, pass_on);
  return convert(*read.program, registry, builtin_registry().target("onnx-21").value(), outputs({"y:0"}));
}

TEST(Engine, WhatTheRowOfAnOpCannotSayIsAGapForContributedRowsOnly) {
  EXPECT_TRUE(refused_then(registry::Layer::kContrib).ok());
  const auto refused = refused_then(registry::Layer::kBuiltin);
  ASSERT_EQ(refused.journal.problems.size(), 1U);
  EXPECT_EQ(refused.journal.problems[0].reason, "not sayable");
  EXPECT_EQ(refused.journal.problems[0].handler, "first/Zap");
}

TEST(Engine, CycleIsAnError) {
  const Converted run(
      placeholder("x") + binary("a", "AddV2", "x", "b") + unary("b", "Relu", "a") + unary("c", "Neg", "b"),
      outputs({"c:0"}));
  ASSERT_EQ(run.problems().size(), 1U);
  EXPECT_THAT(run.problems()[0], HasSubstr("cycle"));
  EXPECT_EQ(run.result.journal.problems[0].fault, Fault::kModel);
}

TEST(Engine, NodeThatNeedsItselfIsACycle) {
  const Converted run(placeholder("x") + binary("a", "AddV2", "x", "a"), outputs({"a:0"}));
  ASSERT_EQ(run.problems().size(), 1U);
  EXPECT_THAT(run.problems()[0], HasSubstr("cycle"));
}

TEST(Engine, MissingInputIsAProblemOnlyOfWhatNeedsIt) {
  const std::string graph = placeholder("x") + unary("y", "Relu", "x") + unary("broken", "Relu", "nowhere");
  EXPECT_THAT(Converted(graph, outputs({"y:0"})).problems(), IsEmpty());
  EXPECT_THAT(Converted(graph, outputs({"broken:0"})).problems(), ElementsAre(HasSubstr("nowhere")));
}

TEST(Engine, ControlOnlyNodesAreDroppedAndCounted) {
  const Converted run(placeholder("x") + bool_const("fine", true) +
                          node("check", "Assert", {"fine", "x"}, {{"T", kFloats}}) + node("group", "NoOp", {"^check"}) +
                          node("y", "Relu", {"x", "^group"}, {{"T", kFloat}}),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Relu"));
  EXPECT_THAT(run.result.journal.dropped, ElementsAre(Pair("Assert", 1U)));
}

TEST(Engine, ProvenanceNamesNodeAndHandler) {
  const Converted run(placeholder("x") + unary("y", "Relu", "x"), outputs({"y:0"}));
  const auto& origin = run.result.model.origins.at(run.result.model.graph.nodes.at(0).origin);
  EXPECT_EQ(origin.tf_node, "y");
  EXPECT_THAT(origin.handler, HasSubstr("Relu"));
  EXPECT_EQ(origin.path, "");
}

TEST(Engine, EqualRunsGiveEqualModels) {
  const std::string graph =
      placeholder("x") + unary("a", "Relu", "x") + unary("b", "Exp", "x") + binary("y", "AddV2", "a", "b");
  const Converted one(graph, outputs({"y:0"}));
  const Converted other(graph, outputs({"y:0"}));
  EXPECT_EQ(one.ops(), other.ops());
  EXPECT_EQ(one.result.model.values.size(), other.result.model.values.size());
}

}  // namespace
}  // namespace flowport::convert
