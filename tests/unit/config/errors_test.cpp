// Each kind of mistake in a file, and the place that is told for it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.h"

namespace flowport::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

/// "place: what (next)" of the only problem of `text`.
std::string only(const std::string& text) {
  const Case c(text);
  const auto problems = c.problems();
  if (problems.size() != 1)
    return "problems: " + std::to_string(problems.size()) + " " + ::testing::PrintToString(problems);
  EXPECT_EQ(c.loaded.problems[0].fault, Fault::kPlugin);
  EXPECT_THAT(c.registry.ops(), IsEmpty());
  return problems[0] + " (" + c.loaded.problems[0].next + ")";
}

std::string only_op(const std::string& ops) { return only("flowport: 1\nops:\n" + ops); }

// ---- YAML itself

TEST(YamlErrors, Syntax) {
  EXPECT_THAT(only("flowport: 1\nops: [1, 2\n"), StartsWith("3:1: not YAML: "));
  EXPECT_THAT(only("flowport: 1\n\tops: x\n"), StartsWith("2:"));
  EXPECT_THAT(only(std::string("flowport: 1\nops:\0x\n", 20)), StartsWith("2:1: a zero byte"));
}

TEST(YamlErrors, DuplicateKey) {
  EXPECT_EQ(only("flowport: 1\nuse:\n  A: x\n  B: y\n  A: z\n"),
            "5:3: the key 'A' stands here for the second time (remove one of the two; the first is in line 3)");
}

TEST(YamlErrors, AliasesAnchorsTagsAndDocuments) {
  EXPECT_THAT(only("flowport: 1\nuse: &a {X: y}\n"), StartsWith("2:6: anchors are not supported"));
  EXPECT_THAT(only("flowport: 1\nuse: *a\n"), StartsWith("2:6: "));
  EXPECT_THAT(only("flowport: !!int 1\n"), StartsWith("1:11: the tag tag:yaml.org,2002:int is not supported"));
  EXPECT_THAT(only("flowport: 1\n---\nflowport: 1\n"), StartsWith("3:1: a second document"));
  EXPECT_THAT(only("flowport: 1\n[a, b]: c\n"), StartsWith("2:1: a key must be plain text"));
}

TEST(YamlErrors, SizeAndDepthAreBounded) {
  std::string deep = "flowport: 1\nuse: ";
  for (int i = 0; i < 40; ++i) deep += "{a: ";
  EXPECT_THAT(only(deep), HasSubstr("more than 32 levels of nesting"));
  std::string lists = "flowport: 1\nuse: ";
  for (int i = 0; i < 40; ++i) lists += "[a, ";
  EXPECT_THAT(only(lists + std::string(40, ']')), HasSubstr("more than 32 levels of nesting"));
  EXPECT_THAT(only(std::string(200'000, '[')), StartsWith("1:"));
  EXPECT_THAT(only("flowport: 1 #" + std::string(5 << 20, 'x')), StartsWith("1:1: the file has"));
  std::string many = "flowport: 1\nuse: [";
  for (int i = 0; i < 200'001; ++i) many += "a,";
  EXPECT_THAT(only(many + "]"), HasSubstr("more than 200000 values"));
}

TEST(YamlErrors, BillionLaughsIsRefusedAtTheFirstAnchor) {
  std::string text = "a: &a [x, x, x]\n";
  for (char c = 'b'; c < 'm'; ++c) {
    const std::string before(1, static_cast<char>(c - 1));
    text += std::string(1, c) + ": &" + c + " [*" + before + ", *" + before + ", *" + before + "]\n";
  }
  EXPECT_THAT(only(text), StartsWith("1:4: anchors are not supported"));
}

// ---- the file's form

TEST(FormErrors, TopLevel) {
  EXPECT_THAT(only(""), StartsWith("1:1: a configuration is a map, not nothing"));
  EXPECT_THAT(only("- a\n"), StartsWith("1:1: a configuration is a map, not a list"));
  EXPECT_THAT(only("use: {}\n"), StartsWith("1:1: a configuration needs the key 'flowport'"));
  EXPECT_EQ(only("flowport: 1\nplugin: []\n"), "2:1: a configuration has no key 'plugin' (did you mean 'plugins'?)");
  EXPECT_EQ(
      only("flowport: 2\n"),
      "1:11: 'flowport' is the version of the file's form: 1 (this file is for a newer program: update flowport)");
  EXPECT_EQ(only("flowport: one\n"), "1:11: 'flowport' is the version of the file's form: 1 (write `flowport: 1`)");
}

TEST(FormErrors, AllProblemsOfAFileInItsOrder) {
  const Case c(
      "flowport: 1\n"
      "ops:\n"
      "  Abs: { too: Abs }\n"
      "  Neg: { to: Negg }\n"
      "plugins: 3\n");
  EXPECT_THAT(c.problems(),
              ElementsAre("3:8: an entry needs either 'to' or 'body'", "3:10: an entry of an op has no key 'too'",
                          "4:14: ONNX has no op 'Negg'", "5:10: 'plugins' is a list, not text"));
}

TEST(FormErrors, WrongTypes) {
  EXPECT_THAT(only("flowport: 1\nuse: [a]\n"), StartsWith("2:6: 'use' is a map, not a list"));
  EXPECT_THAT(only("flowport: 1\nuse: {Abs: [a]}\n"), StartsWith("2:12: 'Abs' is text, not a list"));
  EXPECT_THAT(only("flowport: 1\nuse: {Abs: ''}\n"), StartsWith("2:12: 'Abs' is text, not an empty one"));
  EXPECT_THAT(only("flowport: 1\nplugins:\n  - {config: {a: 1}}\n"),
              StartsWith("3:5: an entry of 'plugins' needs the key 'file'"));
  EXPECT_THAT(only("flowport: 1\nplugins:\n  - {file: a.so, config: {a: [1]}}\n"),
              StartsWith("3:30: 'a' is text, not a list"));
  EXPECT_THAT(only("flowport: 1\ndefaults: {opsett: 21}\n"),
              StartsWith("2:12: there is no flag '--opsett' that a file may set (did you mean 'opset'?)"));
  EXPECT_THAT(only("flowport: 1\nops: {Abs: }\n"), StartsWith("2:12: an entry of an op is a map, not nothing"));
  EXPECT_THAT(only("flowport: 1\nops: {Abs: []}\n"), StartsWith("2:12: 'Abs' has no entry"));
}

TEST(FormErrors, Targets) {
  EXPECT_THAT(only("flowport: 1\ntargets:\n  t: {doc: x}\n"),
              StartsWith("3:3: the target 't' says neither its parent"));
  EXPECT_THAT(only("flowport: 1\ntargets:\n  t: {parent: p, ir: ten}\n"),
              StartsWith("3:22: 'ir' is a whole number from 3 to 1000"));
  EXPECT_THAT(only("flowport: 1\ntargets:\n  t: {parent: p, opsets: {ai.onnx: -1}}\n"),
              StartsWith("3:36: 'ai.onnx' is a whole"));
  EXPECT_THAT(only("flowport: 1\ntargets:\n  t: {parent: p, deny: [{op: Conv}]}\n"),
              StartsWith("3:25: an entry of 'deny' needs the key 'reason'"));
  EXPECT_THAT(only("flowport: 1\ntargets:\n  t: {parent: p, deny: [{types: [dubble], reason: r}]}\n"),
              StartsWith("3:34: 'dubble' is no ONNX element type (did you mean 'double'?)"));
  EXPECT_THAT(only("flowport: 1\ntargets:\n  t: {parent: p, deny: [{reason: r}]}\n"),
              StartsWith("3:25: an entry of 'deny' needs 'op'"));
}

// ---- entries of ops

TEST(EntryErrors, Form) {
  EXPECT_THAT(only_op("  Abs: { to: Abs, body: x }\n"), StartsWith("3:8: an entry has 'to' and 'body'"));
  EXPECT_THAT(only_op("  Abs: { to: Abs, atrs: {} }\n"),
              StartsWith("3:19: an entry of an op has no key 'atrs' (did you mean 'attrs'?)"));
  EXPECT_THAT(only_op("  Abs: { to: 'A b' }\n"), StartsWith("3:14: 'A b' does not name an ONNX op"));
  EXPECT_THAT(only_op("  Abs: { to: 'com..me::Abs' }\n"), StartsWith("3:14: 'com..me::Abs' does not name an ONNX op"));
  EXPECT_THAT(only_op("  Abs: { to: 'com.me::Abs@x' }\n"), StartsWith("3:14: 'version' is a whole number"));
  EXPECT_THAT(only_op("  Abs: { to: Abs, runtime: {library: l} }\n"),
              StartsWith("3:28: 'runtime' is for ops of a custom domain"));
  EXPECT_THAT(only_op("  Abs: { body: 'y = Abs(x)', set: {a: 1} }\n"),
              StartsWith("3:35: 'set' belongs to 'to', not to 'body'"));
  EXPECT_THAT(only_op("  Abs: { to: Abs, opset: [17, 13] }\n"), StartsWith("3:26: the opset range ends at 13"));
  EXPECT_THAT(only_op("  Abs: { to: Abs, opset: [13] }\n"), StartsWith("3:26: 'opset' is a lowest opset or a list"));
  EXPECT_THAT(only_op("  Abs: { to: Abs, opset: 40 }\n"), StartsWith("3:26: no target has an opset in this range"));
  EXPECT_THAT(only_op("  Abs: { to: Abs, priority: high }\n"), StartsWith("3:29: 'priority' is a whole number"));
  EXPECT_THAT(only_op("  Abs: { to: Abs, complex: part }\n"),
              StartsWith("3:28: 'complex' is pairs or parts, not 'part'"));
  EXPECT_THAT(only_op("  Abs: { to: Abs, inputs: 0 }\n"), StartsWith("3:27: 'inputs' is a list, not text"));
  EXPECT_THAT(only_op("  Abs: { to: Abs, inputs: [{}] }\n"), StartsWith("3:28: an item of 'inputs' is"));
  EXPECT_THAT(only_op("  Abs: { to: Abs, inputs: [64] }\n"),
              StartsWith("3:28: 'input' is a whole number from 0 to 63"));
}

TEST(EntryErrors, TfNames) {
  EXPECT_THAT(only_op("  LeakyRelu: { to: LeakyRelu, attrs: { alpha: alpa } }\n"),
              StartsWith("3:47: TF op 'LeakyRelu' has no attribute 'alpa' (did you mean 'alpha'?)"));
  EXPECT_THAT(only_op("  Sub: { to: Sub, inputs: [y, z0] }\n"),
              StartsWith("3:31: there is no input 'z0' (it has 2: x, y)"));
  EXPECT_THAT(only_op("  Sub: { to: Sub, inputs: [0, 2] }\n"),
              StartsWith("3:31: TF op 'Sub' has no input 2 (it has 2: x, y)"));
  EXPECT_THAT(only_op("  Split: { to: Split }\n"), StartsWith("3:3: TF op 'Split' has a list output"));
  EXPECT_THAT(only_op("  ConcatV2: { to: Concat, const_inputs: { axis: { attr: axis } } }\n"),
              StartsWith("3:43: an input of, or behind, a list argument"));
  EXPECT_THAT(only_op("  MyOp: { to: Abs, const_inputs: { 1: { attr: a } } }\n"),
              StartsWith("3:15: TF op 'MyOp' is not known"));
}

TEST(EntryErrors, TfOpWrittenInAnotherWay) {
  EXPECT_EQ(only_op("  leaky_relu: { to: LeakyRelu }\n"),
            "3:3: TensorFlow has no op 'leaky_relu' (did you mean 'LeakyRelu'?)");
  EXPECT_THAT(ops_case("  MyLeakyRelu: { to: LeakyRelu }\n").problems(), IsEmpty());
}

TEST(EntryErrors, Guards) {
  EXPECT_THAT(only_op("  Add: { to: Add, when: { U: real } }\n"), StartsWith("3:27: TF op 'Add' has no attribute 'U'"));
  EXPECT_THAT(only_op("  Add: { to: Add, when: { T: flot32 } }\n"),
              StartsWith("3:30: 'flot32' is no TF type (did you mean 'float32'"));
  EXPECT_THAT(only_op("  Add: { to: Add, when: { T: [] } }\n"),
              StartsWith("3:30: 'T' needs a value or a list of values"));
  EXPECT_THAT(only_op("  Cast: { to: Cast, attrs: {to: DstT}, when: { Truncate: no } }\n"),
              StartsWith("3:58: 'Truncate' is true or false, not 'no'"));
}

TEST(EntryErrors, OnnxAttributes) {
  EXPECT_THAT(only_op("  Softmax: { to: Softmax, set: { axes: 1 } }\n"),
              StartsWith("3:34: Softmax has no attribute 'axes' at opset 28 (did you mean 'axis'?)"));
  EXPECT_THAT(only_op("  Softmax: { to: Softmax, set: { axis: 1.5 } }\n"),
              StartsWith("3:34: the ONNX attribute 'axis' is of kind int, not float"));
  EXPECT_THAT(only_op("  LeakyRelu: { to: LeakyRelu, attrs: { alpha: T } }\n"),
              StartsWith("3:40: the ONNX attribute 'alpha' is of kind float, not int"));
  EXPECT_THAT(only_op("  Cast: { to: Cast }\n"), StartsWith("3:15: Cast needs the attribute 'to' (int)"));
  EXPECT_THAT(only_op("  Softmax: { to: Softmax, attrs: { axis: T }, set: { axis: 1 } }\n"),
              StartsWith("3:54: the ONNX attribute 'axis' is given twice"));
}

TEST(EntryErrors, Conversions) {
  EXPECT_THAT(only_op("  LeakyRelu: { to: Elu, attrs: { alpha: { from: alpha, as: number } } }\n"),
              StartsWith("3:60: 'number' is no kind of attribute (kinds: int, float"));
  EXPECT_THAT(only_op("  LeakyRelu: { to: Elu, attrs: { alpha: { from: alpha, scale: big } } }\n"),
              StartsWith("3:63: 'scale' is a number, not 'big'"));
  EXPECT_THAT(only_op("  LeakyRelu: { to: Elu, attrs: { alpha: { from: alpha, as: string } } }\n"),
              StartsWith("3:34: the TF attribute 'alpha' is float, which cannot be made string"));
  EXPECT_THAT(only_op("  LeakyRelu: { to: Elu, attrs: { alpha: { from: alpha, as: int } } }\n"),
              StartsWith("3:34: the ONNX attribute 'alpha' is of kind float, not int"));
  EXPECT_THAT(only_op("  Conv2D: { to: Conv, attrs: { auto_pad: { from: padding, scale: 2 } } }\n"),
              StartsWith("3:32: the TF attribute 'padding' is string: only numbers have 'scale'"));
  EXPECT_THAT(only_op("  Conv2D: { to: Conv, attrs: { auto_pad: { from: padding, as: strings, choices: {A: B} } } }\n"),
              StartsWith("3:81: 'choices' stand alone"));
  EXPECT_THAT(only_op("  Neg: { to: Sub, inputs: [{ value: 0, type: flot }, x] }\n"),
              StartsWith("3:46: 'flot' is no element type of numbers"));
}

TEST(EntryErrors, Drop) {
  EXPECT_THAT(only_op("  LeakyRelu: { to: LeakyRelu, drop: T }\n"),
              StartsWith("3:37: 'drop' is a list of TF attributes"));
  EXPECT_THAT(only_op("  LeakyRelu: { to: LeakyRelu, drop: [t] }\n"),
              StartsWith("3:38: TF op 'LeakyRelu' has no attribute 't'"));
  EXPECT_THAT(only_op("  LeakyRelu: { to: LeakyRelu, drop: [] }\n"),
              StartsWith("3:37: LeakyRelu has no attribute 'T' at opset 28"));
  EXPECT_THAT(
      only_op("  XlaReduce: { to: com.me::Reduce, drop: [T, dimensions_to_reduce], runtime: { library: l } }\n"),
      StartsWith("3:42: the TF attribute 'reducer' is of kind func, which no ONNX attribute has (add 'reducer'"));
  EXPECT_THAT(only_op("  LeakyRelu: { body: 'y0 = LeakyRelu(x0)', drop: [T] }\n"),
              StartsWith("3:50: 'drop' belongs to 'to', not to 'body'"));
}

// ---- entries of nodes

std::string only_node(const std::string& rule) { return only("flowport: 1\nnodes:\n  - " + rule + "\n"); }

TEST(NodeErrors, Form) {
  EXPECT_THAT(only("flowport: 1\nnodes: {}\n"), StartsWith("2:8: 'nodes' is a list, not a map"));
  EXPECT_THAT(only_node("{ use: a }"), StartsWith("3:5: an entry of 'nodes' does not say which nodes it is for"));
  EXPECT_THAT(only_node("{ name: a }"), StartsWith("3:5: an entry of 'nodes' does not say what is done"));
  EXPECT_THAT(only_node("{ name: a, uses: b, op: Abs, to: Abs }"),
              StartsWith("3:16: an entry of 'nodes' has no key 'uses' (did you mean 'use'?)"));
  EXPECT_THAT(only_node("{ name: a, to: Abs }"), StartsWith("3:5: a mapping for some nodes needs the op"));
  EXPECT_THAT(only_node("{ op: Abs, to: Abs, use: a }"),
              StartsWith("3:5: an entry of 'nodes' has 'use' and a mapping"));
  EXPECT_THAT(only_node("{ op: leaky_relu, use: a }"),
              StartsWith("3:11: TensorFlow has no op 'leaky_relu' (did you mean 'LeakyRelu'?)"));
  EXPECT_THAT(only_node("{ op: Abs, to: Abss }"), StartsWith("3:20: ONNX has no op 'Abss'"));
  EXPECT_THAT(only_node("{ op: Abs, use: a, optional: maybe }"),
              StartsWith("3:34: 'optional' is true or false, not 'maybe'"));
  EXPECT_THAT(only_node("{ op: Abs, config: [a] }"), StartsWith("3:24: 'config' is a map, not a list"));
}

TEST(EntryErrors, Overlap) {
  EXPECT_EQ(only_op("  MyOp:\n    - { to: Abs, opset: 13 }\n    - { to: Neg, opset: [15, 17] }\n"),
            "5:7: this entry and that of f.yaml:4:7 convert 'MyOp' at the same opsets (give them disjoint 'opset' "
            "ranges, a guard "
            "'when', or different 'priority')");
}

TEST(EntryErrors, OpsetThatTheOpsDoNotHave) {
  EXPECT_EQ(only_op("  MyOp: { to: Gelu, opset: 13 }\n"),
            "3:15: ONNX has no op 'Gelu' at opset 13 (it is there from opset 20 on)");
  EXPECT_THAT(only_op("  MyOp: { body: 'y = ReduceMax <axes = [1]> (x0)', opset: [13, 21] }\n"),
              StartsWith("3:33: ReduceMax has no attribute 'axes' at opset 18"));
}

// ---- bodies

TEST(BodyErrors, PlaceInABlock) {
  EXPECT_THAT(only_op("  Rsqrt:\n"
                      "    body: |\n"
                      "      # first the root\n"
                      "      r = Sqrt(x)\n"
                      "\n"
                      "      y = Reciproca(r)\n"),
              StartsWith("8:11: ONNX has no op 'Reciproca'"));
}

TEST(BodyErrors, PlaceInQuotesAndPlain) {
  EXPECT_THAT(only_op("  Rsqrt: { body: \"y = Reciprocal(Sqrt(xx))\" }\n"), StartsWith("3:39: there is no value 'xx'"));
  EXPECT_THAT(only_op("  Rsqrt:\n    body: y = Reciprocal(Sqrt(xx))\n"), StartsWith("4:31: there is no value 'xx'"));
  // Where text is folded or escaped, only the beginning of the value is known.
  EXPECT_THAT(only_op("  Rsqrt:\n    body: >\n      y = Reciprocal(Sqrt(xx))\n"),
              StartsWith("4:11: there is no value 'xx'"));
}

TEST(BodyErrors, EveryLineWithAnErrorIsTold) {
  const Case c = ops_case(
      "  Rsqrt:\n"
      "    body: |\n"
      "      r = Sqrt(x\n"
      "      s = = Sqrt(x)\n"
      "      y = Reciprocal(r)\n");
  EXPECT_THAT(c.problems(), ElementsAre("5:17: expected ')' after the inputs of Sqrt, found the end of the line",
                                        "6:11: expected an op, found '='"));
}

TEST(BodyErrors, ReadingGoesOnBehindAStatementThatBeginsWrong) {
  const Case c = ops_case(
      "  Rsqrt:\n"
      "    body: |\n"
      "      r = Sqrt(x)\n"
      "      ) = Sqrt(x)\n"
      "      y = Reciprocal(r\n");
  EXPECT_THAT(c.problems(),
              ElementsAre("6:7: expected the name of an output, found ')'",
                          "7:23: expected ')' after the inputs of Reciprocal, found the end of the line"));
}

struct BodyCase {
  const char* body;
  const char* problem;
};

class BodyErrors : public ::testing::TestWithParam<BodyCase> {};

TEST_P(BodyErrors, AreTold) {
  // The text of the body starts in column 18.
  EXPECT_THAT(only_op("  MyOp: { body: '" + std::string(GetParam().body) + "' }\n"), StartsWith(GetParam().problem));
}

INSTANTIATE_TEST_SUITE_P(
    All, BodyErrors,
    ::testing::Values(
        BodyCase{"# nothing", "3:18: the body is empty"},
        BodyCase{"y Abs(x0)", "3:20: expected '=' after the outputs of a statement, found 'A'"},
        BodyCase{"y = ", "3:22: expected an op, found the end of the body"},
        BodyCase{"y = Abs x0", "3:26: expected '(' before the inputs of Abs, found 'x'"},
        BodyCase{"y = Abs(x0", "3:28: expected ')' after the inputs of Abs, found the end of the body"},
        BodyCase{"y = Abs(x0) <axis>", "3:35: expected '=' after the attribute"},
        BodyCase{"y = Abs <axis = ?> (x0)", "3:34: expected a value of"},
        BodyCase{"y = Softmax <axis = 1, axis = 2> (x0)", "3:41: the attribute 'axis' is given twice"},
        BodyCase{"y = Softmax <axis: integer = 1> (x0)", "3:31: 'integer' is no kind of attribute"},
        BodyCase{"y = Softmax <axis: float = 1> (x0)", "3:31: the ONNX attribute 'axis' is of kind int, not float"},
        BodyCase{"y = Add(x0, \"a)", "3:30: the text has no closing quote"},
        BodyCase{"y = Add(x0, 1x)", "3:30: expected a number, found a letter in it"},
        BodyCase{"y = Add(x0, 1e999)", "3:30: the number is out of range"},
        BodyCase{"y = Add(x0, [1, \"a\"])", "3:30: a list holds either numbers or texts"},
        BodyCase{"y = Add(x0, [1, x0])", "3:34: a list holds numbers or texts"},
        BodyCase{"y = ConstantOfShape <value = float[2] {1}> (x0)",
                 "3:58: expected ',' between the elements of a tensor"},
        BodyCase{"y = ConstantOfShape <value = uint8[1] {300}> (x0)", "3:57: expected an element of type uint8"},
        BodyCase{"y = ConstantOfShape <value = float[9999] {1}> (x0)",
                 "3:53: a tensor in a body has at most 4096 elements"},
        BodyCase{"y = Add(x0, q)", "3:30: there is no value 'q'"},
        BodyCase{"z = Add(x0, 1)", "3:17: the output 'y' is given no value"},
        BodyCase{"y = Abs(x0) z = Add(x0, 1)", "3:30: 'z' is never used"},
        BodyCase{"x0 = Abs(x1)", "3:18: 'x0' is an input of TF op 'MyOp'"},
        BodyCase{"y = Abs(x0) y = Abs(x0)", "3:30: 'y' is given a second value"},
        BodyCase{"y = Abs(x0, x1)", "3:22: Abs takes 1 inputs, not 2"},
        BodyCase{"y = Where(x0, , x1)", "3:22: input 1 of Where cannot be left out"},
        BodyCase{"y, z = Abs(x0)", "3:25: Abs has 1 outputs, not 2"},
        BodyCase{"y = Absolute(x0)", "3:22: ONNX has no op 'Absolute'"},
        BodyCase{"y = Gather(x0, \"a\")", "3:33: the literal has a type that the op does not take here"}));

TEST(BodyErrors, MissingOutputOfAKnownOp) {
  EXPECT_THAT(only_op("  TopKV2: { body: 'values, i = TopK(input, Reshape(k, [1]))' }\n"),
              StartsWith("3:19: the output 'indices' is given no value"));
}

TEST(BodyErrors, TfAttributes) {
  EXPECT_THAT(only_op("  LeakyRelu: { body: 'activations = LeakyRelu <alpha = @alfa> (features)' }\n"),
              StartsWith("3:48: TF op 'LeakyRelu' has no attribute 'alfa'"));
  EXPECT_THAT(only_op("  LeakyRelu: { body: 'activations = LeakyRelu <alpha: int = @alpha> (features)' }\n"),
              StartsWith("3:48: the TF attribute 'alpha' gives float, not int"));
  EXPECT_THAT(only_op("  XlaReduce: { body: 'output = Identity(@reducer)' }\n"),
              StartsWith("3:41: the TF attribute 'reducer' is of kind func, which is no constant"));
}

TEST(BodyErrors, DepthAndSizeAreBounded) {
  std::string nested;
  for (int i = 0; i < 20; ++i) nested += "Abs(";
  EXPECT_THAT(only_op("  MyOp: { body: 'y = " + nested + "' }\n"), HasSubstr("calls are nested more than 16 deep"));
  EXPECT_THAT(only_op("  MyOp: { body: '" + std::string(20000, 'a') + "' }\n"),
              HasSubstr("a body has at most 16384 bytes"));
}

TEST(FileErrors, MissingFile) {
  registry::Registry registry;
  const Loaded loaded = load_config("no/such/file.yaml", registry);
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_EQ(loaded.problems[0].fault, Fault::kPlugin);
  EXPECT_THAT(loaded.problems[0].where, HasSubstr("no/such/file.yaml"));
}

}  // namespace
}  // namespace flowport::config
