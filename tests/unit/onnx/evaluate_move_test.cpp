#include <gtest/gtest.h>

#include "evaluate_call.h"

namespace flowport::ir {
namespace {

const ConstantPtr kMatrix = int32s({2, 3}, {1, 2, 3, 4, 5, 6});
const ConstantPtr kRow = int32s({5}, {0, 1, 2, 3, 4});

std::string slice(std::int64_t start, std::int64_t end, std::int64_t step) {
  return text_of(NodeCall("Slice").in(kRow).in(list({start})).in(list({end})).in(list({0})).in(list({step})).result());
}

TEST(EvaluateSlice, ClampsBothEnds) {
  EXPECT_EQ(slice(1, 4, 1), "int32[3]{1,2,3}");
  EXPECT_EQ(slice(-2, INT64_MAX, 1), "int32[2]{3,4}");
  EXPECT_EQ(slice(INT64_MIN, INT64_MAX, 2), "int32[3]{0,2,4}");
  EXPECT_EQ(slice(3, 3, 1), "int32[0]{}");
  EXPECT_EQ(slice(9, 12, 1), "int32[0]{}");
  EXPECT_EQ(slice(0, 5, INT64_MAX), "int32[1]{0}");
}

TEST(EvaluateSlice, StepsBack) {
  EXPECT_EQ(slice(-1, INT64_MIN, -1), "int32[5]{4,3,2,1,0}");
  EXPECT_EQ(slice(9, 0, -2), "int32[2]{4,2}");
  EXPECT_EQ(slice(1, 3, -1), "int32[0]{}");
  EXPECT_EQ(slice(4, INT64_MIN, INT64_MIN), "int32[1]{4}");
  EXPECT_EQ(slice(0, 5, 0), "not evaluated");
  EXPECT_EQ(slice(4, INT64_MAX, -1), "not evaluated");
}

TEST(EvaluateSlice, AxesAndEmptyTensors) {
  const auto result = NodeCall("Slice").in(kMatrix).in(list({-1, 1})).in(list({2, 2})).in(list({0, -1})).result();
  EXPECT_EQ(text_of(result), "int32[1,1]{5}");
  EXPECT_EQ(NodeCall("Slice").in(kMatrix).in(list({0, 0})).in(list({1, 1})).in(list({0, -2})).result(), nullptr);
  const auto empty = int32s({0, 2}, {});
  EXPECT_EQ(text_of(NodeCall("Slice").in(empty).in(list({3})).in(list({-9})).in(list({0})).in(list({-1})).result()),
            "int32[0,2]{}");
}

TEST(EvaluateConcat, JoinsAlongAnyAxisAndSkipsEmptyParts) {
  const auto column = int32s({2, 1}, {7, 8});
  EXPECT_EQ(text_of(NodeCall("Concat").in(kMatrix).in(column).attr("axis", std::int64_t{-1}).result()),
            "int32[2,4]{1,2,3,7,4,5,6,8}");
  EXPECT_EQ(
      text_of(NodeCall("Concat").in(list({})).in(list({3})).in(list({4, 5})).attr("axis", std::int64_t{0}).result()),
      "int64[3]{3,4,5}");
  EXPECT_EQ(
      text_of(
          NodeCall("Concat").in(strings({1}, {"a"})).in(strings({1}, {"b"})).attr("axis", std::int64_t{0}).result()),
      R"(string[2]{"a","b"})");
  EXPECT_EQ(NodeCall("Concat").in(kMatrix).in(kRow).attr("axis", std::int64_t{0}).result(), nullptr);
}

TEST(EvaluateConcat, HasNoLimitlessResult) {
  EXPECT_EQ(NodeCall("Concat").in(kMatrix).in(kMatrix).attr("axis", std::int64_t{0}).result(47), nullptr);
  EXPECT_NE(NodeCall("Concat").in(kMatrix).in(kMatrix).attr("axis", std::int64_t{0}).result(48), nullptr);
}

TEST(EvaluateSplit, BySizesAndEvenly) {
  const auto parts = NodeCall("Split").in(kRow).in(list({2, 0, 3})).outputs(3).run();
  ASSERT_TRUE(parts);
  EXPECT_EQ(text_of((*parts)[0]), "int32[2]{0,1}");
  EXPECT_EQ(text_of((*parts)[1]), "int32[0]{}");
  EXPECT_EQ(text_of((*parts)[2]), "int32[3]{2,3,4}");
  const auto uneven = NodeCall("Split").in(kRow).attr("num_outputs", std::int64_t{2}).outputs(2).run();
  ASSERT_TRUE(uneven);
  EXPECT_EQ(text_of((*uneven)[1]), "int32[2]{3,4}");
  EXPECT_FALSE(NodeCall("Split", 13).in(kRow).outputs(2).run());
  EXPECT_FALSE(NodeCall("Split").in(kRow).in(list({2, 2})).outputs(2).run());
}

TEST(EvaluateExpand, RepeatsDimsOfOne) {
  EXPECT_EQ(text_of(NodeCall("Expand").in(int32s({2, 1}, {1, 2})).in(list({2, 1, 2})).result()),
            "int32[2,2,2]{1,1,2,2,1,1,2,2}");
  EXPECT_EQ(text_of(NodeCall("Expand").in(int32s({1}, {1})).in(list({0})).result()), "int32[0]{}");
  EXPECT_EQ(NodeCall("Expand").in(int32s({1}, {1})).in(list({1LL << 40})).result(), nullptr);
  EXPECT_EQ(text_of(NodeCall("Tile").in(kMatrix).in(list({1, 2})).result()), "int32[2,6]{1,2,3,1,2,3,4,5,6,4,5,6}");
}

TEST(EvaluateExpand, StringsCountWithTheirCharacters) {
  const auto word = strings({1}, {std::string(1000, 'a')});
  EXPECT_NE(NodeCall("Expand").in(word).in(list({9})).result(10000), nullptr);
  EXPECT_EQ(NodeCall("Expand").in(word).in(list({10})).result(10000), nullptr);
}

TEST(EvaluateWhere, ChoosesByCondition) {
  EXPECT_EQ(text_of(NodeCall("Where").in(bools({2, 1}, {1, 0})).in(list({1, 2})).in(int64s({}, {9})).result()),
            "int64[2,2]{1,2,9,9}");
  EXPECT_EQ(text_of(NodeCall("Where").in(bools({2}, {0, 1})).in(strings({}, {"y"})).in(strings({}, {"n"})).result()),
            R"(string[2]{"n","y"})");
}

TEST(EvaluatePad, ModesOfOneAxis) {
  const auto padded = [](const char* mode, std::int64_t before, std::int64_t after) {
    return text_of(
        NodeCall("Pad").in(int32s({3}, {1, 2, 3})).in(list({before, after})).attr("mode", std::string(mode)).result());
  };
  EXPECT_EQ(padded("constant", 1, 2), "int32[6]{0,1,2,3,0,0}");
  EXPECT_EQ(padded("constant", -1, -1), "int32[1]{2}");
  EXPECT_EQ(padded("constant", -4, 4), "not evaluated");
  EXPECT_EQ(padded("edge", 1, 2), "int32[6]{1,1,2,3,3,3}");
  EXPECT_EQ(padded("reflect", 2, 2), "int32[7]{3,2,1,2,3,2,1}");
  EXPECT_EQ(padded("reflect", 3, 0), "not evaluated");
  EXPECT_EQ(padded("wrap", 1, 2), "int32[6]{3,1,2,3,1,2}");
  EXPECT_EQ(text_of(NodeCall("Pad").in(kMatrix).in(list({1, 0})).in(int32s({}, {9})).in(list({-1})).result()),
            "int32[2,4]{9,1,2,3,9,4,5,6}");
}

TEST(EvaluateGather, CountsNegativeIndicesFromTheEnd) {
  EXPECT_EQ(text_of(NodeCall("Gather").in(kMatrix).in(int64s({}, {-1})).result()), "int32[3]{4,5,6}");
  EXPECT_EQ(text_of(NodeCall("Gather").in(kMatrix).in(list({2, 0})).attr("axis", std::int64_t{1}).result()),
            "int32[2,2]{3,1,6,4}");
  EXPECT_EQ(text_of(NodeCall("Gather").in(kMatrix).in(list({})).result()), "int32[0,3]{}");
  EXPECT_EQ(NodeCall("Gather").in(kMatrix).in(list({2})).result(), nullptr);
  EXPECT_EQ(NodeCall("Gather").in(kMatrix).in(list({-3})).result(), nullptr);
  EXPECT_EQ(text_of(NodeCall("Gather").in(strings({2}, {"a", "b"})).in(list({1})).result()), R"(string[1]{"b"})");
}

TEST(EvaluateGather, Tuples) {
  EXPECT_EQ(text_of(NodeCall("GatherND").in(kMatrix).in(int64s({2, 2}, {0, 1, -1, -1})).result()), "int32[2]{2,6}");
  EXPECT_EQ(
      text_of(NodeCall("GatherND").in(kMatrix).in(int64s({2, 1}, {0, 2})).attr("batch_dims", std::int64_t{1}).result()),
      "int32[2]{1,6}");
  EXPECT_EQ(text_of(NodeCall("GatherND").in(kMatrix).in(int64s({2, 0}, {})).result()),
            "int32[2,2,3]{1,2,3,4,5,6,1,2,3,4,5,6}");
  EXPECT_EQ(NodeCall("GatherND").in(kMatrix).in(int64s({1LL << 40, 0}, {})).result(), nullptr);
}

TEST(EvaluateScatter, WritesAndAdds) {
  const auto at = int64s({2, 1}, {3, -5});
  EXPECT_EQ(text_of(NodeCall("ScatterND").in(kRow).in(at).in(int32s({2}, {30, 10})).result()), "int32[5]{10,1,2,30,4}");
  const auto twice = int64s({2, 1}, {1, 1});
  EXPECT_EQ(NodeCall("ScatterND").in(kRow).in(twice).in(int32s({2}, {5, 6})).result(), nullptr);
  EXPECT_EQ(text_of(NodeCall("ScatterND")
                        .in(kRow)
                        .in(twice)
                        .in(int32s({2}, {5, 6}))
                        .attr("reduction", std::string("add"))
                        .result()),
            "int32[5]{0,12,2,3,4}");
  EXPECT_EQ(text_of(NodeCall("ScatterElements")
                        .in(kMatrix)
                        .in(int64s({1, 2}, {2, 0}))
                        .in(int32s({1, 2}, {8, 9}))
                        .attr("axis", std::int64_t{1})
                        .result()),
            "int32[2,3]{9,2,8,4,5,6}");
  EXPECT_EQ(text_of(NodeCall("ScatterND").in(kRow).in(int64s({0, 1}, {})).in(int32s({0}, {})).result()),
            "int32[5]{0,1,2,3,4}");
}

TEST(EvaluateRearrange, BlocksSequencesAndTriangles) {
  const auto depth = int32s({1, 4, 1, 1}, {1, 2, 3, 4});
  EXPECT_EQ(text_of(NodeCall("DepthToSpace").in(depth).attr("blocksize", std::int64_t{2}).result()),
            "int32[1,1,2,2]{1,2,3,4}");
  EXPECT_EQ(
      text_of(
          NodeCall("SpaceToDepth").in(int32s({1, 1, 2, 2}, {1, 2, 3, 4})).attr("blocksize", std::int64_t{2}).result()),
      "int32[1,4,1,1]{1,2,3,4}");
  EXPECT_EQ(text_of(NodeCall("ReverseSequence")
                        .in(kMatrix)
                        .in(list({3, 2}))
                        .attr("batch_axis", std::int64_t{0})
                        .attr("time_axis", std::int64_t{1})
                        .result()),
            "int32[2,3]{3,2,1,5,4,6}");
  EXPECT_EQ(text_of(NodeCall("Trilu").in(kMatrix).result()), "int32[2,3]{1,2,3,0,5,6}");
  EXPECT_EQ(text_of(NodeCall("Trilu").in(kMatrix).in(int64s({}, {-1})).attr("upper", std::int64_t{0}).result()),
            "int32[2,3]{0,0,0,4,0,0}");
  EXPECT_EQ(text_of(NodeCall("Compress").in(kMatrix).in(bools({3}, {0, 1, 1})).attr("axis", std::int64_t{1}).result()),
            "int32[2,2]{2,3,5,6}");
}

TEST(EvaluateNode, RefusesWhatItDoesNotKnow) {
  EXPECT_FALSE(NodeCall("Conv").in(kMatrix).in(kMatrix).run());
  EXPECT_FALSE(NodeCall("Add").in(kMatrix).in(Type::tensor(DType::kInt32)).run());
  EXPECT_FALSE(NodeCall("Add").domain("com.example").in(kMatrix).in(kMatrix).run());
  EXPECT_FALSE(NodeCall("Add").in(strings({1}, {"a"})).in(strings({1}, {"b"})).run());
}

}  // namespace
}  // namespace flowport::ir
