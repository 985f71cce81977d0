// The sections other than `ops`.
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/flow_text.h"
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
      "use: { Abs: 'x, y' }\n"
      "ops:\n"
      "  Rsqrt:\n"
      "    body: |\n"
      "      y = Reciprocal(Sqrt(x))\n");
  ASSERT_THAT(c.problems(), IsEmpty());
  std::vector<std::string> lines;
  for (const Setting& s : c.loaded.config.settings)
    lines.push_back(s.section + " " + s.key + " = " + to_flow_text(s.value) + " @" + s.source);
  const auto plugin = std::filesystem::absolute("folder/a.so").string();
  EXPECT_THAT(lines, ElementsAre("plugins  = {file: " + plugin + "} @f.yaml:3", "use Abs = \"x, y\" @f.yaml:4",
                                 "ops Rsqrt = {body: \"y = Reciprocal(Sqrt(x))\\n\"} @f.yaml:6"));
}

TEST(Config, FlowTextIsReadAsWhatItWasMadeFrom) {
  const std::vector<std::string> texts = {"plain", "a: b",           "x, y",       "# no comment", "[1]",     "\"",
                                          "it's",  "a\\b",           "two\nlines", "tab\there",    "-",       "null",
                                          "~",     "com.me::Blur@2", "1.5",        "true",         "\xc3\xa4"};
  for (const std::string& text : texts) {
    for (const bool is_plain : {true, false}) {
      YamlNode scalar;
      scalar.kind = YamlNode::Kind::kScalar;
      scalar.text = text;
      scalar.is_plain = is_plain;
      YamlNode list;
      list.kind = YamlNode::Kind::kList;
      list.items = {scalar, scalar};
      const Source source("f.yaml", to_flow_text(list));
      Problems problems;
      const YamlNode read = parse_yaml(source, problems);
      ASSERT_THAT(problems, IsEmpty()) << source.text();
      ASSERT_EQ(read.items.size(), 2u) << source.text();
      EXPECT_EQ(read.items[1].text, text);
      EXPECT_TRUE(is_plain || !read.items[1].is_plain) << text;
    }
  }
}

// ---- mapping files of plugins

struct PluginFile {
  explicit PluginFile(const std::string& text)
      : path(std::filesystem::path(::testing::TempDir()) /
             (std::string("flowport_") + ::testing::UnitTest::GetInstance()->current_test_info()->name() + ".yaml")) {
    std::ofstream(path) << text;
    owner = registry.add_owner({"org.me", "1.0", "flowport_me.so", registry::Layer::kUserPlugin, {}});
    loaded = load_plugin_mappings(path, *owner, registry);
  }
  ~PluginFile() { std::filesystem::remove(path); }
  std::filesystem::path path;
  registry::Registry registry;
  const registry::Owner* owner = nullptr;
  Loaded loaded;
};

TEST(PluginMappings, AreThePluginsRows) {
  const PluginFile file("flowport: 1\nops:\n  MyAbs: Abs\n  MyBlur: { to: com.me::Blur, runtime: { library: l } }\n");
  ASSERT_THAT(file.loaded.problems, IsEmpty());
  const auto& rows = file.registry.rows("MyAbs");
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0]->owner, file.owner);
  EXPECT_EQ(rows[0]->layer(), registry::Layer::kUserPlugin);
  EXPECT_EQ(rows[0]->source, file.path.string() + ":3:3");
  const auto* schema = file.registry.schema("com.me", "Blur", 1);
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(schema->owner, file.owner);
  EXPECT_EQ(file.registry.owners().size(), 1u);
}

TEST(PluginMappings, SayNothingThatIsTheUsers) {
  for (const char* section : {"plugins: []", "defaults: {}", "use: {}", "targets: {}", "nodes: []"}) {
    const PluginFile file("flowport: 1\n" + std::string(section) + "\n");
    ASSERT_EQ(file.loaded.problems.size(), 1u) << section;
    EXPECT_EQ(file.loaded.problems[0].where, file.path.string() + ":2:1");
    EXPECT_THAT(file.loaded.problems[0].what, ::testing::StartsWith("the mapping file of a plugin has no key"));
  }
}

TEST(PluginMappings, MustNotOverlapWithThePluginsCode) {
  PluginFile file("flowport: 1\n");
  registry::Row row;
  row.tf_op = "MyAbs";
  row.id = "MyAbs";
  row.owner = file.owner;
  ASSERT_TRUE(file.registry.add_row(row).has_value());
  std::ofstream(file.path) << "flowport: 1\nops: { MyAbs: Abs }\n";
  const Loaded again = load_plugin_mappings(file.path, *file.owner, file.registry);
  ASSERT_EQ(again.problems.size(), 1u);
  EXPECT_THAT(again.problems[0].what, ::testing::HasSubstr("two rows for TF op 'MyAbs' that overlap"));
}

TEST(PluginMappings, LieBesideThePlugin) {
  EXPECT_EQ(mapping_file_of("/lib/flowport_text.so"), std::filesystem::path("/lib/flowport_text.yaml"));
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
