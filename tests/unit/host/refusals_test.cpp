// One fixture a fault: each is refused by its rule, at its stage, with a sentence that names what is wrong.
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "scratch.h"

namespace flowport::host {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

#define TEXT_OF(x) #x
#define NUMBER_OF(x) TEXT_OF(x)
#define HOST_ABI NUMBER_OF(FLOWPORT_ABI_MAJOR) "." NUMBER_OF(FLOWPORT_ABI_MINOR)

struct FixtureCase {
  std::string_view fixture, rule, reason;
  Stage stage;
};

void PrintTo(const FixtureCase& fault, std::ostream* out) { *out << fault.fixture; }

std::string name_of_fault(const ::testing::TestParamInfo<FixtureCase>& info) { return std::string(info.param.fixture); }

/// The record and the problem of the only plugin that is loaded.
void expect_refusal(const std::filesystem::path& file, std::string_view rule, std::string_view reason, Stage stage) {
  registry::Registry registry;
  const LoadResult result = load_plugins(only({file}), {}, registry);
  ASSERT_EQ(result.plugins.size(), 1U);
  const PluginRecord& record = result.plugins[0];
  EXPECT_EQ(record.rule, rule);
  EXPECT_THAT(record.reason, HasSubstr(std::string(reason)));
  EXPECT_EQ(name_of(record.stage), name_of(stage));
  EXPECT_THAT(record.next, Not(IsEmpty()));
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(result.problems[0].fault, Fault::kPlugin);
  EXPECT_THAT(result.problems[0].what, HasSubstr(record.reason + " [" + std::string(rule) + "]"));
  EXPECT_THAT(result.problems[0].where, HasSubstr("found through --plugin"));
  EXPECT_EQ(result.problems[0].next, record.next);
  EXPECT_THAT(registry.ops(), IsEmpty());
  EXPECT_THAT(registry.target_ids(), IsEmpty());
}

class FixtureRefusal : public ::testing::TestWithParam<FixtureCase> {};

TEST_P(FixtureRefusal, ByItsRule) {
  const FixtureCase& fault = GetParam();
  expect_refusal(fixture(fault.fixture), fault.rule, fault.reason, fault.stage);
}

INSTANTIATE_TEST_SUITE_P(
    Fixtures, FixtureRefusal,
    ::testing::Values(
        FixtureCase{"undefined_symbol", "P-009", "flowport_fixture_nobody_has_this", Stage::kInspected},
        FixtureCase{"no_entry", "P-011", "does not export flowport_plugin_query_v1", Stage::kLoaded},
        FixtureCase{"null_desc", "P-012", "returned no descriptor for a host of ABI " HOST_ABI, Stage::kLoaded},
        FixtureCase{"entry_of_v2", "P-013", "built for plugin ABI 2; this host has " HOST_ABI, Stage::kLoaded},
        FixtureCase{"wrong_major", "P-013", "built for plugin ABI 2.0; this host has " HOST_ABI, Stage::kQueried},
        FixtureCase{"min_host_too_high", "P-014", "; this host has " HOST_ABI, Stage::kQueried},
        FixtureCase{"short_struct", "P-015", "struct_size", Stage::kQueried},
        FixtureCase{"unknown_flags", "P-016", "flags is 4", Stage::kQueried},
        FixtureCase{"handler_flags", "P-016", "handlers[0] (Op).flags is 4", Stage::kQueried},
        FixtureCase{"handler_flags_together", "P-016", "handlers[0] (Op).flags has two bits that exclude each other",
                    Stage::kQueried},
        FixtureCase{"zero_stride", "P-017", "handlers.stride is 0", Stage::kQueried},
        FixtureCase{"odd_stride", "P-017", "aligned", Stage::kQueried},
        FixtureCase{"null_table", "P-017", "handlers.data is null, with count 3", Stage::kQueried},
        FixtureCase{"endless_table", "P-017", "handlers.count is 4294967295", Stage::kQueried},
        FixtureCase{"null_id", "P-018", "id is null", Stage::kQueried},
        FixtureCase{"null_tf_op", "P-018", "handlers[0].tf_op is null", Stage::kQueried},
        FixtureCase{"empty_version", "P-018", "version is empty", Stage::kQueried},
        FixtureCase{"unprintable_id", "P-018", "id has a character of code 27", Stage::kQueried},
        FixtureCase{"endless_text", "P-018", "summary is longer than 4096 bytes", Stage::kQueried},
        FixtureCase{"null_convert", "P-019", "handlers[1] (NoFunction).convert is null", Stage::kQueried},
        FixtureCase{"max_below_min", "P-020", "handlers[0] (Op) is for opset 18 to 13", Stage::kQueried},
        FixtureCase{"opset_zero", "P-020", "handlers[0] (Op) is for opset 0 to 0", Stage::kQueried},
        FixtureCase{"duplicate_row", "P-021", "two rows for TF op Op overlap", Stage::kQueried},
        FixtureCase{"overlapping_range", "P-021", "opset 13 to 18 and 'Op' for opset >= 18", Stage::kQueried},
        FixtureCase{"target_version_zero", "P-022", "targets[0] (fixture-0).domains[0].version is 0", Stage::kQueried},
        FixtureCase{"denial_without_reason", "P-018", "targets[0] (fixture-0).denials[0].reason is null",
                    Stage::kQueried},
        FixtureCase{"allowance_without_op", "P-018", "targets[0] (fixture-0).allowed[0].op is null", Stage::kQueried},
        FixtureCase{"target_flags", "P-016", "targets[0] (fixture-0).flags is 6", Stage::kQueried},
        FixtureCase{"custom_op_in_default_domain", "P-023", "schemas[0] (Blur).domain is ai.onnx", Stage::kQueried},
        FixtureCase{"schema_min_above_max", "P-023", "2 to 1 inputs", Stage::kQueried},
        FixtureCase{"schema_attr_kind", "P-023", "schemas[0] (Blur).attrs[0] has kind 9", Stage::kQueried},
        FixtureCase{"rewrites_too_early", "P-024", "1 rewrites", Stage::kQueried},
        FixtureCase{"tf_op_built_in", "P-036", "tf_ops[0] (Relu) declares an op that TensorFlow has itself",
                    Stage::kQueried},
        FixtureCase{"tf_op_unreadable", "P-036",
                    "tf_ops[0] (Cube): 'y: S': 'S' is no element type and no attribute of the op", Stage::kQueried},
        FixtureCase{"init_refuses", "P-027", "init refused: no licence for the moon", Stage::kValidated},
        FixtureCase{"init_fails", "P-027", "init refused: vocabulary missing", Stage::kValidated},
        FixtureCase{"init_silent", "P-027", "it gave status -3 and no reason", Stage::kValidated},
        FixtureCase{"init_throws", "P-027", "it threw something that is not std::exception", Stage::kValidated}),
    name_of_fault);

TEST(Refusals, InitsHintIsTold) {
  registry::Registry registry;
  const LoadResult result = load_plugins(only({fixture("init_fails")}), {}, registry);
  ASSERT_EQ(result.problems.size(), 1U);
  EXPECT_EQ(result.problems[0].next, "set the option `vocab`");
}

TEST(Refusals, OpsOfARefusedPluginAreKnown) {
  registry::Registry registry;
  const LoadResult result = load_plugins(only({fixture("min_host_too_high")}), {}, registry);
  ASSERT_EQ(result.plugins.size(), 1U);
  EXPECT_THAT(result.plugins[0].ops, ElementsAre("FutureOp"));
  EXPECT_THAT(result.problems[0].what, HasSubstr("it has handlers for FutureOp"));
  registry::Target target;
  target.domains[""] = 21;
  EXPECT_THAT(registry.no_handler("FutureOp", target).what,
              HasSubstr("plugin 'fixture.min_host_too_high', which has one, was not loaded"));
}

TEST(Refusals, NamesThatAnotherPluginDefined) {
  registry::Registry registry;
  const LoadResult result = load_plugins(only({fixture("good"), fixture("taken_target")}), {}, registry);
  ASSERT_EQ(result.plugins.size(), 2U);
  EXPECT_TRUE(result.plugins[0].is_active());
  EXPECT_EQ(result.plugins[1].rule, "P-026");
  EXPECT_THAT(result.plugins[1].reason, HasSubstr("target 'fixture-19'"));
}

TEST(Refusals, TwoNamedPluginsOfOneId) {
  registry::Registry registry;
  const LoadResult result = load_plugins(only({fixture("good"), fixture("good_again")}), {}, registry);
  ASSERT_EQ(result.plugins.size(), 2U);
  EXPECT_TRUE(result.plugins[0].is_active());
  EXPECT_EQ(result.plugins[1].rule, "P-025");
  EXPECT_THAT(result.plugins[1].reason, HasSubstr("'fixture.good' was loaded from " + fixture("good").string()));
  EXPECT_EQ(result.problems.size(), 1U);
}

// ---- faults of the file as such, made here

TEST(FileRefusals, Missing) {
  const Scratch scratch;
  expect_refusal(scratch / "flowport_x.so", "P-001", "there is no such file", Stage::kFound);
}

TEST(FileRefusals, DanglingLink) {
  const Scratch scratch;
  std::filesystem::create_symlink(scratch / "gone.so", scratch / "flowport_x.so");
  expect_refusal(scratch / "flowport_x.so", "P-001", "a link that leads to no file", Stage::kFound);
}

TEST(FileRefusals, CircleOfLinks) {
  const Scratch scratch;
  std::filesystem::create_symlink(scratch / "flowport_y.so", scratch / "flowport_x.so");
  std::filesystem::create_symlink(scratch / "flowport_x.so", scratch / "flowport_y.so");
  expect_refusal(scratch / "flowport_x.so", "P-001", "link", Stage::kFound);
}

TEST(FileRefusals, Folder) {
  const Scratch scratch;
  std::filesystem::create_directory(scratch / "flowport_x.so");
  expect_refusal(scratch / "flowport_x.so", "P-002", "not a regular file", Stage::kFound);
}

TEST(FileRefusals, NamedPipe) {
  const Scratch scratch;
  ASSERT_EQ(::mkfifo((scratch / "flowport_x.so").c_str(), 0600), 0);
  expect_refusal(scratch / "flowport_x.so", "P-002", "not a regular file", Stage::kFound);
}

TEST(FileRefusals, WorldWritableFile) {
  const Scratch scratch;
  const auto file = copy_fixture("plain_a", scratch / "flowport_x.so");
  ASSERT_EQ(::chmod(file.c_str(), 0777), 0);
  expect_refusal(file, "P-004", "the file can be written by everybody", Stage::kFound);
}

TEST(FileRefusals, WorldWritableFolder) {
  const Scratch scratch;
  const auto file = copy_fixture("plain_a", scratch / "open/flowport_x.so");
  ASSERT_EQ(::chmod((scratch / "open").c_str(), 0777), 0);
  expect_refusal(file, "P-004", "the folder can be written by everybody", Stage::kFound);
}

TEST(FileRefusals, LinkToAWorldWritableFile) {
  const Scratch scratch;
  const auto file = copy_fixture("plain_a", scratch / "real.so");
  ASSERT_EQ(::chmod(file.c_str(), 0777), 0);
  std::filesystem::create_symlink(file, scratch / "flowport_x.so");
  expect_refusal(scratch / "flowport_x.so", "P-004", "the file can be written by everybody", Stage::kFound);
}

TEST(FileRefusals, FileOfAnotherUser) {
  const Scratch scratch;
  const auto file = copy_fixture("plain_a", scratch / "flowport_x.so");
  if (::chown(file.c_str(), 12345, 12345) != 0) GTEST_SKIP() << "only root can give a file away";
  expect_refusal(file, "P-003", "the file belongs to user 12345", Stage::kFound);
}

TEST(FileRefusals, NotElf) {
  const Scratch scratch;
  write_content(scratch / "flowport_x.so", std::string(4096, '#'));
  expect_refusal(scratch / "flowport_x.so", "P-005", "not an ELF file", Stage::kFound);
}

TEST(FileRefusals, Empty) {
  const Scratch scratch;
  write_content(scratch / "flowport_x.so", "");
  expect_refusal(scratch / "flowport_x.so", "P-005", "0 bytes are too few", Stage::kFound);
}

TEST(FileRefusals, OtherMachine) {
  const Scratch scratch;
  std::string content = content_of(fixture("plain_a"));
  content[18] = 2;  // e_machine: SPARC
  content[19] = 0;
  write_content(scratch / "flowport_x.so", content);
  expect_refusal(scratch / "flowport_x.so", "P-006", "built for ELF machine 2", Stage::kFound);
}

TEST(FileRefusals, RelocatableObject) {
  const Scratch scratch;
  std::string content = content_of(fixture("plain_a"));
  content[16] = 1;  // e_type: ET_REL
  write_content(scratch / "flowport_x.so", content);
  expect_refusal(scratch / "flowport_x.so", "P-007", "not a shared object", Stage::kFound);
}

/// However much is missing, it is a refusal and never a crash.
TEST(FileRefusals, Truncated) {
  const Scratch scratch;
  const std::string content = content_of(fixture("good"));
  for (std::size_t size = 0; size < content.size(); size += 64) {
    write_content(scratch / "flowport_x.so", std::string_view(content).substr(0, size));
    registry::Registry registry;
    const LoadResult result = load_plugins(only({scratch / "flowport_x.so"}), {}, registry);
    ASSERT_EQ(result.plugins.size(), 1U);
    EXPECT_THAT(result.plugins[0].rule, ::testing::AnyOf("P-005", "P-008")) << "at " << size << " bytes";
    EXPECT_LT(size, content.size());
  }
}

}  // namespace
}  // namespace flowport::host
