// Stacks: their content goes from node to node in the order in which TensorFlow runs them.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "convert/run_order.h"
#include "graphs.h"
#include "running.h"

namespace flowport::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string stack(const std::string& limit = "no_limit") {
  return int_const("no_limit", -1) + int_const("one_item", 1) + node("s", "StackV2", {limit}, {{"elem_type", kFloat}});
}

std::string push(const std::string& name, const std::string& item, std::vector<std::string> controls = {}) {
  std::vector<std::string> inputs{"s", item};
  for (const auto& control : controls) inputs.push_back("^" + control);
  return node(name, "StackPushV2", inputs, {{"T", kFloat}});
}

std::string pop(const std::string& name, const std::vector<std::string>& controls = {}) {
  std::vector<std::string> inputs{"s"};
  for (const auto& control : controls) inputs.push_back("^" + control);
  return node(name, "StackPopV2", inputs, {{"elem_type", kFloat}});
}

TEST(Stacks, APopGivesWhatWasPushedLast) {
  const Converted run(placeholder("x") + stack() + unary("a", "Relu", "x") + unary("b", "Exp", "x") + push("one", "a") +
                          push("two", "b", {"one"}) + pop("y", {"two"}),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Relu", "Exp"));
  EXPECT_EQ(run.result.model.graph.outputs, run.result.model.graph.nodes.back().outputs);
  EXPECT_EQ(run.result.journal.tf_ops.at("StackPushV2"), 2U);
  EXPECT_EQ(run.result.journal.tf_ops.at("StackPopV2"), 1U);
  EXPECT_THAT(run.result.journal.dropped, IsEmpty());
}

TEST(Stacks, WhatNoOutputWaitsForIsNotPushed) {
  const Converted run(placeholder("x") + stack() + unary("a", "Relu", "x") + unary("b", "Exp", "x") + push("one", "a") +
                          push("unused", "b") + pop("y", {"one"}),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Relu"));
}

TEST(Stacks, TwoNodesWithoutAnOrderAreNamed) {
  const Converted run(placeholder("x") + stack() + push("one", "x") + push("two", "x") + pop("y", {"one", "two"}),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), ElementsAre(HasSubstr("'one' or 'two' comes first to stack 's'")));
}

TEST(Stacks, AnUnknownStackIsRefused) {
  const Converted run(
      placeholder("h", {}, "type: DT_RESOURCE") + node("y", "StackPopV2", {"h"}, {{"elem_type", kFloat}}),
      outputs({"y:0"}));
  ASSERT_EQ(run.problems().size(), 1U);
  EXPECT_THAT(run.problems()[0], HasSubstr("which stack"));
}

TEST(Stacks, AStackIsOnlyFilledUpToItsSize) {
  const Converted run(
      placeholder("x") + stack("one_item") + push("one", "x") + push("two", "x", {"one"}) + pop("y", {"two"}),
      outputs({"y:0"}));
  EXPECT_THAT(run.problems(),
              ElementsAre(HasSubstr("StackPushV2 two: pushes to a stack that is full: its max_size is 1")));
}

TEST(Stacks, APushOnOneSideOfAConditionalIsAnIf) {
  const std::string graph = placeholder("x") + placeholder("p", {}, kBool) + stack() + push("first", "x") +
                            binary("switch", "Switch", "x", "p") + unary("a", "Exp", "switch:1") +
                            push("second", "a", {"first"}) + node("sync", "ControlTrigger", {"^second"}) +
                            pop("y", {"sync"});
  const Converted run(graph, outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(Converted::ops_of(run.body("If", "then_branch")), testing::Contains("Exp"));
  EXPECT_THAT(Converted::ops_of(run.body("If", "else_branch")), testing::Not(testing::Contains("Exp")));
  EXPECT_EQ(run.result.journal.tf_ops.at("StackPushV2"), 2U) << "the If is no push";
}

// ---- RunOrder

TEST(RunOrder, EdgesOfBothKindsTellIt) {
  const Converted given(placeholder("x") + unary("a", "Relu", "x") + unary("b", "Relu", "x") +
                            node("c", "Relu", {"b", "^a"}, {{"T", kFloat}}) + unary("d", "Relu", "c"),
                        outputs({"d:0"}));
  const tf::Graph& graph = given.program->main();
  std::vector<tf::NodeIndex> all;
  for (std::size_t i = 0; i < graph.nodes.size(); ++i) all.push_back(static_cast<tf::NodeIndex>(i));
  RunOrder order(graph, nullptr, -1, all);
  const auto waits = [&](const char* later, const char* earlier) {
    return order.waits_for(graph.find(later), graph.find(earlier));
  };
  EXPECT_TRUE(waits("d", "a"));
  EXPECT_TRUE(waits("c", "b"));
  EXPECT_FALSE(waits("b", "a"));
  EXPECT_FALSE(waits("a", "d"));
  EXPECT_LT(order.place(graph.find("a")), order.place(graph.find("c")));
}

}  // namespace
}  // namespace flowport::convert
