#include <cstdlib>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "host/search.h"
#include "scratch.h"

namespace flowport::host {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// Sets an environment variable for the time of its life.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) {
    if (const char* before = std::getenv(name)) before_ = before;
    ::setenv(name, value.c_str(), 1);
  }
  Variable(const Variable&) = delete;
  Variable& operator=(const Variable&) = delete;
  ~Variable() {
    if (before_.empty()) {
      ::unsetenv(name_);
    } else {
      ::setenv(name_, before_.c_str(), 1);
    }
  }

 private:
  const char* name_;
  std::string before_;
};

class Search : public ::testing::Test {
 protected:
  std::filesystem::path touch(const std::string& name) {
    const std::filesystem::path path = scratch_ / name;
    std::filesystem::create_directories(path.parent_path());
    write_content(path, "");
    return path;
  }
  /// "through: name below the scratch folder"
  std::vector<std::string> found() {
    std::vector<std::string> result;
    for (const Found& one : search(options_, installation_)) {
      result.push_back(one.through + ": " + one.path.lexically_proximate(scratch_.path()).string() +
                       (one.barren ? " (" + one.barren->reason + ")" : ""));
    }
    return result;
  }

  Scratch scratch_;
  Variable data_home_{"XDG_DATA_HOME", (scratch_ / "data").string()};
  Variable plugin_path_{"FLOWPORT_PLUGIN_PATH", (scratch_ / "one").string()};
  LoadOptions options_;
  Installation installation_;
};

TEST_F(Search, OrderOfPlaces) {
  touch("contrib/flowport_c.so");
  touch("builtin/flowport_b.so");
  touch("data/flowport/plugins/1/flowport_d.so");
  touch("one/flowport_e.so");
  touch("folder/flowport_f.so");
  installation_.builtin_plugins = scratch_ / "builtin";
  installation_.contrib_plugins = scratch_ / "contrib";
  options_.configured.push_back({scratch_ / "configured.so", {{"a", "b"}}, "my.yaml:2"});
  options_.folders = {scratch_ / "folder"};
  options_.files = {scratch_ / "named.so"};
  EXPECT_THAT(found(), ElementsAre("--plugin: named.so", "--plugin-dir: folder/flowport_f.so",
                                   "my.yaml:2: configured.so", "FLOWPORT_PLUGIN_PATH[0]: one/flowport_e.so",
                                   "the user's data folder: data/flowport/plugins/1/flowport_d.so",
                                   "builtin: builtin/flowport_b.so", "contrib: contrib/flowport_c.so"));
  const auto all = search(options_, installation_);
  EXPECT_TRUE(all[0].is_named && all[1].is_named && all[2].is_named);
  EXPECT_FALSE(all[3].is_named || all[4].is_named || all[5].is_named);
  EXPECT_EQ(all[2].options.at("a"), "b");
  EXPECT_TRUE(all[5].is_installed && all[6].is_installed);
  EXPECT_FALSE(all[4].is_installed);
  EXPECT_EQ(all[4].layer, registry::Layer::kUserPlugin);
  EXPECT_EQ(all[6].layer, registry::Layer::kContrib);
}

TEST_F(Search, FilesByNameAndNotInDepth) {
  for (const char* name : {"one/flowport_b.so", "one/flowport_a.so", "one/flowport_a.so.1", "one/libflowport_c.so",
                           "one/flowport_.txt", "one/deep/flowport_d.so"}) {
    touch(name);
  }
  EXPECT_THAT(found(),
              ElementsAre("FLOWPORT_PLUGIN_PATH[0]: one/flowport_a.so", "FLOWPORT_PLUGIN_PATH[0]: one/flowport_b.so"));
}

TEST_F(Search, SeveralEntries) {
  touch("one/flowport_a.so");
  touch("two/flowport_b.so");
  const Variable path("FLOWPORT_PLUGIN_PATH",
                      (scratch_ / "two").string() + "::relative/folder:" + (scratch_ / "one").string());
  const auto all = search(options_, installation_);
  ASSERT_EQ(all.size(), 3U);
  ASSERT_TRUE(all[1].barren);
  EXPECT_EQ(all[1].barren->reason, "FLOWPORT_PLUGIN_PATH takes absolute paths only");
  EXPECT_EQ(all[0].through, "FLOWPORT_PLUGIN_PATH[0]");
  EXPECT_EQ(all[1].through, "FLOWPORT_PLUGIN_PATH[2]");
  EXPECT_EQ(all[2].through, "FLOWPORT_PLUGIN_PATH[3]");
}

TEST_F(Search, EmptyVariableTurnsTheEnvironmentOff) {
  touch("data/flowport/plugins/1/flowport_d.so");
  touch("builtin/flowport_b.so");
  installation_.builtin_plugins = scratch_ / "builtin";
  const Variable path("FLOWPORT_PLUGIN_PATH", "");
  EXPECT_THAT(found(), ElementsAre("builtin: builtin/flowport_b.so"));
}

TEST_F(Search, EnvironmentCanBeLeftOut) {
  touch("one/flowport_e.so");
  options_.search_environment = false;
  EXPECT_THAT(found(), IsEmpty());
}

TEST_F(Search, FoldersThatAreNotThere) {
  options_.folders = {scratch_ / "gone"};
  installation_.contrib_plugins = scratch_ / "no contrib";
  EXPECT_THAT(found(), ElementsAre("--plugin-dir: gone (it cannot be searched: No such file or directory)",
                                   "FLOWPORT_PLUGIN_PATH[0]: one (it cannot be searched: No such file or directory)"));
}

TEST_F(Search, FoldersWithoutPlugins) {
  touch("named/notes.txt");
  touch("one/cube.so");
  touch("data/flowport/plugins/flowport_a.so");
  options_.folders = {scratch_ / "named"};
  EXPECT_THAT(
      found(),
      ElementsAre("--plugin-dir: named (no file in it is called flowport_*.so)",
                  "FLOWPORT_PLUGIN_PATH[0]: one (no file in it is called flowport_*.so, though there is cube.so)",
                  "the user's data folder: data/flowport/plugins (plugins of ABI 1 are looked for in its folder "
                  "'1')"));
  std::filesystem::remove(scratch_ / "one/cube.so");
  EXPECT_EQ(found().size(), 2U) << "an empty folder of the environment is nothing to tell of";
}

}  // namespace
}  // namespace flowport::host
