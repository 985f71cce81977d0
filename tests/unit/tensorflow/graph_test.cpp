#include "models.h"

namespace flowport::tf {
namespace {

using GraphTest = test::ModelTest;

TEST_F(GraphTest, ConnectsNodes) {
  const auto program = graph(R"(
    node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } }
    node { name: "axis" op: "Const" attr { key: "dtype" value { type: DT_INT32 } }
           attr { key: "value" value { tensor { dtype: DT_INT32 tensor_shape { } int_val: 1 } } } }
    node { name: "a/split" op: "Split" input: "axis" input: "x" input: "^late"
           attr { key: "num_split" value { i: 2 } } attr { key: "T" value { type: DT_FLOAT } } }
    node { name: "sum" op: "AddV2" input: "a/split:1" input: "a/split" attr { key: "T" value { type: DT_FLOAT } } }
    node { name: "late" op: "NoOp" })");
  const Graph& main = program->main();
  EXPECT_EQ(main.name, "");
  EXPECT_TRUE(main.broken.empty());
  EXPECT_FALSE(main.may_write_state);
  EXPECT_EQ(program->format(), Format::kGraphDef);
  EXPECT_TRUE(program->signatures().empty());
  const Node& split = node(main, "a/split");
  EXPECT_EQ(split.op, "Split");
  EXPECT_EQ(split.inputs, (std::vector<Edge>{{1, 0}, {0, 0}}));
  EXPECT_EQ(split.control_inputs, std::vector<NodeIndex>{4});
  EXPECT_EQ(split.used_outputs, 2);
  EXPECT_EQ(node(main, "sum").inputs, (std::vector<Edge>{{2, 1}, {2, 0}}));
  EXPECT_EQ(main.find("nothing"), -1);
  EXPECT_EQ(program->output_count(split), 2);
  EXPECT_EQ(program->output_type(split, 1), DataType::kFloat);
  EXPECT_EQ(program->output_type(split, 2), DataType::kInvalid);
  EXPECT_EQ(program->output_type(split, -1), DataType::kInvalid);
  EXPECT_EQ(program->output_count(node(main, "late")), 0);
  EXPECT_EQ(program->input_range(split, "value"), std::pair(1, 1));
}

TEST_F(GraphTest, AttributesFallBackOnDefaults) {
  const auto program = graph(R"(
    node { name: "c" op: "Conv2D" attr { key: "padding" value { s: "SAME" } } }
    node { name: "own" op: "NoSuchOp" })");
  const Node& conv = node(program->main(), "c");
  EXPECT_EQ(program->attr(conv, "padding")->s(), "SAME");
  EXPECT_EQ(program->attr(conv, "data_format")->s(), "NHWC");
  EXPECT_EQ(program->attr(conv, "nothing"), nullptr);
  EXPECT_EQ(program->attr(node(program->main(), "own"), "x"), nullptr);
  EXPECT_EQ(program->op_def("NoSuchOp"), nullptr);
}

TEST_F(GraphTest, OpsOfPluginsCount) {
  ReadOptions options;
  options.extra_ops = test::wire<proto::OpList>(R"pb(
    op {
      name: "Own"
      output_arg { name: "a" type_list_attr: "types" }
      attr {
        name: "types"
        type: "list(type)"
        default_value { list { type: DT_BOOL type: DT_HALF } }
      }
    })pb");
  const auto program =
      graph(R"(node { name: "own" op: "Own" } node { name: "two" op: "Identity" input: "own:2" })", options);
  EXPECT_EQ(program->output_count(node(program->main(), "own")), 2);
  EXPECT_EQ(program->output_type(node(program->main(), "own"), 1), DataType::kHalf);
  EXPECT_TRUE(program->main().broken.contains(1));
}

TEST_F(GraphTest, AnUnknownOpHasTheOutputsThatAreReferredTo) {
  const auto program = graph(R"(node { name: "own" op: "Own" } node { name: "i" op: "Identity" input: "own:4" }
                                node { name: "alone" op: "Own" })");
  EXPECT_EQ(program->output_count(node(program->main(), "own")), 5);
  EXPECT_EQ(program->output_count(node(program->main(), "alone")), 1);
  EXPECT_TRUE(program->main().broken.empty());
}

TEST_F(GraphTest, ABadInputBreaksOnlyItsNode) {
  const auto program = graph(R"(
    node { name: "input" op: "Placeholder" }
    node { name: "a" op: "Neg" input: "imput" }
    node { name: "b" op: "Neg" input: "input:1" }
    node { name: "c" op: "AddV2" input: "input:x" input: "input" }
    node { name: "d" op: "Neg" input: "input" input: "^gone" }
    node { name: "e" op: "Neg" input: "input:-1" }
    node { name: "f" op: "Neg" input: "input:99999999999" }
    node { name: "g" op: "Neg" input: "" }
    node { name: "good" op: "Neg" input: "input:0" })");
  const Graph& main = program->main();
  EXPECT_EQ(main.broken.size(), 7U);
  EXPECT_EQ(main.broken.at(1).what, "the input 'imput' of node 'a' does not exist");
  EXPECT_EQ(main.broken.at(1).where, "main graph");
  EXPECT_EQ(main.broken.at(1).next, "did you mean 'input'?");
  EXPECT_EQ(main.broken.at(2).next, "the node 'input' (Placeholder) has no such output");
  EXPECT_EQ(node(main, "c").inputs, (std::vector<Edge>{{-1, 0}, {0, 0}}));
  EXPECT_EQ(node(main, "d").inputs, (std::vector<Edge>{{0, 0}}));
  EXPECT_EQ(node(main, "good").inputs, (std::vector<Edge>{{0, 0}}));
}

TEST_F(GraphTest, RefusesTwoNodesOfOneName) {
  const Problem problem = graph_problem(R"(node { name: "x" op: "NoOp" } node { name: "x" op: "NoOp" })");
  EXPECT_EQ(problem.what, "two nodes have the name 'x'");
  EXPECT_EQ(problem.fault, Fault::kModel);
}

TEST_F(GraphTest, WritingOpsAreSeen) {
  EXPECT_TRUE(graph(R"(node { name: "a" op: "AssignVariableOp" })")->main().may_write_state);
  EXPECT_TRUE(graph(R"(node { name: "a" op: "ResourceScatterNdUpdate" })")->main().may_write_state);
  EXPECT_TRUE(graph(R"(node { name: "a" op: "LookupTableImportV2" })")->main().may_write_state);
  EXPECT_FALSE(graph(R"(node { name: "a" op: "LookupTableFindV2" })")->main().may_write_state);
  EXPECT_FALSE(graph(R"(node { name: "a" op: "ScatterNd" })")->main().may_write_state);
  EXPECT_FALSE(graph(R"(node { name: "a" op: "ApplySomethingOfMyOwn" })")->main().may_write_state);
}

TEST_F(GraphTest, LargeConstantsStayInTheFile) {
  const std::string content(4096, 'z');
  const auto program = graph(
      R"(node { name: "c" op: "Const" attr { key: "dtype" value { type: DT_UINT8 } } attr { key: "value" value { tensor {
      dtype: DT_UINT8 tensor_shape { dim { size: 64 } dim { size: 64 } } tensor_content: ")" +
      content + "\" } } } }");
  const auto tensor = program->tensor_attr(program->main().nodes[0], "value");
  ASSERT_TRUE(tensor) << tensor.error().what;
  EXPECT_NE(tensor->bytes.file(), nullptr);
  EXPECT_EQ(tensor->bytes.size(), 4096U);
  EXPECT_EQ(static_cast<char>(tensor->bytes.data()[4095]), 'z');
  EXPECT_EQ(tensor->dims, (std::vector<std::int64_t>{64, 64}));
  EXPECT_EQ(test::problem_of(program->tensor_attr(program->main().nodes[0], "nothing")).where, "node 'c'");
}

TEST_F(GraphTest, AVariableWithoutACheckpointIsAProblem) {
  const auto program = graph(R"(node { name: "v" op: "VarHandleOp" })");
  const Problem problem = test::problem_of(program->variable(program->main().nodes[0]));
  EXPECT_NE(problem.what.find("'v' has no content"), std::string::npos);
  EXPECT_FALSE(problem.next.empty());
}

TEST_F(GraphTest, ALongChainIsRead) {
  proto::GraphDef def;
  constexpr int kNodes = 50'000;
  for (int i = 0; i < kNodes; ++i) {
    auto* node = def.add_node();
    node->set_name("n" + std::to_string(i));
    node->set_op("Neg");
    if (i > 0) node->add_input("n" + std::to_string(i - 1));
  }
  const auto program = opened(read_model(file_with("chain.pb", def.SerializeAsString())));
  EXPECT_EQ(program->main().nodes.back().inputs, (std::vector<Edge>{{kNodes - 2, 0}}));
}

}  // namespace
}  // namespace flowport::tf
