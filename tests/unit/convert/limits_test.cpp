// A finished model against its target's limits, bodies included.
#include "convert/limits.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace flowport::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// y = If(p) { Relu(x) } else { Neg(x) } of a 3-D x.
struct Branching {
  Branching() {
    target.id = "device";
    target.domains[""] = 21;
    model.opsets.push_back({"", 21});
    model.origins.push_back({"cond", "f/g", "core"});
    const auto p = model.add_value(ir::Type::tensor(ir::DType::kBool, {}), "p");
    x = model.add_value(ir::Type::tensor(ir::DType::kFloat, {{2, 0}, {3, 0}, {-1, 0}}), "x");
    model.graph.inputs = {p, x};
    ir::Node node;
    node.op = "If";
    node.inputs = {p};
    node.origin = 1;
    for (const char* op : {"Relu", "Neg"}) {
      auto body = std::make_shared<ir::Graph>();
      ir::Node inner;
      inner.op = op;
      inner.inputs = {x};
      inner.outputs = {model.add_value(model.values[x].type, op)};
      body->outputs = inner.outputs;
      body->nodes.push_back(std::move(inner));
      node.attributes.push_back({op[0] == 'R' ? "then_branch" : "else_branch", body});
    }
    node.outputs = {model.add_value(model.values[x].type, "y")};
    model.graph.outputs = node.outputs;
    model.graph.nodes.push_back(std::move(node));
  }

  std::vector<std::string> broken() {
    std::vector<std::string> texts;
    for (const auto& each : broken_limits(model, target))
      texts.push_back(each.op + " at " + each.node + ": " + each.reason);
    return texts;
  }

  ir::Model model;
  registry::Target target;
  ir::ValueId x = 0;
};

TEST(Limits, ModelWithinThem) {
  Branching b;
  b.target.max_rank = 3;
  EXPECT_THAT(b.broken(), IsEmpty());
}

TEST(Limits, OpsOfBodiesCount) {
  Branching b;
  b.target.denials = {{"", "If", 0, "no control flow", "", 0, 0}, {"", "Neg", 0, "none", "", 0, 0}};
  EXPECT_THAT(b.broken(),
              ElementsAre("If at cond: device takes no If: no control flow", "Neg at Neg: device takes no Neg: none"));
  EXPECT_EQ(broken_limits(b.model, b.target).front().path, "f/g");
  EXPECT_THAT(broken_limits(b.model, b.target).front().next, HasSubstr("--config"));
}

TEST(Limits, ElementTypes) {
  Branching b;
  b.target.denials = {{"", "Relu", 1U << 1, "no float", "", 0, 0}};
  EXPECT_THAT(b.broken(), ElementsAre("Relu at Relu: device takes no Relu of float: no float"));
}

TEST(Limits, Ranks) {
  Branching b;
  b.target.max_rank = 2;
  EXPECT_EQ(b.broken().size(), 3U);
}

TEST(Limits, UnknownDims) {
  Branching b;
  b.target.static_shapes = true;
  EXPECT_THAT(b.broken(), ElementsAre("input at x: device takes no inputs of unknown dims"));
}

}  // namespace
}  // namespace flowport::convert
