#include <set>
#include <string>

#include <gtest/gtest.h>

#include "host/rules.h"

namespace flowport::host {
namespace {

/// Numbers are for ever: messages, documents and search engines know them.
TEST(Rules, AreNumberedInOrderAndSayWhatTheyAskFor) {
  int next = 1;
  std::set<std::string_view> texts;
  for (const RuleText& rule : kRules) {
    std::string number = std::to_string(next++);
    number.insert(0, 3 - number.size(), '0');
    EXPECT_EQ(rule.number, "P-" + number);
    EXPECT_EQ(number_of(rule.rule), rule.number);
    EXPECT_FALSE(rule.text.empty());
    EXPECT_TRUE(texts.insert(rule.text).second);
  }
}

}  // namespace
}  // namespace flowport::host
