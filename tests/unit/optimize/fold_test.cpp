#include "optimize/fold/fold.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net.h"

namespace flowport::optimize {
namespace {

using testing::ElementsAre;

std::size_t fold_all(Net& net) {
  const Numbers before = run(net.model);
  std::size_t changes = 0;
  {
    Editor editor(net.model);
    changes = fold_constants(editor);
  }
  expect_same_numbers(before, run(net.model));
  return changes;
}

ir::ValueId batch_normalization(Net& net, ir::ValueId x, std::int64_t channels) {
  return net.op("BatchNormalization",
                {x, net.floats({channels}, 0.5F), net.floats({channels}, -1), net.floats({channels}, 2),
                 net.floats({channels}, 0.3F)},
                {{"epsilon", 1e-3F}});
}

TEST(Fold, BiasAndNormalisationGoIntoTheConvolution) {
  Net net;
  auto x = net.op("Conv", {net.input("x", {1, 2, 4, 4}), net.floats({3, 2, 3, 3}, -0.5F)});
  x = net.op("Add", {x, net.floats({3, 1, 1})});
  x = batch_normalization(net, x, 3);
  x = net.op("Sub", {net.floats({1, 3, 1, 1}, -2), net.op("Div", {x, net.scalar(4)})});
  net.output(net.op("Relu", {x}), "y");
  EXPECT_EQ(fold_all(net), 4U);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Conv", "Relu"));
  const auto& weight = *net.model.values[net.model.graph.nodes[0].inputs[1]].constant;
  EXPECT_FALSE(weight.is_plain());  // scaled as a view
  EXPECT_EQ(net.model.origins[net.model.graph.nodes[0].origin].tf_node, "Conv");
}

TEST(Fold, GroupedConvolutions) {
  Net net;
  auto x =
      net.op("Conv", {net.input("x", {1, 4, 4, 4}), net.floats({4, 1, 3, 3}, -0.5F)}, {{"group", std::int64_t{4}}});
  net.output(batch_normalization(net, x, 4), "y");
  EXPECT_EQ(fold_all(net), 1U);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Conv"));
  EXPECT_EQ(net.model.values[net.model.graph.outputs[0]].name, "y");
}

TEST(Fold, TransposedConvolutions) {
  Net net;
  auto x = net.op("ConvTranspose", {net.input("x", {1, 2, 3, 3}), net.floats({2, 3, 2, 2}, -0.5F)},
                  {{"strides", std::vector<std::int64_t>{2, 2}}});
  net.output(batch_normalization(net, net.op("Add", {x, net.floats({3, 1, 1})}), 3), "y");
  EXPECT_EQ(fold_all(net), 2U);
  EXPECT_THAT(ops_of(net.model), ElementsAre("ConvTranspose"));
}

TEST(Fold, MatrixProductWithBiasIsAGemm) {
  Net net;
  auto x = net.op("MatMul", {net.input("x", {-1, 3}), net.floats({3, 4}, -0.5F)});
  x = net.op("Mul", {net.op("Add", {x, net.floats({4})}), net.floats({4}, 2)});
  net.output(x, "y");
  EXPECT_EQ(fold_all(net), 2U);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Gemm"));
}

TEST(Fold, ProductsOfHigherRankTakeFactorsOnly) {
  Net net;
  auto x = net.op("MatMul", {net.input("x", {-1, 2, 3}), net.floats({3, 4}, -0.5F)});
  x = net.op("Add", {net.op("Mul", {x, net.floats({4}, 2)}), net.floats({4})});
  net.output(x, "y");
  EXPECT_EQ(fold_all(net), 1U);
  EXPECT_THAT(ops_of(net.model), ElementsAre("MatMul", "Add"));
}

TEST(Fold, WhatOthersNeedStays) {
  Net net;
  const auto x = net.input("x", {1, 2, 4, 4});
  const auto weight = net.floats({2, 2, 1, 1});
  const auto seen = net.op("Conv", {x, weight});
  net.output(net.op("Add", {seen, net.floats({2, 1, 1})}), "biased");
  net.output(seen, "seen");
  net.output(net.op("Mul", {net.op("Conv", {x, weight}), net.scalar(2)}), "shared_weight");
  const auto own = net.op("Conv", {x, net.floats({2, 2, 1, 1}, 3)});
  net.output(net.op("Add", {own, net.floats({4})}), "not_per_channel");
  const auto wide = net.op("Conv", {x, net.floats({1, 2, 1, 1}, 3)});
  net.output(net.op("Add", {wide, net.floats({3, 1, 1})}), "broadcast");
  EXPECT_EQ(fold_all(net), 0U);
}

TEST(Fold, ZerosAroundAreThePadsOfTheConvolution) {
  Net net;
  auto x = net.op("Pad", {net.input("x", {1, 2, 4, 4}), net.ints({0, 0, 1, 0, 0, 0, 2, 1})});
  net.output(net.op("Conv", {x, net.floats({2, 2, 3, 3})}, {{"pads", std::vector<std::int64_t>{1, 0, 0, 0}}}), "y");
  EXPECT_EQ(fold_all(net), 1U);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Conv"));
  EXPECT_THAT(*net.model.graph.nodes[0].ints_attr("pads"), ElementsAre(2, 0, 2, 1));
}

TEST(Fold, ZerosAroundNumbersOfAtLeastZeroDoNotCountForAMaximum) {
  const auto pad_then_pool = [](std::string_view before) {
    Net net;
    auto x = net.op("Pad", {net.op(before, {net.input("x", {1, 2, 4, 4})}), net.ints({0, 0, 1, 1, 0, 0, 1, 1})});
    const std::vector<std::int64_t> kernel{3, 3}, strides{2, 2};
    net.output(net.op("MaxPool", {x}, {{"kernel_shape", kernel}, {"strides", strides}}), "y");
    return fold_all(net);
  };
  EXPECT_EQ(pad_then_pool("Relu"), 1U);
  EXPECT_EQ(pad_then_pool("Neg"), 0U);
}

TEST(Fold, FactorsBeforeAConvolutionGoIntoItsWeight) {
  Net net;
  auto x = net.op("Div", {net.op("Mul", {net.input("x", {1, 2, 4, 4}), net.floats({2, 1, 1})}), net.scalar(4)});
  net.output(net.op("Conv", {x, net.floats({3, 2, 3, 3}, -0.5F)}, {{"pads", std::vector<std::int64_t>{1, 1, 1, 1}}}),
             "y");
  EXPECT_EQ(fold_all(net), 1U);
  EXPECT_EQ(fold_all(net), 1U);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Conv"));
}

TEST(Fold, DepthwiseConvolutionsTakeFactorsOfTheirInput) {
  Net net;
  auto x = net.op("Mul", {net.input("x", {1, 3, 4, 4}), net.floats({3, 1, 1})});
  net.output(net.op("Conv", {x, net.floats({3, 1, 3, 3}, -0.5F)}, {{"group", std::int64_t{3}}}), "y");
  EXPECT_EQ(fold_all(net), 1U);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Conv"));
}

TEST(Fold, AFlattenedTransposePermutesTheMatrix) {
  Net net;
  auto x = net.op("Reshape", {net.to_nhwc(net.input("x", {-1, 3, 2, 4})), net.ints({-1, 24})});
  x = net.op("Mul", {net.op("MatMul", {x, net.floats({24, 2})}), net.floats({2})});
  net.output(x, "y");
  EXPECT_EQ(fold_all(net), 2U);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Reshape", "MatMul"));
  EXPECT_FALSE(net.model.values[net.model.graph.nodes[1].inputs[1]].constant->is_plain());
}

TEST(Fold, OtherPaddingStays) {
  const auto pad_then_conv = [](std::vector<std::int64_t> pads, float fill) {
    Net net;
    auto x = net.op("Pad", {net.input("x", {1, 2, 4, 4}), net.ints(std::move(pads)), net.scalar(fill)});
    net.output(net.op("Conv", {x, net.floats({2, net.model.values[x].type.dims[1].size, 1, 1})}), "y");
    return fold_all(net);
  };
  EXPECT_EQ(pad_then_conv({0, 0, 1, 1, 0, 0, 1, 1}, 0), 1U);
  EXPECT_EQ(pad_then_conv({0, 0, 1, 1, 0, 0, 1, 1}, 1), 0U);
  EXPECT_EQ(pad_then_conv({0, 1, 0, 0, 0, 0, 0, 0}, 0), 0U);
  EXPECT_EQ(pad_then_conv({0, 0, -1, 0, 0, 0, 0, 0}, 0), 0U);
}

}  // namespace
}  // namespace flowport::optimize
