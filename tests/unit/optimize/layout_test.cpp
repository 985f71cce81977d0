#include "optimize/layout/layout.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net.h"
#include "optimize/optimize.h"

namespace flowport::optimize {
namespace {

using testing::ElementsAre;

/// Runs the layout pass alone; the numbers stay.
std::size_t change(Net& net) {
  const Numbers before = run(net.model);
  std::size_t gone = 0;
  {
    Editor editor(net.model);
    gone = change_layout(editor);
    editor.drop_unused();
  }
  expect_same_numbers(before, run(net.model));
  return gone;
}

TEST(Layout, TransposesBetweenConvolutionsCancel) {
  Net net;
  auto x = net.conv(net.input("image", {-1, 5, 4, 3}), 2);
  x = net.op("Relu", {net.op("Add", {x, net.floats({2})})});
  net.output(net.conv(x, 2), "y");
  EXPECT_EQ(change(net), 2U);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Transpose", "Conv", "Add", "Relu", "Conv", "Transpose"));
}

TEST(Layout, BiasStaysWithItsConvolutionWhenNothingIsWon) {
  Net net;
  const auto x = net.conv(net.input("image", {1, 4, 4, 2}), 2);
  net.output(net.op("Add", {x, net.floats({2})}), "y");
  change(net);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Transpose", "Conv", "Add", "Transpose"));
}

TEST(Layout, ResidualBlockHasNoTransposeInside) {
  Net net;
  auto x = net.conv(net.input("image", {-1, 4, 4, 3}), 3);
  for (int block = 0; block < 3; ++block) {
    auto y = net.op("Relu", {net.conv(net.op("Relu", {x}), 3)});
    x = net.op("Add", {x, net.conv(y, 3)});
  }
  net.output(net.op("ReduceMean", {x, net.ints({1, 2})}, {{"keepdims", std::int64_t{0}}}), "y");
  change(net);
  EXPECT_EQ(count_of(net.model, "Transpose"), 1U);
}

TEST(Layout, SqueezeAndExciteTakesNoTranspose) {
  Net net;
  const auto x = net.conv(net.input("image", {-1, 4, 4, 3}), 4);
  const auto mean = net.op("ReduceMean", {x, net.ints({1, 2})}, {{"keepdims", std::int64_t{0}}});
  const auto squeezed = net.op("Reshape", {mean, net.ints({-1, 1, 1, 4})});
  const auto gate = net.op("Sigmoid", {net.conv(net.op("Relu", {net.conv(squeezed, 2, 1)}), 4, 1)});
  net.output(net.op("Mul", {x, gate}), "y");
  change(net);
  EXPECT_EQ(count_of(net.model, "Transpose"), 2U);
  EXPECT_EQ(count_of(net.model, "Reshape"), 1U);
}

TEST(Layout, OperandsOfLowerRankFollow) {
  Net net;
  const auto image = net.input("image", {1, 4, 5, 2});
  const auto row = net.input("row", {5, 2});
  const auto channel = net.input("channel", {2});
  auto x = net.op("Mul", {net.conv(image, 2), channel});
  x = net.op("Sub", {row, x});
  net.output(net.conv(net.op("Add", {x, net.floats({4, 1, 2})}), 2), "y");
  change(net);
  EXPECT_EQ(count_of(net.model, "Transpose"), 3U);  // the image, the row of channels, the output
  EXPECT_EQ(count_of(net.model, "Unsqueeze"), 2U);
}

TEST(Layout, OpsThatNameAxesAreRenamed) {
  Net net;
  auto x = net.conv(net.input("image", {1, 4, 6, 2}), 4);
  const auto halves = net.ops("Split", {x, net.ints({2, 2})}, 2, {{"axis", std::int64_t{-1}}});
  x = net.op("Concat", {halves[1], halves[0], halves[1]}, {{"axis", std::int64_t{3}}});
  x = net.op("Slice", {x, net.ints({1, 0}), net.ints({4, 5}), net.ints({1, -2})});
  x = net.op("Pad", {x, net.ints({0, 1, 0, 0, 0, 0, 2, 0})});
  x = net.op("Tile", {x, net.ints({1, 1, 2, 1})});
  x = net.op("Sub", {x, net.op("ReduceMax", {x, net.ints({-1})})});
  x = net.op("Gather", {x, net.ints({5, 0, 1, 2})}, {{"axis", std::int64_t{3}}});
  x = net.op("CumSum", {x, net.model.add_constant(ir::Constant::int_scalar(1))});
  net.output(net.conv(x, 2), "y");
  change(net);
  EXPECT_EQ(count_of(net.model, "Transpose"), 2U);
}

TEST(Layout, ParametersThatOnlyTheRunTimeKnowsAreGathered) {
  Net net;
  auto x = net.conv(net.input("image", {1, 4, 6, 2}), 4);
  x = net.op("Pad", {x, net.input("pads", {8}, ir::DType::kInt64)});
  x = net.op("Tile", {x, net.input("repeats", {4}, ir::DType::kInt64)});
  net.output(net.to_nchw(x), "y");
  change(net);
  EXPECT_EQ(count_of(net.model, "Transpose"), 1U);
  EXPECT_EQ(count_of(net.model, "Gather"), 2U);
}

TEST(Layout, ParametersOfUnknownLengthKeepTheTransposes) {
  Net net;
  auto x = net.conv(net.input("image", {1, 4, 6, 2}), 4);
  x = net.op("Pad", {x, net.input("pads", {-9}, ir::DType::kInt64)});
  net.output(net.to_nchw(x), "y");
  {
    Editor editor(net.model);
    change_layout(editor);
    editor.drop_unused();
  }
  EXPECT_EQ(count_of(net.model, "Transpose"), 3U);
}

TEST(Layout, ReducedAxesGoAway) {
  Net net;
  const auto x = net.op("Relu", {net.conv(net.input("image", {2, 4, 6, 2}), 4)});
  const Net::Attributes drop = {{"keepdims", std::int64_t{0}}};
  net.output(net.op("ReduceSum", {x, net.ints({1, 2})}, drop), "channels");
  net.output(net.op("ReduceSum", {x, net.ints({3})}, drop), "places");
  net.output(net.op("ReduceSum", {x, net.ints({0, 1, 2, 3})}, drop), "all");
  net.output(net.op("ArgMax", {x}, {{"axis", std::int64_t{3}}, {"keepdims", std::int64_t{0}}}), "class");
  change(net);
  EXPECT_EQ(count_of(net.model, "Transpose"), 1U);
}

TEST(Layout, ConvolutionsOfOneDimensionMeetThroughReshapes) {
  Net net;
  auto x = net.input("signal", {-1, 6, 2});
  for (int layer = 0; layer < 3; ++layer) {
    x = net.conv(net.op("Unsqueeze", {x, net.ints({1})}), 2, 1);
    x = net.op("Relu", {net.op("Add", {net.op("Squeeze", {x, net.ints({1})}), net.floats({2})})});
  }
  net.output(x, "y");
  change(net);
  EXPECT_EQ(count_of(net.model, "Transpose"), 2U);
}

TEST(Layout, ChannelGroupsAreSplitInPlace) {
  Net net;
  auto x = net.conv(net.input("image", {-1, 4, 4, 3}), 6);
  auto groups = net.op("Reshape", {x, net.ints({-1, 4, 4, 2, 3})});
  groups = net.op("Sub", {groups, net.op("ReduceMean", {groups, net.ints({1, 2, 4})})});
  x = net.op("Reshape", {groups, net.ints({-1, 4, 4, 6})});
  net.output(net.conv(x, 2), "y");
  change(net);
  EXPECT_EQ(count_of(net.model, "Transpose"), 2U);
}

TEST(Layout, DenseBetweenConvolutionsIsAConvolution) {
  Net net;
  auto x = net.conv(net.input("image", {-1, 4, 4, 3}), 4);
  x = net.op("Add", {net.op("MatMul", {x, net.floats({4, 8})}), net.floats({8})});
  x = net.op("MatMul", {net.op("Tanh", {x}), net.floats({8, 4}, -0.5F)});
  net.output(net.conv(x, 2), "y");
  change(net);
  EXPECT_EQ(count_of(net.model, "Transpose"), 2U);
  EXPECT_EQ(count_of(net.model, "MatMul"), 0U);
}

TEST(Layout, DenseBehindTheLastConvolutionStays) {
  Net net;
  const auto x = net.conv(net.input("image", {-1, 4, 4, 3}), 4);
  net.output(net.op("MatMul", {x, net.floats({4, 8})}), "y");
  change(net);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Transpose", "Conv", "Transpose", "MatMul"));
}

TEST(Layout, FlattenTakesOneTransposeUnlessPlacesAreOne) {
  Net wide;
  wide.output(
      wide.op("Reshape", {wide.op("Relu", {wide.conv(wide.input("image", {-1, 3, 3, 2}), 4)}), wide.ints({-1, 36})}),
      "y");
  change(wide);
  EXPECT_EQ(count_of(wide.model, "Transpose"), 2U);

  Net narrow;
  narrow.output(narrow.op("Reshape", {narrow.op("Relu", {narrow.conv(narrow.input("image", {-1, 1, 1, 2}), 4)}),
                                      narrow.ints({-1, 4})}),
                "y");
  change(narrow);
  EXPECT_EQ(count_of(narrow.model, "Transpose"), 0U);
}

TEST(Layout, ShapeOfAPermutedValueIsReordered) {
  Net net;
  const auto x = net.op("Relu", {net.conv(net.input("image", {2, 4, 5, 3}), 4)});
  const auto dims = net.op("Shape", {x}, {{"start", std::int64_t{1}}, {"end", std::int64_t{3}}});
  const auto area = net.op("Cast", {net.op("ReduceProd", {dims, net.ints({0})})}, {{"to", std::int64_t{1}}});
  net.model.values[dims].constant = nullptr;
  net.output(net.conv(net.op("Mul", {x, area}), 2), "y");
  change(net);
  EXPECT_EQ(count_of(net.model, "Transpose"), 2U);
  EXPECT_EQ(count_of(net.model, "Shape"), 1U);
}

TEST(Layout, WeightsArePermutedAsViews) {
  Net net;
  const auto weight = net.to_nchw(net.floats({2, 3, 3, 2}));
  net.output(net.op("Conv", {net.to_nchw(net.input("image", {1, 4, 4, 2})), weight}), "y");
  change(net);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Transpose", "Conv"));
  EXPECT_FALSE(net.model.values[net.model.graph.nodes[1].inputs[1]].constant->is_plain());
}

TEST(Layout, OutputsKeepTheirNamesAndValues) {
  Net net;
  const auto x = net.op("Relu", {net.conv(net.input("image", {1, 4, 4, 3}), 2)});
  net.output(x, "middle");
  net.output(net.to_nchw(x), "channels_first");
  net.output(net.transpose(net.to_nchw(x), {0, 2, 3, 1}), "middle_again");
  net.output(net.conv(x, 2), "last");
  const auto outputs = net.model.graph.outputs;
  change(net);
  EXPECT_EQ(net.model.graph.outputs, outputs);
  EXPECT_EQ(net.model.values[outputs[0]].name, "middle");
}

TEST(Layout, EqualTransposesAreThereOnce) {
  Net net;
  const auto x = net.input("image", {1, 4, 4, 3});
  net.output(net.op("Conv", {net.to_nchw(x), net.floats({2, 3, 1, 1})}), "a");
  net.output(net.op("Conv", {net.to_nchw(x), net.floats({4, 3, 1, 1})}), "b");
  change(net);
  EXPECT_EQ(count_of(net.model, "Transpose"), 1U);
}

TEST(Layout, ValuesOfOuterGraphsArePermutedInBodies) {
  Net net;
  const auto condition = net.input("condition", {}, ir::DType::kBool);
  const auto x = net.op("Relu", {net.conv(net.input("image", {1, 4, 4, 2}), 2)});
  const auto body_with = [&](bool convolves) {
    auto body = std::make_shared<ir::Graph>();
    net.build_in(body.get());
    const auto y = convolves ? net.conv(net.op("Neg", {x}), 2) : net.op("Abs", {x});
    net.output(y, convolves ? "then" : "else");
    net.build_in(nullptr);
    return body;
  };
  ir::Node node;
  node.op = "If";
  node.inputs = {condition};
  node.set("then_branch", body_with(true));
  node.set("else_branch", body_with(false));
  node.outputs = {net.model.add_value(net.model.values[x].type)};
  net.model.graph.nodes.push_back(node);
  net.output(node.outputs[0], "y");
  Editor(net.model).drop_unused();
  {
    Editor editor(net.model);
    change_layout(editor);
  }
  std::size_t in_main = 0;
  for (const auto& each : net.model.graph.nodes) in_main += each.op == "Transpose" ? 1 : 0;
  EXPECT_EQ(in_main, 1U);
  EXPECT_EQ(count_of(net.model, "Transpose"), 3U);  // the image, and one at the end of each branch
}

TEST(Layout, LongChainsTakeLinearWork) {
  Net net;
  auto x = net.input("image", {1, 2, 2, 2});
  const ir::Type type = net.model.values[x].type;
  const auto add = [&](std::string_view op, ir::ValueId from) {
    ir::Node node;
    node.op = op;
    node.inputs = {from};
    node.outputs = {net.model.add_value(type)};
    net.model.graph.nodes.push_back(node);
    return node.outputs[0];
  };
  constexpr int kNodes = 100000;
  for (int i = 0; i < kNodes; ++i) x = add(i % 2 == 0 ? "Relu" : "Transpose", x);
  for (auto& node : net.model.graph.nodes) {
    if (node.op == "Transpose") node.set("perm", std::vector<std::int64_t>{0, 1, 3, 2});
  }
  net.output(x, "y");
  Editor editor(net.model);
  EXPECT_EQ(change_layout(editor), static_cast<std::size_t>(kNodes / 2));
}

}  // namespace
}  // namespace flowport::optimize
