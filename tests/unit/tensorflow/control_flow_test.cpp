// Loops and conditionals, told from Switch, Merge, Enter, Exit and their kin.
#include "tensorflow/control_flow.h"

#include <gmock/gmock.h>

#include "models.h"

namespace flowport::tf {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class ControlFlowTest : public test::ModelTest {
 protected:
  static std::string node(const std::string& name, const std::string& op, const std::vector<std::string>& inputs,
                          const std::string& attrs = {}) {
    std::string text = "node { name: \"" + name + "\" op: \"" + op + "\"";
    for (const auto& input : inputs) text += " input: \"" + input + "\"";
    return text + attrs + " }\n";
  }
  static std::string frame(const std::string& name) {
    return " attr { key: \"frame_name\" value { s: \"" + name + "\" } }";
  }
  static std::string placeholder(const std::string& name, const std::string& type = "DT_FLOAT") {
    return node(name, "Placeholder", {}, " attr { key: \"dtype\" value { type: " + type + " } }");
  }

  /// Looks at a graph of which `root` is wanted.
  void look(const std::string& text, const std::string& root) {
    program = graph(text);
    const Edge wanted{at(root), 0};
    flow = ControlFlow::of(*program, program->main(), std::span(&wanted, 1), [](Edge) { return false; });
  }
  NodeIndex at(const std::string& name) const { return program->main().find(name); }

  std::unique_ptr<Program> program;
  std::unique_ptr<const ControlFlow> flow;
};

const std::string kCond = R"(
  node { name: "s" op: "Switch" input: "x" input: "p" }
  node { name: "f" op: "Neg" input: "s" }
  node { name: "t" op: "Exp" input: "s:1" }
  node { name: "m" op: "Merge" input: "f" input: "t" })";

TEST_F(ControlFlowTest, NothingWhereThereIsNone) {
  look(placeholder("x") + node("y", "Exp", {"x"}), "y");
  EXPECT_EQ(flow, nullptr);
}

TEST_F(ControlFlowTest, AMergeIsDecidedByThePredicateOfItsSwitches) {
  look(placeholder("x") + placeholder("p", "DT_BOOL") + kCond, "m");
  ASSERT_THAT(flow->conditionals(), SizeIs(1));
  const auto& conditional = flow->conditionals()[0];
  EXPECT_EQ(conditional.predicate, (Edge{at("p"), 0}));
  EXPECT_FALSE(conditional.by_index);
  ASSERT_THAT(conditional.outputs, SizeIs(1));
  EXPECT_EQ(conditional.outputs[0].merge, at("m"));
  EXPECT_THAT(conditional.outputs[0].input_of_side, ElementsAre(0, 1));
  EXPECT_TRUE(flow->on_side({at("t"), 0}, {at("p"), 0}, 1));
  EXPECT_FALSE(flow->on_side({at("t"), 0}, {at("p"), 0}, 0));
  EXPECT_TRUE(flow->on_side({at("s"), 1}, {at("p"), 0}, 1));
  EXPECT_FALSE(flow->on_side({at("m"), 0}, {at("p"), 0}, 1));
}

TEST_F(ControlFlowTest, ConstantsBelongToTheBranchThatTheyWaitFor) {
  look(placeholder("p", "DT_BOOL") + node("pivot", "Switch", {"p", "p"}) + node("if_false", "Identity", {"pivot"}) +
           node("if_true", "Identity", {"pivot:1"}) + node("one", "Const", {"^if_false"}) +
           node("two", "Const", {"^if_true"}) + node("m", "Merge", {"two", "one"}),
       "m");
  ASSERT_THAT(flow->conditionals(), SizeIs(1));
  EXPECT_THAT(flow->conditionals()[0].outputs[0].input_of_side, ElementsAre(1, 0));
}

TEST_F(ControlFlowTest, MergesOfOneConditionalAreOneUnlessOneNeedsTheOther) {
  const std::string given = placeholder("x") + placeholder("p", "DT_BOOL") + kCond;
  look(given + node("f2", "Abs", {"s"}) + node("m2", "Merge", {"f2", "t"}) + node("sum", "Add", {"m", "m2"}), "sum");
  ASSERT_THAT(flow->conditionals(), SizeIs(1));
  EXPECT_THAT(flow->conditionals()[0].outputs, SizeIs(2));

  look(given + node("s2", "Switch", {"m", "p"}) + node("f2", "Abs", {"s2"}) + node("t2", "Exp", {"s2:1"}) +
           node("m2", "Merge", {"f2", "t2"}),
       "m2");
  EXPECT_THAT(flow->conditionals(), SizeIs(2));
}

TEST_F(ControlFlowTest, WhatIsNotWantedIsNoOutput) {
  look(placeholder("x") + placeholder("p", "DT_BOOL") + kCond + node("f2", "Abs", {"s"}) +
           node("m2", "Merge", {"f2", "t"}),
       "m");
  ASSERT_THAT(flow->conditionals(), SizeIs(1));
  EXPECT_THAT(flow->conditionals()[0].outputs, SizeIs(1));
}

TEST_F(ControlFlowTest, GuardsAreWhatMustHold) {
  look(placeholder("x") + placeholder("p", "DT_BOOL") + kCond + node("trigger", "ControlTrigger", {"^t"}) +
           node("waits", "Abs", {"x", "^t"}),
       "m");
  const auto of_t = flow->guards_of(at("t"));
  ASSERT_THAT(of_t, SizeIs(1));
  EXPECT_EQ(of_t[0].predicate, (Edge{at("p"), 0}));
  EXPECT_EQ(of_t[0].side, 1);
  EXPECT_THAT(flow->guards_of(at("waits")), SizeIs(1));
  EXPECT_THAT(flow->guards_of(at("trigger")), IsEmpty());
  EXPECT_THAT(flow->guards_of(at("m")), IsEmpty());
}

TEST_F(ControlFlowTest, AMergeThatNothingDecidesHasNoPlace) {
  look(placeholder("x") + placeholder("y") + node("m", "Merge", {"x", "y"}), "m");
  EXPECT_THAT(flow->conditionals(), IsEmpty());
  EXPECT_EQ(flow->place_of(at("m")).conditional, -1);
}

/// while (i < n) i = i + x
std::string loop_nodes(const std::string& start) {
  return R"(
    node { name: "e" op: "Enter" input: ")" +
         start + R"(" attr { key: "frame_name" value { s: "loop" } } }
    node { name: "n_in" op: "Enter" input: "n" attr { key: "frame_name" value { s: "loop" } } }
    node { name: "i" op: "Merge" input: "e" input: "next" }
    node { name: "less" op: "Less" input: "i" input: "n_in" }
    node { name: "go_on" op: "LoopCond" input: "less" }
    node { name: "sw" op: "Switch" input: "i" input: "go_on" }
    node { name: "id" op: "Identity" input: "sw:1" }
    node { name: "one" op: "Const" input: "^id" }
    node { name: "add" op: "Add" input: "id" input: "one" }
    node { name: "next" op: "NextIteration" input: "add" }
    node { name: "out" op: "Exit" input: "sw" })";
}

TEST_F(ControlFlowTest, AFrameIsALoop) {
  look(placeholder("x") + placeholder("n") + loop_nodes("x") + node("y", "Neg", {"out"}), "y");
  ASSERT_THAT(flow->loops(), SizeIs(1));
  const auto& loop = flow->loops()[0];
  EXPECT_EQ(loop.name, "loop");
  EXPECT_EQ(loop.outer, -1);
  EXPECT_EQ(loop.condition, at("go_on"));
  ASSERT_THAT(loop.variables, SizeIs(1));
  EXPECT_EQ(loop.variables[0].merge, at("i"));
  EXPECT_EQ(loop.variables[0].start, (Edge{at("x"), 0}));
  EXPECT_EQ(loop.variables[0].next, (Edge{at("add"), 0}));
  EXPECT_EQ(flow->loop_variable(at("out")), std::pair(0, 0));
  EXPECT_EQ(flow->loop_of_switch(at("sw")), 0);
  for (const char* inside : {"i", "less", "add", "one", "next"}) EXPECT_TRUE(flow->in_loop(at(inside), 0)) << inside;
  for (const char* outside : {"x", "n", "out", "y"}) EXPECT_FALSE(flow->in_loop(at(outside), 0)) << outside;
}

TEST_F(ControlFlowTest, ALoopMayLieInAnother) {
  const std::string outer = node("oe", "Enter", {"x"}, frame("outer")) + node("o", "Merge", {"oe", "onext"}) +
                            node("ocond", "LoopCond", {"p"}) + node("osw", "Switch", {"o", "ocond"}) +
                            node("p", "Less", {"o", "limit"}) + node("limit", "Enter", {"n0"}, frame("outer")) +
                            node("n", "Enter", {"n0"}, frame("outer")) + node("onext", "NextIteration", {"out"}) +
                            node("oexit", "Exit", {"osw"});
  look(placeholder("x") + placeholder("n0") + outer + loop_nodes("osw:1"), "oexit");
  ASSERT_THAT(flow->loops(), SizeIs(2));
  const auto inner = flow->loop_of(at("i"));
  const auto around = flow->loops()[static_cast<std::size_t>(inner)].outer;
  EXPECT_EQ(flow->loops()[static_cast<std::size_t>(around)].name, "outer");
  EXPECT_EQ(flow->loop_of(at("out")), around);
  EXPECT_TRUE(flow->in_loop(at("add"), around));
  EXPECT_EQ(flow->loop_of(at("oexit")), -1);
}

}  // namespace
}  // namespace flowport::tf
