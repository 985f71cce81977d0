#include <gtest/gtest.h>

#include "schema_model.h"

namespace flowport::ir {
namespace {

std::string wrong(TestModel& model, const Node& node) { return check_node(model.model(), node).value_or("valid"); }

TEST(SchemaSignature, TellsTypesOfSlots) {
  const auto* conv = signature_of("Conv", "", 21);
  ASSERT_NE(conv, nullptr);
  EXPECT_EQ(conv->inputs.size(), 3U);
  EXPECT_EQ(conv->min_inputs, 2);
  EXPECT_TRUE(conv->inputs[2].optional);
  EXPECT_FALSE(conv->variadic_input);
  EXPECT_EQ(conv->inputs[0].type_var, conv->outputs[0].type_var);
  EXPECT_NE(conv->inputs[0].dtypes & 1U << static_cast<unsigned>(DType::kFloat), 0U);
  EXPECT_EQ(conv->inputs[0].dtypes & 1U << static_cast<unsigned>(DType::kInt32), 0U);
  EXPECT_EQ(conv->since_version, 11);
  EXPECT_EQ(signature_of("Conv", "ai.onnx", 21)->since_version, 11);
}

TEST(SchemaSignature, FollowsTheOpset) {
  EXPECT_EQ(signature_of("Gelu", "", 19), nullptr);
  EXPECT_NE(signature_of("Gelu", "", 20), nullptr);
  EXPECT_EQ(signature_of("ReduceMean", "", 13)->inputs.size(), 1U);
  EXPECT_EQ(signature_of("ReduceMean", "", 18)->inputs.size(), 2U);
  EXPECT_EQ(signature_of("Upsample", "", 13), nullptr);
  EXPECT_EQ(signature_of("Add", "", 0), nullptr);
  EXPECT_EQ(signature_of("Add", "com.example", 21), nullptr);
  EXPECT_EQ(signature_of("Nothing", "", 21), nullptr);
  EXPECT_NE(signature_of("LabelEncoder", "ai.onnx.ml", 3), nullptr);
}

TEST(SchemaSignature, TellsVariadicSlots) {
  const auto* concat = signature_of("Concat", "", 21);
  EXPECT_TRUE(concat->variadic_input);
  EXPECT_TRUE(concat->homogeneous_input);
  const auto* loop = signature_of("Loop", "", 21);
  EXPECT_TRUE(loop->variadic_input);
  EXPECT_FALSE(loop->homogeneous_input);
  EXPECT_EQ(loop->inputs.back().type_var, -1);
  EXPECT_TRUE(loop->variadic_output);
  EXPECT_TRUE(loop->inputs.front().optional);
}

TEST(SchemaSignature, TellsAttributes) {
  const auto* concat = signature_of("Concat", "", 21);
  ASSERT_EQ(concat->attributes.size(), 1U);
  EXPECT_EQ(concat->attributes[0].name, "axis");
  EXPECT_TRUE(concat->attributes[0].required);
  EXPECT_EQ(concat->attributes[0].kind, 0U);
}

TEST(SchemaCheck, AcceptsValidNodes) {
  TestModel model;
  const ValueId x = model.input("float[2,3]");
  EXPECT_EQ(wrong(model, model.node("Relu", {x})), "valid");
  EXPECT_EQ(wrong(model, model.node("Clip", {x, 0, x})), "valid");
  EXPECT_EQ(wrong(model, model.node("Concat", {x, x, x}, {{"axis", std::int64_t{0}}})), "valid");
  EXPECT_EQ(wrong(model, model.node("Relu", {model.input("?")})), "valid");
  EXPECT_EQ(wrong(model, model.node("SequenceAt", {model.input("seq float"), model.scalar(0)})), "valid");
  EXPECT_EQ(wrong(model, model.node("OptionalHasElement", {model.input("optional float")})), "valid");
}

TEST(SchemaCheck, SaysNothingOfOtherDomains) {
  TestModel model;
  Node node = model.node("Anything", {});
  node.domain = "com.example";
  EXPECT_EQ(wrong(model, node), "valid");
  EXPECT_TRUE(infer_node(model.model(), node));
}

TEST(SchemaCheck, RefusesUnknownOps) {
  TestModel model(18);
  EXPECT_EQ(wrong(model, model.node("Rellu", {})), "domain ai.onnx has no op Rellu; did you mean 'Relu'?");
  EXPECT_EQ(wrong(model, model.node("Quux", {})), "domain ai.onnx has no op Quux");
  EXPECT_EQ(wrong(model, model.node("Gelu", {})), "Gelu needs opset 20 of ai.onnx; the model has opset 18");
  EXPECT_EQ(wrong(model, model.node("Upsample", {})),
            "Upsample was taken out of ai.onnx in opset 10; the model has opset 18");
  Node node = model.node("Adam", {});
  node.domain = "ai.onnx.preview.training";
  EXPECT_EQ(wrong(model, node), "Adam needs domain ai.onnx.preview.training, which the model does not import");
}

TEST(SchemaCheck, RefusesWrongNumbersOfInputsAndOutputs) {
  TestModel model;
  const ValueId x = model.input("float[2,3]");
  EXPECT_EQ(wrong(model, model.node("Add", {x})), "Add has 1 inputs; at least 2 are needed");
  EXPECT_EQ(wrong(model, model.node("Add", {x, x, x})), "Add has 3 inputs; at most 2 are allowed");
  EXPECT_EQ(wrong(model, model.node("Add", {x, 0})), "input 1 of Add is missing");
  EXPECT_EQ(wrong(model, model.node("Concat", {x, 0}, {{"axis", std::int64_t{0}}})), "input 1 of Concat is missing");
  EXPECT_EQ(wrong(model, model.node("Relu", {x}, {}, 0)), "Relu has 0 outputs; at least 1 are needed");
  EXPECT_EQ(wrong(model, model.node("Relu", {x}, {}, 2)), "Relu has 2 outputs; at most 1 are allowed");
}

TEST(SchemaCheck, RefusesWrongAttributes) {
  TestModel model;
  const ValueId x = model.input("float[2,3]");
  EXPECT_EQ(wrong(model, model.node("Concat", {x})), "Concat lacks its attribute axis");
  EXPECT_EQ(wrong(model, model.node("Concat", {x}, {{"axes", std::int64_t{0}}})),
            "Concat has no attribute axes at this opset; did you mean 'axis'?");
  EXPECT_EQ(wrong(model, model.node("Concat", {x}, {{"axis", 1.0F}})),
            "attribute axis of Concat is a float, but must be an int");
  EXPECT_EQ(wrong(model, model.node("Concat", {x}, {{"axis", std::int64_t{0}}, {"axis", std::int64_t{0}}})),
            "Concat has the attribute axis twice");
  EXPECT_EQ(wrong(model, model.node("Optional", {}, {{"type", std::int64_t{0}}})),
            "attribute type of Optional is an int, but must be of a kind that is not supported");
}

TEST(SchemaCheck, RefusesWrongTypes) {
  TestModel model(13);
  const ValueId f = model.input("float[2]");
  const ValueId i = model.input("int32[2]");
  const ValueId s = model.input("string[2]");
  const ValueId seq = model.input("seq float[2]");
  EXPECT_EQ(wrong(model, model.node("Relu", {i})),
            "input 0 of Relu is int32; allowed at this opset: float, float16, double, bfloat16");
  EXPECT_EQ(wrong(model, model.node("Add", {f, i})),
            "input 1 of Add is int32, but must be float as the values before it");
  EXPECT_EQ(wrong(model, model.node("Gather", {s, f})),
            "input 1 of Gather is float; allowed at this opset: int32, int64");
  EXPECT_EQ(wrong(model, model.node("Concat", {f, f, i}, {{"axis", std::int64_t{0}}})),
            "input 2 of Concat is int32, but must be float as the values before it");
  EXPECT_EQ(wrong(model, model.node("SequenceLength", {f})).substr(0, 58),
            "input 0 of SequenceLength is float; allowed at this opset:");
  EXPECT_NE(wrong(model, model.node("Relu", {seq})).find("a sequence of float"), std::string::npos);
  Node typed = model.node("Relu", {f});
  model.model().values[typed.outputs[0]].type.dtype = DType::kDouble;
  EXPECT_EQ(wrong(model, typed), "output 0 of Relu is double, but must be float as the values before it");
}

TEST(SchemaCheck, FollowsTheOpsetOfTypes) {
  TestModel old(13);
  EXPECT_NE(wrong(old, old.node("Relu", {old.input("int32[2]")})), "valid");
  TestModel later(14);
  EXPECT_EQ(wrong(later, later.node("Relu", {later.input("int32[2]")})), "valid");
}

TEST(SchemaCheck, KnowsMachineLearningOps) {
  TestModel model;
  Node node = model.node("LabelEncoder", {model.input("string[N]")},
                         {{"keys_strings", std::vector<std::string>{"a"}}, {"values_int64s", Ints{1}}});
  node.domain = "ai.onnx.ml";
  EXPECT_EQ(wrong(model, node), "valid");
  EXPECT_EQ(model.type_text(model.run(node).front()), "int64[N]");
  node.set("keys_string", std::vector<std::string>{"a"});
  EXPECT_EQ(wrong(model, node),
            "LabelEncoder has no attribute keys_string at this opset; did you mean 'keys_strings'?");
}

}  // namespace
}  // namespace flowport::ir
