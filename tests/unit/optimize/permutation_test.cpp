#include "optimize/permutation.h"

#include <gtest/gtest.h>

namespace flowport::optimize {
namespace {

Permutation order(std::vector<std::int64_t> axes) { return Permutation::of(axes).value(); }

TEST(Permutation, RefusesWhatIsNone) {
  EXPECT_FALSE(Permutation::of(std::vector<std::int64_t>{0, 0}));
  EXPECT_FALSE(Permutation::of(std::vector<std::int64_t>{0, 2}));
  EXPECT_FALSE(Permutation::of(std::vector<std::int64_t>{-1, 0}));
  EXPECT_FALSE(Permutation::of(std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8}));
  EXPECT_TRUE(Permutation::of(std::vector<std::int64_t>{}));
}

TEST(Permutation, ComposesLikeTransposesInARow) {
  const auto to_nchw = order({0, 3, 1, 2});
  const auto to_nhwc = order({0, 2, 3, 1});
  EXPECT_TRUE(to_nchw.then(to_nhwc).is_identity());
  EXPECT_EQ(to_nchw.inverse(), to_nhwc);
  EXPECT_EQ(order({1, 2, 0}).then(order({0, 2, 1})), order({1, 0, 2}));
  EXPECT_EQ(to_nchw.position_of(3), 1U);
}

TEST(Permutation, OfATransposeWithoutAttributeReverses) {
  ir::Node node;
  node.op = "Transpose";
  EXPECT_EQ(Permutation::of_transpose(node, 3), order({2, 1, 0}));
  node.set("perm", std::vector<std::int64_t>{1, 0});
  EXPECT_FALSE(Permutation::of_transpose(node, 3));
}

TEST(Permutation, KnowsWhenOnlyUnitsMove) {
  const std::vector<ir::Dim> pooled{{-1, 1}, {1, 0}, {1, 0}, {7, 0}};
  EXPECT_TRUE(moves_only_units(pooled, order({0, 3, 1, 2})));
  EXPECT_FALSE(moves_only_units(pooled, order({3, 0, 1, 2})));
}

}  // namespace
}  // namespace flowport::optimize
