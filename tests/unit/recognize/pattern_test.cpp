#include "recognize/pattern.h"

#include <gtest/gtest.h>

namespace flowport::recognize {
namespace {

const registry::Owner kOwner{"test.plugin", "1.0.0", "", registry::Layer::kUserPlugin, {}};

Result<Pattern> read(const std::string& text) {
  static registry::Rewrite rewrite;
  rewrite.id = "cell";
  rewrite.pattern = text;
  rewrite.owner = &kOwner;
  return read_pattern(rewrite);
}

std::string problem_of(const std::string& text) {
  const auto pattern = read(text);
  return pattern ? "none" : pattern.error().what;
}

TEST(Pattern, HasSequencesStatesWeightsAndLetters) {
  const auto pattern =
      read("(x, h, c) => (h1, c1)\nc1 = any.f(Sum(MatMul(x, W), MatMul(h, R), B))\nh1 = Mul(c1, any.g(c))");
  ASSERT_TRUE(pattern) << pattern.error().what;
  EXPECT_EQ(pattern->sequences, std::vector<std::string>{"x"});
  EXPECT_EQ(pattern->states, (std::vector<std::string>{"h", "c"}));
  EXPECT_EQ(pattern->weights, (std::vector<std::string>{"W", "R", "B"}));
  EXPECT_EQ(pattern->letters, (std::vector<std::string>{"f", "g"}));
  ASSERT_EQ(pattern->next.size(), 2U);
  EXPECT_EQ(pattern->terms[pattern->next[0]].name, "Mul");
  EXPECT_EQ(pattern->terms[pattern->next[1]].kind, Term::Kind::kAny);
}

TEST(Pattern, SubIsASumWithASign) {
  const auto pattern = read("(h) => (h1)\nh1 = Sub(1.0, h)");
  ASSERT_TRUE(pattern) << pattern.error().what;
  EXPECT_EQ(pattern->terms[pattern->next[0]].signs, (std::vector<int>{1, -1}));
}

TEST(Pattern, RefusesWhatItCannotMatch) {
  EXPECT_EQ(problem_of("h1 = Tanh(h)"),
            "the pattern of rewrite 'cell' begins with something else than '(names) => (names)'");
  EXPECT_EQ(problem_of("(h) => (h1, c1)\nh1 = Tanh(h)"), "the pattern of rewrite 'cell' needs a state for each result");
  EXPECT_EQ(problem_of("(h, h) => (h1)\nh1 = Tanh(h)"), "the pattern of rewrite 'cell' names an input twice");
  EXPECT_EQ(problem_of("(h) => (h1)\ny = Tanh(h)"), "the pattern of rewrite 'cell' does not define its result 'h1'");
  EXPECT_EQ(problem_of("(h) => (h1)\nh1 = Softmax <axis = 1> (h)"),
            "the pattern of rewrite 'cell' has an attribute: only ops without are matched");
  EXPECT_EQ(problem_of("(x, h) => (h1)\nh1 = MatMul(x, h)"),
            "the pattern of rewrite 'cell' has a MatMul with something else than a weight");
  EXPECT_NE(problem_of("(h) => (h1)\nh1 = Tanh(h"), "none");
}

}  // namespace
}  // namespace flowport::recognize
