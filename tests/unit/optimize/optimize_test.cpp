#include "optimize/optimize.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "net.h"

namespace flowport::optimize {
namespace {

using testing::ElementsAre;

TEST(Optimize, PassesHaveNamesOfTheirOwnAndASentence) {
  std::set<std::string_view> names;
  for (const PassInfo& pass : passes()) {
    names.insert(pass.name);
    EXPECT_TRUE(pass.doc.ends_with('.')) << pass.name;
  }
  EXPECT_EQ(names.size(), passes().size());
}

/// A small classifier as handlers emit it.
Net classifier() {
  Net net;
  auto x = net.op("Sub", {net.op("Mul", {net.input("image", {-1, 6, 6, 3}), net.scalar(0.1F)}), net.scalar(1)});
  for (int block = 0; block < 2; ++block) {
    x = net.op("Add", {net.conv(x, 4), net.floats({4})});
    x = net.to_nhwc(net.op("BatchNormalization", {net.to_nchw(x), net.floats({4}, 0.5F), net.floats({4}, -1),
                                                  net.floats({4}, 1), net.floats({4}, 0.3F)}));
    x = net.op("Relu", {net.op("Identity", {x})});
  }
  x = net.op("ReduceMean", {x, net.ints({1, 2})}, {{"keepdims", std::int64_t{0}}});
  net.output(net.op("Add", {net.op("MatMul", {x, net.floats({4, 5})}), net.floats({5})}), "scores");
  return net;
}

TEST(Optimize, AClassifierIsLeftWithItsConvolutions) {
  Net net = classifier();
  const Numbers before = run(net.model);
  const auto results = optimize(net.model, {});
  expect_same_numbers(before, run(net.model));
  EXPECT_THAT(ops_of(net.model),
              ElementsAre("Transpose", "Mul", "Sub", "Conv", "Relu", "Conv", "Relu", "ReduceMean", "Gemm"));
  EXPECT_EQ(results.size(), passes().size());
  const auto layout =
      std::find_if(results.begin(), results.end(), [](const PassResult& result) { return result.name == "layout"; });
  EXPECT_EQ(layout->changes, 7U);
}

TEST(Optimize, PassesCanBeLeftOut) {
  for (const PassInfo& pass : passes()) {
    Net net = classifier();
    const Numbers before = run(net.model);
    const auto results = optimize(net.model, {{std::string(pass.name)}});
    expect_same_numbers(before, run(net.model));
    EXPECT_EQ(std::count_if(results.begin(), results.end(), [&](const PassResult& r) { return r.name == pass.name; }),
              0);
  }
}

TEST(Optimize, SameModelSameResult) {
  Net first = classifier();
  Net second = classifier();
  optimize(first.model, {});
  optimize(second.model, {});
  ASSERT_EQ(first.model.graph.nodes.size(), second.model.graph.nodes.size());
  for (std::size_t i = 0; i < first.model.graph.nodes.size(); ++i) {
    EXPECT_EQ(first.model.graph.nodes[i].inputs, second.model.graph.nodes[i].inputs);
    EXPECT_EQ(first.model.graph.nodes[i].outputs, second.model.graph.nodes[i].outputs);
  }
}

TEST(Optimize, AsAFixedPoint) {
  Net net = classifier();
  optimize(net.model, {});
  const auto once = ops_of(net.model);
  optimize(net.model, {});
  EXPECT_EQ(ops_of(net.model), once);
}

}  // namespace
}  // namespace flowport::optimize
