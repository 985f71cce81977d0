#include <string>

#include "models.h"

namespace flowport::tf {
namespace {

class FunctionTest : public test::ModelTest {
 protected:
  std::unique_ptr<Program> library(std::string_view functions) {
    return graph(R"(node { name: "main" op: "NoOp" } library { )" + std::string(functions) + " }");
  }
};

constexpr std::string_view kSplitter = R"(
  function {
    signature { name: "splitter"
      input_arg { name: "x" type: DT_FLOAT } input_arg { name: "handle" type: DT_RESOURCE }
      output_arg { name: "second" type: DT_FLOAT } output_arg { name: "same" type: DT_FLOAT }
      control_output: "done" }
    node_def { name: "sizes" op: "Const" attr { key: "dtype" value { type: DT_INT32 } } }
    node_def { name: "axis" op: "Const" attr { key: "dtype" value { type: DT_INT32 } } }
    node_def { name: "split" op: "SplitV" input: "x" input: "sizes:output:0" input: "axis:output:0" input: "^print"
               attr { key: "num_split" value { i: 2 } } attr { key: "T" value { type: DT_FLOAT } } }
    node_def { name: "unique" op: "UniqueWithCounts" input: "split:output:1"
               attr { key: "T" value { type: DT_FLOAT } } attr { key: "out_idx" value { type: DT_INT64 } } }
    node_def { name: "cast" op: "Cast" input: "unique:count:0"
               attr { key: "SrcT" value { type: DT_INT64 } } attr { key: "DstT" value { type: DT_FLOAT } } }
    node_def { name: "print" op: "NoOp" }
    ret { key: "second" value: "split:output:1" } ret { key: "same" value: "x" }
    control_ret { key: "done" value: "print" }
    arg_attr { key: 0 value { attr { key: "_output_shapes" value { list { shape { dim { size: -1 } dim { size: 3 } } } } } } }
  })";

TEST_F(FunctionTest, ResolvesNamesOfOutputs) {
  const auto program = library(kSplitter);
  EXPECT_TRUE(program->has_function("splitter"));
  EXPECT_FALSE(program->has_function("split"));
  const Graph& graph = function(*program, "splitter");
  EXPECT_EQ(graph.name, "splitter");
  EXPECT_EQ(graph.arg_names, (std::vector<std::string>{"x", "handle"}));
  EXPECT_EQ(graph.args, (std::vector<NodeIndex>{0, 1}));
  EXPECT_EQ(graph.nodes[0].op, "_Arg");
  EXPECT_EQ(program->attr(graph.nodes[1], "index")->i(), 1);
  EXPECT_EQ(program->attr(graph.nodes[0], "_output_shapes")->list().shape(0).dim(1).size(), 3);
  EXPECT_EQ(program->output_type(graph.nodes[1], 0), DataType::kResource);
  EXPECT_EQ(node(graph, "split").inputs, (std::vector<Edge>{{0, 0}, {2, 0}, {3, 0}}));
  EXPECT_EQ(node(graph, "split").control_inputs, std::vector<NodeIndex>{graph.find("print")});
  EXPECT_EQ(node(graph, "cast").inputs, (std::vector<Edge>{{graph.find("unique"), 2}}));
  EXPECT_EQ(graph.rets, (std::vector<Edge>{{graph.find("split"), 1}, {0, 0}}));
  EXPECT_EQ(graph.ret_names, (std::vector<std::string>{"second", "same"}));
  EXPECT_EQ(graph.control_rets, std::vector<NodeIndex>{graph.find("print")});
  EXPECT_TRUE(graph.broken.empty());
  EXPECT_EQ(&function(*program, "splitter"), &graph);
}

TEST_F(FunctionTest, AnOutputListMayBeMeantAsAWhole) {
  const auto program = library(R"(function {
    signature { name: "f" input_arg { name: "x" type: DT_FLOAT } output_arg { name: "y" type: DT_FLOAT } }
    node_def { name: "u" op: "Unpack" input: "x:0" attr { key: "num" value { i: 3 } } attr { key: "T" value { type: DT_FLOAT } } }
    node_def { name: "p" op: "Pack" input: "u:output" attr { key: "N" value { i: 3 } } attr { key: "T" value { type: DT_FLOAT } } }
    ret { key: "y" value: "p:output" } })");
  const Graph& graph = function(*program, "f");
  EXPECT_EQ(node(graph, "p").inputs, (std::vector<Edge>{{1, 0}, {1, 1}, {1, 2}}));
  EXPECT_EQ(graph.rets, (std::vector<Edge>{{2, 0}}));
}

TEST_F(FunctionTest, AFunctionsNameMayBeAnOp) {
  const auto program = library(std::string(kSplitter) + R"(function {
    signature { name: "caller" input_arg { name: "x" type: DT_FLOAT } output_arg { name: "y" type: DT_FLOAT } }
    node_def { name: "call" op: "splitter" input: "x" input: "x" }
    ret { key: "y" value: "call:same:0" } })");
  const Graph& graph = function(*program, "caller");
  EXPECT_EQ(graph.rets, (std::vector<Edge>{{1, 1}}));
  EXPECT_EQ(program->output_count(graph.nodes[1]), 2);
  EXPECT_EQ(program->output_type(graph.nodes[1], 1), DataType::kFloat);
  EXPECT_EQ(program->op_def("splitter")->output_arg(1).name(), "same");
}

TEST_F(FunctionTest, AnUnknownOpIsResolvedWhereItsReferencesAgree) {
  const std::string head =
      R"(function { signature { name: "f" input_arg { name: "x" type: DT_FLOAT } output_arg { name: "y" type: DT_FLOAT } }
    node_def { name: "own" op: "Own" input: "x" } node_def { name: "a" op: "Neg" input: "own:out:1" } )";
  const auto agreed = library(head + R"(ret { key: "y" value: "a:y:0" } })");
  EXPECT_EQ(node(function(*agreed, "f"), "a").inputs, (std::vector<Edge>{{1, 1}}));
  EXPECT_EQ(agreed->output_count(node(function(*agreed, "f"), "own")), 2);

  const auto torn =
      library(head + R"(node_def { name: "b" op: "Neg" input: "own:other:0" } ret { key: "y" value: "x" } })");
  const Graph& graph = function(*torn, "f");
  ASSERT_EQ(graph.broken.size(), 2U);
  EXPECT_EQ(graph.broken.begin()->second.next,
            "the op 'Own' is unknown: which of its outputs is meant cannot be told; convert the SavedModel, which "
            "lists the definitions of its ops");
  EXPECT_EQ(graph.broken.begin()->second.where, "function 'f'");
}

TEST_F(FunctionTest, TellsWhatIsWrong) {
  const std::string head = R"(function { signature { name: "f" input_arg { name: "x" type: DT_FLOAT })";
  const std::vector<std::pair<std::string, std::string>> cases = {
      {R"(output_arg { name: "y" type: DT_FLOAT } } })", "the result 'y' ('') does not exist"},
      {R"(output_arg { name: "y" type: DT_FLOAT } } ret { key: "y" value: "gone:z:0" } })",
       "the result 'y' ('gone:z:0') does not exist"},
      {R"(control_output: "c" } })", "the control output 'c' does not exist"},
      {R"(control_output: "c" } control_ret { key: "c" value: "gone" } })", "the control output 'c' does not exist"},
      {R"(input_arg { name: "x" type: DT_FLOAT } } })", "two arguments have the name 'x'"},
      {R"(} node_def { name: "x" op: "NoOp" } })", "two nodes have the name 'x'"},
      {R"(input_arg { name: "l" type_list_attr: "T" } } })", "the argument 'l' stands for a list of tensors"},
  };
  for (const auto& [tail, what] : cases) {
    const Problem problem = test::problem_of(library(head + tail)->function("f"));
    EXPECT_EQ(problem.what, what);
    EXPECT_EQ(problem.where, "function 'f'");
  }
}

TEST_F(FunctionTest, AMissingFunctionIsAProblemWithNearNames) {
  const Problem problem = test::problem_of(library(kSplitter)->function("spliter"));
  EXPECT_EQ(problem.what, "the function 'spliter' is not in the model's library");
  EXPECT_EQ(problem.next, "did you mean 'splitter'?");
}

TEST_F(FunctionTest, ListsThatAreAbsurdlyLongBreakTheirNode) {
  const auto program = library(R"(function {
    signature { name: "f" input_arg { name: "x" type: DT_FLOAT } }
    node_def { name: "u" op: "Unpack" input: "x" attr { key: "num" value { i: 2000000000 } } }
    node_def { name: "p" op: "Pack" input: "u:output" } node_def { name: "q" op: "Neg" input: "u:output:1999999999" } })");
  const Graph& graph = function(*program, "f");
  EXPECT_TRUE(graph.broken.contains(graph.find("p")));
  EXPECT_EQ(node(graph, "q").inputs, (std::vector<Edge>{{1, 1999999999}}));
}

std::string caller(std::string_view name, std::string_view callee, std::string_view more = {}) {
  return "function { signature { name: '" + std::string(name) +
         "' } node_def { name: 'c' op: 'StatefulPartitionedCall' attr { key: 'f' value { func { name: '" +
         std::string(callee) + "' } } } } " + std::string(more) + " }";
}

TEST_F(FunctionTest, WritingIsSeenThroughCalls) {
  const auto program = graph(
      "node { name: 'm' op: 'If' attr { key: 'then_branch' value { func { name: 'top' } } } } library { " +
      caller("top", "middle") + caller("middle", "bottom") + caller("pure", "nobody") +
      "function { signature { name: 'bottom' } node_def { name: 'a' op: 'AssignAddVariableOp' } }"
      "function { signature { name: 'cases' } node_def { name: 'a' op: 'Case' attr { key: 'branches' value { list { "
      "func { name: 'pure' } func { name: 'middle' } } } } } }"
      "function { signature { name: 'by_op' } node_def { name: 'a' op: 'bottom' } } }");
  EXPECT_TRUE(program->main().may_write_state);
  for (const char* name : {"top", "middle", "bottom", "cases", "by_op"}) {
    EXPECT_TRUE(function(*program, name).may_write_state) << name;
  }
  EXPECT_FALSE(function(*program, "pure").may_write_state);
}

TEST_F(FunctionTest, RecursionEnds) {
  const auto program = library(caller("ping", "pong") + caller("pong", "ping") + caller("self", "self") +
                               caller("last", "ping", "node_def { name: 'a' op: 'AssignVariableOp' }"));
  EXPECT_FALSE(function(*program, "ping").may_write_state);
  EXPECT_FALSE(function(*program, "self").may_write_state);
  EXPECT_TRUE(function(*program, "last").may_write_state);
}

TEST_F(FunctionTest, ADeepCallChainEnds) {
  std::string functions;
  constexpr int kDepth = 20'000;
  for (int i = 0; i < kDepth; ++i) functions += caller("f" + std::to_string(i), "f" + std::to_string(i + 1));
  functions += "function { signature { name: 'f" + std::to_string(kDepth) +
               "' } node_def { name: 'a' op: 'AssignVariableOp' } }";
  EXPECT_TRUE(function(*library(functions), "f0").may_write_state);
}

}  // namespace
}  // namespace flowport::tf
