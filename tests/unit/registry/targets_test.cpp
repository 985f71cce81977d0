#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "rows.h"

namespace flowport::registry {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::uint64_t bit(ir::DType type) { return std::uint64_t{1} << static_cast<unsigned>(type); }

Denial denial_of(std::string op, std::uint64_t dtypes, std::string reason, int opset_min = 0, int opset_max = 0) {
  Denial denial;
  denial.op = std::move(op);
  denial.dtypes = dtypes;
  denial.reason = std::move(reason);
  denial.opset_min = opset_min;
  denial.opset_max = opset_max;
  return denial;
}

class Targets : public ::testing::Test {
 protected:
  Targets() : owner_(registry_.add_owner({"org.targets", "1.0.0", "targets.so", Layer::kBuiltin, {}})) {}
  void add(Target target) {
    target.owner = owner_;
    const auto added = registry_.add_target(std::move(target));
    ASSERT_TRUE(added.has_value()) << added.error().what;
  }

  Registry registry_;
  const Owner* owner_;
};

TEST_F(Targets, IdsByNumber) {
  for (const int opset : {21, 9, 13}) add(target_of(opset));
  EXPECT_THAT(registry_.target_ids(), ElementsAre("onnx-9", "onnx-13", "onnx-21"));
}

TEST_F(Targets, UnknownIdGivesNearOnes) {
  add(target_of(21));
  const auto target = registry_.target("onnx-12");
  ASSERT_FALSE(target.has_value());
  EXPECT_EQ(target.error().fault, Fault::kUsage);
  EXPECT_THAT(target.error().next, HasSubstr("onnx-21"));
  EXPECT_THAT(registry_.target("something").error().next, HasSubstr("targets are: onnx-21"));
}

TEST_F(Targets, TwiceIsRefused) {
  add(target_of(21));
  Target again = target_of(21);
  again.owner = owner_;
  EXPECT_FALSE(registry_.add_target(std::move(again)).has_value());
}

TEST_F(Targets, ParentsAreFoldedIn) {
  Target base;
  base.id = "base";
  base.ir_version = 8;
  base.domains = {{"ai.onnx.ml", 3}};
  base.denials = {denial_of("Max", bit(ir::DType::kInt8), "base")};
  add(base);
  Target middle = target_of(17);
  middle.id = "middle";
  middle.ir_version = 0;
  middle.parent = "base";
  add(middle);
  Target top;
  top.id = "top";
  top.parent = "middle";
  top.domains = {{"", 18}};
  top.denials = {denial_of("Abs", 0, "top")};
  add(top);

  const auto target = registry_.target("top");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->ir_version, 8U);
  EXPECT_EQ(target->opset(), 18);
  EXPECT_EQ(target->opset("ai.onnx.ml"), 3);
  EXPECT_EQ(target->opset("com.example"), 0);
  ASSERT_EQ(target->denials.size(), 2U);
  EXPECT_EQ(target->denials[0].op, "Abs");
  EXPECT_EQ(target->denials[1].op, "Max");
}

TEST_F(Targets, CircleOfParents) {
  for (const auto& [id, parent] : {std::pair("a", "b"), std::pair("b", "a")}) {
    Target target = target_of(17);
    target.id = id;
    target.parent = parent;
    add(target);
  }
  EXPECT_THAT(registry_.target("a").error().what, HasSubstr("its own parent"));
  EXPECT_THAT(registry_.target_ids(), ::testing::IsEmpty());
}

TEST_F(Targets, MissingParent) {
  Target target = target_of(17);
  target.parent = "nobody";
  add(target);
  EXPECT_THAT(registry_.target("onnx-17").error().what, HasSubstr("parent 'nobody', which does not exist"));
}

TEST_F(Targets, OnlyAParent) {
  Target base;
  base.id = "base";
  add(base);
  EXPECT_THAT(registry_.target_ids(), ::testing::IsEmpty());
  EXPECT_THAT(registry_.target("base").error().what, HasSubstr("only a parent"));
}

TEST_F(Targets, DenialsHoldAtTheirOpsets) {
  Target target = target_of(18);
  target.denials = {denial_of("Abs", bit(ir::DType::kInt8), "early", 0, 17),
                    denial_of("Abs", bit(ir::DType::kInt16), "now", 18, 18),
                    denial_of("Abs", bit(ir::DType::kUint8), "late", 19), denial_of("Abs", 0, "domain")};
  target.denials.back().domain = "com.example";
  add(target);
  const auto found = registry_.target("onnx-18");
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->denials.size(), 1U);
  EXPECT_EQ(found->denials[0].reason, "now");
}

TEST_F(Targets, DenialOfATypeVariable) {
  Target target = target_of(18);
  target.denials = {denial_of("OneHot", bit(ir::DType::kUint8), "indices"),
                    denial_of("OneHot", bit(ir::DType::kInt16), "values"), denial_of("Swish", 0, "no op"),
                    denial_of("", bit(ir::DType::kComplex64), "no type")};
  target.denials[1].type_var = "T3";
  add(target);
  const auto found = registry_.target("onnx-18");
  ASSERT_TRUE(found.has_value());
  const auto reason = [&](std::string_view op, std::string_view variable, bool is_first, ir::DType type) {
    const Denial* denial = found->denial("", op, variable, is_first, type);
    return denial == nullptr ? std::string() : denial->reason;
  };
  EXPECT_EQ(reason("OneHot", "T1", true, ir::DType::kUint8), "indices");
  EXPECT_EQ(reason("OneHot", "T1", true, ir::DType::kInt16), "");
  EXPECT_EQ(reason("OneHot", "T3", false, ir::DType::kInt16), "values");
  EXPECT_EQ(reason("OneHot", "T3", false, ir::DType::kUint8), "");
  EXPECT_EQ(reason("Swish", "T", true, ir::DType::kFloat), "no op");
  EXPECT_EQ(reason("Identity", "T", true, ir::DType::kFloat), "");
  EXPECT_EQ(reason("Identity", "V", false, ir::DType::kComplex64), "no type");
}

TEST_F(Targets, SchemaOfAVersion) {
  for (const int version : {1, 4}) {
    CustomSchema schema;
    schema.domain = "com.example";
    schema.op = "Blur";
    schema.since_version = version;
    schema.owner = owner_;
    ASSERT_TRUE(registry_.add_schema(schema).has_value());
    EXPECT_FALSE(registry_.add_schema(schema).has_value());
  }
  EXPECT_EQ(registry_.schema("com.example", "Blur", 0)->since_version, 4)
      << "the target has no such domain: the newest";
  EXPECT_EQ(registry_.schema("com.example", "Blur", 3)->since_version, 1);
  EXPECT_EQ(registry_.schema("com.example", "Blur", 9)->since_version, 4);
  EXPECT_EQ(registry_.schema("com.example", "Other", 9), nullptr);
}

TEST_F(Targets, AllowedOpsAreAllThereAre) {
  Target listed = target_of(21);
  listed.id = "listed";
  listed.allowed = {
      {"", "Conv", bit(ir::DType::kFloat), "", 0, 0}, {"", "Relu", 0, "", 0, 0}, {"", "Split", 0, "", 0, 12}};
  add(std::move(listed));
  Target more;
  more.id = "more";
  more.parent = "listed";
  more.allowed = {{"", "Split", 0, "", 13, 0}};
  more.max_rank = 6;
  add(std::move(more));

  const auto target = registry_.target("listed");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->denial("", "Relu"), nullptr);
  EXPECT_EQ(target->denial("", "Relu", "T", true, ir::DType::kInt8), nullptr);
  EXPECT_EQ(target->denial("", "Conv", "T", true, ir::DType::kFloat), nullptr);
  const Denial* typed = target->denial("", "Conv", "T", true, ir::DType::kDouble);
  ASSERT_NE(typed, nullptr);
  EXPECT_EQ(typed->reason, "listed takes float only");
  EXPECT_NE(target->denial("", "Split"), nullptr);
  EXPECT_NE(target->denial("", "Loop"), nullptr);
  EXPECT_NE(target->denial("ai.onnx.ml", "LabelEncoder"), nullptr);
  EXPECT_EQ(target->denial("com.example", "Own"), nullptr);

  const auto child = registry_.target("more");
  ASSERT_TRUE(child.has_value());
  EXPECT_EQ(child->denial("", "Split"), nullptr);
  EXPECT_EQ(child->denial("", "Relu"), nullptr);
  EXPECT_EQ(child->max_rank, 6U);
}

TEST_F(Targets, AListWithoutAnOpAtItsOpsetTakesNothing) {
  Target listed = target_of(21);
  listed.allowed = {{"", "Split", 0, "", 0, 12}};
  add(std::move(listed));
  EXPECT_NE(registry_.target("onnx-21")->denial("", "Relu"), nullptr);
}

TEST_F(Targets, MissingIsTheNearestAncestorThatIsNotThere) {
  EXPECT_EQ(registry_.missing_target("device"), "device");
  Target device;
  device.id = "device";
  device.parent = "family";
  add(std::move(device));
  EXPECT_EQ(registry_.missing_target("device"), "family");
  Target family = target_of(21);
  family.id = "family";
  add(std::move(family));
  EXPECT_EQ(registry_.missing_target("device"), "");
}

}  // namespace
}  // namespace flowport::registry
