// Assignments on which an output depends are refused by name; others are left out.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graphs.h"
#include "running.h"

namespace flowport::convert {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

const std::string kResource = "type: DT_RESOURCE";

/// The variable has no content: that it is read is one more problem.
std::string variable() { return node("v", "VarHandleOp", {}, {{"dtype", kFloat}, {"shape", shape({4})}}); }

std::string read() { return node("read", "ReadVariableOp", {"v"}, {{"dtype", kFloat}}); }

std::string assignment(const std::string& control = {}) {
  std::vector<std::string> inputs{"v", "one"};
  if (!control.empty()) inputs.push_back("^" + control);
  return variable() + float_const("one", "1") + node("assign", "AssignAddVariableOp", inputs, {{"dtype", kFloat}});
}

TEST(Effects, AnAssignmentThatAnOutputWaitsForIsRefused) {
  const Converted run(placeholder("x") + assignment() + read() + node("y", "Relu", {"x", "^assign"}, {{"T", kFloat}}),
                      outputs({"y:0", "read:0"}));
  EXPECT_THAT(run.problems(), Contains(HasSubstr("AssignAddVariableOp assign: ")));
  EXPECT_EQ(run.result.journal.problems.back().fault, Fault::kUnsupported);
}

TEST(Effects, AnAssignmentToAVariableThatNothingReadsIsLeftOut) {
  const Converted run(placeholder("x") + assignment() + node("y", "Relu", {"x", "^assign"}, {{"T", kFloat}}),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Relu"));
}

TEST(Effects, OnlyWhatIsWrittenCountsNotWhatItIsSetTo) {
  // The value is a variable that nothing else reads; what is written is not known.
  const std::string graph = placeholder("x") + node("v", "VariableV2", {}, {{"dtype", kFloat}, {"shape", shape({4})}}) +
                            node("w", "VariableV2", {}, {{"dtype", kFloat}, {"shape", shape({4})}}) +
                            node("chosen", "RefSelect", {"index", "v", "v"}, {{"T", kFloat}, {"N", "i: 2"}}) +
                            node("index", "Placeholder", {}, {{"dtype", "type: DT_INT32"}, {"shape", shape({})}}) +
                            node("assign", "Assign", {"chosen", "w"}, {{"T", kFloat}}) +
                            node("y", "Relu", {"x", "^assign"}, {{"T", kFloat}});
  EXPECT_THAT(Converted(graph, outputs({"y:0"})).problems(), Contains(HasSubstr("Assign assign: ")));
}

TEST(Effects, AVariableOfTheSameSharedNameIsTheSame) {
  const std::string named = "s: \"counter\"";
  const auto handle = [&](const std::string& name) {
    return node(name, "VarHandleOp", {}, {{"dtype", kFloat}, {"shape", shape({4})}, {"shared_name", named}});
  };
  const Converted run(placeholder("x") + handle("v") + handle("w") + float_const("one", "1") +
                          node("assign", "AssignAddVariableOp", {"w", "one"}, {{"dtype", kFloat}}) + read() +
                          node("y", "Relu", {"x", "^assign"}, {{"T", kFloat}}),
                      outputs({"y:0", "read:0"}));
  EXPECT_THAT(run.problems(), Contains(HasSubstr("AssignAddVariableOp assign: ")));
}

TEST(Effects, ThroughOtherControlInputsToo) {
  const Converted run(placeholder("x") + assignment() + read() + node("group", "NoOp", {"^assign"}) +
                          node("y", "Relu", {"x", "^group"}, {{"T", kFloat}}),
                      outputs({"y:0", "read:0"}));
  EXPECT_THAT(run.problems(), Contains(HasSubstr("AssignAddVariableOp assign: ")));
}

TEST(Effects, AnAssignmentThatNothingWaitsForIsLeftOut) {
  const Converted run(placeholder("x") + assignment() + unary("y", "Relu", "x"), outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Relu"));
}

TEST(Effects, AnAssignmentInACalledFunctionIsRefused) {
  const std::string body = unary("r", "Relu", "a") + float_const("one", "1") +
                           node("assign", "AssignAddVariableOp", {"handle", "one:output:0"}, {{"dtype", kFloat}});
  const std::string f =
      function("f", {{"a"}, {"handle", "DT_RESOURCE"}}, body, {{{"out"}, "r:activations:0"}}, {"assign"});
  const std::string called =
      node("y", "StatefulPartitionedCall", {"x", "v"},
           {{"Tin", "list { type: DT_FLOAT type: DT_RESOURCE }"}, {"Tout", kFloats}, {"f", "func { name: \"f\" }"}});
  const Converted run(placeholder("x") + variable() + read() + called + f, outputs({"y:0", "read:0"}));
  EXPECT_THAT(run.problems(), Contains(HasSubstr("AssignAddVariableOp assign in f: ")));
}

TEST(Effects, OfAnIfOnlyTheBranchThatRunsCounts) {
  const std::string writes = function(
      "writes", {{"a"}, {"h", "DT_RESOURCE"}},
      float_const("one", "1") + node("assign", "AssignAddVariableOp", {"h", "one:output:0"}, {{"dtype", kFloat}}) +
          unary("r", "Relu", "a"),
      {{{"out"}, "r:activations:0"}}, {"assign"});
  const std::string reads =
      function("reads", {{"a"}, {"h", "DT_RESOURCE"}}, unary("r", "Exp", "a"), {{{"out"}, "r:y:0"}});
  const std::string branches = node("y", "If", {"p", "x", "v"},
                                    {{"Tcond", kBool},
                                     {"Tin", "list { type: DT_FLOAT type: DT_RESOURCE }"},
                                     {"Tout", kFloats},
                                     {"then_branch", "func { name: \"writes\" }"},
                                     {"else_branch", "func { name: \"reads\" }"}});
  const std::string graph = placeholder("x") + variable() + read() + branches + writes + reads;
  const auto wanted = outputs({"y:0", "read:0"});
  EXPECT_THAT(Converted(graph + bool_const("p", false), wanted).problems(), Not(Contains(HasSubstr("AssignAdd"))));
  EXPECT_THAT(Converted(graph + bool_const("p", true), wanted).problems(),
              Contains(HasSubstr("AssignAddVariableOp assign in writes: ")));
  EXPECT_THAT(Converted(graph + placeholder("p", {}, kBool), wanted).problems(),
              Contains(HasSubstr("AssignAddVariableOp assign in writes: ")));
}

TEST(Effects, AVariableWithoutContentIsNamed) {
  const Converted run(variable() + node("y", "ReadVariableOp", {"v"}, {{"dtype", kFloat}}), outputs({"y:0"}));
  ASSERT_EQ(run.problems().size(), 1U);
  EXPECT_THAT(run.problems()[0], HasSubstr("v"));
}

}  // namespace
}  // namespace flowport::convert
