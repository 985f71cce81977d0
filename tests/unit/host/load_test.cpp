#include <cstdlib>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scratch.h"

namespace flowport::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

registry::Target target_of(int opset) {
  registry::Target target;
  target.id = "test";
  target.domains[""] = opset;
  return target;
}

TEST(Load, EveryTableIsRegistered) {
  registry::Registry registry;
  const LoadResult result = load_plugins(only({fixture("good")}), {}, registry);
  ASSERT_THAT(result.problems, IsEmpty());
  ASSERT_EQ(result.plugins.size(), 1U);
  const PluginRecord& record = result.plugins[0];
  EXPECT_TRUE(record.is_active());
  EXPECT_EQ(record.id, "fixture.good");
  EXPECT_EQ(record.version, "1.0.0");
  EXPECT_EQ(record.license, "Apache-2.0");
  EXPECT_EQ(record.layer, registry::Layer::kUserPlugin);
  EXPECT_THAT(record.ops, ElementsAre("FixtureOp", "OtherFixtureOp"));

  EXPECT_THAT(registry.ops(), ElementsAre("FixtureOp", "OtherFixtureOp"));
  const auto old_row = registry.resolve("FixtureOp", target_of(17));
  ASSERT_TRUE(old_row.has_value());
  ASSERT_EQ(old_row->size(), 1U);
  EXPECT_EQ((*old_row)[0]->id, "old");
  EXPECT_EQ((*old_row)[0]->source, "good.c:9");
  const auto new_row = registry.resolve("FixtureOp", target_of(18));
  ASSERT_TRUE(new_row.has_value());
  ASSERT_EQ(new_row->size(), 1U);
  const registry::Row& row = *(*new_row)[0];
  EXPECT_EQ(row.id, "new");
  EXPECT_EQ(row.domain, "");
  EXPECT_EQ(row.opset_max, 0);
  EXPECT_EQ(row.priority, 3);
  EXPECT_EQ(row.complex, registry::Complex::kParts);
  EXPECT_EQ((*old_row)[0]->complex, registry::Complex::kNone);
  EXPECT_EQ(row.const_inputs, 5U);
  EXPECT_EQ(row.doc, "Declines.");
  EXPECT_EQ(row.owner->id, "fixture.good");
  EXPECT_EQ(row.handler.convert(&kBareHost, nullptr, row.handler.state), FLOWPORT_DECLINED);
  EXPECT_EQ(registry.rows("OtherFixtureOp")[0]->id, "OtherFixtureOp");

  const auto target = registry.target("fixture-19");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->ir_version, 9U);
  EXPECT_EQ(target->opset("com.example"), 2);
  EXPECT_NE(target->denial("", "Max", "T", true, ir::DType::kInt8), nullptr);
  EXPECT_EQ(target->denial("", "Max", "T", true, ir::DType::kInt32), nullptr);
  EXPECT_EQ(target->max_rank, 0U);
  const auto listed = registry.target("fixture-listed");
  ASSERT_TRUE(listed.has_value());
  EXPECT_EQ(listed->max_rank, 6U);
  EXPECT_TRUE(listed->static_shapes);
  EXPECT_EQ(listed->denial("", "Relu"), nullptr);
  EXPECT_NE(listed->denial("", "Relu", "T", true, ir::DType::kDouble), nullptr);
  EXPECT_NE(listed->denial("", "Split"), nullptr);
  EXPECT_NE(listed->denial("", "Max"), nullptr);

  const registry::CustomSchema* schema = registry.schema("com.example", "Blur", 2);
  ASSERT_NE(schema, nullptr);
  EXPECT_EQ(schema->max_inputs, 2U);
  ASSERT_EQ(schema->attrs.size(), 1U);
  EXPECT_EQ(schema->attrs[0].name, "sigma");
  EXPECT_TRUE(schema->attrs[0].required);
  EXPECT_EQ(schema->library, "libblur.so");
}

TEST(Load, InitHasAHostOfItsOwn) {
  registry::Registry registry;
  const LoadResult result = load_plugins(only({fixture("init_asks")}), {}, registry);
  ASSERT_EQ(result.plugins.size(), 1U);
  EXPECT_TRUE(result.plugins[0].is_active()) << result.plugins[0].reason;
}

TEST(Load, TargetOfAnOlderMinorHasNoLimitsOfANewerOne) {
  registry::Registry registry;
  const LoadResult result = load_plugins(only({fixture("target_of_1_1")}), {}, registry);
  ASSERT_THAT(result.problems, IsEmpty());
  const auto target = registry.target("fixture-1.1");
  ASSERT_TRUE(target.has_value());
  EXPECT_EQ(target->max_rank, 0U);
  EXPECT_FALSE(target->static_shapes);
}

TEST(Load, OptionsReachInitAndShutdownRuns) {
  const Scratch scratch;
  registry::Registry registry;
  LoadOptions options = only({});
  options.configured.push_back({fixture("good"), {{"log", (scratch / "log").string()}}, "my.yaml:3"});
  const LoadResult result = load_plugins(options, {}, registry);
  ASSERT_THAT(result.problems, IsEmpty());
  EXPECT_EQ(result.plugins[0].found_through, "my.yaml:3");
  EXPECT_FALSE(std::filesystem::exists(scratch / "log"));
  shut_down();
  EXPECT_EQ(content_of(scratch / "log"), "fixture.good\n");
  shut_down();
  EXPECT_EQ(content_of(scratch / "log"), "fixture.good\n");
}

TEST(Load, SameFileTwice) {
  const Scratch scratch;
  std::filesystem::create_symlink(fixture("plain_a"), scratch / "flowport_link.so");
  registry::Registry registry;
  const LoadResult result = load_plugins(only({fixture("plain_a"), scratch / "flowport_link.so"}), {}, registry);
  EXPECT_THAT(result.problems, IsEmpty());
  ASSERT_EQ(result.plugins.size(), 2U);
  EXPECT_TRUE(result.plugins[0].is_active());
  EXPECT_EQ(result.plugins[1].shadowed_by, fixture("plain_a").string());
  EXPECT_EQ(result.plugins[1].id, "fixture.plain_a");
  EXPECT_EQ(registry.rows("FixtureOp").size(), 1U);
}

TEST(Load, NamedPluginGoesBeforeTheInstalledOneOfItsId) {
  const Scratch scratch;
  copy_fixture("good", scratch / "builtin/flowport_good.so");
  registry::Registry registry;
  Installation installation;
  installation.builtin_plugins = scratch / "builtin";
  const LoadResult result = load_plugins(only({fixture("good_again")}), installation, registry);
  EXPECT_THAT(result.problems, IsEmpty());
  ASSERT_EQ(result.plugins.size(), 2U);
  EXPECT_TRUE(result.plugins[0].is_active());
  EXPECT_FALSE(result.plugins[1].is_active());
  EXPECT_EQ(result.plugins[1].shadowed_by, fixture("good_again").string());
  EXPECT_EQ(registry.rows("OtherFixtureOp").size(), 0U);
}

TEST(Load, Disabled) {
  const Scratch scratch;
  copy_fixture("plain_a", scratch / "builtin/flowport_a.so");
  copy_fixture("good", scratch / "builtin/flowport_good.so");
  registry::Registry registry;
  Installation installation;
  installation.builtin_plugins = scratch / "builtin";
  LoadOptions options = only({});
  options.disabled = {"fixture.g*"};
  const LoadResult result = load_plugins(options, installation, registry);
  EXPECT_THAT(result.problems, IsEmpty());
  ASSERT_EQ(result.plugins.size(), 2U);
  EXPECT_TRUE(result.plugins[0].is_active());
  EXPECT_EQ(result.plugins[1].reason, "disabled by 'fixture.g*'");
  EXPECT_THAT(registry.no_handler("OtherFixtureOp", target_of(21)).what, HasSubstr("disabled by 'fixture.g*'"));
}

TEST(Load, EnabledIsWhatDisabledLeavesOut) {
  const Scratch scratch;
  copy_fixture("plain_a", scratch / "contrib/flowport_a.so");
  copy_fixture("plain_b", scratch / "contrib/flowport_b.so");
  registry::Registry registry;
  Installation installation;
  installation.contrib_plugins = scratch / "contrib";
  LoadOptions options = only({});
  options.disabled = {"*"};
  options.enabled = {"fixture.*_b"};
  const LoadResult result = load_plugins(options, installation, registry);
  EXPECT_THAT(result.problems, IsEmpty());
  ASSERT_EQ(result.plugins.size(), 2U);
  EXPECT_EQ(result.plugins[0].reason, "disabled by '*'");
  EXPECT_THAT(result.plugins[0].next, HasSubstr("--enable fixture.plain_a"));
  EXPECT_TRUE(result.plugins[1].is_active());
}

TEST(Load, GlobsThatFitNothing) {
  registry::Registry registry;
  LoadOptions options = only({fixture("plain_a")});
  options.disabled = {"fixture.plain_b"};
  options.enabled = {"org.*"};
  const LoadResult result = load_plugins(options, {}, registry);
  ASSERT_EQ(result.problems.size(), 2U);
  EXPECT_EQ(result.problems[0].fault, Fault::kUsage);
  EXPECT_EQ(result.problems[0].what, "--disable 'fixture.plain_b' fits no plugin that was found");
  EXPECT_THAT(result.problems[0].next, HasSubstr("fixture.plain_a"));
  EXPECT_THAT(result.problems[1].what, HasSubstr("--enable 'org.*'"));
}

TEST(Load, FoldersWithoutPlugins) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "empty");
  registry::Registry registry;
  LoadOptions options = only({});
  options.folders = {scratch / "empty"};
  const LoadResult result = load_plugins(options, {}, registry);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_THAT(result.problems[0].what, HasSubstr("no file in it is called flowport_*.so"));
  EXPECT_THAT(result.problems[0].where, HasSubstr("--plugin-dir"));
}

TEST(Load, OneFaultDoesNotKeepTheOthersOut) {
  const Scratch scratch;
  copy_fixture("null_convert", scratch / "contrib/flowport_a.so");
  copy_fixture("plain_b", scratch / "contrib/flowport_b.so");
  write_content(scratch / "contrib/flowport_c.so", "not a plugin");
  registry::Registry registry;
  Installation installation;
  installation.contrib_plugins = scratch / "contrib";
  const LoadResult result = load_plugins(only({}), installation, registry);
  EXPECT_THAT(result.problems, IsEmpty()) << "files merely found are warnings";
  ASSERT_EQ(result.warnings.size(), 2U);
  EXPECT_THAT(result.warnings[0].what, HasSubstr("plugin 'fixture.null_convert' was not loaded"));
  EXPECT_THAT(result.warnings[1].what, HasSubstr("plugin 'flowport_c.so' was not loaded"));
  ASSERT_EQ(result.plugins.size(), 3U);
  EXPECT_EQ(result.plugins[0].rule, "P-019");
  EXPECT_TRUE(result.plugins[1].is_active());
  EXPECT_EQ(result.plugins[1].layer, registry::Layer::kContrib);
  EXPECT_EQ(result.plugins[2].rule, "P-005");
  EXPECT_THAT(registry.no_handler("Op", target_of(21)).what, HasSubstr("fixture.null_convert"));
}

TEST(Load, FaultOfABuiltinPluginIsAnError) {
  const Scratch scratch;
  copy_fixture("null_convert", scratch / "builtin/flowport_a.so");
  registry::Registry registry;
  Installation installation;
  installation.builtin_plugins = scratch / "builtin";
  const LoadResult result = load_plugins(only({}), installation, registry);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_THAT(result.problems[0].what, HasSubstr("[P-019]"));
}

TEST(Load, InstalledPluginsMayBelongToOthers) {
  const Scratch scratch;
  const auto file = copy_fixture("plain_a", scratch / "builtin/flowport_a.so");
  ASSERT_EQ(::chmod(file.c_str(), 0777), 0);
  registry::Registry registry;
  Installation installation;
  installation.builtin_plugins = scratch / "builtin";
  const LoadResult result = load_plugins(only({}), installation, registry);
  ASSERT_EQ(result.plugins.size(), 1U);
  EXPECT_TRUE(result.plugins[0].is_active()) << result.plugins[0].reason;
}

TEST(Load, InstallationWithoutItsPlugins) {
  const Scratch scratch;
  registry::Registry registry;
  Installation installation;
  installation.builtin_plugins = scratch / "nowhere";
  const LoadResult result = load_plugins(only({}), installation, registry);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_THAT(result.problems[0].where, HasSubstr("nowhere"));
}

TEST(Load, TargetsOfTheHouse) {
  registry::Registry registry;
  const LoadResult result = load_plugins(only({FLOWPORT_TARGETS_PLUGIN}), {}, registry);
  ASSERT_THAT(result.problems, IsEmpty());
  const auto ids = registry.target_ids();
  ASSERT_EQ(ids.size(), 16U);
  EXPECT_EQ(ids.front(), "onnx-13");
  EXPECT_EQ(ids.back(), "onnx-28");
  std::uint32_t ir_version = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto target = registry.target(ids[i]);
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->opset(), static_cast<int>(13 + i));
    EXPECT_GE(target->opset("ai.onnx.ml"), 2);
    EXPECT_GE(target->ir_version, ir_version);
    ir_version = target->ir_version;
    // Kernels that were missing in every version so far, and ones that never were.
    EXPECT_NE(target->denial("", "Where", "T", false, ir::DType::kBool), nullptr);
    EXPECT_NE(target->denial("", "ArgMax", "T", true, ir::DType::kInt16), nullptr);
    EXPECT_EQ(target->denial("", "Add", "T", true, ir::DType::kFloat), nullptr);
    EXPECT_EQ(target->denial("", "Add", "T", true, ir::DType::kFloat16), nullptr);
    EXPECT_NE(target->denial("", "Reshape", "T", true, ir::DType::kComplex64), nullptr);
    EXPECT_EQ(target->denial("", "RandomUniform", "T", false, ir::DType::kFloat) != nullptr, target->opset() >= 22);
  }
  EXPECT_EQ(registry.target("onnx-21")->ir_version, 10U);
}

}  // namespace
}  // namespace flowport::host
