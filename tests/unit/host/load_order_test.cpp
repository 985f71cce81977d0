// Files may be found in any order: who converts what does not depend on it.
#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scratch.h"

namespace flowport::host {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// Every op at every opset: the candidates in their order, or why there are none.
std::string table_of(const registry::Registry& registry) {
  std::string table;
  for (const std::string_view op : registry.ops()) {
    for (int opset = 13; opset <= 28; ++opset) {
      registry::Target target;
      target.domains[""] = opset;
      const auto rows = registry.resolve(op, target);
      table += std::string(op) + "@" + std::to_string(opset) + ":";
      if (!rows) {
        table += " " + rows.error().what + " " + rows.error().next;
      } else {
        for (const registry::Row* row : *rows) table += " " + row->owner->id + "/" + row->id;
      }
      table += "\n";
    }
  }
  return table;
}

TEST(LoadOrder, NeverMatters) {
  std::vector<std::filesystem::path> files;
  for (const char* name :
       {"lazy", "plain_a", "plain_b", "frozen_1_0", "newer_minor", "reuses_memory", "misbehaves", "keeps_view"})
    files.push_back(fixture(name));
  std::mt19937 random(20260102);
  std::string expected;
  for (int round = 0; round < 200; ++round) {
    registry::Registry registry;
    const LoadResult result = load_plugins(only(files), {}, registry);
    ASSERT_THAT(result.problems, IsEmpty());
    const std::string table = table_of(registry);
    if (round == 0) expected = table;
    ASSERT_EQ(table, expected) << "round " << round;
    std::shuffle(files.begin(), files.end(), random);
  }
  EXPECT_THAT(expected, HasSubstr("'fixture.plain_a' and 'fixture.plain_b' both convert TF op 'FixtureOp'"));
  EXPECT_THAT(expected, HasSubstr("LazyOp@18: fixture.lazy/new"));
}

}  // namespace
}  // namespace flowport::host
