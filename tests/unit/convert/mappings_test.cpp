// What configuration files say, carried out: attributes, node rules, and rules that concern nothing.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/config.h"
#include "graphs.h"
#include "running.h"

namespace flowport::convert {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// A registry with nothing but what `yaml` says, in the file "f.yaml".
struct Configured {
  explicit Configured(const std::string& yaml) {
    config::LoadOptions options;
    options.name = "f.yaml";
    const auto loaded = config::load_config_text("flowport: 1\n" + yaml, {}, registry, options);
    for (const Problem& p : loaded.problems) ADD_FAILURE() << p.where << ": " << p.what;
  }
  registry::Registry registry;
};

Converted run(const std::string& yaml, const std::string& graph, std::vector<std::string> wanted = {"y:0"}) {
  const Configured configured(yaml);
  return Converted(graph, outputs(std::move(wanted)), 21, configured.registry);
}

ir::Attribute::Storage attribute(const Converted& run, const std::string& name) {
  const auto* found = run.result.model.graph.nodes.at(0).find(name);
  return found == nullptr ? ir::Attribute::Storage(std::string("absent")) : found->value;
}

// ---- attributes

const std::string kCustomGraph = placeholder("x") + node("y", "MyOp", {"x"},
                                                         {{"T", kFloat},
                                                          {"i", "i: 3"},
                                                          {"f", "f: 0.5"},
                                                          {"whole", "f: 4"},
                                                          {"s", "s: \"text\""},
                                                          {"shape", "shape { dim { size: 2 } dim { size: -1 } }"},
                                                          {"types", "list { type: DT_FLOAT }"},
                                                          {"_hidden", "i: 1"}});

Converted run_custom(const std::string& entry) {
  return run("ops: { MyOp: { to: com.me::Op, runtime: { library: l }, " + entry + " } }\n", kCustomGraph);
}

using Ints = std::vector<std::int64_t>;

TEST(Attributes, AreConverted) {
  const auto value = [](const std::string& rule) {
    return attribute(run_custom("attrs: { a: { " + rule + " } }"), "a");
  };
  using Storage = ir::Attribute::Storage;
  EXPECT_EQ(value("from: i, as: float"), Storage(3.0F));
  EXPECT_EQ(value("from: i, as: ints"), Storage(Ints{3}));
  EXPECT_EQ(value("from: whole, as: int"), Storage(std::int64_t{4}));
  EXPECT_EQ(value("from: s, as: strings"), Storage(std::vector<std::string>{"text"}));
  EXPECT_EQ(value("from: i, scale: 2, offset: 1"), Storage(std::int64_t{7}));
  EXPECT_EQ(value("from: i, scale: 0.5"), Storage(1.5F));
  EXPECT_EQ(value("from: f, scale: -1, offset: 1"), Storage(0.5F));
  EXPECT_EQ(value("from: f, scale: 4, as: ints"), Storage(Ints{2}));
  EXPECT_EQ(value("from: shape"), Storage(Ints{2, -1}));
  EXPECT_EQ(value("from: types"), Storage(Ints{1}));
  EXPECT_EQ(value("from: T"), Storage(std::int64_t{1}));
}

TEST(Attributes, ThatCannotBeConvertedAreTold) {
  EXPECT_THAT(run_custom("attrs: { a: { from: f, as: int } }").problems(),
              ElementsAre(HasSubstr("TF attribute 'f' cannot become the attribute 'a': 0.5 is no whole number")));
  EXPECT_THAT(run_custom("attrs: { a: { from: s, scale: 2 } }").problems(),
              ElementsAre(HasSubstr("only numbers have a scale")));
}

TEST(Attributes, OthersAreDroppedUnlessDropSaysWhich) {
  const auto names = [](const Converted& converted) {
    std::vector<std::string> found;
    for (const auto& made : converted.result.model.graph.nodes.at(0).attributes) found.push_back(made.name);
    return found;
  };
  EXPECT_THAT(names(run_custom("attrs: { a: i }")), ElementsAre("a"));
  EXPECT_THAT(names(run_custom("attrs: { a: i }, drop: [T, types]")), ElementsAre("a", "f", "s", "shape", "whole"));
}

TEST(Attributes, OfAKnownOpArePassedOnByItsDefinition) {
  const std::string graph = placeholder("x") + node("y", "LeakyRelu", {"x"}, {{"T", kFloat}});
  const Converted converted =
      run("ops: { LeakyRelu: { to: com.me::Leaky, drop: [T], runtime: { library: l } } }\n", graph);
  EXPECT_THAT(converted.problems(), IsEmpty());
  EXPECT_EQ(attribute(converted, "alpha"), ir::Attribute::Storage(0.2F));  // TensorFlow's default
}

TEST(Attributes, BecomeInputsAndInputsAttributes) {
  const std::string graph =
      placeholder("x") + int_const("k", 3) + node("y", "MyOp", {"x", "k"}, {{"scale", "f: 2"}, {"T", kFloat}});
  const Converted converted =
      run("ops: { MyOp: { to: com.me::Op, inputs: [0, { attr: scale, type: double }, { value: 7, type: int32 }],\n"
          "               const_inputs: { 1: { attr: k, as: floats } }, runtime: { library: l } } }\n",
          graph);
  ASSERT_THAT(converted.problems(), IsEmpty());
  const auto& made = converted.result.model.graph.nodes.at(0);
  ASSERT_EQ(made.inputs.size(), 3U);
  EXPECT_EQ(converted.value(made.inputs[1]).constant->dtype(), ir::DType::kDouble);
  EXPECT_THAT(converted.value(made.inputs[1]).constant->as_doubles(), ElementsAre(2));
  EXPECT_EQ(converted.value(made.inputs[2]).constant->dtype(), ir::DType::kInt32);
  EXPECT_EQ(attribute(converted, "k"), ir::Attribute::Storage(std::vector<float>{3}));
}

// ---- nodes

const std::string kTwo =
    placeholder("x") + unary("a/one", "Neg", "x") + unary("a/two", "Neg", "a/one") + unary("y", "Neg", "a/two");
const std::string kNegs = "ops: { Neg: Neg }\n";

TEST(NodeRules, AMappingIsForTheNodesThatItNames) {
  const Converted converted = run(kNegs + "nodes: [{ name: a/*, op: Neg, to: Abs }]\n", kTwo);
  EXPECT_THAT(converted.problems(), IsEmpty());
  EXPECT_THAT(converted.ops(), ElementsAre("Abs", "Abs", "Neg"));
}

TEST(NodeRules, TheLaterComesFirst) {
  const Converted converted =
      run(kNegs + "nodes:\n  - { name: a/*, op: Neg, to: Abs }\n  - { name: \"*two\", op: Neg, to: Sign }\n", kTwo);
  EXPECT_THAT(converted.ops(), ElementsAre("Abs", "Sign", "Neg"));
}

TEST(NodeRules, AMappingThatDeclinesLeavesTheNodeToTheOthers) {
  const Converted converted = run(kNegs + "nodes: [{ op: Neg, to: Abs, when: { T: int32 } }]\n", kTwo);
  EXPECT_THAT(converted.problems(), IsEmpty());
  EXPECT_THAT(converted.ops(), ElementsAre("Neg", "Neg", "Neg"));
}

TEST(NodeRules, AMappingConvertsWhatNothingElseDoes) {
  const Converted converted = run("nodes: [{ op: Neg, to: Neg }]\n", kTwo);
  EXPECT_THAT(converted.problems(), IsEmpty());
}

TEST(NodeRules, UseChoosesAnOwner) {
  Configured configured(kNegs + "nodes: [{ name: \"*\", use: other.yaml }, { name: \"*two\", use: f.yaml }]\n");
  config::LoadOptions options;
  options.name = "other.yaml";
  options.layer = registry::Layer::kBuiltin;
  ASSERT_THAT(config::load_config_text("flowport: 1\nops: { Neg: Abs }\n", {}, configured.registry, options).problems,
              IsEmpty());
  EXPECT_THAT(configured.registry.check_pins(), IsEmpty());
  const Converted converted(kTwo, outputs({"y:0"}), 21, configured.registry);
  EXPECT_THAT(converted.problems(), IsEmpty());
  EXPECT_THAT(converted.ops(), ElementsAre("Abs", "Neg", "Abs"));
}

TEST(NodeRules, FunctionsArePartOfThePlace) {
  const std::string graph =
      placeholder("x") + call("y", "f", {"x"}) + function("f", {{"a"}}, unary("n", "Neg", "a"), {{{"r"}, "n:y:0"}});
  EXPECT_THAT(run(kNegs + "nodes: [{ function: f, op: Neg, to: Abs }]\n", graph).ops(), ElementsAre("Abs"));
  const Converted wrong = run(kNegs + "nodes: [{ name: n, function: g, op: Neg, to: Abs }]\n", graph);
  EXPECT_THAT(wrong.problems(), ElementsAre(StartsWith("no node of the model is what this rule is for")));
  EXPECT_THAT(wrong.next(), ElementsAre(HasSubstr("nodes of that name are in 'f'")));
}

// ---- rules that concern nothing

TEST(Unused, NodeRules) {
  const auto told = [](const std::string& rule) {
    const Converted converted = run(kNegs + "nodes: [" + rule + "]\n", kTwo);
    EXPECT_EQ(converted.problems().size(), 1U) << rule;
    return converted.problems().empty() ? "" : converted.problems()[0] + " -> " + converted.next()[0];
  };
  EXPECT_THAT(told("{ name: a/on, op: Neg, to: Abs }"), HasSubstr("did you mean 'a/one'?"));
  EXPECT_THAT(told("{ name: far away, op: Neg, to: Abs }"), HasSubstr("nodes of that op: a/one, a/two, y"));
  EXPECT_THAT(told("{ name: x, use: f.yaml }"), HasSubstr("run by the core itself (Placeholder)"));
  EXPECT_THAT(told("{ name: a/*, config: { a: b } }"), HasSubstr("no plugin converts them"));
  EXPECT_THAT(run(kNegs + "nodes: [{ name: b, use: f.yaml, optional: true }]\n", kTwo).problems(), IsEmpty());
}

TEST(Unused, ARuleForNodesThatNoOutputNeedsIsNoMistake) {
  EXPECT_THAT(run(kNegs + "nodes: [{ name: a/two, op: Neg, to: Abs }]\n", kTwo, {"a/one:0"}).problems(), IsEmpty());
}

TEST(Unused, Ops) {
  const auto told = [](const std::string& entry) {
    const Converted converted = run("ops: { Neg: Neg, " + entry + " }\n", kTwo);
    return converted.problems();
  };
  EXPECT_THAT(told("Negg: Neg"),
              ElementsAre("there is no op 'Negg': not in TensorFlow, nor in this model, nor in a plugin"));
  EXPECT_THAT(told("Negg: { to: Neg, optional: true }"), IsEmpty());
  EXPECT_THAT(told("Rsqrt: Neg"), IsEmpty());  // TensorFlow's, though not the model's
  EXPECT_THAT(told("Identity: Neg"),
              ElementsAre("the mapping of 'Identity' is never asked: the core itself knows what the op means"));
}

}  // namespace
}  // namespace flowport::convert
