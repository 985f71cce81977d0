// The sections other than `ops`.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "loading.h"

namespace flowport::config {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(Config, Plugins) {
  const Case c(
      "flowport: 1\n"
      "plugins:\n"
      "  - file: lib/flowport_text.so\n"
      "    config: { vocab: wordpiece, depth: 3 }\n"
      "  - file: /opt/flowport_other.so\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& plugins = c.loaded.config.plugins;
  ASSERT_EQ(plugins.size(), 2u);
  EXPECT_EQ(plugins[0].file, std::filesystem::path("folder/lib/flowport_text.so"));
  EXPECT_THAT(plugins[0].options, ElementsAre(Pair("depth", "3"), Pair("vocab", "wordpiece")));
  EXPECT_EQ(plugins[0].source, "f.yaml:3:5");
  EXPECT_EQ(plugins[1].file, std::filesystem::path("/opt/flowport_other.so"));
}

TEST(Config, Defaults) {
  const Case c("flowport: 1\ndefaults:\n  opset: 18\n  shape: [\"x=1,2\", \"y=3\"]\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& defaults = c.loaded.config.defaults;
  ASSERT_EQ(defaults.size(), 2u);
  EXPECT_EQ(defaults[0].flag, "opset");
  EXPECT_THAT(defaults[0].values, ElementsAre("18"));
  EXPECT_THAT(defaults[1].values, ElementsAre("x=1,2", "y=3"));
  EXPECT_EQ(defaults[1].source, "f.yaml:4:3");
}

TEST(Config, PinsReachTheRegistry) {
  const Case c("flowport: 1\nuse:\n  Softmax: org.flowport.nn\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const Problems pins = c.registry.check_pins();
  ASSERT_EQ(pins.size(), 1u);
  EXPECT_EQ(pins[0].where, "f.yaml:3:3");
}

TEST(Config, Targets) {
  const Case c(
      "flowport: 1\n"
      "targets:\n"
      "  base: { opsets: { ai.onnx: 17, com.me: 2 }, ir: 8, doc: a device }\n"
      "  small:\n"
      "    parent: base\n"
      "    deny:\n"
      "      - { op: Conv, types: [double, int64], opset: [13, 17], reason: no kernel }\n"
      "      - { op: Loop, reason: no control flow }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto target = c.registry.target("small");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->opset(), 17);
  EXPECT_EQ(target->opset("com.me"), 2);
  EXPECT_EQ(target->ir_version, 8u);
  ASSERT_EQ(target->denials.size(), 2u);
  EXPECT_EQ(target->denials[0].op, "Conv");
  EXPECT_EQ(target->denials[0].dtypes, (1u << 11) | (1u << 7));
  EXPECT_EQ(target->denials[0].reason, "no kernel");
  EXPECT_EQ(target->denials[1].op, "Loop");
  EXPECT_EQ(target->denials[1].dtypes, 0u);
}

TEST(Config, NodeRules) {
  const Case c(
      "flowport: 1\n"
      "nodes:\n"
      "  - { name: \"encoder/*\", function: \"*loop*\", use: org.me, config: { exact: true }, optional: true }\n"
      "  - { op: Abs, name: a, body: \"y = Neg(x)\", opset: 18 }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto& rules = c.registry.node_rules();
  ASSERT_EQ(rules.size(), 2u);
  EXPECT_EQ(rules[0].name, "encoder/*");
  EXPECT_EQ(rules[0].function, "*loop*");
  EXPECT_EQ(rules[0].use, "org.me");
  EXPECT_THAT(rules[0].options, ElementsAre(Pair("exact", "true")));
  EXPECT_TRUE(rules[0].optional);
  EXPECT_FALSE(rules[0].mapping.has_value());
  ASSERT_TRUE(rules[1].mapping.has_value());
  EXPECT_EQ(rules[1].mapping->opset_min, 18);
  EXPECT_EQ(rules[1].mapping->owner->id, "f.yaml");
  EXPECT_EQ(rules[1].mapping->mapping->get()->body[0].op, "Neg");
  EXPECT_EQ(rules[1].source, "f.yaml:4:5");
  EXPECT_THAT(c.registry.ops(), IsEmpty());
  const Problems pins = c.registry.check_pins();
  ASSERT_EQ(pins.size(), 1u);
  EXPECT_EQ(pins[0].where + " " + pins[0].what,
            "f.yaml:3:5 nodes are to be converted by 'org.me', which is not loaded");
}

TEST(Config, SettingsTellWhereEachValueStands) {
  const Case c(
      "flowport: 1\n"
      "plugins:\n"
      "  - file: a.so\n"
      "use: { Abs: x }\n"
      "ops:\n"
      "  Rsqrt:\n"
      "    body: |\n"
      "      y = Reciprocal(Sqrt(x))\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  std::vector<std::string> lines;
  for (const Setting& s : c.loaded.config.settings) lines.push_back(s.key + " = " + s.value + " @" + s.source);
  EXPECT_THAT(lines, ElementsAre("plugins[0] = {file: a.so} @f.yaml:3", "use.Abs = x @f.yaml:4",
                                 "ops.Rsqrt = {body: \"y = Reciprocal(Sqrt(x))\\n\"} @f.yaml:6"));
}

TEST(Config, NothingOfAFileWithProblemsIsTaken) {
  const Case c(
      "flowport: 1\n"
      "targets:\n"
      "  base: { opsets: { ai.onnx: 17 }, ir: 8 }\n"
      "use: { Abs: x }\n"
      "ops:\n"
      "  Abs: Abs\n"
      "  Neg: Negative\n");
  EXPECT_THAT(c.problems(), ElementsAre("7:8: ONNX has no op 'Negative'"));
  EXPECT_THAT(c.registry.ops(), IsEmpty());
  EXPECT_THAT(c.registry.target_ids(), IsEmpty());
  EXPECT_THAT(c.registry.check_pins(), IsEmpty());
}

TEST(Config, CommentsQuotesAndWindowsLineEndsAreYaml) {
  const Case c("# a file\r\nflowport: 1  # form\r\n\"use\":\r\n  'Abs': \"x\"\r\n");
  EXPECT_THAT(c.problems(), IsEmpty());
}

TEST(Config, LimitsOfATarget) {
  const Case c(
      "flowport: 1\n"
      "targets:\n"
      "  small:\n"
      "    ir: 8\n"
      "    opsets: { ai.onnx: 17 }\n"
      "    control_flow: false\n"
      "    dynamic_shapes: false\n"
      "    max_rank: 6\n"
      "    source: a paper\n"
      "    allow:\n"
      "      - { op: [Conv, Relu], types: [float] }\n"
      "      - { op: Loop }\n"
      "    deny:\n"
      "      - { op: [Sin, Cos], reason: no }\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  const auto target = c.registry.target("small");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->max_rank, 6u);
  EXPECT_TRUE(target->static_shapes);
  EXPECT_EQ(target->source, "a paper");
  ASSERT_EQ(target->allowed.size(), 3u);
  EXPECT_EQ(target->denial("", "Conv"), nullptr);
  EXPECT_EQ(target->denial("", "Loop")->reason, "it has no control flow");
  EXPECT_NE(target->denial("", "Gather"), nullptr);
}

TEST(Config, WrongLimitsOfATarget) {
  const Case c(
      "flowport: 1\n"
      "targets:\n"
      "  small:\n"
      "    parent: onnx-21\n"
      "    control_flow: 1\n"
      "    max_rank: 0\n"
      "    allow:\n"
      "      - { types: [float] }\n"
      "      - { op: [] }\n");
  EXPECT_EQ(c.problems().size(), 4u);
}

}  // namespace
}  // namespace flowport::config
