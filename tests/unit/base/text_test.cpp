#include "base/text.h"

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowport {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::vector<std::string> near(std::string_view name, std::vector<std::string_view> candidates, std::size_t most = 3) {
  return near_names(name, candidates, most);
}

TEST(NearNames, NearestFirstThenByName) {
  EXPECT_THAT(near("serving_defualt", {"serving_default", "train", "serving_defaults", "serving_defaulx"}),
              ElementsAre("serving_default", "serving_defaults", "serving_defaulx"));
  EXPECT_THAT(near("abcdef", {"abcdez", "abcdey", "abcdef"}), ElementsAre("abcdef", "abcdey", "abcdez"));
}

TEST(NearNames, AtMostAThirdOfTheLengthAway) {
  EXPECT_THAT(near("abcdef", {"abcdXX"}), ElementsAre("abcdXX"));
  EXPECT_THAT(near("abcdef", {"abcXXX"}), IsEmpty());
  EXPECT_THAT(near("abcdef", {"abcdefgh", "abcd"}), ElementsAre("abcd", "abcdefgh"));
  EXPECT_THAT(near("abcdef", {"abcdefghi", "abc"}), IsEmpty());
  EXPECT_THAT(near("ab", {"ac", "abc"}), IsEmpty());
}

TEST(NearNames, CountsInsertionsDeletionsAndReplacements) {
  EXPECT_THAT(near("conv2d", {"onv2d", "conv2", "coonv2d", "convvd", "cov2da"}, 9),
              ElementsAre("conv2", "convvd", "coonv2d", "onv2d", "cov2da"))
      << "the distances are 1, 1, 1, 1 and 2";
}

TEST(NearNames, GivesAtMostTheNumberAskedForAndNoneTwice) {
  EXPECT_THAT(near("abcdef", {"abcdea", "abcdea", "abcdeb", "abcdec"}, 2), ElementsAre("abcdea", "abcdeb"));
  EXPECT_THAT(near("abcdef", {"abcdea"}, 0), IsEmpty());
  EXPECT_THAT(near("", {"", "a"}), ElementsAre(""));
}

TEST(NearNames, HugeNamesAreComparedInABand) {
  const std::string huge(2'000'000, 'a');
  const std::string other = huge + "bb";
  EXPECT_THAT(near(huge, {other}), ElementsAre(other));
  EXPECT_THAT(near(huge, {std::string_view(huge).substr(9)}), IsEmpty());
}

TEST(DidYouMean, NamesUpToThree) {
  constexpr std::array<std::string_view, 4> kNames = {"abcdea", "abcdeb", "abcdec", "abcded"};
  EXPECT_EQ(did_you_mean("abcdef", kNames), "did you mean 'abcdea', 'abcdeb' or 'abcdec'?");
  EXPECT_EQ(did_you_mean("abcdef", std::span(kNames).first(2)), "did you mean 'abcdea' or 'abcdeb'?");
  EXPECT_EQ(did_you_mean("abcdef", std::span(kNames).first(1)), "did you mean 'abcdea'?");
  EXPECT_EQ(did_you_mean("something else", kNames), "");
}

TEST(Join, CutsLongLists) {
  const std::vector<std::string> items = {"a", "b", "c"};
  EXPECT_EQ(join(items), "a, b, c");
  EXPECT_EQ(join(items, "; "), "a; b; c");
  EXPECT_EQ(join(items, ", ", 3), "a, b, c");
  EXPECT_EQ(join(items, ", ", 1), "a, ... (2 more)");
  EXPECT_EQ(join(items, ", ", 0), "... (3 more)");
  EXPECT_EQ(join({}), "");
}

}  // namespace
}  // namespace flowport
