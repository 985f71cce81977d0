// Plugins that are known from their manifest: no code runs before a row is needed.
#include <cstdlib>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scratch.h"

namespace flowport::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// An installation whose contributed plugins are copies of fixtures.
class LazyPluginTest : public ::testing::Test {
 protected:
  LazyPluginTest() {
    installation_.contrib_plugins = scratch_ / "contrib";
    ::setenv("FLOWPORT_FIXTURE_LOG", (scratch_ / "log").c_str(), 1);
  }
  ~LazyPluginTest() override { ::unsetenv("FLOWPORT_FIXTURE_LOG"); }

  void add(std::string_view name) { copy_fixture(name, scratch_ / ("contrib/flowport_" + std::string(name) + ".so")); }
  LoadResult load(LoadOptions options = only({})) { return load_plugins(options, installation_, registry_); }
  std::string log() const { return content_of(scratch_ / "log"); }

  Scratch scratch_;
  Installation installation_;
  registry::Registry registry_;
};

TEST_F(LazyPluginTest, CodeIsLoadedAtTheFirstUseAndOnce) {
  add("lazy");
  const LoadResult result = load();
  ASSERT_THAT(result.problems, IsEmpty());
  ASSERT_EQ(result.plugins.size(), 1U);
  const PluginRecord& record = result.plugins[0];
  EXPECT_EQ(record.id, "fixture.lazy");
  EXPECT_EQ(name_of(record.stage), "inspected");
  EXPECT_TRUE(record.is_usable());
  EXPECT_FALSE(record.is_active());
  EXPECT_THAT(record.ops, ElementsAre("LazyOp"));
  EXPECT_EQ(log(), "");

  ASSERT_EQ(registry_.rows("LazyOp").size(), 2U);
  for (const registry::Row* row : registry_.rows("LazyOp")) {
    const auto function = row->function();
    ASSERT_TRUE(function.has_value()) << function.error().what;
    EXPECT_EQ(function->convert(&kBareHost, nullptr, function->state), FLOWPORT_DECLINED);
  }
  EXPECT_TRUE(record.is_active());
  EXPECT_EQ(log(), "init\n");
}

TEST_F(LazyPluginTest, NamedByTheUserItIsLoadedAtOnce) {
  const LoadResult result = load(only({fixture("lazy")}));
  ASSERT_THAT(result.problems, IsEmpty());
  EXPECT_TRUE(result.plugins[0].is_active());
  EXPECT_EQ(log(), "init\n");
}

TEST_F(LazyPluginTest, AllCodeCanBeAskedFor) {
  add("lazy");
  LoadOptions options = only({});
  options.load_all_code = true;
  EXPECT_TRUE(load(options).plugins[0].is_active());
  EXPECT_EQ(log(), "init\n");
}

TEST_F(LazyPluginTest, TablesThatDifferAreToldWhenNeeded) {
  add("manifest_disagrees");
  const LoadResult result = load();
  ASSERT_THAT(result.problems, IsEmpty());
  for (int i = 0; i < 2; ++i) {
    const auto function = registry_.rows("OnlyInManifest")[0]->function();
    ASSERT_FALSE(function.has_value());
    EXPECT_EQ(function.error().fault, Fault::kPlugin);
    EXPECT_THAT(function.error().what, HasSubstr("only in the tables: handler OnlyInTables"));
    EXPECT_THAT(function.error().what, HasSubstr("only in the manifest: handler OnlyInManifest"));
    EXPECT_THAT(function.error().what, HasSubstr("[P-028]"));
    EXPECT_THAT(function.error().where, HasSubstr("found through contrib; passed stage: queried"));
    EXPECT_THAT(function.error().next, HasSubstr("--disable fixture.manifest_disagrees"));
  }
  EXPECT_FALSE(result.plugins[0].is_active());
}

TEST_F(LazyPluginTest, AFileReplacedMeanwhileIsNotLoaded) {
  add("lazy");
  const LoadResult result = load();
  copy_fixture("ctor_crash", scratch_ / "new.so");
  std::filesystem::rename(scratch_ / "new.so", scratch_ / "contrib/flowport_lazy.so");
  const auto function = registry_.rows("LazyOp")[0]->function();
  ASSERT_FALSE(function.has_value());
  EXPECT_THAT(function.error().what, HasSubstr("[P-010]"));
}

TEST_F(LazyPluginTest, UnreadableManifest) {
  add("manifest_unreadable");
  const LoadResult result = load();
  EXPECT_EQ(result.plugins[0].rule, "P-028");
  EXPECT_THAT(result.plugins[0].reason, HasSubstr("thirteen"));
  EXPECT_EQ(result.plugins[0].id, "");
}

/// The order in which files are found must not matter, whether code is loaded or not.
TEST_F(LazyPluginTest, ShadowingAndDisablingNeedNoCode) {
  add("lazy");
  copy_fixture("lazy", scratch_ / "contrib/flowport_other.so");
  LoadOptions options = only({});
  LoadResult result = load(options);
  ASSERT_EQ(result.plugins.size(), 2U);
  EXPECT_THAT(result.plugins[1].shadowed_by, HasSubstr("flowport_lazy.so"));
  registry::Registry other;
  options.disabled = {"fixture.*"};
  result = load_plugins(options, installation_, other);
  EXPECT_THAT(other.ops(), IsEmpty());
  EXPECT_EQ(log(), "");
}

}  // namespace
}  // namespace flowport::host
