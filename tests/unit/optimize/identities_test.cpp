#include "optimize/identities/identities.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>

#include "net.h"

namespace flowport::optimize {
namespace {

using testing::ElementsAre;

void clean(Net& net) {
  const Numbers before = run(net.model);
  {
    Editor editor(net.model);
    remove_identities(editor);
    editor.drop_unused();
  }
  expect_same_numbers(before, run(net.model));
}

TEST(Identities, NodesThatChangeNothingGo) {
  Net net;
  const auto f = static_cast<std::int64_t>(ir::DType::kFloat);
  const auto d = static_cast<std::int64_t>(ir::DType::kDouble);
  auto x = net.op("Relu", {net.input("x", {-1, 4, 6})});
  x = net.op("Identity", {x});
  x = net.op("Cast", {x}, {{"to", f}});
  x = net.op("Cast", {net.op("Cast", {x}, {{"to", d}})}, {{"to", f}});
  x = net.op("Pad", {x, net.ints({0, 0, 0, 0, 0, 0})});
  x = net.op("Tile", {x, net.ints({1, 1, 1})});
  x = net.op("Slice", {x, net.ints({0, 0}), net.ints({6, std::numeric_limits<std::int64_t>::max()}), net.ints({2, 1})});
  x = net.op("Concat", {x}, {{"axis", std::int64_t{0}}});
  x = net.op("Mul", {x, net.floats({6}, 1, 0)});
  x = net.op("Sub", {x, net.scalar(0)});
  x = net.op("Reshape", {x, net.ints({0, 4, 6})});
  net.output(net.op("Neg", {x}), "y");
  clean(net);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Relu", "Neg"));
}

TEST(Identities, NodesThatMayChangeSomethingStay) {
  Net net;
  const auto x = net.op("Relu", {net.input("x", {-1, 4})});
  net.output(net.op("Add", {x, net.scalar(0)}), "negative_zero");
  net.output(net.op("Mul", {x, net.floats({1, 1, 1}, 1)}), "rank");
  net.output(net.op("Slice", {x, net.ints({0}), net.ints({3}), net.ints({1})}), "part");
  net.output(net.op("Reshape", {x, net.ints({2, -1})}), "dims");
  net.output(net.op("Cast", {net.op("Cast", {x}, {{"to", std::int64_t{10}}})}, {{"to", std::int64_t{1}}}), "half");
  const auto before = net.model.graph.nodes.size();
  clean(net);
  EXPECT_EQ(net.model.graph.nodes.size(), before);
}

TEST(Identities, PartsThatWereJoinedAreTakenWhole) {
  Net net;
  const std::int64_t last = -1;
  const auto index = [&](std::int64_t i) { return net.model.add_constant(ir::Constant::int_scalar(i)); };
  const auto part = [&](ir::ValueId x, std::int64_t i) { return net.op("Gather", {x, index(i)}, {{"axis", last}}); };
  const auto join = [&](ir::ValueId a, ir::ValueId b) {
    const auto axes = net.ints({-1});
    return net.op("Concat", {net.op("Unsqueeze", {a, axes}), net.op("Unsqueeze", {b, axes})}, {{"axis", last}});
  };
  const auto a = net.op("Relu", {net.input("a", {-1, 4})}), b = net.op("Neg", {net.input("b", {-1, 4})});
  const auto pair = join(a, b);
  net.output(net.op("Exp", {part(pair, 0)}), "first");
  net.output(net.op("Exp", {part(pair, 1)}), "second");
  const auto x = net.op("Relu", {net.input("x", {3, 2})});
  net.output(net.op("Abs", {join(part(x, 0), part(x, 1))}), "whole");
  clean(net);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Relu", "Neg", "Exp", "Exp", "Relu", "Abs"));
}

TEST(Identities, PartsInAnotherOrderStay) {
  Net net;
  const std::int64_t last = -1;
  const auto index = [&](std::int64_t i) { return net.model.add_constant(ir::Constant::int_scalar(i)); };
  const auto part = [&](ir::ValueId x, std::int64_t i) { return net.op("Gather", {x, index(i)}, {{"axis", last}}); };
  const auto x = net.op("Relu", {net.input("x", {5, 3})});
  const auto axes = net.ints({-1});
  const auto column = [&](std::int64_t i) { return net.op("Unsqueeze", {part(x, i), axes}); };
  net.output(net.op("Concat", {column(1), column(0), column(2)}, {{"axis", last}}), "turned");
  net.output(net.op("Concat", {column(0), column(1)}, {{"axis", last}}), "fewer");
  const auto before = net.model.graph.nodes.size();
  clean(net);
  EXPECT_EQ(net.model.graph.nodes.size(), before);
}

TEST(Identities, ReshapesInARowBecomeOne) {
  Net net;
  auto x = net.op("Relu", {net.input("x", {-1, 1, 4, 6})});
  x = net.op("Squeeze", {x, net.ints({1})});
  x = net.op("Reshape", {x, net.ints({-1, 24})});
  x = net.op("Unsqueeze", {x, net.ints({1})});
  x = net.op("Reshape", {x, net.ints({-1, 6, 4})});
  net.output(net.op("Neg", {x}), "y");
  clean(net);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Relu", "Reshape", "Neg"));
}

TEST(Identities, ThereAndBackIsNothing) {
  Net net;
  auto x = net.op("Relu", {net.input("x", {-1, 4, 6})});
  x = net.op("Squeeze", {net.op("Unsqueeze", {x, net.ints({0, 2})}), net.ints({0, 2})});
  x = net.transpose(net.transpose(x, {2, 0, 1}), {1, 2, 0});
  net.output(net.op("Neg", {x}), "y");
  clean(net);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Relu", "Neg"));
}

TEST(Identities, ComputedTargetsAreKnownWhereTheDimsTell) {
  Net net;
  const auto x = net.op("Relu", {net.input("x", {-1, 4, 6})});
  const auto batch = net.op("Slice", {net.op("Shape", {x}), net.ints({0}), net.ints({1})});
  const auto flat = net.op("Reshape", {x, net.op("Concat", {batch, net.ints({24})}, {{"axis", std::int64_t{0}}})});
  net.output(net.op("Neg", {flat}), "y");
  clean(net);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Relu", "Reshape", "Neg"));
}

TEST(Identities, ProductsOfFlattenedRowsNeedNoReshape) {
  Net net;
  const auto x = net.op("Relu", {net.input("x", {-1, 5, 4})});
  const auto rows = net.op("MatMul", {net.op("Reshape", {x, net.ints({-1, 4})}), net.floats({4, 3})});
  net.output(net.op("Neg", {net.op("Reshape", {rows, net.ints({-1, 5, 3})})}), "y");
  clean(net);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Relu", "MatMul", "Neg"));
}

TEST(Identities, ProductsOfOtherRowsKeepTheirReshapes) {
  Net net;
  const auto x = net.op("Relu", {net.input("x", {4, 5, 4})});
  const auto rows = net.op("MatMul", {net.op("Reshape", {x, net.ints({-1, 4})}), net.floats({4, 3})});
  net.output(net.op("Neg", {net.op("Reshape", {rows, net.ints({5, 4, 3})})}), "y");
  const auto halves = net.op("MatMul", {net.op("Reshape", {x, net.ints({-1, 2})}), net.floats({2, 3})});
  net.output(net.op("Neg", {net.op("Reshape", {halves, net.ints({4, 10, 3})})}), "z");
  clean(net);
  EXPECT_EQ(count_of(net.model, "Reshape"), 4U);
}

TEST(Identities, OutputsThatAreInputsKeepAnIdentity) {
  Net net;
  const auto x = net.input("x", {2, 3});
  net.output(net.op("Reshape", {x, net.ints({2, 3})}), "same");
  const auto y = net.op("Neg", {x});
  net.output(y, "y");
  net.output(net.op("Identity", {y}), "y_again");
  clean(net);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Identity", "Neg", "Identity"));
}

}  // namespace
}  // namespace flowport::optimize
