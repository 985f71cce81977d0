// Names, order and shapes of the model's inputs and outputs; cuts anywhere in the graph.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "graphs.h"
#include "running.h"

namespace flowport::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

InterfaceOptions cut(std::vector<std::string> inputs, std::vector<std::string> outputs) {
  InterfaceOptions options;
  options.inputs = std::move(inputs);
  options.outputs = std::move(outputs);
  return options;
}

const std::string kChain = placeholder("x") + unary("a", "Neg", "x") + unary("b", "Exp", "a") + unary("c", "Relu", "b");

TEST(Interface, WithoutAskingTheEndsAreTheOutputs) {
  const Converted run(kChain);
  EXPECT_THAT(run.inputs(), ElementsAre("x: float[x_dim0,4]"));
  EXPECT_THAT(run.outputs(), ElementsAre("c: float[x_dim0,4]"));
}

TEST(Interface, OutputsComeInTheOrderAskedForAndUnderTheNamesAskedBy) {
  const Converted run(kChain, outputs({"c", "a:0", "b:0"}));
  EXPECT_THAT(run.outputs(), ElementsAre("c: float[x_dim0,4]", "a:0: float[x_dim0,4]", "b:0: float[x_dim0,4]"));
}

TEST(Interface, WithoutAskingInputsComeInTheOrderOfTheGraph) {
  const Converted run(placeholder("p") + placeholder("unused") + placeholder("q") + binary("y", "Sub", "q", "p"));
  EXPECT_THAT(run.inputs(), ElementsAre("p: float[p_dim0,4]", "q: float[q_dim0,4]"));
}

TEST(Interface, InputsComeInTheOrderAskedFor) {
  const std::string graph = placeholder("p") + placeholder("q") + binary("y", "Sub", "p", "q");
  EXPECT_THAT(Converted(graph, cut({"q:0", "p:0"}, {"y:0"})).inputs(),
              ElementsAre("q:0: float[q_dim0,4]", "p:0: float[p_dim0,4]"));
}

TEST(Interface, AnyTensorMayBeAnInput) {
  InterfaceOptions options = cut({"a:0"}, {"c:0"});
  options.shapes["a:0"] = {std::string("N"), std::int64_t{4}};
  const Converted run(kChain, options);
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Exp", "Relu"));
  EXPECT_THAT(run.inputs(), ElementsAre("a:0: float[N,4]"));
  EXPECT_THAT(run.outputs(), ElementsAre("c:0: float[N,4]"));
}

TEST(Interface, InsideACalledFunctionToo) {
  const std::string f =
      function("f", {{"a"}}, unary("n", "Neg", "a") + unary("r", "Relu", "n:y:0"), {{{"out"}, "r:activations:0"}});
  const Converted run(placeholder("x") + call("c", "f", {"x"}) + f, outputs({"c/n:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.ops(), ElementsAre("Neg"));
  EXPECT_THAT(run.outputs(), ElementsAre("c/n:0: float[x_dim0,4]"));
}

TEST(Interface, AnInputThatNothingUsesStays) {
  const std::string graph = placeholder("p") + placeholder("q") + unary("y", "Relu", "p");
  EXPECT_THAT(Converted(graph, cut({"p:0", "q:0"}, {"y:0"})).inputs(),
              ElementsAre("p:0: float[p_dim0,4]", "q:0: float[q_dim0,4]"));
}

TEST(Interface, APlaceholderThatIsNeededAndNotNamedIsAProblem) {
  const std::string graph = placeholder("p") + placeholder("q") + binary("y", "Sub", "p", "q");
  const Converted run(graph, cut({"p:0"}, {"y:0"}));
  ASSERT_EQ(run.problems().size(), 1U);
  EXPECT_THAT(run.problems()[0], HasSubstr("q"));
}

TEST(Interface, AnInputThatIsAnOutputKeepsBothNames) {
  const Converted run(placeholder("x") + unary("y", "Identity", "x"), outputs({"y:0", "x:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.inputs(), ElementsAre("x: float[x_dim0,4]"));
  EXPECT_THAT(run.outputs(), ElementsAre("y:0: float[x_dim0,4]", "x:0: float[x_dim0,4]"));
}

TEST(Interface, AKnownOutputIsAConstant) {
  const Converted run(float_const("k", "2") + unary("y", "Neg", "k"), outputs({"y:0"}));
  EXPECT_THAT(run.problems(), IsEmpty());
  EXPECT_THAT(run.outputs(), ElementsAre("y:0: float[]"));
  EXPECT_NE(run.value(run.result.model.graph.outputs[0]).constant, nullptr);
}

TEST(Interface, ShapesThatContradictTheModelAreProblems) {
  const auto problems = [](std::vector<DimSpec> spec, const std::string& input = "x") {
    InterfaceOptions options = outputs({"c:0"});
    options.shapes[input] = std::move(spec);
    return Converted(kChain, options).problems();
  };
  EXPECT_THAT(problems({std::int64_t{1}, std::int64_t{4}}), IsEmpty());
  EXPECT_THAT(problems({std::int64_t{1}, std::int64_t{5}}), ElementsAre(HasSubstr("dim 1")));
  EXPECT_THAT(problems({std::int64_t{4}}), ElementsAre(HasSubstr("2")));
  EXPECT_THAT(problems({std::int64_t{1}, std::string("C")}), ElementsAre(HasSubstr("dim 1")));
  EXPECT_THAT(problems({std::int64_t{1}}, "nowhere"), ElementsAre(HasSubstr("nowhere")));
}

TEST(Interface, WrongNamesAreMetWithNearOnes) {
  const Converted run(placeholder("image") + unary("logits", "Relu", "image"), outputs({"logit:0"}));
  ASSERT_EQ(run.problems().size(), 1U);
  EXPECT_EQ(run.result.problems[0].fault, Fault::kUsage);
  EXPECT_THAT(run.problems()[0], HasSubstr("logit:0"));
  EXPECT_THAT(run.next()[0], HasSubstr("logits"));
  EXPECT_THAT(Converted(kChain, outputs({"c:7"})).problems(), ElementsAre(HasSubstr("output 7")));
}

TEST(Interface, TypesThatOnnxLacksAreRefusedByName) {
  for (const std::string type : {"qint8", "quint8", "qint16", "quint16", "qint32", "resource", "variant"}) {
    std::string upper = type;
    for (char& c : upper) c = static_cast<char>(std::toupper(c));
    const std::string tf_type = "type: DT_" + upper;
    const std::string graph = placeholder("x", {2}, tf_type) + node("y", "Identity", {"x"}, {{"T", tf_type}});
    const Converted run(graph, cut({"x:0"}, {"y:0"}));
    ASSERT_EQ(run.problems().size(), 1U) << type;
    EXPECT_THAT(run.problems()[0], HasSubstr(type));
    EXPECT_EQ(run.result.problems[0].fault, Fault::kUnsupported) << type;
  }
}

TEST(Interface, DimsThatMustBeEqualShareAName) {
  const std::string graph = placeholder("p", {-1, 3}) + placeholder("q", {-1, 2}) + int_const("axis", 1) +
                            node("y", "ConcatV2", {"p", "q", "axis"}, {{"N", "i: 2"}, {"T", kFloat}, {"Tidx", kInt32}});
  const Converted run(graph, outputs({"y:0"}));
  ASSERT_EQ(run.inputs().size(), 2U);
  const auto dims_of = [&](std::size_t input) { return run.value(run.result.model.graph.inputs[input]).type.dims; };
  EXPECT_EQ(dims_of(0)[0], dims_of(1)[0]);
  EXPECT_EQ(run.value(run.result.model.graph.outputs[0]).type.dims[0], dims_of(0)[0]);

  InterfaceOptions options = outputs({"y:0"});
  options.shapes["q"] = {std::string("batch"), std::int64_t{2}};
  EXPECT_THAT(Converted(graph, options).outputs(), ElementsAre("y:0: float[batch,5]"));
}

TEST(Interface, DimsThatMayBroadcastDoNot) {
  const Converted run(placeholder("p") + placeholder("q") + binary("y", "AddV2", "p", "q"), outputs({"y:0"}));
  EXPECT_THAT(run.inputs(), ElementsAre("p: float[p_dim0,4]", "q: float[q_dim0,4]"));
  EXPECT_THAT(run.outputs(), ElementsAre("y:0: float[?,4]"));
}

}  // namespace
}  // namespace flowport::convert
