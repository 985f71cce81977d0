// Calls are no nodes: an output of a call is the output of the callee's body.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graphs.h"
#include "running.h"

namespace flowport::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kRelu = function("f", {{"a"}}, unary("r", "Relu", "a"), {{{"out"}, "r:activations:0"}});

TEST(Calls, RunTheBodyInPlace) {
  const Converted run(placeholder("x") + call("c", "f", {"x"}) + unary("y", "Exp", "c") + kRelu, outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Relu", "Exp"));
  EXPECT_EQ(run.result.model.origins.at(run.result.model.graph.nodes[0].origin).path, "f");
}

TEST(Calls, EachHasItsOwnActivation) {
  const Converted run(placeholder("x") + unary("n", "Neg", "x") + call("c", "f", {"x"}) + call("d", "f", {"n"}) +
                          binary("y", "AddV2", "c", "d") + kRelu,
                      outputs({"y:0"}));
  EXPECT_THAT(run.ops(), ::testing::UnorderedElementsAre("Neg", "Relu", "Relu", "Add"));
}

TEST(Calls, AFunctionsNameMayStandAsOp) {
  const Converted run(placeholder("x") + node("c", "f", {"x"}) + kRelu, outputs({"c:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Relu"));
}

TEST(Calls, WhatNothingUsesIsNotRun) {
  const std::string two = function("two", {{"a"}, {"b"}}, unary("r", "Relu", "a") + python("bad", "b"),
                                   {{{"first"}, "r:activations:0"}, {{"second"}, "bad:output:0"}});
  const Converted run(placeholder("x") + unary("unused", "NoSuchOp", "x") + call("c", "two", {"x", "unused"}, 2) + two,
                      outputs({"c:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Relu"));
}

TEST(Calls, AnArgumentThatIsHandedBackIsTheCallersTensor) {
  const std::string same = function("same", {{"a"}}, "", {{{"out"}, "a"}});
  const Converted run(
      placeholder("x") + unary("n", "Neg", "x") + call("c", "same", {"n"}) + unary("y", "Exp", "c") + same,
      outputs({"y:0"}));
  EXPECT_THAT(run.ops(), ElementsAre("Neg", "Exp"));
}

TEST(Calls, DepthIsNoMatter) {
  std::string graph = placeholder("x") + call("y", "f0", {"x"});
  constexpr int kDepth = 2000;
  for (int i = 0; i < kDepth; ++i) {
    graph += function("f" + std::to_string(i), {{"a"}}, call("c", "f" + std::to_string(i + 1), {"a"}),
                      {{{"out"}, "c:output:0"}});
  }
  graph += function("f" + std::to_string(kDepth), {{"a"}}, unary("r", "Relu", "a"), {{{"out"}, "r:activations:0"}});
  const Converted run(graph, outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Relu"));
}

TEST(Calls, ProblemsTellThePath) {
  const std::string inner = function("inner", {{"a"}}, python("z", "a"), {{{"out"}, "z:output:0"}});
  const std::string outer = function("outer", {{"a"}}, call("c", "inner", {"a"}), {{{"out"}, "c:output:0"}});
  const Converted run(placeholder("x") + call("y", "outer", {"x"}) + inner + outer, outputs({"y:0"}));
  EXPECT_THAT(run.problems(), ElementsAre(HasSubstr("PyFunc z in outer/inner: ")));
}

TEST(Calls, ResultsOfOpsThatNobodyKnowsAreFound) {
  const std::string f = function("f", {{"a"}}, unary("z", "Zap", "a"), {{{"out"}, "z:zapped:0"}});
  const Converted run(placeholder("x") + call("y", "f", {"x"}) + f, outputs({"y:0"}));
  EXPECT_THAT(run.problems(), ElementsAre(HasSubstr("Zap z in f: ")));
  EXPECT_EQ(run.result.journal.problems[0].fault, Fault::kUnsupported);
}

TEST(Calls, AFunctionThatCallsItselfIsAnError) {
  const std::string f = function("f", {{"a"}}, call("again", "f", {"a"}), {{{"out"}, "again:output:0"}});
  const Converted run(placeholder("x") + call("y", "f", {"x"}) + f, outputs({"y:0"}));
  ASSERT_EQ(run.problems().size(), 1U);
  EXPECT_THAT(run.problems()[0], HasSubstr("'f' calls itself"));
  EXPECT_EQ(run.result.journal.problems[0].fault, Fault::kModel);
}

TEST(Calls, FunctionsThatCallEachOtherAreAnError) {
  const std::string f = function("f", {{"a"}}, call("c", "g", {"a"}), {{{"out"}, "c:output:0"}});
  const std::string g = function("g", {{"a"}}, call("c", "f", {"a"}), {{{"out"}, "c:output:0"}});
  EXPECT_THAT(Converted(placeholder("x") + call("y", "f", {"x"}) + f + g, outputs({"y:0"})).problems(),
              ElementsAre(HasSubstr("calls itself")));
}

TEST(Calls, AMissingFunctionIsMetWithANearName) {
  const Converted run(placeholder("x") + call("y", "relu_layr", {"x"}) +
                          function("relu_layer", {{"a"}}, unary("r", "Relu", "a"), {{{"out"}, "r:activations:0"}}),
                      outputs({"y:0"}));
  ASSERT_EQ(run.problems().size(), 1U);
  EXPECT_THAT(run.problems()[0], HasSubstr("relu_layr"));
  EXPECT_THAT(run.next()[0], HasSubstr("relu_layer"));
}

}  // namespace
}  // namespace flowport::convert
