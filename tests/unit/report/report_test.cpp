#include "report/report.h"

#include <gtest/gtest.h>

namespace flowport::report {
namespace {

TEST(TypeText, SaysDimsAsNumbersNamesAndUnknown) {
  ir::Model model;
  const ir::SymbolId n = model.add_symbol("N");
  const ir::Type image = ir::Type::tensor(ir::DType::kFloat, {{-1, n}, {224, 0}, {-1, 0}, {3, 0}});
  EXPECT_EQ(type_text(model, image), "float[N,224,?,3]");
  EXPECT_EQ(type_text(model, ir::Type::tensor(ir::DType::kInt64, {})), "int64[]");
  EXPECT_EQ(type_text(model, ir::Type::tensor(ir::DType::kBool)), "bool");
}

TEST(TypeText, SaysSequencesAndOptionals) {
  const ir::Model model;
  ir::Type type = ir::Type::tensor(ir::DType::kString, {{2, 0}});
  type.kind = ir::Type::Kind::kSequence;
  EXPECT_EQ(type_text(model, type), "sequence(string[2])");
  type.kind = ir::Type::Kind::kOptional;
  EXPECT_EQ(type_text(model, type), "optional(string[2])");
}

TEST(GroupByOp, PutsEqualReasonsTogetherMostFrequentFirst) {
  const std::vector<UnsupportedNode> nodes = {
      {"A", "a1", "", "no handler", "write one"}, {"B", "b1", "f", "no handler", ""},
      {"B", "b2", "", "no handler", ""},          {"B", "b3", "", "bad type", ""},
      {"B", "b4", "g/h", "no handler", ""},       {"B", "b5", "", "no handler", ""},
  };
  const auto groups = group_by_op(nodes);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].op, "B");
  EXPECT_EQ(groups[0].reason, "no handler");
  EXPECT_EQ(groups[0].count, 4U);
  ASSERT_EQ(groups[0].places.size(), kMostPlaces);
  EXPECT_EQ(groups[0].places[0].path, "f");
  EXPECT_EQ(groups[0].places[2].node, "b4");
  EXPECT_EQ(groups[1].op, "A");
  EXPECT_EQ(groups[1].next, "write one");
  EXPECT_EQ(groups[2].reason, "bad type");
}

TEST(GroupByOp, GivesNothingForNothing) { EXPECT_TRUE(group_by_op({}).empty()); }

}  // namespace
}  // namespace flowport::report
