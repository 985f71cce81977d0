#include <gtest/gtest.h>

#include "evaluate_call.h"

namespace flowport::ir {
namespace {

const ConstantPtr kMatrix = int32s({2, 3}, {1, 2, 3, 4, 5, 6});

TEST(EvaluateViews, ReshapeCopiesDimsForZeroAndInfersOne) {
  EXPECT_EQ(text_of(NodeCall("Reshape").in(kMatrix).in(list({0, 1, -1})).result()), "int32[2,1,3]{1,2,3,4,5,6}");
  EXPECT_EQ(text_of(NodeCall("Reshape").in(kMatrix).in(list({6})).result()), "int32[6]{1,2,3,4,5,6}");
  EXPECT_EQ(text_of(NodeCall("Reshape").in(int32s({1, 1}, {7})).in(list({})).result()), "int32[]{7}");
}

TEST(EvaluateViews, ReshapeOfEmptyTensors) {
  const auto empty = int32s({0, 3}, {});
  EXPECT_EQ(text_of(NodeCall("Reshape").in(empty).in(list({0, -1})).result()), "not evaluated");
  EXPECT_EQ(text_of(NodeCall("Reshape").in(empty).in(list({3, -1})).result()), "int32[3,0]{}");
  EXPECT_EQ(text_of(NodeCall("Reshape").in(empty).in(list({3, 0})).attr("allowzero", std::int64_t{1}).result()),
            "int32[3,0]{}");
}

TEST(EvaluateViews, ReshapeRefusesAnotherCount) {
  EXPECT_EQ(NodeCall("Reshape").in(kMatrix).in(list({4, -1})).result(), nullptr);
  EXPECT_EQ(NodeCall("Reshape").in(kMatrix).in(list({5})).result(), nullptr);
  EXPECT_EQ(NodeCall("Reshape").in(kMatrix).in(list({1, 1, 0, 6})).result(), nullptr);
  EXPECT_EQ(NodeCall("Reshape").in(kMatrix).in(list({INT64_MAX, INT64_MAX})).result(), nullptr);
  EXPECT_EQ(NodeCall("Reshape").in(kMatrix).in(list({-6, -1})).result(), nullptr);
}

TEST(EvaluateViews, SqueezeAndUnsqueeze) {
  const auto source = int32s({1, 2, 1}, {1, 2});
  EXPECT_EQ(text_of(NodeCall("Squeeze").in(source).result()), "int32[2]{1,2}");
  EXPECT_EQ(text_of(NodeCall("Squeeze").in(source).in(list({-1})).result()), "int32[1,2]{1,2}");
  EXPECT_EQ(NodeCall("Squeeze").in(source).in(list({1})).result(), nullptr);
  EXPECT_EQ(text_of(NodeCall("Squeeze", 11).in(source).attr("axes", Dims{0}).result()), "int32[2,1]{1,2}");
  EXPECT_EQ(text_of(NodeCall("Unsqueeze").in(kMatrix).in(list({-1, 0})).result()), "int32[1,2,3,1]{1,2,3,4,5,6}");
  EXPECT_EQ(NodeCall("Unsqueeze").in(kMatrix).in(list({0, -4})).result(), nullptr);
  EXPECT_EQ(NodeCall("Unsqueeze").in(kMatrix).in(list({3})).result(), nullptr);
}

TEST(EvaluateViews, FlattenAndTranspose) {
  const auto cube = int32s({2, 1, 2}, {1, 2, 3, 4});
  EXPECT_EQ(text_of(NodeCall("Flatten").in(cube).result()), "int32[2,2]{1,2,3,4}");
  EXPECT_EQ(text_of(NodeCall("Flatten").in(cube).attr("axis", std::int64_t{0}).result()), "int32[1,4]{1,2,3,4}");
  EXPECT_EQ(text_of(NodeCall("Flatten").in(cube).attr("axis", std::int64_t{3}).result()), "int32[4,1]{1,2,3,4}");
  EXPECT_EQ(text_of(NodeCall("Transpose").in(kMatrix).result()), "int32[3,2]{1,4,2,5,3,6}");
  EXPECT_EQ(text_of(NodeCall("Transpose").in(cube).attr("perm", Dims{1, 2, 0}).result()), "int32[1,2,2]{1,3,2,4}");
}

TEST(EvaluateViews, LargeTensorsAreViewsAndNothingElse) {
  const auto weight = floats({2, 3}, {1, 2, 3, 4, 5, 6});
  EXPECT_EQ(text_of(NodeCall("Transpose").in(weight).result(4)), "float[3,2]{1,4,2,5,3,6}");
  EXPECT_EQ(text_of(NodeCall("Reshape").in(weight).in(list({3, 2})).result(4)), "float[3,2]{1,2,3,4,5,6}");
  EXPECT_EQ(NodeCall("Identity").in(weight).result(4), weight);
  EXPECT_EQ(NodeCall("Cast").in(weight).attr("to", std::int64_t{1}).result(4), weight);
  EXPECT_EQ(NodeCall("Cast").in(weight).attr("to", std::int64_t{11}).result(24), nullptr);
  EXPECT_EQ(NodeCall("Add").in(weight).in(weight).result(4), nullptr);
  EXPECT_EQ(NodeCall("ReduceSum").in(weight).result(20), nullptr);
  const auto transposed = weight->transposed(Dims{1, 0});
  EXPECT_EQ(NodeCall("Reshape").in(transposed).in(list({6})).result(20), nullptr);
  EXPECT_EQ(text_of(NodeCall("Reshape").in(transposed).in(list({3, 1, 2})).result(20)), "float[3,1,2]{1,4,2,5,3,6}");
  EXPECT_EQ(text_of(NodeCall("Reshape").in(transposed).in(list({6})).result(24)), "float[6]{1,4,2,5,3,6}");
}

TEST(EvaluateShape, OfContentAndOfType) {
  EXPECT_EQ(text_of(NodeCall("Shape").in(kMatrix).result()), "int64[2]{2,3}");
  EXPECT_EQ(text_of(NodeCall("Shape").in(int32s({}, {1})).result()), "int64[0]{}");
  const Type partly = Type::tensor(DType::kFloat, {Dim{2, 0}, Dim{}, Dim{4, 0}});
  EXPECT_EQ(NodeCall("Shape").in(partly).result(), nullptr);
  EXPECT_EQ(text_of(NodeCall("Shape").in(partly).attr("start", std::int64_t{-1}).result()), "int64[1]{4}");
  EXPECT_EQ(text_of(NodeCall("Shape").in(partly).attr("end", std::int64_t{-2}).result()), "int64[1]{2}");
  EXPECT_EQ(
      text_of(NodeCall("Shape").in(kMatrix).attr("start", std::int64_t{-9}).attr("end", std::int64_t{9}).result()),
      "int64[2]{2,3}");
  EXPECT_EQ(text_of(NodeCall("Shape").in(kMatrix).attr("start", std::int64_t{2}).result()), "int64[0]{}");
  EXPECT_EQ(text_of(NodeCall("Size").in(kMatrix).result()), "int64[]{6}");
  EXPECT_EQ(NodeCall("Size").in(partly).result(), nullptr);
  EXPECT_EQ(NodeCall("Shape").in(Type::tensor(DType::kFloat)).result(), nullptr);
}

TEST(EvaluateShape, GeneratedTensors) {
  EXPECT_EQ(text_of(NodeCall("ConstantOfShape").in(list({2, 2})).result()), "float[2,2]{0,0,0,0}");
  EXPECT_EQ(text_of(NodeCall("ConstantOfShape").in(list({2, 0})).attr("value", int32s({1}, {7})).result()),
            "int32[2,0]{}");
  EXPECT_EQ(text_of(NodeCall("ConstantOfShape").in(list({})).attr("value", int32s({1}, {7})).result()), "int32[]{7}");
  EXPECT_EQ(NodeCall("ConstantOfShape").in(list({1 << 30, 1 << 30, 1 << 30})).result(), nullptr);
  EXPECT_EQ(NodeCall("ConstantOfShape").in(list({-1})).result(), nullptr);
  EXPECT_EQ(text_of(NodeCall("Constant").attr("value_ints", Dims{4, 5}).result()), "int64[2]{4,5}");
  EXPECT_EQ(text_of(NodeCall("Constant").attr("value", kMatrix).result()), "int32[2,3]{1,2,3,4,5,6}");
  EXPECT_EQ(text_of(NodeCall("Constant").attr("value_float", 2.5F).result()), "float[]{2.5}");
}

TEST(EvaluateShape, RangeCountsTowardsTheLimit) {
  const auto range = [](std::int64_t start, std::int64_t limit, std::int64_t delta) {
    return text_of(NodeCall("Range").in(int64s({}, {start})).in(int64s({}, {limit})).in(int64s({}, {delta})).result());
  };
  EXPECT_EQ(range(1, 8, 3), "int64[3]{1,4,7}");
  EXPECT_EQ(range(1, 7, 3), "int64[2]{1,4}");
  EXPECT_EQ(range(5, -1, -2), "int64[3]{5,3,1}");
  EXPECT_EQ(range(5, 5, 1), "int64[0]{}");
  EXPECT_EQ(range(5, 6, -1), "int64[0]{}");
  EXPECT_EQ(range(1, 2, 0), "not evaluated");
  EXPECT_EQ(range(INT64_MIN, INT64_MAX, INT64_MAX), "int64[3]{-9223372036854775808,-1,9223372036854775806}");
  EXPECT_EQ(range(INT64_MAX, INT64_MIN, INT64_MIN), "int64[2]{9223372036854775807,-1}");
  EXPECT_EQ(range(INT64_MIN, INT64_MAX, 1), "not evaluated");
  EXPECT_EQ(text_of(NodeCall("Range").in(floats({}, {0})).in(floats({}, {1})).in(floats({}, {0.4F})).result()),
            "float[3]{0,0.400000006,0.800000012}");
}

}  // namespace
}  // namespace flowport::ir
