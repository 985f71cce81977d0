#include "optimize/fuse/fuse.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "net.h"

namespace flowport::optimize {
namespace {

using testing::ElementsAre;

/// Runs the pass alone. Where the formula stays one that can be run, the numbers stay.
std::vector<std::string> fuse_all(Net& net, bool runs = false) {
  const Numbers before = runs ? run(net.model) : Numbers();
  {
    Editor editor(net.model);
    fuse_formulas(editor);
    editor.drop_unused();
  }
  if (runs) expect_same_numbers(before, run(net.model));
  return ops_of(net.model);
}

ir::ValueId relu6(Net& net, ir::ValueId x) { return net.op("Clip", {x, net.scalar(0), net.scalar(6)}); }

TEST(Fuse, HardSwish) {
  Net net;
  const auto x = net.input("x", {-1, 4});
  const auto gate = net.op("Div", {relu6(net, net.op("Add", {x, net.scalar(3)})), net.scalar(6)});
  net.output(net.op("Mul", {x, gate}), "y");
  EXPECT_THAT(fuse_all(net), ElementsAre("HardSwish"));
}

TEST(Fuse, HardSigmoid) {
  Net net;
  const auto x = net.input("x", {-1, 4});
  const auto clipped = net.op("Clip", {net.op("Sub", {x, net.scalar(-1)}), net.scalar(0), net.scalar(2)});
  net.output(net.op("Mul", {net.scalar(0.5F), clipped}), "y");
  EXPECT_THAT(fuse_all(net), ElementsAre("HardSigmoid"));
  EXPECT_FLOAT_EQ(std::get<float>(net.model.graph.nodes[0].find("alpha")->value), 0.5F);
  EXPECT_FLOAT_EQ(std::get<float>(net.model.graph.nodes[0].find("beta")->value), 0.5F);
}

TEST(Fuse, OtherClipsStay) {
  Net net;
  const auto x = net.input("x", {-1, 4});
  net.output(net.op("Div", {relu6(net, x), net.scalar(5)}), "height");
  const auto below = net.op("Clip", {net.op("Neg", {x}), net.scalar(-1), net.scalar(6)});
  net.output(net.op("Div", {below, net.scalar(6)}), "least");
  const auto before = ops_of(net.model);
  EXPECT_EQ(fuse_all(net), before);
}

TEST(Fuse, PRelu) {
  Net net;
  const auto x = net.input("x", {1, 3, 2, 2});
  const auto negative = net.op("Mul", {net.floats({3, 1, 1}, -0.5F, -0.25F), net.op("Relu", {net.op("Neg", {x})})});
  net.output(net.op("Add", {net.op("Relu", {x}), negative}), "y");
  EXPECT_THAT(fuse_all(net), ElementsAre("PRelu"));
  const auto& slope = net.model.values[net.model.graph.nodes[0].inputs[1]].constant;
  EXPECT_THAT(slope->as_doubles(), ElementsAre(0.5, 0.75, 1.0));
}

ir::ValueId gelu(Net& net, ir::ValueId x, float root) {
  const auto erf = net.op("Erf", {net.op("Mul", {net.op("Neg", {x}), net.scalar(root)})});
  return net.op("Mul", {net.op("Mul", {net.scalar(0.5F), x}), net.op("Sub", {net.scalar(1), erf})});
}

TEST(Fuse, Gelu) {
  Net net;
  net.output(gelu(net, net.input("x", {-1, 4}), std::sqrt(0.5F)), "y");
  EXPECT_THAT(fuse_all(net), ElementsAre("Gelu"));
}

TEST(Fuse, GeluByTanh) {
  Net net;
  const auto x = net.input("x", {-1, 4});
  const auto cube = net.op("Mul", {net.scalar(0.044715F), net.op("Pow", {x, net.scalar(3)})});
  const auto tanh = net.op("Tanh", {net.op("Mul", {net.scalar(0.7978845608F), net.op("Add", {x, cube})})});
  const auto half = net.op("Mul", {net.scalar(0.5F), x});
  net.output(net.op("Mul", {half, net.op("Add", {tanh, net.scalar(1)})}), "y");
  EXPECT_THAT(fuse_all(net), ElementsAre("Gelu"));
  EXPECT_EQ(net.model.graph.nodes[0].string_attr("approximate", "none"), "tanh");
}

TEST(Fuse, WhatIsNotQuiteGeluStays) {
  Net old(19);
  old.output(gelu(old, old.input("x", {-1, 4}), std::sqrt(0.5F)), "y");
  EXPECT_EQ(fuse_all(old, true).size(), 6U);
  Net other;
  other.output(gelu(other, other.input("x", {-1, 4}), 0.70F), "y");
  EXPECT_EQ(fuse_all(other, true).size(), 6U);
}

/// As Keras spells it: x * factor + (bias - mean * factor).
ir::ValueId normalization(Net& net, ir::ValueId x, std::vector<std::int64_t> axes, ir::ValueId scale,
                          ir::ValueId bias) {
  const auto mean = net.op("ReduceMean", {x, net.ints(axes)});
  const auto centered = net.op("Sub", {x, mean});
  const auto variance = net.op("ReduceMean", {net.op("Mul", {centered, centered}), net.ints(axes)});
  auto factor = net.op("Reciprocal", {net.op("Sqrt", {net.op("Add", {variance, net.scalar(1e-3F)})})});
  if (scale != 0) factor = net.op("Mul", {factor, scale});
  auto rest = net.op("Mul", {net.op("Neg", {mean}), factor});
  if (bias != 0) rest = net.op("Add", {rest, bias});
  return net.op("Add", {net.op("Mul", {x, factor}), rest});
}

TEST(Fuse, LayerNormalization) {
  Net net;
  const auto x = net.input("x", {-1, 3, 4});
  net.output(normalization(net, x, {2}, net.floats({4}), net.floats({4}, 2)), "y");
  EXPECT_THAT(fuse_all(net), ElementsAre("LayerNormalization"));
  EXPECT_EQ(net.model.graph.nodes[0].int_attr("axis", 0), -1);
  EXPECT_EQ(net.model.graph.nodes[0].inputs.size(), 3U);
}

TEST(Fuse, LayerNormalizationWithoutParameters) {
  Net net;
  net.output(normalization(net, net.input("x", {-1, 3, 4}), {1, -1}, 0, 0), "y");
  EXPECT_THAT(fuse_all(net), ElementsAre("LayerNormalization"));
  EXPECT_EQ(net.model.values[net.model.graph.nodes[0].inputs[1]].constant->dims(), (std::vector<std::int64_t>{3, 4}));
}

TEST(Fuse, NormalizationOfOtherAxesIsShorter) {
  Net net;
  const auto x = net.input("x", {1, 4, 2, 3});
  net.output(normalization(net, x, {1}, net.floats({4, 1, 1}), net.floats({4, 1, 1}, 2)), "y");
  EXPECT_THAT(fuse_all(net, true),
              ElementsAre("ReduceMean", "Sub", "Mul", "ReduceMean", "Add", "Sqrt", "Div", "BatchNormalization"));
}

TEST(Fuse, NormalizationOfDifferentAxesStays) {
  Net net;
  const auto x = net.input("x", {1, 4, 3});
  const auto mean = net.op("ReduceMean", {x, net.ints({1})});
  const auto centered = net.op("Sub", {x, mean});
  const auto variance = net.op("ReduceMean", {net.op("Mul", {centered, centered}), net.ints({2})});
  const auto factor = net.op("Reciprocal", {net.op("Sqrt", {net.op("Add", {variance, net.scalar(1e-3F)})})});
  net.output(net.op("Add", {net.op("Mul", {x, factor}), net.op("Mul", {net.op("Neg", {mean}), factor})}), "y");
  const auto before = ops_of(net.model);
  EXPECT_EQ(fuse_all(net, true), before);
}

TEST(Fuse, FactorAndBiasOfChannelsAreABatchNormalization) {
  Net net;
  const auto x = net.input("x", {1, 3, 2, 2});
  net.output(net.op("Sub", {net.op("Mul", {x, net.floats({3, 1, 1})}), net.floats({1, 3, 1, 1}, 2)}), "y");
  EXPECT_THAT(fuse_all(net, true), ElementsAre("BatchNormalization"));

  Net scalars;
  scalars.output(
      scalars.op("Add", {scalars.op("Mul", {scalars.input("x", {1, 3, 2, 2}), scalars.scalar(2)}), scalars.scalar(1)}),
      "y");
  EXPECT_THAT(fuse_all(scalars, true), ElementsAre("Mul", "Add"));
}

}  // namespace
}  // namespace flowport::optimize
