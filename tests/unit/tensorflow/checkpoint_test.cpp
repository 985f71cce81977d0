#include <cstring>

#include "models.h"
#include "tensorflow/bundle.h"

namespace flowport::tf {
namespace {

class CheckpointTest : public test::ModelTest {
 protected:
  static std::filesystem::path prefix() { return test::fixture("checkpoint") / "model"; }

  template <typename T>
  static std::vector<T> variable(const Program& program, std::string_view name) {
    const auto tensor = program.variable(node(program.main(), name));
    if (!tensor) {
      ADD_FAILURE() << tensor.error().what;
      return {};
    }
    std::vector<T> values(tensor->bytes.size() / sizeof(T));
    std::memcpy(values.data(), tensor->bytes.data(), tensor->bytes.size());
    return values;
  }

  /// The fixture under other names: PREFIX.meta and so on.
  void copy_as(const std::string& name) const {
    for (const char* suffix : {".meta", ".index", ".data-00000-of-00002", ".data-00001-of-00002"}) {
      std::filesystem::copy_file(prefix().string() + suffix, (folder() / name).string() + suffix);
    }
  }
};

TEST_F(CheckpointTest, AnyOfItsFilesStandsForIt) {
  for (const char* suffix : {"", ".meta", ".index"}) {
    const auto program = opened(read_model(prefix().string() + suffix));
    EXPECT_EQ(program->format(), Format::kCheckpoint);
    EXPECT_EQ((variable<std::uint16_t>(*program, "half")), (std::vector<std::uint16_t>{0x3fc0, 0xc000}));
  }
}

TEST_F(CheckpointTest, SlicesGoToTheirVariables) {
  const auto program = opened(read_model(prefix()));
  EXPECT_EQ((variable<float>(*program, "table/part_0")), (std::vector<float>{0, 1, 2, 3}));
  EXPECT_EQ((variable<float>(*program, "table/part_2")), (std::vector<float>{8, 9}));
  EXPECT_EQ((variable<std::int32_t>(*program, "blocks/part_0")), (std::vector<std::int32_t>{0, 1, 4, 5}));
  EXPECT_EQ((variable<std::int32_t>(*program, "blocks/part_1")), (std::vector<std::int32_t>{2, 3, 6, 7}));
  const auto names = program->variable(node(program->main(), "names"));
  ASSERT_TRUE(names);
  EXPECT_EQ(names->strings, (std::vector<std::string>{"", "one", std::string(200, 'x')}));
}

TEST_F(CheckpointTest, WholesAreMadeOfSlices) {
  const auto bundle = Bundle::open(prefix());
  ASSERT_TRUE(bundle);
  const auto table = (*bundle)->read("table");
  ASSERT_TRUE(table) << table.error().what;
  EXPECT_EQ(table->dims, (std::vector<std::int64_t>{5, 2}));
  EXPECT_NE(table->bytes.file(), nullptr);
  const auto blocks = (*bundle)->read("blocks");
  ASSERT_TRUE(blocks) << blocks.error().what;
  std::vector<std::int32_t> values(8);
  ASSERT_EQ(blocks->bytes.size(), 32U);
  std::memcpy(values.data(), blocks->bytes.data(), 32);
  EXPECT_EQ(values, (std::vector<std::int32_t>{0, 1, 2, 3, 4, 5, 6, 7}));
}

TEST_F(CheckpointTest, TheNameMayBeEmpty) {
  copy_as("");
  for (const std::string& path :
       {folder().string(), folder().string() + "/", folder().string() + "/.meta", folder().string() + "/.index"}) {
    const auto program = opened(read_model(path));
    EXPECT_EQ((variable<float>(*program, "table/part_2")), (std::vector<float>{8, 9})) << path;
  }
}

TEST_F(CheckpointTest, WithoutItsGraphItIsRefused) {
  copy_as("c");
  std::filesystem::remove(folder() / "c.meta");
  for (const char* name : {"c", "c.index"}) {
    const Problem problem = test::problem_of(read_model(folder() / name));
    EXPECT_EQ(problem.what, "the checkpoint has weights but no graph");
    EXPECT_EQ(problem.where, (folder() / "c.meta").string());
  }
}

TEST_F(CheckpointTest, WithoutAnyFileItIsMissing) {
  for (const char* name : {"c", "c.index", "c.meta"}) {
    EXPECT_EQ(test::problem_of(read_model(folder() / name)).fault, Fault::kModel);
  }
}

TEST_F(CheckpointTest, AVariableThatWasNotSavedIsTold) {
  const std::string graph =
      R"(graph_def { node { name: "tables" op: "VariableV2" attr { key: "dtype" value { type: DT_FLOAT } } }
                                           node { name: "half" op: "VarHandleOp" attr { key: "dtype" value { type: DT_FLOAT } } } }
                               saver_def { restore_op_name: "gone" })";
  copy_as("c");
  file_with("c.meta", test::wire<proto::MetaGraphDef>(graph));
  const auto program = opened(read_model(folder() / "c"));
  const Problem missing = test::problem_of(program->variable(node(program->main(), "tables")));
  EXPECT_EQ(missing.what, "variable 'tables' cannot be read: the checkpoint has no tensor 'tables'");
  EXPECT_EQ(missing.next, "did you mean 'table'?");
  const Problem other = test::problem_of(program->variable(node(program->main(), "half")));
  EXPECT_EQ(other.what, "variable 'half' is float32 but was saved as bfloat16");
}

TEST_F(CheckpointTest, RestoreOpsThatCallEachOtherEnd) {
  const std::string call = R"(op: "StatefulPartitionedCall" attr { key: "f" value { func { name: "f" } } })";
  const std::string graph = "graph_def { node { name: 'half' op: 'VarHandleOp' } node { name: 'restore' " + call +
                            "} library { function { signature { name: 'f' } node_def { name: 'a' " + call +
                            " } node_def { name: 'b' " + call + " } } } } saver_def { restore_op_name: 'restore' }";
  copy_as("c");
  file_with("c.meta", test::wire<proto::MetaGraphDef>(graph));
  const auto program = opened(read_model(folder() / "c"));
  EXPECT_TRUE(program->variable(node(program->main(), "half")));
}

}  // namespace
}  // namespace flowport::tf
