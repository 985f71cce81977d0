// While becomes Loop over tensor variables.
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

const std::string kCondition =
    function("go_on", {{"i", "DT_INT32"}, {"v"}, {"w"}},
             int_const("ten", 10) + binary("l", "Less", "i", "ten:output:0", kInt32), {{{"out", "DT_BOOL"}, "l:z:0"}});

/// i + 1, `step` of v (and w), w.
std::string body(const std::string& step, const std::string& tensor) {
  return function("body", {{"i", "DT_INT32"}, {"v"}, {"w"}},
                  int_const("one", 1) + binary("next", "AddV2", "i", "one:output:0", kInt32) + step,
                  {{{"i_out", "DT_INT32"}, "next:z:0"}, {{"v_out"}, tensor}, {{"w_out"}, "w"}});
}

std::string loop(const std::string& start) {
  return node("y", "StatelessWhile", {start, "x", "w"},
              {{"T", "list { type: DT_INT32 type: DT_FLOAT type: DT_FLOAT }"},
               {"cond", "func { name: \"go_on\" }"},
               {"body", "func { name: \"body\" }"}});
}

const std::string kGiven = placeholder("x") + placeholder("w") + placeholder("start", {}, kInt32);

TEST(Loops, BecomeLoop) {
  const Converted run(kGiven + loop("start") + kCondition + body(binary("s", "AddV2", "v", "w"), "s:z:0"),
                      outputs({"y:0", "y:1"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_EQ(run.ops().back(), "Loop");
  EXPECT_THAT(Converted::ops_of(run.body("Loop", "body")), Contains("Less"));
}

TEST(Loops, WhatTheBodyHandsOnIsNoLoopVariable) {
  const Converted run(kGiven + loop("start") + kCondition + body(binary("s", "Mul", "v", "w"), "s:z:0"),
                      outputs({"y:1"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  // Iteration number, condition, i and v.
  EXPECT_EQ(run.body("Loop", "body").inputs.size(), 4U);
}

TEST(Loops, ABodyThatIsRunAgainCountsOnce) {
  // Concat makes the rows of v unknown inside of the loop, and the body is run again.
  const Converted run(
      placeholder("x", {2}) + placeholder("w", {2}) + placeholder("start", {}, kInt32) + loop("start") + kCondition +
          body(int_const("axis", 0) +
                   node("s", "ConcatV2", {"v", "w", "axis:output:0"}, {{"T", kFloat}, {"N", "i: 2"}, {"Tidx", kInt32}}),
               "s:output:0"),
      outputs({"y:1"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  const auto& journal = run.result.journal;
  EXPECT_EQ(journal.tf_ops.at("ConcatV2"), 1U);
  std::size_t calls = 0;
  for (const auto& [row, count] : journal.handlers) calls += row.first == "ConcatV2" ? count : 0;
  EXPECT_EQ(calls, 1U);
}

TEST(Loops, AnInvariantOutputIsTheTensorThatWentIn) {
  const Converted run(kGiven + unary("n", "Neg", "w") + loop("start") + kCondition +
                          body(binary("s", "Mul", "v", "w"), "s:z:0") + unary("z", "Exp", "y:2"),
                      outputs({"z:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), Contains("Exp"));
}

TEST(Loops, ThatNeverRunGiveWhatWentIn) {
  const Converted run(placeholder("x") + placeholder("w") + int_const("start", 10) + loop("start") + kCondition +
                          body(unary("s", "Exp", "v"), "s:y:0") + unary("z", "Neg", "y:1"),
                      outputs({"z:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Neg"));
}

TEST(Loops, DimsThatChangeAreUnknown) {
  const std::string grow = int_const("axis", 0) + node("s", "ConcatV2", {"v", "w", "axis:output:0"},
                                                       {{"N", "i: 2"}, {"T", kFloat}, {"Tidx", kInt32}});
  const Converted run(placeholder("x", {1, 4}) + placeholder("w", {2, 4}) + placeholder("start", {}, kInt32) +
                          loop("start") + kCondition + body(grow, "s:output:0"),
                      outputs({"y:1"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.outputs(), ElementsAre("y:1: float[?,4]"));
}

TEST(Loops, ProblemsOfTheBodyTellThePath) {
  const Converted run(kGiven + loop("start") + kCondition + body(python("s", "v"), "s:output:0"), outputs({"y:1"}));
  EXPECT_THAT(run.problems(), ElementsAre(HasSubstr("PyFunc s in body")));
}

TEST(Loops, DimsOfABodyDemandNothing) {
  // The body may never run, so x and w need not have as many rows.
  const std::string join =
      int_const("axis", 1) +
      node("c", "ConcatV2", {"v", "w", "axis:output:0"}, {{"N", "i: 2"}, {"T", kFloat}, {"Tidx", kInt32}}) +
      ints_const("b", {0, 0}) + ints_const("size", {-1, 4}) +
      node("s", "Slice", {"c:output:0", "b:output:0", "size:output:0"}, {{"T", kFloat}, {"Index", kInt32}});
  const Converted run(kGiven + loop("start") + kCondition + body(join, "s:output:0"), outputs({"y:1"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.inputs(), Contains("w: float[w_dim0,4]"));
}

}  // namespace
}  // namespace flowport::convert
