#include <gtest/gtest.h>

#include "schema_model.h"

namespace flowport::ir {
namespace {

std::shared_ptr<Graph> body(std::vector<ValueId> inputs, std::vector<ValueId> outputs) {
  auto graph = std::make_shared<Graph>();
  graph->inputs = std::move(inputs);
  graph->outputs = std::move(outputs);
  return graph;
}

std::string failure(TestModel& m, const Node& node) {
  const auto inferred = infer_node(m.model(), node);
  return inferred ? "none" : inferred.error().what;
}

TEST(SchemaBodies, IfHasWhatBothBranchesHave) {
  TestModel m;
  const auto joined = [&](std::string_view a, std::string_view b) {
    return m.type_text(m.emit("If", {m.input("bool[]")},
                              {{"then_branch", body({}, {m.input(a)})}, {"else_branch", body({}, {m.input(b)})}}));
  };
  EXPECT_EQ(joined("float[N,4]", "float[N,4]"), "float[N,4]");
  EXPECT_EQ(joined("float[N,4,2]", "float[M,4,3]"), "float[?,4,?]");
  EXPECT_EQ(joined("float[N]", "float[N,4]"), "float");
  EXPECT_EQ(joined("float[N]", "float"), "float");
  EXPECT_EQ(joined("seq float[N]", "seq float[N]"), "seq float[N]");
}

TEST(SchemaBodies, IfRefusesUnequalBranches) {
  TestModel m;
  const auto node = [&](std::vector<ValueId> a, std::vector<ValueId> b) {
    return m.node("If", {m.input("bool[]")},
                  {{"then_branch", body({}, std::move(a))}, {"else_branch", body({}, std::move(b))}});
  };
  const ValueId f = m.input("float[2]");
  EXPECT_EQ(failure(m, node({f}, {m.input("int32[2]")})), "output 0 is float on one way and int32 on the other");
  EXPECT_EQ(failure(m, node({f}, {f, f})), "it has 1 outputs, but its branches have 1 and 2");
}

class LoopTypes : public testing::Test {
 protected:
  Node loop(ValueId trips, ValueId condition, std::string_view state, ValueId condition_out, std::string_view next,
            std::string_view scan) {
    return m.node("Loop", {trips, condition, m.input(state)},
                  {{"body", body({m.input("int64[]"), condition_in, m.input(next)},
                                 {condition_out, m.input(next), m.input(scan)})}},
                  2);
  }

  TestModel m;
  ValueId condition_in = m.input("bool[]");
  ValueId always = m.emit("Equal", {m.scalar(1), m.scalar(1)});
};

TEST_F(LoopTypes, StateIsJoinedAndScanOutputsAreStacked) {
  const auto outputs = m.run(loop(m.input("int64[]"), 0, "float[N,4]", condition_in, "float[N,?]", "float[2,M]"));
  EXPECT_EQ(m.type_text(outputs[0]), "float[N,?]");
  EXPECT_EQ(m.type_text(outputs[1]), "float[?,2,M]");
}

TEST_F(LoopTypes, TripsAreKnownWhenTheConditionNeverStops) {
  const auto trips_of = [&](ValueId trips, ValueId condition, ValueId condition_out) {
    return m.type_text(m.run(loop(trips, condition, "float[N]", condition_out, "float[N]", "float[2]"))[1]);
  };
  EXPECT_EQ(trips_of(m.scalar(5), 0, condition_in), "float[5,2]");
  EXPECT_EQ(trips_of(m.scalar(5), always, always), "float[5,2]");
  EXPECT_EQ(trips_of(m.scalar(5), m.input("bool[]"), always), "float[?,2]");
  EXPECT_EQ(trips_of(m.scalar(5), always, m.input("bool[]")), "float[?,2]");
  EXPECT_EQ(trips_of(m.emit("Gather", {m.elements("T"), m.scalar(0)}), always, always), "float[T,2]");
  EXPECT_EQ(trips_of(0, always, always), "float[?,2]");
}

TEST_F(LoopTypes, RefusesBodiesThatDoNotFit) {
  EXPECT_EQ(failure(m, loop(m.scalar(5), 0, "float[N]", always, "int32[N]", "float[2]")),
            "loop state 0 is float on one way and int32 on the other");
  EXPECT_EQ(failure(m, m.node("Loop", {m.scalar(5), 0}, {{"body", body({}, {})}})),
            "it has 0 state values and 1 outputs, but its body has 0 inputs and 0 outputs");
}

TEST(SchemaBodies, ScanStacksAlongItsAxes) {
  TestModel m;
  const auto scan = body({m.input("float[N]"), m.input("float[N,3]")}, {m.input("float[N]"), m.input("float[N,5]")});
  const std::vector<ValueId> inputs = {m.input("float[N]"), m.input("float[N,T,3]")};
  const Attributes attributes = {{"body", scan}, {"num_scan_inputs", std::int64_t{1}}, {"scan_input_axes", Ints{1}}};
  const auto outputs = m.emit_all("Scan", inputs, 2, attributes);
  EXPECT_EQ(m.type_text(outputs[0]), "float[N]");
  EXPECT_EQ(m.type_text(outputs[1]), "float[T,N,5]");
  Attributes last = attributes;
  last.push_back({"scan_output_axes", Ints{-1}});
  EXPECT_EQ(m.type_text(m.emit_all("Scan", inputs, 2, last)[1]), "float[N,5,T]");
  Attributes wrong = attributes;
  wrong.push_back({"scan_output_axes", Ints{3}});
  EXPECT_EQ(failure(m, m.node("Scan", inputs, wrong, 2)), "scan output axis 3 is outside of rank 3");
}

TEST(SchemaBodies, SequenceMapGivesSequences) {
  TestModel m;
  const auto mapped = body({m.input("float[N]")}, {m.input("int64[2]")});
  EXPECT_EQ(m.type_text(m.emit("SequenceMap", {m.input("seq float[N]")}, {{"body", mapped}})), "seq int64[2]");
}

}  // namespace
}  // namespace flowport::ir
