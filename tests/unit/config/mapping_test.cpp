#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.h"

namespace flowport::config {
namespace {

using registry::AttrRule;
using registry::Operand;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Ints = std::vector<std::int64_t>;

std::int64_t int_value(const AttrRule& rule) { return std::get<std::int64_t>(rule.value); }

TEST(Mapping, ShortFormIsARename) {
  const Case c = ops_case("  Abs: Abs\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& m = c.mapping("Abs");
  ASSERT_EQ(m.body.size(), 1u);
  EXPECT_EQ(m.body[0].op, "Abs");
  ASSERT_EQ(m.body[0].inputs.size(), 1u);
  EXPECT_EQ(m.body[0].inputs[0].kind, Operand::Kind::kInput);
  EXPECT_EQ(m.body[0].inputs[0].index, 0);
  ASSERT_EQ(m.outputs.size(), 1u);
  EXPECT_EQ(m.outputs[0].kind, Operand::Kind::kLocal);
  const auto& row = c.row("Abs");
  EXPECT_EQ(row.source, "f.yaml:3:3");
  EXPECT_EQ(row.opset_min, 13);
  EXPECT_EQ(row.opset_max, 0);
  EXPECT_EQ(row.layer(), registry::Layer::kUserMapping);
}

TEST(Mapping, ListArgumentOfAKnownOpIsTakenWhole) {
  const Case c = ops_case("  AddN: { to: Sum }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& input = c.mapping("AddN").body[0].inputs.at(0);
  EXPECT_EQ(input.kind, Operand::Kind::kArgument);
  EXPECT_EQ(input.argument, "inputs");
}

TEST(Mapping, AttributesRenamedAndSet) {
  const Case c = ops_case(
      "  LeakyRelu: { to: LeakyRelu, attrs: { alpha: alpha } }\n"
      "  Softmax: { to: Softmax, set: { axis: -1 } }\n"
      "  Elu: { to: Elu, set: { alpha: 1 } }\n"
      "  Cast: { to: Cast, attrs: { to: DstT } }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& alpha = c.mapping("LeakyRelu").body[0].attrs.at(0);
  EXPECT_EQ(alpha.source, AttrRule::Source::kTfAttr);
  EXPECT_EQ(alpha.tf_attr, "alpha");
  EXPECT_EQ(int_value(c.mapping("Softmax").body[0].attrs.at(0)), -1);
  // The schema says that alpha is a float.
  EXPECT_EQ(std::get<float>(c.mapping("Elu").body[0].attrs.at(0).value), 1.0f);
  EXPECT_EQ(c.mapping("Cast").body[0].attrs.at(0).tf_attr, "DstT");
}

TEST(Mapping, ChoicesGiveAValueForEachTextOfTheAttribute) {
  const Case c = ops_case(
      "  MirrorPad:\n"
      "    to: Pad\n"
      "    attrs: { mode: { from: mode, choices: { REFLECT: reflect, SYMMETRIC: edge } } }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& rule = c.mapping("MirrorPad").body[0].attrs.at(0);
  EXPECT_EQ(rule.tf_attr, "mode");
  EXPECT_EQ(std::get<std::string>(rule.choices.at("SYMMETRIC")), "edge");
}

TEST(Mapping, InputsInAnotherOrderByNameAndByPosition) {
  const Case c = ops_case(
      "  Sub: { to: Sub, inputs: [y, x] }\n"
      "  MyOp: { to: Sub, inputs: [1, 0] }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  for (const char* op : {"Sub", "MyOp"}) {
    const auto& inputs = c.mapping(op).body[0].inputs;
    ASSERT_EQ(inputs.size(), 2u);
    EXPECT_EQ(inputs[0].index, 1);
    EXPECT_EQ(inputs[1].index, 0);
  }
}

TEST(Mapping, ConstantsAndTfAttributesAsInputs) {
  const Case c = ops_case(
      "  ExpandIt: { to: Unsqueeze, inputs: [0, {value: [1, 2]}] }\n"
      "  Gathering: { to: Gather, inputs: [0, {attr: which}] }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& axes = c.mapping("ExpandIt").body[0].inputs.at(1);
  ASSERT_EQ(axes.kind, Operand::Kind::kConstant);
  EXPECT_EQ(axes.constant->dtype(), ir::DType::kInt64);
  EXPECT_EQ(axes.constant->dims(), Ints{2});
  EXPECT_EQ(axes.constant->as_ints(), (Ints{1, 2}));
  const auto& which = c.mapping("Gathering").body[0].inputs.at(1);
  EXPECT_EQ(which.kind, Operand::Kind::kTfAttr);
  EXPECT_EQ(which.argument, "which");
}

TEST(Mapping, ConstantInputBecomesAnAttributeOfACustomOp) {
  const Case c = ops_case(
      "  MyBlur:\n"
      "    to: com.me::Blur@2\n"
      "    inputs: [1, 0]\n"
      "    const_inputs: { 2: { attr: sigma } }\n"
      "    runtime: { library: libblur.so, registration: \"load libblur.so\" }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& m = c.mapping("MyBlur");
  EXPECT_EQ(m.library, "libblur.so");
  EXPECT_EQ(m.body[0].domain, "com.me");
  EXPECT_EQ(m.body[0].inputs.size(), 2u);
  const auto& sigma = m.body[0].attrs.at(0);
  EXPECT_EQ(sigma.source, AttrRule::Source::kInput);
  EXPECT_EQ(sigma.input, 2);
  EXPECT_EQ(c.row("MyBlur").const_inputs, 1u << 2);
  const auto* schema = c.registry.schema("com.me", "Blur", 2);
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(schema->library, "libblur.so");
  EXPECT_EQ(schema->max_inputs, 2u);
  ASSERT_EQ(schema->attrs.size(), 1u);
  EXPECT_EQ(schema->attrs[0].name, "sigma");
}

TEST(Mapping, StatesTheTypesOfACustomOpsOutputs) {
  const Case c =
      ops_case("  MyPeaks: { to: com.me::Peaks@1, outputs: [T, int64], runtime: { library: libpeaks.so } }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& node = c.mapping("MyPeaks").body[0];
  EXPECT_EQ(node.num_outputs, 2);
  ASSERT_EQ(node.output_types.size(), 2u);
  EXPECT_EQ(node.output_types[0].tf_attr, "T");
  EXPECT_EQ(node.output_types[1].dtype, ir::DType::kInt64);
  EXPECT_TRUE(node.output_types[1].tf_attr.empty());

  const Case standard = ops_case("  MyAbs: { to: Abs, outputs: [float] }\n");
  ASSERT_THAT(standard.problems(), testing::SizeIs(1));
  EXPECT_THAT(standard.problems()[0], testing::HasSubstr("custom domain"));
}

TEST(Mapping, BodyOfSeveralNodes) {
  const Case c = ops_case(
      "  Rsqrt:\n"
      "    body: |\n"
      "      r = Sqrt(x)  # a comment\n"
      "      y = Reciprocal(r)\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& m = c.mapping("Rsqrt");
  ASSERT_EQ(m.body.size(), 2u);
  EXPECT_EQ(m.body[0].op, "Sqrt");
  EXPECT_EQ(m.body[1].op, "Reciprocal");
  EXPECT_EQ(m.body[1].inputs.at(0).kind, Operand::Kind::kLocal);
  EXPECT_EQ(m.body[1].inputs.at(0).index, 0);
  EXPECT_EQ(m.outputs.at(0).index, 1);
}

TEST(Mapping, NestedCallsAreTheSame) {
  const Case c = ops_case("  Rsqrt: { body: \"y = Reciprocal(Sqrt(x))\" }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& m = c.mapping("Rsqrt");
  ASSERT_EQ(m.body.size(), 2u);
  EXPECT_EQ(m.body[0].op, "Sqrt");
  EXPECT_EQ(m.body[1].inputs.at(0).index, 0);
}

TEST(Mapping, LiteralTakesTheTypeOfTheInputItIsTiedTo) {
  const Case c = ops_case("  DivNoNan: { body: \"z = Where(Equal(y, 0), 0, Div(x, y))\" }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& body = c.mapping("DivNoNan").body;
  std::vector<std::string> ops;
  for (const auto& node : body) ops.push_back(node.op);
  ASSERT_THAT(ops, ElementsAre("CastLike", "Equal", "Div", "CastLike", "Where"));
  EXPECT_EQ(body[0].inputs[0].constant->as_ints(), Ints{0});
  EXPECT_EQ(body[0].inputs[1].index, 1);
  // Not the condition, but the other branch.
  EXPECT_EQ(body[3].inputs[1].kind, Operand::Kind::kLocal);
  EXPECT_EQ(body[3].inputs[1].index, 2);
  EXPECT_EQ(body[4].inputs[1].index, 3);
}

TEST(Mapping, LiteralsHaveTheirTypeWhereNothingTiesThem) {
  const Case c = ops_case("  MyOp: { body: \"y = Tile(Unsqueeze(x0, [0]), [2, 1])\" }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& body = c.mapping("MyOp").body;
  ASSERT_EQ(body.size(), 2u);
  EXPECT_EQ(body[0].inputs[1].constant->as_ints(), Ints{0});
  EXPECT_EQ(body[1].inputs[1].constant->as_ints(), (Ints{2, 1}));
}

TEST(Mapping, FloatLiteralsKeepTheirPrecision) {
  const Case c = ops_case("  MyOp: { body: \"y = Mul(x0, 0.1)\" }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& constant = *c.mapping("MyOp").body[0].inputs[0].constant;
  EXPECT_EQ(constant.dtype(), ir::DType::kDouble);
  EXPECT_THAT(constant.dims(), IsEmpty());
  EXPECT_EQ(constant.as_doubles(), std::vector<double>{0.1});
}

TEST(Mapping, AttributesInBodies) {
  const Case c = ops_case(
      "  LeakyRelu: { body: \"activations = LeakyRelu <alpha: float = @alpha> (features)\" }\n"
      "  MyOp: { body: \"y = Softmax(x0) <axis = 1>\" }\n"
      "  Filled: { body: 'y = ConstantOfShape <value = float[1] {1.5}> (x0)' }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  EXPECT_EQ(c.mapping("LeakyRelu").body[0].attrs.at(0).tf_attr, "alpha");
  EXPECT_EQ(int_value(c.mapping("MyOp").body[0].attrs.at(0)), 1);
  const auto& tensor = std::get<ir::ConstantPtr>(c.mapping("Filled").body[0].attrs.at(0).value);
  EXPECT_EQ(tensor->dims(), Ints{1});
  EXPECT_EQ(tensor->as_doubles(), std::vector<double>{1.5});
}

TEST(Mapping, OutputsOfAKnownOpByName) {
  const Case c =
      ops_case("  TopKV2: { body: \"values, i = TopK(input, Unsqueeze(k, [0]))\\nindices = Cast <to = 6> (i)\" }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& m = c.mapping("TopKV2");
  ASSERT_EQ(m.outputs.size(), 2u);
  EXPECT_EQ(m.outputs[0].output, 0);
  EXPECT_EQ(m.body[static_cast<std::size_t>(m.outputs[1].index)].op, "Cast");
}

TEST(Mapping, NamesOfAnUnknownOp) {
  const Case c = ops_case(
      "  MyOp: { body: \"y0 = Add(x0, x1)\\ny1 = Sub(x0, x1)\" }\n"
      "  Other: { inputs: [image, scale], outputs: [scaled], body: \"scaled = Mul(image, scale)\" }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  EXPECT_EQ(c.mapping("MyOp").outputs.size(), 2u);
  EXPECT_EQ(c.mapping("Other").body[0].inputs[1].index, 1);
}

TEST(Mapping, AbsentInputs) {
  const Case c = ops_case("  MyOp: { body: \"y = Clip(x0, , 6)\" }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  EXPECT_EQ(c.mapping("MyOp").body[1].inputs.at(1).kind, Operand::Kind::kAbsent);
}

TEST(Mapping, RangeIsTheOpsetsThatHaveEveryOp) {
  const Case c = ops_case(
      "  MyA: { body: \"y = Gelu(x0)\" }\n"
      "  MyB: { body: \"y = ReduceMax <axes = [1]> (x0)\" }\n"
      "  MyC: { body: \"y = CastLike(x0, x1)\" }\n"
      "  MyD: { body: \"y = Abs(x0)\", opset: [14, 16] }\n"
      "  MyE: { body: \"y = Abs(x0)\", opset: 15 }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto range = [&](const char* op) { return std::pair(c.row(op).opset_min, c.row(op).opset_max); };
  EXPECT_EQ(range("MyA"), std::pair(20, 0));
  EXPECT_EQ(range("MyB"), std::pair(13, 17));
  EXPECT_EQ(range("MyC"), std::pair(13, 0));
  EXPECT_EQ(range("MyD"), std::pair(14, 16));
  EXPECT_EQ(range("MyE"), std::pair(15, 0));
}

TEST(Mapping, SeveralEntriesByOpset) {
  const Case c = ops_case(
      "  MyOp:\n"
      "    - { opset: [13, 17], body: \"y = ReduceMax <axes = [1]> (x0)\" }\n"
      "    - { opset: 18, body: \"y = ReduceMax(x0, [1])\" }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  ASSERT_EQ(c.registry.rows("MyOp").size(), 2u);
  EXPECT_EQ(c.row("MyOp", 0).source, "f.yaml:4:7");
  EXPECT_EQ(c.row("MyOp", 1).source, "f.yaml:5:7");
  registry::Target target;
  target.domains[""] = 21;
  const auto found = c.registry.resolve("MyOp", target);
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front()->opset_min, 18);
}

TEST(Mapping, GuardsComeFirstInTheOrderOfTheFile) {
  const Case c = ops_case(
      "  BiasAdd:\n"
      "    - { to: Add }\n"
      "    - { to: Add, when: { data_format: NHWC, T: floating } }\n"
      "    - { to: Add, when: { T: [int32, int64] } }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  registry::Target target;
  target.domains[""] = 21;
  const auto found = c.registry.resolve("BiasAdd", target);
  ASSERT_TRUE(found.has_value());
  ASSERT_EQ(found->size(), 3u);
  EXPECT_EQ((*found)[0]->source, "f.yaml:5:7");
  EXPECT_EQ((*found)[1]->source, "f.yaml:6:7");
  EXPECT_EQ((*found)[2]->source, "f.yaml:4:7");
  EXPECT_THAT((*found)[0]->when.at(1).values, ElementsAre("bfloat16", "float16", "float32", "float64"));
  EXPECT_EQ((*found)[0]->when.at(1).text, "floating");
  EXPECT_EQ((*found)[1]->when.at(0).text, "int32 or int64");
}

TEST(Mapping, ComplexTensorsInPairsOrPartByPart) {
  const Case c = ops_case(
      "  Abs: Abs\n"
      "  Neg: { to: Neg, complex: parts }\n"
      "  Real: { body: 'output = Gather <axis = -1> (input, 0)', complex: pairs }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  EXPECT_EQ(c.row("Abs").complex, registry::Complex::kNone);
  EXPECT_EQ(c.row("Neg").complex, registry::Complex::kParts);
  EXPECT_EQ(c.row("Real").complex, registry::Complex::kPairs);
}

TEST(Mapping, FilesCheckedBeforeAreCompiledOnFirstUse) {
  const Case c(
      "flowport: 1\nops:\n  Rsqrt: { body: \"y = Nonsense(x\" }\n  MyBlur: { to: Abs, inputs: [0], const_inputs: { 1: "
      "{ attr: a } } }\n",
      true);
  ASSERT_THAT(c.problems(), IsEmpty());
  EXPECT_EQ(c.row("MyBlur").const_inputs, 2u);
  const auto& compiled = c.row("Rsqrt").mapping->get();
  ASSERT_FALSE(compiled.has_value());
  EXPECT_EQ(compiled.error().where, "f.yaml:3:33");
  EXPECT_EQ(compiled.error().fault, Fault::kPlugin);
  EXPECT_EQ(&compiled, &c.row("Rsqrt").mapping->get());
}

}  // namespace
}  // namespace flowport::config
