#include "recognize/recognize.h"

#include <memory>

#include <gtest/gtest.h>
#include <flowport/ops.hpp>
#include <flowport/plugin.hpp>

#include "convert/emitter.h"

namespace flowport::recognize {
namespace {

using ir::ValueId;

constexpr std::int64_t kTime = 5, kInputs = 3, kUnits = 2;
constexpr const char* kCell = "(x, h) => (h1)\nh1 = any.g(Sum(MatMul(x, W), MatMul(h, R), B))";

/// Says the cell by ONNX RNN.
void as_rnn(const flowport::Node& match) {
  const auto one = [](const Value& v) { return unsqueeze(v, Ints{0}); };
  const auto made =
      match.emit_n("RNN",
                   {match.input("x"), one(transpose(match.input("W"), Ints{1, 0})),
                    one(transpose(match.input("R"), Ints{1, 0})), Value{}, Value{}, one(match.input("h"))},
                   {{"hidden_size", match.input("R").dim(1)},
                    {"activations", std::vector<std::string>{match.attr<std::string>("g")}}},
                   2);
  match.bind(0, squeeze(made[0], Ints{1}));
  match.bind(1, squeeze(made[1], Ints{0}));
}
void declines(const flowport::Node& match) { match.decline("not today"); }

enum class Sum { kTwoProducts, kJoinedOperands, kCutProduct };

/// A loop over the rows of an input, with what it computes as outputs of the model.
struct Fixture {
  Fixture() {
    target.id = "onnx-21";
    target.ir_version = 10;
    target.domains[""] = 21;
    owner = registry.add_owner({"test.plugin", "1.0.0", "", registry::Layer::kUserPlugin, {}});
    model.opsets.push_back({"", 21});
  }

  void rewrite(const flowport_rewrite& row) {
    registry::Rewrite rewrite;
    rewrite.id = row.id;
    rewrite.phase = row.phase;
    rewrite.pattern = row.pattern;
    rewrite.apply.convert = row.apply;
    rewrite.owner = owner;
    registry.add_rewrite(std::move(rewrite));
  }

  ValueId floats(std::vector<std::int64_t> dims) {
    std::size_t count = 1;
    for (const auto dim : dims) count *= static_cast<std::size_t>(dim);
    return model.add_constant(ir::Constant::floats(std::move(dims), std::vector<float>(count, 0.5F)));
  }
  ValueId ints(std::vector<std::int64_t> values) { return model.add_constant(ir::Constant::ints(values)); }
  ValueId op(convert::Emitter& emitter, ir::Graph& graph, std::string_view name, std::vector<ValueId> inputs,
             std::vector<ir::Attribute> attributes = {}) {
    auto made = emitter.emit(graph, name, std::move(inputs), std::move(attributes));
    EXPECT_TRUE(made) << made.error().what;
    return made ? *made : 0;
  }

  /// `reads_state`: the loop also gives the state before each step.
  void build(Sum sum, bool reads_state = false) {
    convert::Emitter emitter(model, registry, target);
    const auto x = model.add_value(ir::Type::tensor(ir::DType::kFloat, {{kTime, 0}, {1, 0}, {kInputs, 0}}), "x");
    const ir::Type state = ir::Type::tensor(ir::DType::kFloat, {{1, 0}, {kUnits, 0}});
    model.graph.inputs = {x};
    auto body = std::make_shared<ir::Graph>();
    const auto count = model.add_value(ir::Type::tensor(ir::DType::kInt64, {}));
    const auto go = model.add_value(ir::Type::tensor(ir::DType::kBool, {}));
    const auto h = model.add_value(state);
    body->inputs = {count, go, h};
    const auto row = op(emitter, *body, "Gather", {x, count}, axis(0));
    ValueId z = 0;
    if (sum == Sum::kTwoProducts) {
      z = op(emitter, *body, "Add",
             {op(emitter, *body, "MatMul", {h, floats({kUnits, kUnits})}),
              op(emitter, *body, "MatMul", {row, floats({kInputs, kUnits})})});
    } else if (sum == Sum::kJoinedOperands) {
      const auto joined = op(emitter, *body, "Concat", {row, h}, axis(1));
      z = op(emitter, *body, "MatMul", {joined, floats({kInputs + kUnits, kUnits})});
    } else {
      const auto joined = op(emitter, *body, "Concat", {h, row}, axis(1));
      const auto wide = op(emitter, *body, "MatMul", {joined, floats({kInputs + kUnits, 2 * kUnits})});
      z = op(emitter, *body, "Slice", {wide, ints({kUnits}), ints({2 * kUnits}), ints({1})});
    }
    const auto next = op(emitter, *body, "Tanh", {z});
    body->outputs = {op(emitter, *body, "Identity", {go}), next,
                     op(emitter, *body, "Identity", {reads_state ? h : next})};
    ir::Node loop;
    loop.op = "Loop";
    loop.inputs = {model.add_constant(ir::Constant::int_scalar(kTime)), 0, floats({1, kUnits})};
    loop.outputs = {model.add_value(state, "last"),
                    model.add_value(ir::Type::tensor(ir::DType::kFloat, {{kTime, 0}, {1, 0}, {kUnits, 0}}), "every")};
    model.graph.outputs = loop.outputs;
    loop.attributes.push_back({"body", std::move(body)});
    emitter.append(model.graph, std::move(loop));
  }

  static std::vector<ir::Attribute> axis(std::int64_t number) {
    std::vector<ir::Attribute> attributes;
    attributes.push_back({"axis", number});
    return attributes;
  }

  std::size_t count_of(std::string_view name) {
    std::size_t count = 0;
    ir::Model::for_each_graph(model.graph, [&](ir::Graph& graph) {
      for (const auto& node : graph.nodes) count += node.op == name ? 1 : 0;
    });
    return count;
  }

  ir::Model model;
  registry::Registry registry;
  registry::Target target;
  const registry::Owner* owner = nullptr;
};

class Sums : public testing::TestWithParam<Sum> {};

TEST_P(Sums, ACellBecomesOneNodeHoweverItsSumIsSaid) {
  Fixture fixture;
  fixture.rewrite(scan_rewrite<as_rnn>("cell", kCell));
  fixture.build(GetParam());
  const auto result = recognize(fixture.model, fixture.registry, fixture.target);
  EXPECT_TRUE(result.problems.empty());
  EXPECT_EQ(result.found.at("test.plugin:cell"), 1U);
  EXPECT_EQ(fixture.count_of("RNN"), 1U);
  EXPECT_EQ(fixture.count_of("Loop"), 0U);
  const auto& outputs = fixture.model.graph.outputs;
  EXPECT_EQ(fixture.model.values[outputs[0]].name, "last");
  EXPECT_EQ(fixture.model.values[outputs[1]].name, "every");
}

INSTANTIATE_TEST_SUITE_P(Ways, Sums, testing::Values(Sum::kTwoProducts, Sum::kJoinedOperands, Sum::kCutProduct));

TEST(Recognize, AStateThatIsReadOtherwiseStays) {
  Fixture fixture;
  fixture.rewrite(scan_rewrite<as_rnn>("cell", kCell));
  fixture.build(Sum::kTwoProducts, true);
  EXPECT_TRUE(recognize(fixture.model, fixture.registry, fixture.target).found.empty());
  EXPECT_EQ(fixture.count_of("Loop"), 1U);
  EXPECT_EQ(fixture.count_of("RNN"), 0U);
}

TEST(Recognize, WhatDeclinesLeavesNothingBehind) {
  Fixture fixture;
  fixture.rewrite(scan_rewrite<declines>("cell", kCell));
  fixture.build(Sum::kJoinedOperands);
  const std::size_t values = fixture.model.values.size();
  EXPECT_TRUE(recognize(fixture.model, fixture.registry, fixture.target).found.empty());
  EXPECT_EQ(fixture.model.values.size(), values);
  EXPECT_EQ(fixture.model.graph.nodes.size(), 1U);
}

TEST(Recognize, AnUnreadablePatternIsThePluginsProblem) {
  Fixture fixture;
  fixture.rewrite(scan_rewrite<declines>("cell", "nonsense"));
  fixture.build(Sum::kTwoProducts);
  const auto result = recognize(fixture.model, fixture.registry, fixture.target);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(result.problems[0].where, "test.plugin");
}

}  // namespace
}  // namespace flowport::recognize
