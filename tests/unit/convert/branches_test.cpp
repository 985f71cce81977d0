// If and Case: one branch where the predicate is known, ONNX If where only the run time knows.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graphs.h"
#include "running.h"

namespace flowport::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::string branch(const std::string& name, const std::string& op, const std::string& output) {
  return function(name, {{"a"}}, unary("r", op, "a"), {{{"out"}, "r:" + output + ":0"}});
}

const std::string kBranches = branch("then", "Relu", "activations") + branch("otherwise", "Exp", "y");

std::string if_node(const std::string& predicate, const std::string& op = "StatelessIf") {
  return node("y", op, {predicate, "x"},
              {{"Tcond", kBool},
               {"Tin", kFloats},
               {"Tout", kFloats},
               {"then_branch", "func { name: \"then\" }"},
               {"else_branch", "func { name: \"otherwise\" }"}});
}

TEST(Branches, AKnownPredicateRunsOneBranch) {
  for (const bool known : {true, false}) {
    const Converted run(placeholder("x") + bool_const("p", known) + if_node("p") + kBranches, outputs({"y:0"}));
    EXPECT_THAT(run.problems(), IsEmpty());
    EXPECT_THAT(run.ops(), ElementsAre(known ? "Relu" : "Exp"));
  }
}

TEST(Branches, WhatTheOtherBranchHasIsNoProblem) {
  const Converted run(placeholder("x") + bool_const("p", true) + if_node("p", "If") +
                          branch("then", "Relu", "activations") +
                          function("otherwise", {{"a"}}, python("q", "a"), {{{"out"}, "q:output:0"}}),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
}

TEST(Branches, AnUnknownPredicateBecomesIf) {
  const Converted run(placeholder("x") + placeholder("p", {}, kBool) + if_node("p") + kBranches, outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("If"));
  EXPECT_THAT(Converted::ops_of(run.body("If", "then_branch")), ElementsAre("Relu"));
  EXPECT_THAT(Converted::ops_of(run.body("If", "else_branch")), ElementsAre("Exp"));
  EXPECT_THAT(run.outputs(), ElementsAre("y:0: float[x_dim0,4]"));
}

TEST(Branches, BothBranchesAreSearchedForProblems) {
  const Converted run(placeholder("x") + placeholder("p", {}, kBool) + if_node("p") +
                          function("then", {{"a"}}, python("p", "a"), {{{"out"}, "p:output:0"}}) +
                          function("otherwise", {{"a"}}, python("q", "a"), {{{"out"}, "q:output:0"}}),
                      outputs({"y:0"}));
  EXPECT_THAT(run.problems(),
              ::testing::UnorderedElementsAre(HasSubstr("PyFunc p in then"), HasSubstr("PyFunc q in otherwise")));
}

TEST(Branches, WhatABranchTakesFromOutsideIsEmittedOutside) {
  const Converted run(
      placeholder("x0") + unary("x", "Neg", "x0") + placeholder("p", {}, kBool) + if_node("p") + kBranches,
      outputs({"y:0"}));
  EXPECT_THAT(run.ops(), ElementsAre("Neg", "If"));
}

TEST(Branches, APredicateThatIsNoBoolIsTrueWhereItIsNotZero) {
  const std::string on_int = node("y", "If", {"p", "x"},
                                  {{"Tcond", kInt32},
                                   {"Tin", kFloats},
                                   {"Tout", kFloats},
                                   {"then_branch", "func { name: \"then\" }"},
                                   {"else_branch", "func { name: \"otherwise\" }"}});
  EXPECT_THAT(Converted(placeholder("x") + int_const("p", 5) + on_int + kBranches, outputs({"y:0"})).ops(),
              ElementsAre("Relu"));
  EXPECT_THAT(Converted(placeholder("x") + int_const("p", 0) + on_int + kBranches, outputs({"y:0"})).ops(),
              ElementsAre("Exp"));
  EXPECT_EQ(
      Converted(placeholder("x") + placeholder("p", {}, kInt32) + on_int + kBranches, outputs({"y:0"})).ops().back(),
      "If");
}

std::string case_node() {
  return node("y", "Case", {"i", "x"},
              {{"Tin", kFloats},
               {"Tout", kFloats},
               {"branches", "list { func { name: \"then\" } func { name: \"otherwise\" } func { name: \"third\" } }"}});
}

const std::string kThree = kBranches + branch("third", "Neg", "y");

TEST(Branches, CaseOfAKnownIndexRunsOne) {
  EXPECT_THAT(Converted(placeholder("x") + int_const("i", 1) + case_node() + kThree, outputs({"y:0"})).ops(),
              ElementsAre("Exp"));
}

TEST(Branches, CaseOfAnIndexOutOfRangeRunsTheLast) {
  for (const int index : {-1, 3, 100}) {
    EXPECT_THAT(Converted(placeholder("x") + int_const("i", index) + case_node() + kThree, outputs({"y:0"})).ops(),
                ElementsAre("Neg"));
  }
}

TEST(Branches, CaseOfAnUnknownIndexIsIfInIf) {
  const Converted run(placeholder("x") + placeholder("i", {}, kInt32) + case_node() + kThree, outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_EQ(run.ops().back(), "If");
  EXPECT_THAT(Converted::ops_of(run.body("If", "then_branch")), ElementsAre("Relu"));
  EXPECT_THAT(Converted::ops_of(run.body("If", "else_branch")), ::testing::Contains("If"));
}

}  // namespace
}  // namespace flowport::convert
