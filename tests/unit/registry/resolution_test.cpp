#include <algorithm>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rows.h"

namespace flowport::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class Resolution : public ::testing::Test {
 protected:
  const Owner* owner(std::string id, Layer layer) {
    return registry_.add_owner({std::move(id), "1.0.0", "", layer, {}});
  }
  void add(const Owner* by, RowText text) {
    const auto added = registry_.add_row(row_of(by, std::move(text)));
    ASSERT_TRUE(added.has_value()) << added.error().what;
  }
  /// "owner/id" of the candidates in order, or "error: what".
  std::vector<std::string> names(int opset, std::string_view op = "Op") {
    const auto found = registry_.resolve(op, target_of(opset));
    if (!found) return {"error: " + found.error().what};
    std::vector<std::string> result;
    for (const Row* row : *found) result.push_back(row->owner->id + "/" + row->id);
    return result;
  }

  Registry registry_;
};

TEST_F(Resolution, UnknownOpHasNoCandidates) {
  EXPECT_THAT(names(21), IsEmpty());
  EXPECT_THAT(registry_.ops(), IsEmpty());
}

TEST_F(Resolution, RangeDecides) {
  const Owner* a = owner("a", Layer::kBuiltin);
  add(a, {.id = "old", .opset_min = 13, .opset_max = 17});
  add(a, {.id = "new", .opset_min = 18});
  EXPECT_THAT(names(12), IsEmpty());
  EXPECT_THAT(names(13), ElementsAre("a/old"));
  EXPECT_THAT(names(17), ElementsAre("a/old"));
  EXPECT_THAT(names(18), ElementsAre("a/new"));
  EXPECT_THAT(names(28), ElementsAre("a/new"));
}

TEST_F(Resolution, LayersGoBeforeEverything) {
  add(owner("contrib", Layer::kContrib), {.opset_min = 21, .priority = 100});
  add(owner("builtin", Layer::kBuiltin), {.opset_min = 18, .priority = 50});
  add(owner("plugin", Layer::kUserPlugin), {.opset_min = 15, .priority = 10});
  add(owner("mapping", Layer::kUserMapping), {.opset_min = 13});
  EXPECT_THAT(names(21), ElementsAre("mapping/Op", "plugin/Op", "builtin/Op", "contrib/Op"));
}

TEST_F(Resolution, HigherOpsetMinGoesBeforePriority) {
  const Owner* a = owner("a", Layer::kBuiltin);
  add(a, {.id = "general", .opset_min = 13, .priority = 9});
  add(a, {.id = "special", .opset_min = 18, .priority = 1});
  EXPECT_THAT(names(18), ElementsAre("a/special", "a/general"));
  EXPECT_THAT(names(17), ElementsAre("a/general"));
}

TEST_F(Resolution, PriorityDecidesLast) {
  const Owner* a = owner("a", Layer::kBuiltin);
  add(a, {.id = "low", .priority = -1});
  add(a, {.id = "high", .priority = 3});
  add(owner("b", Layer::kBuiltin), {.id = "middle", .priority = 1});
  EXPECT_THAT(names(21), ElementsAre("a/high", "b/middle", "a/low"));
}

TEST_F(Resolution, RowsForComplexTensorsOnlyTieWithNoRowForRealOnes) {
  add(owner("org.a", Layer::kBuiltin), {});
  add(owner("org.b", Layer::kBuiltin), {.complex = Complex::kPairs});
  EXPECT_THAT(names(21), ElementsAre("org.a/Op", "org.b/Op"));
  add(owner("org.c", Layer::kBuiltin), {.complex = Complex::kParts});
  EXPECT_FALSE(registry_.resolve("Op", target_of(21)).has_value());
}

TEST_F(Resolution, TieNamesBothAndTheLineThatSettlesIt) {
  add(owner("org.b", Layer::kBuiltin), {.source = "b.cpp:2"});
  add(owner("org.a", Layer::kBuiltin), {.source = "a.cpp:1"});
  const auto found = registry_.resolve("Op", target_of(21));
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().fault, Fault::kPlugin);
  EXPECT_THAT(found.error().what, HasSubstr("'org.a' and 'org.b'"));
  EXPECT_EQ(found.error().where, "a.cpp:1 and b.cpp:2");
  EXPECT_THAT(found.error().next, HasSubstr("`use: {Op: org.a}`"));
  EXPECT_THAT(found.error().next, HasSubstr("`use: {Op: org.b}`"));

  registry_.pin("Op", "org.b", "my.yaml:7");
  EXPECT_THAT(names(21), ElementsAre("org.b/Op"));
  EXPECT_THAT(registry_.check_pins(), IsEmpty());
}

TEST_F(Resolution, TieBelowTheFirstPlaceEndsTheList) {
  add(owner("user", Layer::kUserPlugin), {});
  add(owner("a", Layer::kContrib), {});
  add(owner("b", Layer::kContrib), {});
  add(owner("c", Layer::kContrib), {.opset_min = 12});
  EXPECT_THAT(names(21), ElementsAre("user/Op"));
}

TEST_F(Resolution, TieAtAnotherOpsetDoesNotMatter) {
  add(owner("a", Layer::kBuiltin), {.opset_min = 13, .opset_max = 17});
  add(owner("b", Layer::kBuiltin), {.opset_min = 13});
  EXPECT_THAT(names(18), ElementsAre("b/Op"));
  EXPECT_THAT(names(17), ElementsAre(HasSubstr("error: ")));
}

TEST_F(Resolution, OverlapOfOneOwnerIsRefused) {
  const Owner* a = owner("a", Layer::kBuiltin);
  add(a, {.opset_min = 13, .opset_max = 18, .source = "a.cpp:1"});
  const auto added = registry_.add_row(row_of(a, {.opset_min = 18, .source = "a.cpp:2"}));
  ASSERT_FALSE(added.has_value());
  EXPECT_EQ(added.error().where, "a.cpp:1 and a.cpp:2");
  EXPECT_THAT(added.error().what, HasSubstr("opset 13 to 18 and opset >= 18"));
  EXPECT_EQ(registry_.rows("Op").size(), 1U);
}

TEST_F(Resolution, OverlapOfOneOwnerWithOtherPriorityIsKept) {
  const Owner* a = owner("a", Layer::kBuiltin);
  add(a, {.id = "one"});
  add(a, {.id = "two", .priority = 1});
  EXPECT_THAT(names(21), ElementsAre("a/two", "a/one"));
}

TEST_F(Resolution, RangeSpeaksOfTheRowsDomain) {
  add(owner("a", Layer::kBuiltin), {.opset_min = 3, .opset_max = 4, .domain = "ai.onnx.ml"});
  EXPECT_THAT(names(21), IsEmpty());
  Target target = target_of(21);
  target.domains["ai.onnx.ml"] = 4;
  const auto found = registry_.resolve("Op", target);
  ASSERT_TRUE(found.has_value());
  EXPECT_EQ(found->size(), 1U);
}

TEST_F(Resolution, GuardsKeepRowsApart) {
  const Owner* a = owner("a.yaml", Layer::kUserMapping);
  const auto guarded = [&](std::string id, std::vector<std::string> values) {
    Row row = row_of(a, {.id = std::move(id)});
    row.when = {{"data_format", std::move(values), {}}};
    return registry_.add_row(std::move(row)).has_value();
  };
  EXPECT_TRUE(guarded("channels_last", {"NHWC", "NWC"}));
  EXPECT_TRUE(guarded("channels_first", {"NCHW"}));
  EXPECT_FALSE(guarded("mixed", {"NCHW", "NWC"}));
  EXPECT_THAT(names(21), ElementsAre("a.yaml/channels_first", "a.yaml/channels_last"));
}

TEST_F(Resolution, PinOfAnOwnerThatIsNotThere) {
  add(owner("org.flowport.nn", Layer::kBuiltin), {});
  registry_.pin("Op", "org.flowport.mn", "my.yaml:3");
  const Problems problems = registry_.check_pins();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_EQ(problems[0].where, "my.yaml:3");
  EXPECT_THAT(problems[0].what, HasSubstr("'org.flowport.mn', which is not loaded"));
  EXPECT_THAT(problems[0].next, HasSubstr("org.flowport.nn"));
  EXPECT_THAT(names(21), IsEmpty());
}

TEST_F(Resolution, PinOfAnOwnerThatDoesNotHandleTheOp) {
  owner("a", Layer::kBuiltin);
  add(owner("b", Layer::kBuiltin), {});
  registry_.pin("Op", "a", "--use");
  const Problems problems = registry_.check_pins();
  ASSERT_EQ(problems.size(), 1U);
  EXPECT_THAT(problems[0].what, HasSubstr("which does not handle it"));
  EXPECT_THAT(problems[0].next, HasSubstr("name one that handles it: b"));
}

TEST_F(Resolution, LaterPinReplacesEarlierOne) {
  add(owner("a", Layer::kBuiltin), {});
  add(owner("b", Layer::kBuiltin), {});
  registry_.pin("Op", "a", "my.yaml:3");
  registry_.pin("Op", "b", "--use");
  EXPECT_THAT(names(21), ElementsAre("b/Op"));
}

/// What a registry answers to everything that can be asked, as text.
std::string table_of(const Registry& registry) {
  std::string table;
  for (int opset = 12; opset <= 22; ++opset) {
    for (const std::string_view op : registry.ops()) {
      table += std::string(op) + "@" + std::to_string(opset) + ":";
      if (const auto found = registry.resolve(op, target_of(opset))) {
        for (const Row* row : *found) table += " " + row->owner->id + "/" + row->id;
      } else {
        table += " " + found.error().what + found.error().where + found.error().next;
      }
      for (const Candidate& candidate : registry.explain(op, target_of(opset))) table += " [" + candidate.reason + "]";
      table += "\n";
    }
  }
  return table;
}

TEST(ResolutionOrder, LoadOrderNeverMatters) {
  struct Entry {
    std::string owner;
    Layer layer;
    RowText row;
  };
  std::vector<Entry> entries;
  std::mt19937 random(20260101);
  const auto pick = [&](int below) { return static_cast<int>(random() % static_cast<unsigned>(below)); };
  for (int i = 0; i < 60; ++i) {
    const int which = pick(8);
    entries.push_back({"owner" + std::to_string(which),
                       static_cast<Layer>(which % 4),
                       {.op = "Op" + std::to_string(pick(6)),
                        .id = "row" + std::to_string(i),
                        .opset_min = 13 + pick(6),
                        .opset_max = pick(2) == 0 ? 0 : 19 + pick(3),
                        .priority = i,
                        .source = "f.cpp:" + std::to_string(i)}});
  }
  // Ties between owners of one layer, at the top and further down.
  entries.push_back({"owner2", Layer::kBuiltin, {.op = "Tie", .id = "x"}});
  entries.push_back({"owner6", Layer::kBuiltin, {.op = "Tie", .id = "y"}});
  entries.push_back({"owner1", Layer::kUserPlugin, {.op = "LowTie", .id = "z"}});
  entries.push_back({"owner2", Layer::kBuiltin, {.op = "LowTie", .id = "x"}});
  entries.push_back({"owner6", Layer::kBuiltin, {.op = "LowTie", .id = "y"}});

  const Entry pinned = entries.front();
  std::string expected;
  for (int round = 0; round < 200; ++round) {
    Registry registry;
    std::map<std::string, const Owner*> owners;
    registry.pin(pinned.row.op, pinned.owner, "pin.yaml:1");
    for (const Entry& entry : entries) {
      const Owner*& owner = owners[entry.owner];
      if (owner == nullptr) owner = registry.add_owner({entry.owner, "1", "", entry.layer, {}});
      ASSERT_TRUE(registry.add_row(row_of(owner, entry.row)).has_value());
    }
    const std::string table = table_of(registry);
    if (round == 0) expected = table;
    ASSERT_EQ(table, expected) << "round " << round;
    std::shuffle(entries.begin(), entries.end(), random);
  }
  EXPECT_THAT(expected, HasSubstr("both convert TF op 'Tie'"));
  EXPECT_THAT(expected, HasSubstr("wins: pinned by pin.yaml:1"));
}

}  // namespace
}  // namespace flowport::registry
