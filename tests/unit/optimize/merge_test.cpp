#include "optimize/merge.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net.h"

namespace flowport::optimize {
namespace {

using testing::ElementsAre;

std::size_t merge(Net& net) {
  const Numbers before = run(net.model);
  std::size_t changes = 0;
  {
    Editor editor(net.model);
    changes = merge_equal(editor);
  }
  expect_same_numbers(before, run(net.model));
  return changes;
}

TEST(Merge, EqualChainsBecomeOne) {
  Net net;
  const auto x = net.input("x", {3});
  const auto chain = [&] { return net.op("Mul", {net.op("Exp", {x}), net.floats({3})}); };
  const auto a = chain();
  const auto b = chain();
  net.output(net.op("Add", {a, b}), "y");
  EXPECT_EQ(merge(net), 2U);
  EXPECT_THAT(ops_of(net.model), ElementsAre("Exp", "Mul", "Add"));
}

TEST(Merge, AttributesAndTypesMakeADifference) {
  Net net;
  const auto x = net.input("x", {3, 3});
  net.output(net.op("ReduceSum", {x, net.ints({0})}), "a");
  net.output(net.op("ReduceSum", {x, net.ints({0})}, {{"keepdims", std::int64_t{0}}}), "b");
  net.output(net.op("ReduceSum", {x, net.ints({1})}), "c");
  EXPECT_EQ(merge(net), 0U);
}

TEST(Merge, EachOutputKeepsItsOwnDefinition) {
  Net net;
  const auto x = net.input("x", {3});
  net.output(net.op("Exp", {x}), "a");
  net.output(net.op("Exp", {x}), "b");
  EXPECT_EQ(merge(net), 0U);
  EXPECT_EQ(count_of(net.model, "Exp"), 2U);
}

TEST(Merge, AnOutputIsTheOneThatStays) {
  Net net;
  const auto x = net.input("x", {3});
  const auto inner = net.op("Exp", {x});
  const auto outer = net.op("Exp", {x});
  net.output(outer, "a");
  net.output(net.op("Neg", {inner}), "b");
  EXPECT_EQ(merge(net), 1U);
  EXPECT_EQ(net.model.graph.nodes[0].outputs[0], outer);
}

TEST(Merge, RandomNumbersAreDrawnEachTime) {
  Net net;
  const auto draw = [&] { return net.op("RandomUniform", {}, {{"shape", std::vector<std::int64_t>{3}}}); };
  const auto a = draw();
  net.output(net.op("Sub", {a, draw()}), "y");
  Editor editor(net.model);
  EXPECT_EQ(merge_equal(editor), 0U);
}

}  // namespace
}  // namespace flowport::optimize
