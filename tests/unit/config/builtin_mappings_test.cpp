// The mapping files that come with the program: they are compiled without checks when they are used, so they are checked here.
#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"

namespace flowport::config {
namespace {

using ::testing::IsEmpty;

std::filesystem::path mappings_folder() {
  const char* root = std::getenv("FLOWPORT_SOURCE_ROOT");
  return std::filesystem::path(root == nullptr ? "." : root) / "configs" / "mappings";
}

std::vector<std::string> worded(const Problems& problems) {
  std::vector<std::string> texts;
  for (const Problem& p : problems) texts.push_back(p.where + ": " + p.what + " (" + p.next + ")");
  return texts;
}

TEST(BuiltinMappings, EveryFileIsValidAndItsRangesAreTheDerivedOnes) {
  registry::Registry lazy;
  ASSERT_THAT(worded(load_builtin_mappings(mappings_folder(), lazy).problems), IsEmpty());
  ASSERT_GT(lazy.ops().size(), 100u);

  registry::Registry checked;
  for (const auto& file : std::filesystem::directory_iterator(mappings_folder())) {
    LoadOptions options;
    options.layer = registry::Layer::kBuiltin;
    options.name = "mappings/" + file.path().filename().string();
    EXPECT_THAT(worded(load_config(file.path(), checked, options).problems), IsEmpty());
  }
  ASSERT_EQ(lazy.ops(), checked.ops());
  for (const std::string_view op : lazy.ops()) {
    std::map<std::string, const registry::Row*> by_source;
    for (const registry::Row* row : checked.rows(op)) by_source[row->source] = row;
    ASSERT_EQ(lazy.rows(op).size(), by_source.size()) << op;
    for (const registry::Row* row : lazy.rows(op)) {
      const registry::Row* other = by_source[row->source];
      ASSERT_NE(other, nullptr) << row->source;
      EXPECT_EQ(row->opset_min, other->opset_min) << row->source << ": needs `opset: " << other->opset_min << "`";
      EXPECT_EQ(row->opset_max, other->opset_max) << row->source;
      EXPECT_EQ(row->const_inputs, other->const_inputs) << row->source;
      EXPECT_EQ(row->priority, other->priority) << row->source;
      EXPECT_EQ(row->when, other->when) << row->source;
      const auto& mapping = row->mapping->get();
      ASSERT_TRUE(mapping.has_value()) << row->source;
      EXPECT_EQ(mapping->body.size(), other->mapping->get()->body.size()) << row->source;
    }
  }
}

TEST(BuiltinMappings, NoOpIsInTwoFiles) {
  registry::Registry registry;
  ASSERT_THAT(load_builtin_mappings(mappings_folder(), registry).problems, IsEmpty());
  for (const std::string_view op : registry.ops()) {
    std::set<const registry::Owner*> owners;
    for (const registry::Row* row : registry.rows(op)) owners.insert(row->owner);
    EXPECT_EQ(owners.size(), 1u) << op;
  }
}

TEST(BuiltinMappings, ProvenanceHoldsNoPathOfTheMachine) {
  registry::Registry registry;
  ASSERT_THAT(load_builtin_mappings(mappings_folder(), registry).problems, IsEmpty());
  const registry::Row& row = *registry.rows("Abs").at(0);
  EXPECT_THAT(row.source, ::testing::StartsWith("mappings/math.yaml:"));
  EXPECT_EQ(row.owner->id, "mappings/math.yaml");
  EXPECT_EQ(row.layer(), registry::Layer::kBuiltin);
}

TEST(BuiltinMappings, MissingFolderIsAProblem) {
  registry::Registry registry;
  EXPECT_EQ(load_builtin_mappings("no/such/folder", registry).problems.size(), 1u);
}

}  // namespace
}  // namespace flowport::config
