// The target files that come with the program are read only when one of their targets is asked for.
#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"

namespace flowport::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::filesystem::path targets_folder() {
  const char* root = std::getenv("FLOWPORT_SOURCE_ROOT");
  return std::filesystem::path(root == nullptr ? "." : root) / "configs" / "targets";
}

std::vector<std::string> files(const registry::Registry& registry) {
  std::vector<std::string> names;
  for (const auto& owner : registry.owners()) names.push_back(owner.id);
  return names;
}

TEST(BuiltinTargets, OnlyTheFamiliesThatAreNeededAreRead) {
  registry::Registry registry;
  EXPECT_THAT(load_builtin_targets(targets_folder(), "openvino-2026", registry), IsEmpty());
  EXPECT_THAT(files(registry), ElementsAre("targets/openvino.yaml"));
  EXPECT_TRUE(registry.target("openvino-2026").has_value());
}

TEST(BuiltinTargets, AllAreReadOnceWhereNoFamilyHasTheName) {
  registry::Registry registry;
  EXPECT_THAT(load_builtin_targets(targets_folder(), "openvino-2026", registry), IsEmpty());
  EXPECT_THAT(load_builtin_targets(targets_folder(), "nothing", registry), IsEmpty());
  EXPECT_THAT(load_builtin_targets(targets_folder(), {}, registry), IsEmpty());
  const auto names = files(registry);
  EXPECT_EQ(names.size(), std::set(names.begin(), names.end()).size());
  EXPECT_GE(names.size(), 6U);
  EXPECT_EQ(registry.target("nothing").error().fault, Fault::kUsage);
}

TEST(BuiltinTargets, EachFileHasItsFamilyOnlyAndNamesItsSources) {
  for (const auto& entry : std::filesystem::directory_iterator(targets_folder())) {
    registry::Registry registry;
    LoadOptions options;
    const auto loaded = load_config(entry.path(), registry, options);
    EXPECT_THAT(loaded.problems, IsEmpty()) << entry.path();
    const std::string stem = entry.path().stem().string();
    ASSERT_FALSE(loaded.config.settings.empty()) << stem;
    for (const auto& setting : loaded.config.settings) {
      EXPECT_EQ(setting.section, "targets");
      EXPECT_TRUE(setting.key == stem || setting.key.starts_with(stem + "-")) << setting.key;
      EXPECT_TRUE(std::ranges::any_of(setting.value.entries, [](const auto& e) { return e.key.text == "source"; }))
          << setting.key;
    }
  }
}

}  // namespace
}  // namespace flowport::config
