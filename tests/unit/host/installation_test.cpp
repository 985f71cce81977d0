#include <gtest/gtest.h>

#include "scratch.h"

namespace flowport::host {
namespace {

void make(const std::filesystem::path& folder) { std::filesystem::create_directories(folder); }

TEST(InstallationFolders, BuildTree) {
  const Scratch scratch;
  make(scratch / "build/plugins/builtin");
  const Installation found = Installation::around(scratch / "build");
  EXPECT_EQ(found.builtin_plugins, scratch / "build/plugins/builtin");
  EXPECT_EQ(found.contrib_plugins, scratch / "build/plugins/contrib");
  EXPECT_EQ(found.configs, scratch / "build/configs");
  EXPECT_EQ(found.sdk, scratch / "build/sdk");
}

TEST(InstallationFolders, MovedPrefix) {
  const Scratch scratch;
  make(scratch / "prefix/bin");
  make(scratch / "prefix/lib/flowport/plugins/builtin");
  make(scratch / "prefix/share/flowport/configs");
  const Installation found = Installation::around(scratch / "prefix/bin");
  EXPECT_EQ(found.builtin_plugins, scratch / "prefix/lib/flowport/plugins/builtin");
  EXPECT_EQ(found.contrib_plugins, scratch / "prefix/lib/flowport/plugins/contrib");
  EXPECT_EQ(found.configs, scratch / "prefix/share/flowport/configs");
  EXPECT_EQ(found.sdk, scratch / "prefix/share/flowport/sdk");
}

TEST(InstallationFolders, NothingThereStillNamesPlaces) {
  const Scratch scratch;
  const Installation found = Installation::around(scratch / "bin");
  EXPECT_FALSE(found.builtin_plugins.empty());
  EXPECT_EQ(found.builtin_plugins.filename(), "builtin");
  EXPECT_EQ(found.configs.filename(), "configs");
}

}  // namespace
}  // namespace flowport::host
