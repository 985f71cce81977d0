// The examples of docs/configuration.md are files that load.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.h"

namespace flowport::config {
namespace {

std::vector<std::string> examples() {
  const char* root = std::getenv("FLOWPORT_SOURCE_ROOT");
  std::ifstream file(std::filesystem::path(root == nullptr ? "." : root) / "docs" / "configuration.md");
  std::vector<std::string> found;
  bool inside = false;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("```")) {
      inside = line == "```yaml";
      if (inside) found.emplace_back();
    } else if (inside) {
      found.back() += line + "\n";
    }
  }
  return found;
}

TEST(Documentation, ExamplesLoad) {
  const auto found = examples();
  ASSERT_GE(found.size(), 3u);
  for (const std::string& example : found) {
    const Case c(example.starts_with("flowport:") ? example : "flowport: 1\n" + example);
    EXPECT_THAT(c.problems(), ::testing::IsEmpty()) << example;
  }
}

}  // namespace
}  // namespace flowport::config
