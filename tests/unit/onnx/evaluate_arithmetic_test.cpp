#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "evaluate_call.h"

namespace flowport::ir {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

std::string binary(const char* op, const ConstantPtr& a, const ConstantPtr& b) {
  return text_of(NodeCall(op).in(a).in(b).result());
}

std::string cast(const ConstantPtr& source, DType to) {
  return text_of(NodeCall("Cast").in(source).attr("to", static_cast<std::int64_t>(to)).result());
}

TEST(EvaluateArithmetic, IntegersWrap) {
  const auto edge = int32s({2}, {INT32_MAX, INT32_MIN});
  EXPECT_EQ(binary("Add", edge, int32s({2}, {1, -1})), "int32[2]{-2147483648,2147483647}");
  EXPECT_EQ(binary("Sub", edge, int32s({2}, {-1, 1})), "int32[2]{-2147483648,2147483647}");
  EXPECT_EQ(binary("Mul", edge, edge), "int32[2]{1,0}");
  EXPECT_EQ(binary("Mul", tensor<std::uint16_t>(DType::kUint16, {1}, {65535}),
                   tensor<std::uint16_t>(DType::kUint16, {1}, {65535})),
            "uint16[1]{1}");
  EXPECT_EQ(text_of(NodeCall("Neg").in(edge).result()), "int32[2]{-2147483647,-2147483648}");
  EXPECT_EQ(text_of(NodeCall("Abs").in(edge).result()), "int32[2]{2147483647,-2147483648}");
}

TEST(EvaluateArithmetic, IntegerDivisionTruncatesAndRefusesZero) {
  EXPECT_EQ(binary("Div", int32s({4}, {7, -7, 7, -7}), int32s({4}, {2, 2, -2, -2})), "int32[4]{3,-3,-3,3}");
  EXPECT_EQ(binary("Div", int32s({1}, {INT32_MIN}), int32s({1}, {-1})), "int32[1]{-2147483648}");
  EXPECT_EQ(binary("Div", int32s({2}, {1, 2}), int32s({2}, {1, 0})), "not evaluated");
  EXPECT_EQ(binary("Div", floats({2}, {1, -1}), floats({1}, {0})), "float[2]{inf,-inf}");
}

TEST(EvaluateArithmetic, RemainderHasTheSignOfTheDivisorOrWithFmodOfTheDividend) {
  const auto a = int32s({4}, {7, -7, 7, -7});
  const auto b = int32s({4}, {3, 3, -3, -3});
  EXPECT_EQ(binary("Mod", a, b), "int32[4]{1,2,-2,-1}");
  EXPECT_EQ(text_of(NodeCall("Mod").in(a).in(b).attr("fmod", std::int64_t{1}).result()), "int32[4]{1,-1,1,-1}");
  EXPECT_EQ(binary("Mod", int32s({1}, {INT32_MIN}), int32s({1}, {-1})), "int32[1]{0}");
  EXPECT_EQ(binary("Mod", a, int32s({1}, {0})), "not evaluated");
  EXPECT_EQ(binary("Mod", floats({1}, {5}), floats({1}, {3})), "not evaluated");
  EXPECT_EQ(
      text_of(NodeCall("Mod").in(floats({1}, {-5.5F})).in(floats({1}, {3})).attr("fmod", std::int64_t{1}).result()),
      "float[1]{-2.5}");
}

TEST(EvaluateArithmetic, BroadcastsAsNumpy) {
  EXPECT_EQ(binary("Add", int32s({2, 1}, {10, 20}), int32s({3}, {1, 2, 3})), "int32[2,3]{11,12,13,21,22,23}");
  EXPECT_EQ(binary("Add", int32s({}, {1}), int32s({0, 2}, {})), "int32[0,2]{}");
  EXPECT_EQ(binary("Add", int32s({0}, {}), int32s({1}, {5})), "int32[0]{}");
  EXPECT_EQ(binary("Add", int32s({2}, {1, 2}), int32s({3}, {1, 2, 3})), "not evaluated");
  EXPECT_EQ(binary("Add", int32s({0}, {}), int32s({2}, {1, 2})), "not evaluated");
}

TEST(EvaluateArithmetic, PowersOfIntegersAreExactOrRefused) {
  EXPECT_EQ(binary("Pow", int64s({4}, {3, -3, 0, 1}), int64s({4}, {39, 39, 0, 1LL << 40})),
            "int64[4]{4052555153018976267,-4052555153018976267,1,1}");
  EXPECT_EQ(binary("Pow", int64s({1}, {2}), int64s({1}, {63})), "not evaluated");
  EXPECT_EQ(binary("Pow", int64s({1}, {2}), int64s({1}, {-1})), "not evaluated");
  EXPECT_EQ(binary("Pow", int32s({1}, {-1}), int64s({1}, {(1LL << 50) + 1})), "int32[1]{-1}");
  EXPECT_EQ(binary("Pow", int32s({1}, {4}), floats({1}, {0.5F})), "not evaluated");
  EXPECT_EQ(binary("Pow", int32s({1}, {4}), floats({1}, {2})), "int32[1]{16}");
  EXPECT_EQ(binary("Pow", floats({1}, {4}), int32s({1}, {-1})), "float[1]{0.25}");
}

TEST(EvaluateArithmetic, MinAndMaxOfSeveralInputsKeepNan) {
  const auto a = floats({3}, {1, kNan, -kInfinity});
  const auto b = floats({3}, {2, 0, 5});
  EXPECT_EQ(text_of(NodeCall("Max").in(a).in(b).in(floats({}, {1.5F})).result()), "float[3]{2,nan,5}");
  EXPECT_EQ(text_of(NodeCall("Min").in(b).in(a).result()), "float[3]{1,nan,-inf}");
  EXPECT_EQ(text_of(NodeCall("Mean").in(floats({2}, {1, 2})).in(floats({}, {3})).result()), "float[2]{2,2.5}");
  EXPECT_EQ(text_of(NodeCall("Sum").in(floats({2}, {1, 2})).result()), "float[2]{1,2}");
}

TEST(EvaluateArithmetic, ClipTakesTheUpperBoundLast) {
  EXPECT_EQ(text_of(NodeCall("Clip").in(int32s({3}, {1, 5, 9})).in(int32s({}, {3})).in(int32s({}, {6})).result()),
            "int32[3]{3,5,6}");
  EXPECT_EQ(text_of(NodeCall("Clip").in(int32s({2}, {1, 9})).in(int32s({}, {6})).in(int32s({}, {3})).result()),
            "int32[2]{3,3}");
  EXPECT_EQ(text_of(NodeCall("Clip").in(floats({2}, {kNan, 9})).in(nullptr).in(floats({}, {3})).result()),
            "float[2]{nan,3}");
}

TEST(EvaluateUnary, RoundGoesToTheEvenNeighbour) {
  EXPECT_EQ(text_of(NodeCall("Round").in(floats({5}, {0.5F, 1.5F, -2.5F, 2.4F, -0.2F})).result()),
            "float[5]{0,2,-2,2,-0}");
}

TEST(EvaluateUnary, SpecialNumbers) {
  const auto special = floats({4}, {kNan, kInfinity, -kInfinity, 0});
  EXPECT_EQ(text_of(NodeCall("IsNaN").in(special).result()), "bool[4]{1,0,0,0}");
  EXPECT_EQ(text_of(NodeCall("IsInf").in(special).result()), "bool[4]{0,1,1,0}");
  EXPECT_EQ(text_of(NodeCall("Relu").in(special).result()), "float[4]{nan,inf,0,0}");
  EXPECT_EQ(text_of(NodeCall("Sigmoid").in(floats({3}, {kInfinity, -kInfinity, 0})).result()), "float[3]{1,0,0.5}");
  EXPECT_EQ(text_of(NodeCall("Exp").in(floats({2}, {-kInfinity, 89})).result()), "float[2]{0,inf}");
  EXPECT_EQ(text_of(NodeCall("Sqrt").in(floats({0, 2}, {})).result()), "float[0,2]{}");
}

TEST(EvaluateUnary, SixteenBitTypesAreComputedInFloatAndRounded) {
  const auto one = tensor<std::uint16_t>(DType::kFloat16, {1}, {0x3c00});
  const auto three = tensor<std::uint16_t>(DType::kFloat16, {1}, {0x4200});
  EXPECT_EQ(binary("Div", one, three), "float16[1]{0.333251953}");
  const auto bone = tensor<std::uint16_t>(DType::kBfloat16, {1}, {0x3f80});
  const auto bthree = tensor<std::uint16_t>(DType::kBfloat16, {1}, {0x4040});
  EXPECT_EQ(binary("Div", bone, bthree), "bfloat16[1]{0.333984375}");
}

TEST(EvaluateCast, IntegersWrapAndFloatsTruncate) {
  EXPECT_EQ(cast(int64s({3}, {257, -1, 1LL << 40}), DType::kUint8), "uint8[3]{1,255,0}");
  EXPECT_EQ(cast(floats({3}, {1.9F, -1.9F, 0}), DType::kInt32), "int32[3]{1,-1,0}");
  EXPECT_EQ(cast(floats({1}, {-0.9F}), DType::kUint8), "uint8[1]{0}");
  EXPECT_EQ(cast(floats({4}, {0, -0.0F, 0.1F, kNan}), DType::kBool), "bool[4]{0,0,1,1}");
  EXPECT_EQ(cast(bools({2}, {0, 7}), DType::kFloat), "float[2]{0,1}");
  EXPECT_EQ(cast(bools({0}, {}), DType::kInt64), "int64[0]{}");
}

TEST(EvaluateCast, RefusesWhatNoIntegerHolds) {
  EXPECT_EQ(cast(floats({1}, {kNan}), DType::kInt32), "not evaluated");
  EXPECT_EQ(cast(floats({1}, {kInfinity}), DType::kInt64), "not evaluated");
  EXPECT_EQ(cast(floats({1}, {-1}), DType::kUint8), "not evaluated");
  EXPECT_EQ(cast(floats({1}, {256}), DType::kUint8), "not evaluated");
  EXPECT_EQ(cast(floats({1}, {0x1p63F}), DType::kInt64), "not evaluated");
  EXPECT_EQ(cast(floats({1}, {-0x1p63F}), DType::kInt64), "int64[1]{-9223372036854775808}");
  EXPECT_EQ(cast(strings({1}, {"1"}), DType::kInt64), "not evaluated");
  EXPECT_EQ(cast(int64s({1}, {1}), DType::kString), "not evaluated");
}

TEST(EvaluateCast, ToHalfRoundsToEvenAndOverflowsToInfinity) {
  EXPECT_EQ(cast(floats({6}, {2049, 2051, 65519, 65520, -65520, 0x1p-24F}), DType::kFloat16),
            "float16[6]{2048,2052,65504,inf,-inf,5.96046448e-08}");
  EXPECT_EQ(cast(floats({3}, {0x1p-25F, 0x1.8p-25F, kNan}), DType::kFloat16), "float16[3]{0,5.96046448e-08,nan}");
  EXPECT_EQ(cast(floats({2}, {257, 259}), DType::kBfloat16), "bfloat16[2]{256,260}");
}

TEST(EvaluateLogic, ComparisonsAndTruth) {
  const auto a = floats({3}, {1, 2, kNan});
  const auto b = floats({3}, {2, 2, kNan});
  EXPECT_EQ(binary("Less", a, b), "bool[3]{1,0,0}");
  EXPECT_EQ(binary("GreaterOrEqual", a, b), "bool[3]{0,1,0}");
  EXPECT_EQ(binary("Equal", a, b), "bool[3]{0,1,0}");
  EXPECT_EQ(binary("Equal", bools({2}, {1, 0}), bools({2}, {2, 0})), "bool[2]{1,1}");
  EXPECT_EQ(binary("Equal", strings({2}, {"a", "b"}), strings({}, {"b"})), "bool[2]{0,1}");
  EXPECT_EQ(binary("Xor", bools({2}, {1, 0}), bools({}, {1})), "bool[2]{0,1}");
  EXPECT_EQ(text_of(NodeCall("Not").in(bools({2}, {3, 0})).result()), "bool[2]{0,1}");
}

TEST(EvaluateLogic, ShiftsAsWideAsTheTypeAreRefused) {
  const auto byte = [](std::uint8_t value) { return tensor<std::uint8_t>(DType::kUint8, {1}, {value}); };
  const auto shift = [&](std::uint8_t by, const char* direction) {
    return text_of(NodeCall("BitShift").in(byte(0x81)).in(byte(by)).attr("direction", std::string(direction)).result());
  };
  EXPECT_EQ(shift(1, "LEFT"), "uint8[1]{2}");
  EXPECT_EQ(shift(7, "RIGHT"), "uint8[1]{1}");
  EXPECT_EQ(shift(8, "RIGHT"), "not evaluated");
}

TEST(EvaluateLogic, StringsAreJoinedWithinTheLimit) {
  const auto a = strings({2, 1}, {"x", "yy"});
  const auto b = strings({2}, {"1", ""});
  EXPECT_EQ(binary("StringConcat", a, b), R"(string[2,2]{"x1","x","yy1","yy"})");
  const auto large = strings({4}, {std::string(200, 'a'), "", "", ""});
  EXPECT_EQ(NodeCall("StringConcat").in(large->reshaped({4, 1})).in(large).result(900), nullptr);
}

}  // namespace
}  // namespace flowport::ir
