#include "tensorflow/op_declaration.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensorflow/op_table.h"
#include "tensorflow/protos/graph.pb.h"

namespace flowport::tf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using Part = DeclarationFault::Part;

proto::OpDef defined(const OpDeclaration& declaration) {
  const auto definition = define(declaration);
  proto::OpDef op;
  EXPECT_TRUE(definition.has_value()) << definition.error().what;
  EXPECT_TRUE(op.ParseFromString(definition.value_or("")));
  return op;
}

DeclarationFault fault_of(const OpDeclaration& declaration) {
  const auto definition = define(declaration);
  EXPECT_FALSE(definition.has_value());
  return definition ? DeclarationFault{} : definition.error();
}

TEST(OpDeclaration, SaysWhatTensorFlowsOwnOpsSay) {
  const OpTable table;
  const struct {
    std::string_view op;
    OpDeclaration declaration;
  } kOps[] = {
      {"AddN", {"AddN", {"inputs: N * T"}, {"sum: T"}, {"N: int >= 1", "T: {numbertype, variant}"}}},
      {"Unpack", {"Unpack", {"value: T"}, {"output: num * T"}, {"num: int >= 0", "T: type", "axis: int = 0"}}},
      {"ResourceApplyGradientDescent",
       {"ResourceApplyGradientDescent",
        {"var: resource", "alpha: T", "delta: T"},
        {},
        {"T: numbertype", "use_locking: bool = false"}}},
      {"IdentityN", {"IdentityN", {"input: T"}, {"output: T"}, {"T: list(type) >= 1"}}},
      {"Conv2D",
       {"Conv2D",
        {"input: T", "filter: T"},
        {"output: T"},
        {"T: {half, bfloat16, float, double, int32}", "strides: list(int)", "use_cudnn_on_gpu: bool = true",
         "padding: {'SAME', 'VALID', 'EXPLICIT'}", "explicit_paddings: list(int) = []",
         "data_format: { 'NHWC', 'NCHW' } = 'NHWC'", "dilations: list(int) = [1, 1, 1, 1]"}}},
      {"Placeholder", {"Placeholder", {}, {"output: dtype"}, {"dtype: type", "shape: shape = { unknown_rank: true }"}}},
      {"ArgMax",
       {"ArgMax",
        {"input: T", "dimension: Tidx"},
        {"output: output_type"},
        {"T: {realnumbertype, quantizedtype, bool}", "Tidx: {int16, int32, int64} = DT_INT32",
         "output_type: {int16, uint16, int32, int64} = DT_INT64"}}},
      {"AssignAdd",
       {"AssignAdd",
        {"ref: Ref(T)", "value: T"},
        {"output_ref: Ref(T)"},
        {"T: numbertype", "use_locking: bool = false"}}},
  };
  for (const auto& [name, declaration] : kOps) {
    const auto* known = table.find(name);
    ASSERT_NE(known, nullptr) << name;
    const proto::OpDef op = defined(declaration);
    ASSERT_EQ(op.input_arg_size(), known->input_arg_size()) << name;
    for (int i = 0; i < op.input_arg_size(); ++i)
      EXPECT_EQ(op.input_arg(i).SerializeAsString(), known->input_arg(i).SerializeAsString()) << name;
    ASSERT_EQ(op.output_arg_size(), known->output_arg_size()) << name;
    for (int i = 0; i < op.output_arg_size(); ++i)
      EXPECT_EQ(op.output_arg(i).SerializeAsString(), known->output_arg(i).SerializeAsString()) << name;
    for (const auto& attr : op.attr()) {
      for (const auto& other : known->attr()) {
        if (other.name() != attr.name()) continue;
        EXPECT_EQ(attr.type(), other.type()) << name << ' ' << attr.name();
        EXPECT_EQ(attr.default_value().SerializeAsString(), other.default_value().SerializeAsString())
            << name << ' ' << attr.name();
      }
    }
  }
}

TEST(OpDeclaration, EveryKindOfDefault) {
  const proto::OpDef op = defined({"Op",
                                   {},
                                   {},
                                   {"a: int = -3", "b: float = 0.5", "c: string = 'it, (is)'", "d: bool = true",
                                    "e: type = float32", "f: shape = { dim { size: 2 } }", "g: list(float) = [1, 2.5]",
                                    "h: list(string) = []", "i: list(type) = [DT_INT8, DT_HALF]", "j: func = 'body'",
                                    "k: tensor = { dtype: DT_INT32 int_val: 7 }", "l:list( {int8,half} )>=2"}});
  EXPECT_EQ(op.attr(0).default_value().i(), -3);
  EXPECT_EQ(op.attr(1).default_value().f(), 0.5F);
  EXPECT_EQ(op.attr(2).default_value().s(), "it, (is)");
  EXPECT_TRUE(op.attr(3).default_value().b());
  EXPECT_EQ(op.attr(4).default_value().type(), proto::DT_FLOAT);
  EXPECT_EQ(op.attr(5).default_value().shape().dim(0).size(), 2);
  EXPECT_EQ(op.attr(6).default_value().list().f(1), 2.5F);
  EXPECT_TRUE(op.attr(7).default_value().has_list());
  EXPECT_EQ(op.attr(8).default_value().list().type(1), proto::DT_HALF);
  EXPECT_EQ(op.attr(9).default_value().func().name(), "body");
  EXPECT_EQ(op.attr(10).default_value().tensor().int_val(0), 7);
  EXPECT_EQ(op.attr(11).type(), "list(type)");
  EXPECT_FALSE(op.attr(11).has_default_value());
}

struct Wrong {
  OpDeclaration declaration;
  Part part;
  std::string what, next;
};

TEST(OpDeclaration, WhatIsWrongIsTold) {
  const Wrong kWrong[] = {
      {{"Op", {"x: T"}, {}, {}}, Part::kInput, "'x: T': 'T' is no element type and no attribute", "`T: type`"},
      {{"Op", {"x: flaot32"}, {}, {}}, Part::kInput, "'flaot32' is no element type", "did you mean 'float32'"},
      {{"Op", {"x"}, {}, {}}, Part::kInput, "does not begin with a name and ':'", "`name: type`"},
      {{"Op", {"x: float y"}, {}, {}}, Part::kInput, "'y' is too much", "`name: type`"},
      {{"Op", {"x: float", "x: int32"}, {}, {}}, Part::kInput, "there is already an argument 'x'", "another name"},
      {{"Op", {"x: Ref(float"}, {}, {}}, Part::kInput, "there is no ')'", "`name: type`"},
      {{"Op", {}, {"y: N * float"}, {}}, Part::kOutput, "'N' is no int attribute", "`N: int >= 1`"},
      {{"Op", {}, {"y: N"}, {"N: int"}}, Part::kOutput, "the attribute 'N' is int, not a type", "`name: type`"},
      {{"Op", {}, {}, {"n: integer"}}, Part::kAttr, "there is no kind of attributes 'integer'", "`name: kind`"},
      {{"Op", {}, {}, {"n: flot"}}, Part::kAttr, "there is no kind of attributes 'flot'", "did you mean 'float'"},
      {{"Op", {}, {}, {"n: int = 1.5"}}, Part::kAttr, "'1.5' is no int", "`name: kind`"},
      {{"Op", {}, {}, {"n: int = 1 f: 2"}}, Part::kAttr, "is no int", "`name: kind`"},
      {{"Op", {}, {}, {"n: float >= 1"}}, Part::kAttr, "only an int and a list", "`name: kind`"},
      {{"Op", {}, {}, {"n: int >= one"}}, Part::kAttr, "no number behind '>='", "`name: kind`"},
      {{"Op", {}, {}, {"n: {float, 'a'}"}}, Part::kAttr, "types and strings are mixed", "`name: kind`"},
      {{"Op", {}, {}, {"n: {float, int32"}}, Part::kAttr, "there is no '}'", "`name: kind`"},
      {{"Op", {}, {}, {"n: list(list(int))"}}, Part::kAttr, "no kind of attributes 'list'", "`name: kind`"},
      {{"Op", {}, {}, {"n: int", "n: int"}}, Part::kAttr, "there is already an attribute 'n'", "leave one out"},
      {{"Op", {}, {}, {"n: type = DT_INVALID"}}, Part::kAttr, "'DT_INVALID' is no element type", "`name: kind`"},
  };
  for (const Wrong& wrong : kWrong) {
    const DeclarationFault fault = fault_of(wrong.declaration);
    EXPECT_EQ(fault.part, wrong.part) << fault.what;
    EXPECT_THAT(fault.what, HasSubstr(wrong.what));
    EXPECT_THAT(fault.next, HasSubstr(wrong.next)) << fault.what;
  }
}

TEST(OpDeclaration, TheSameTextGivesTheSameBytes) {
  const OpDeclaration declaration{"Op", {"x: T"}, {"y: T"}, {"T: type", "f: func = 'g'"}};
  EXPECT_EQ(*define(declaration), *define(declaration));
  EXPECT_EQ(text_of(declaration), "Op(x: T) -> (y: T); T: type, f: func = 'g'");
}

TEST(OpDeclaration, AListInOneText) {
  EXPECT_THAT(split_texts(""), IsEmpty());
  EXPECT_THAT(split_texts("  "), IsEmpty());
  EXPECT_THAT(split_texts("x: T"), ElementsAre("x: T"));
  EXPECT_THAT(split_texts(" T: {float, double} = DT_FLOAT , s: string = 'a, (b' , n: list(int) = [1, 2]"),
              ElementsAre("T: {float, double} = DT_FLOAT", "s: string = 'a, (b'", "n: list(int) = [1, 2]"));
  EXPECT_THAT(split_texts("a, "), ElementsAre("a", ""));
}

TEST(OpDeclaration, BecomesAnOpOfATable) {
  const auto definition = define({"Cube", {"x: T"}, {"y: T"}, {"T: {float, double}"}});
  ASSERT_TRUE(definition.has_value());
  const std::string list = op_list_of({*definition});
  OpTable table;
  ASSERT_TRUE(table.add(std::as_bytes(std::span(list))));
  ASSERT_NE(table.find("Cube"), nullptr);
  EXPECT_EQ(table.find("Cube")->output_arg(0).type_attr(), "T");
}

}  // namespace
}  // namespace flowport::tf
