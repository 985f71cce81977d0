#include <gtest/gtest.h>

#include <limits>

#include "evaluate_call.h"

namespace flowport::ir {
namespace {

const ConstantPtr kMatrix = int32s({2, 3}, {1, 2, 3, 4, 5, 6});
const ConstantPtr kEmptyRows = floats({0, 3}, {});

TEST(EvaluateReduce, AxesAsInputOrAttribute) {
  EXPECT_EQ(text_of(NodeCall("ReduceSum").in(kMatrix).result()), "int32[1,1]{21}");
  EXPECT_EQ(text_of(NodeCall("ReduceSum").in(kMatrix).in(list({-1})).attr("keepdims", std::int64_t{0}).result()),
            "int32[2]{6,15}");
  EXPECT_EQ(text_of(NodeCall("ReduceMax", 13).in(kMatrix).attr("axes", Dims{0}).result()), "int32[1,3]{4,5,6}");
  EXPECT_EQ(text_of(NodeCall("ReduceProd").in(int32s({}, {7})).result()), "int32[]{7}");
  EXPECT_EQ(NodeCall("ReduceSum").in(kMatrix).in(list({2})).result(), nullptr);
  EXPECT_EQ(NodeCall("ReduceSum").in(kMatrix).in(list({0, -2})).result(), nullptr);
}

TEST(EvaluateReduce, NoAxesReduceAllOrNothing) {
  EXPECT_EQ(text_of(NodeCall("ReduceMin").in(kMatrix).in(list({})).result()), "int32[1,1]{1}");
  const auto same =
      NodeCall("ReduceMin").in(kMatrix).in(list({})).attr("noop_with_empty_axes", std::int64_t{1}).result();
  EXPECT_EQ(same, kMatrix);
}

TEST(EvaluateReduce, EmptyRunsHaveASumAndAProductOnly) {
  EXPECT_EQ(text_of(NodeCall("ReduceSum").in(kEmptyRows).in(list({0})).result()), "float[1,3]{0,0,0}");
  EXPECT_EQ(text_of(NodeCall("ReduceProd").in(kEmptyRows).in(list({0})).result()), "float[1,3]{1,1,1}");
  EXPECT_EQ(NodeCall("ReduceMax").in(kEmptyRows).in(list({0})).result(), nullptr);
  EXPECT_EQ(NodeCall("ReduceMean").in(kEmptyRows).in(list({0})).result(), nullptr);
  EXPECT_EQ(text_of(NodeCall("ReduceMax").in(kEmptyRows).in(list({1})).result()), "float[0,1]{}");
  EXPECT_EQ(text_of(NodeCall("ReduceSum").in(floats({0, 1LL << 50}, {})).in(list({1})).result()), "float[0,1]{}");
  EXPECT_EQ(NodeCall("ReduceSum").in(floats({1LL << 50, 0}, {})).in(list({1})).result(), nullptr);
}

TEST(EvaluateReduce, IntegersWrapAndMeansTruncate) {
  EXPECT_EQ(text_of(NodeCall("ReduceSum").in(int32s({2}, {INT32_MAX, 1})).result()), "int32[1]{-2147483648}");
  EXPECT_EQ(text_of(NodeCall("ReduceProd").in(int64s({2}, {INT64_MAX, 2})).result()), "int64[1]{-2}");
  EXPECT_EQ(text_of(NodeCall("ReduceMean").in(int32s({2}, {-4, 1})).result()), "int32[1]{-1}");
}

TEST(EvaluateReduce, FloatSumsDoNotLoseSmallTerms) {
  EXPECT_EQ(text_of(NodeCall("ReduceSum").in(floats({4}, {1e8F, 1, 1, -1e8F})).result()), "float[1]{2}");
}

TEST(EvaluateOrder, ArgOfTheBest) {
  const auto ties = int32s({2, 3}, {1, 7, 7, 2, 2, 0});
  EXPECT_EQ(text_of(NodeCall("ArgMax").in(ties).attr("axis", std::int64_t{-1}).result()), "int64[2,1]{1,0}");
  EXPECT_EQ(text_of(NodeCall("ArgMax")
                        .in(ties)
                        .attr("axis", std::int64_t{1})
                        .attr("select_last_index", std::int64_t{1})
                        .attr("keepdims", std::int64_t{0})
                        .result()),
            "int64[2]{2,1}");
  EXPECT_EQ(text_of(NodeCall("ArgMin").in(ties).result()), "int64[1,3]{0,1,1}");
  EXPECT_EQ(NodeCall("ArgMax").in(floats({2}, {1, std::numeric_limits<float>::quiet_NaN()})).result(), nullptr);
  EXPECT_EQ(NodeCall("ArgMax").in(kEmptyRows).result(), nullptr);
  EXPECT_EQ(text_of(NodeCall("ArgMax").in(kEmptyRows).attr("axis", std::int64_t{1}).result()), "int64[0,1]{}");
}

TEST(EvaluateOrder, TopKGivesEqualElementsByIndex) {
  const auto best = NodeCall("TopK").in(int32s({4}, {5, 9, 5, 9})).in(list({3})).outputs(2).run();
  ASSERT_TRUE(best);
  EXPECT_EQ(text_of((*best)[0]), "int32[3]{9,9,5}");
  EXPECT_EQ(text_of((*best)[1]), "int64[3]{1,3,0}");
  const auto least = NodeCall("TopK")
                         .in(int32s({2, 2}, {3, 1, 2, 4}))
                         .in(list({1}))
                         .attr("axis", std::int64_t{0})
                         .attr("largest", std::int64_t{0})
                         .outputs(2)
                         .run();
  ASSERT_TRUE(least);
  EXPECT_EQ(text_of((*least)[0]), "int32[1,2]{2,1}");
  EXPECT_EQ(text_of((*least)[1]), "int64[1,2]{1,0}");
  EXPECT_FALSE(NodeCall("TopK").in(kMatrix).in(list({4})).outputs(2).run());
}

TEST(EvaluateOrder, CumSumInBothDirections) {
  const auto row = list({1, 2, 3});
  const auto sums = [&](std::int64_t exclusive, std::int64_t reverse) {
    return text_of(
        NodeCall("CumSum").in(row).in(int64s({}, {0})).attr("exclusive", exclusive).attr("reverse", reverse).result());
  };
  EXPECT_EQ(sums(0, 0), "int64[3]{1,3,6}");
  EXPECT_EQ(sums(1, 0), "int64[3]{0,1,3}");
  EXPECT_EQ(sums(0, 1), "int64[3]{6,5,3}");
  EXPECT_EQ(sums(1, 1), "int64[3]{5,3,0}");
}

TEST(EvaluateOrder, NonZeroAndUnique) {
  EXPECT_EQ(text_of(NodeCall("NonZero").in(int32s({2, 2}, {0, 3, 4, 0})).result()), "int64[2,2]{0,1,1,0}");
  EXPECT_EQ(text_of(NodeCall("NonZero").in(floats({2}, {0, -0.0F})).result()), "int64[1,0]{}");
  EXPECT_EQ(NodeCall("NonZero").in(int32s({}, {1})).result(), nullptr);
  const auto found = NodeCall("Unique").in(list({5, 2, 5, 1})).attr("sorted", std::int64_t{0}).outputs(4).run();
  ASSERT_TRUE(found);
  EXPECT_EQ(text_of((*found)[0]), "int64[3]{5,2,1}");
  EXPECT_EQ(text_of((*found)[1]), "int64[3]{0,1,3}");
  EXPECT_EQ(text_of((*found)[2]), "int64[4]{0,1,0,2}");
  EXPECT_EQ(text_of((*found)[3]), "int64[3]{2,1,1}");
}

TEST(EvaluateMatMul, RowsColumnsAndBatches) {
  EXPECT_EQ(text_of(NodeCall("MatMul").in(kMatrix).in(int32s({3}, {1, 0, 2})).result()), "int32[2]{7,16}");
  EXPECT_EQ(text_of(NodeCall("MatMul").in(int32s({2}, {1, 2})).in(kMatrix).result()), "int32[3]{9,12,15}");
  EXPECT_EQ(text_of(NodeCall("MatMul").in(int32s({2, 1, 1}, {2, 3})).in(int32s({1, 2}, {1, 10})).result()),
            "int32[2,1,2]{2,20,3,30}");
  EXPECT_EQ(text_of(NodeCall("MatMul").in(floats({2, 0}, {})).in(floats({0, 1}, {})).result()), "float[2,1]{0,0}");
  EXPECT_EQ(NodeCall("MatMul").in(kMatrix).in(kMatrix).result(), nullptr);
}

TEST(EvaluateGenerated, OneHotAndEye) {
  EXPECT_EQ(text_of(NodeCall("OneHot").in(list({1, -1, 5})).in(int64s({}, {3})).in(floats({2}, {0, 1})).result()),
            "float[3,3]{0,1,0,0,0,1,0,0,0}");
  EXPECT_EQ(text_of(NodeCall("EyeLike")
                        .in(Type::tensor(DType::kInt32, {Dim{2, 0}, Dim{3, 0}}))
                        .attr("k", std::int64_t{1})
                        .result()),
            "int32[2,3]{0,1,0,0,0,1}");
  EXPECT_EQ(text_of(NodeCall("EyeLike").in(Type::tensor(DType::kInt32, {Dim{1LL << 50, 0}, Dim{0, 0}})).result()),
            "int32[1125899906842624,0]{}");
  EXPECT_EQ(text_of(NodeCall("EyeLike").in(kMatrix).attr("k", INT64_MIN).result()), "int32[2,3]{0,0,0,0,0,0}");
}

}  // namespace
}  // namespace flowport::ir
