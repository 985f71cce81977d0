#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rows.h"

namespace flowport::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Explain : public ::testing::Test {
 protected:
  const Owner* owner(std::string id, Layer layer = Layer::kBuiltin) {
    return registry_.add_owner({std::move(id), "1.0.0", "", layer, {}});
  }
  void add(const Owner* by, RowText text) { ASSERT_TRUE(registry_.add_row(row_of(by, std::move(text))).has_value()); }
  std::vector<std::string> reasons(int opset) {
    std::vector<std::string> result;
    for (const Candidate& candidate : registry_.explain("Op", target_of(opset))) {
      result.push_back(candidate.row->owner->id + ": " + candidate.reason);
    }
    return result;
  }

  Registry registry_;
};

TEST_F(Explain, OnlyOne) {
  add(owner("a"), {});
  EXPECT_THAT(reasons(21), ElementsAre("a: wins: the only one that fits"));
}

TEST_F(Explain, LayerThenOpsetThenPriority) {
  add(owner("plugin", Layer::kUserPlugin), {});
  const Owner* a = owner("a");
  add(a, {.id = "general", .priority = 1});
  add(a, {.id = "special", .opset_min = 18, .opset_max = 20});
  EXPECT_THAT(reasons(18), ElementsAre("plugin: wins: user plugin before builtin",
                                       "a: lost: user plugin before builtin; tried when those before it decline",
                                       "a: lost: user plugin before builtin; tried when those before it decline"));
  EXPECT_THAT(reasons(21), ElementsAre("plugin: wins: user plugin before builtin",
                                       "a: lost: user plugin before builtin; tried when those before it decline",
                                       "a: needs opset 18 to 20, target has 21"));
  EXPECT_THAT(reasons(12),
              ElementsAre("plugin: needs opset >= 13, target has 12", "a: needs opset 18 to 20, target has 12",
                          "a: needs opset >= 13, target has 12"));
}

TEST_F(Explain, OpsetMinAndPriorityWithinALayer) {
  const Owner* a = owner("a");
  add(a, {.id = "one", .opset_min = 18});
  add(a, {.id = "two", .opset_min = 13, .priority = 2});
  add(a, {.id = "three", .opset_min = 13, .priority = 1});
  EXPECT_THAT(reasons(18), ElementsAre("a: wins: opset_min 18 > 13",
                                       "a: lost: opset_min 18 > 13; tried when those before it decline",
                                       "a: lost: opset_min 18 > 13; tried when those before it decline"));
  EXPECT_THAT(reasons(17),
              ElementsAre("a: wins: priority 2 > 1", "a: lost: priority 2 > 1; tried when those before it decline",
                          "a: needs opset >= 18, target has 17"));
}

TEST_F(Explain, TieAndWhatComesAfterIt) {
  add(owner("a"), {});
  add(owner("b"), {});
  add(owner("c", Layer::kContrib), {});
  EXPECT_THAT(reasons(21),
              ElementsAre("a: tie with b: same layer (builtin), opset_min 13 and priority 0; `use: {Op: a}` settles it",
                          "b: tie with a: same layer (builtin), opset_min 13 and priority 0; `use: {Op: b}` settles it",
                          "c: lost: builtin before contrib; not tried: a tie comes before it"));
}

TEST_F(Explain, PinExcludesTheOthers) {
  add(owner("a"), {});
  add(owner("b"), {});
  registry_.pin("Op", "b", "my.yaml:4");
  EXPECT_THAT(reasons(21), ElementsAre("b: wins: pinned by my.yaml:4", "a: excluded: my.yaml:4 pins this op to b"));
}

TEST_F(Explain, DomainThatTheTargetDoesNotHave) {
  add(owner("a"), {.opset_min = 1, .domain = "com.example"});
  EXPECT_THAT(reasons(21), ElementsAre("a: needs domain com.example, which target onnx-21 does not have"));
}

TEST_F(Explain, NoHandlerAtThisOpset) {
  add(owner("a"), {.opset_min = 18});
  const Problem problem = registry_.no_handler("Op", target_of(13));
  EXPECT_EQ(problem.fault, Fault::kUnsupported);
  EXPECT_EQ(problem.what, "no handler for TF op 'Op' at opset 13");
  EXPECT_EQ(problem.next, "handlers exist for opset >= 18; the target has 13: use --opset 18");
}

TEST_F(Explain, NoHandlerAnyMoreAtThisOpset) {
  const Owner* a = owner("a");
  add(a, {.opset_min = 13, .opset_max = 15});
  add(a, {.opset_min = 16, .opset_max = 17});
  EXPECT_EQ(registry_.no_handler("Op", target_of(21)).next,
            "handlers exist for opset 13 to 15, opset 16 to 17; the target has 21: use --opset 17");
}

TEST_F(Explain, NoHandlerWithoutTheDomain) {
  add(owner("a"), {.opset_min = 2, .domain = "com.example"});
  EXPECT_EQ(
      registry_.no_handler("Op", target_of(21)).next,
      "handlers exist for opset of com.example >= 2; target onnx-21 does not have that: use a --target that does");
}

TEST_F(Explain, NoHandlerBecauseOfAPin) {
  add(owner("a"), {});
  add(owner("b"), {.opset_min = 18});
  registry_.pin("Op", "b", "my.yaml:4");
  const Problem problem = registry_.no_handler("Op", target_of(17));
  EXPECT_EQ(problem.what, "TF op 'Op' is pinned to 'b', which has no handler for target onnx-17");
  EXPECT_EQ(problem.where, "my.yaml:4");
  EXPECT_THAT(problem.next, HasSubstr("opset >= 18"));
}

TEST_F(Explain, NoHandlerSinceAPluginDidNotLoad) {
  registry_.add_absent("Op", {"text_ops", "it is cut off [P-008]", "copy the file again"});
  const Problem problem = registry_.no_handler("Op", target_of(21));
  EXPECT_EQ(problem.what,
            "no handler for TF op 'Op'; plugin 'text_ops', which has one, was not loaded: it is cut off [P-008]");
  EXPECT_EQ(problem.next, "copy the file again");
}

TEST_F(Explain, NoHandlerAtAll) {
  add(owner("a"), {.op = "FusedBatchNormV3"});
  const Problem problem = registry_.no_handler("FusedBatchNormV4", target_of(21));
  EXPECT_EQ(problem.what, "no handler for TF op 'FusedBatchNormV4'");
  EXPECT_THAT(problem.next, HasSubstr("similar name: FusedBatchNormV3"));
  EXPECT_THAT(problem.next, HasSubstr("write a mapping"));
}

}  // namespace
}  // namespace flowport::registry
