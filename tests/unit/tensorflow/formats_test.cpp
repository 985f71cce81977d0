#include <fstream>

#include "table_writer.h"

namespace flowport::tf {
namespace {

class FormatsTest : public test::ModelTest {
 protected:
  Problem refused(std::string_view text, const std::string& name = "model") {
    return test::problem_of(read_model(file_with(name, text)));
  }
};

TEST_F(FormatsTest, TextIsToldByItsContent) {
  const std::string_view text = R"(
    # A comment first.
    node { name: "x" op: "Placeholder" attr { key: "dtype" value { type: DT_FLOAT } } device: "/cpu:0" }
    node { name: "y" op: "Neg" input: "x" experimental_debug_info { original_node_names: "z" } [some.extension] { a: 1 } }
    versions { producer: 1395 min_consumer: 12 }
    something_new { any { [type.googleapis.com/some.Type] { b: "c" } } })";
  const auto program = opened(read_model(file_with("model.dat", text)));
  EXPECT_EQ(program->format(), Format::kGraphDefText);
  EXPECT_EQ(node(program->main(), "y").inputs, (std::vector<Edge>{{0, 0}}));
  EXPECT_EQ(program->output_type(node(program->main(), "x"), 0), DataType::kFloat);
}

TEST_F(FormatsTest, MistakesInTextHaveAPlace) {
  const Problem problem = refused("node {\n  name: \"x\"\n  op \"Neg\"\n}\n", "graph.pbtxt");
  EXPECT_EQ(problem.where, (folder() / "graph.pbtxt").string() + ":3:6");
  EXPECT_EQ(problem.fault, Fault::kModel);
  EXPECT_FALSE(refused("node { name: \"x\" ").what.empty());
}

TEST_F(FormatsTest, DeepTextIsRefused) {
  std::string text = "node { name: 'x' attr { key: 'a' value { ";
  for (int i = 0; i < 100'000; ++i) text += "func { attr { key: 'a' value { ";
  EXPECT_EQ(refused(text).fault, Fault::kModel);
}

TEST_F(FormatsTest, DeepWireIsRefused) {
  const auto field = [](char tag, const std::string& content) { return tag + test::varint(content.size()) + content; };
  std::string value;
  for (int i = 0; i < 3000; ++i) value = field('\x52', field('\x12', field('\x12', value)));  // func, attr, value
  const std::string entry = field('\x0a', "k") + field('\x12', value);
  EXPECT_EQ(refused(field('\x0a', field('\x0a', "x") + field('\x2a', entry))).what, "the node 'x' is malformed");
}

TEST_F(FormatsTest, FilesOfOtherProgramsAreNamed) {
  using namespace std::string_literals;
  EXPECT_EQ(refused("\x89HDF\r\n\x1a\n...."s).what, "the file is a Keras HDF5 file, no TensorFlow graph");
  EXPECT_EQ(refused("PK\x03\x04....").what, "the file is a zip archive (a .keras file?), no TensorFlow graph");
  EXPECT_EQ(refused("\x1c\0\0\0TFL3...."s).what, "the file is a TensorFlow Lite model, no TensorFlow graph");
  EXPECT_EQ(refused("{\"format\": \"graph-model\"}").what, "the file is JSON, no TensorFlow graph");
  EXPECT_EQ(refused("").what, "the file is empty");
  EXPECT_EQ(refused("\x08\x09\x12\x07"
                    "pytorch")
                .where,
            (folder() / "model").string());
  EXPECT_FALSE(refused("just a letter to somebody\n").what.empty());
  EXPECT_FALSE(refused(std::string(1000, '\xff')).what.empty());
}

TEST_F(FormatsTest, AMissingFileIsTold) {
  const Problem problem = test::problem_of(read_model(folder() / "none.pb"));
  EXPECT_EQ(problem.fault, Fault::kModel);
  EXPECT_EQ(problem.where, (folder() / "none.pb").string());
}

TEST_F(FormatsTest, AMetaGraphUnderAnyNameIsOne) {
  const std::string bytes = test::wire<proto::MetaGraphDef>(R"(
    meta_info_def { tags: "train" stripped_op_list { op { name: "Own" output_arg { name: "a" } output_arg { name: "b" } } } }
    graph_def { node { name: "x" op: "Own" } }
    saver_def { restore_op_name: "save/restore_all" })");
  const auto program = opened(read_model(file_with("graph.bin", bytes)));
  EXPECT_EQ(program->format(), Format::kCheckpoint);
  EXPECT_EQ(program->output_count(program->main().nodes[0]), 2);
}

TEST_F(FormatsTest, TheModelsOwnOpsCountFirstButMissNoDefaults) {
  const std::string bytes = test::wire<proto::MetaGraphDef>(R"(
    meta_info_def { stripped_op_list { op { name: "Conv2D" attr { name: "data_format" type: "string" default_value { s: "NCHW" } } } } }
    graph_def { node { name: "x" op: "Conv2D" } }
    saver_def { })");
  const auto program = opened(read_model(file_with("m.meta", bytes)));
  EXPECT_EQ(program->attr(program->main().nodes[0], "data_format")->s(), "NCHW");
  EXPECT_EQ(program->attr(program->main().nodes[0], "dilations")->list().i_size(), 4);
}

/// Looks at everything that a program can be asked.
void touch(const Program& program) {
  const auto look = [&](const Graph& graph) {
    for (const Node& node : graph.nodes) {
      const auto count = program.output_count(node);
      for (std::int32_t i = 0; i < std::min(count, 8); ++i) static_cast<void>(program.output_type(node, i));
      static_cast<void>(program.tensor_attr(node, "value"));
      if (node.op == "VarHandleOp" || node.op == "VariableV2") static_cast<void>(program.variable(node));
    }
  };
  look(program.main());
  for (const std::string_view name : program.function_names()) {
    if (const auto graph = program.function(name)) look(**graph);
  }
}

class DamagedTest : public FormatsTest, public testing::WithParamInterface<const char*> {};

// A file that is cut, or has a byte turned over, at any of many places gives a model or a problem, never a crash or a hang.
TEST_P(DamagedTest, IsReadOrRefused) {
  const std::filesystem::path source = test::fixture(GetParam());
  const std::filesystem::path target = folder() / source.parent_path().filename();
  std::filesystem::copy(source.parent_path(), target, std::filesystem::copy_options::recursive);
  const std::string good = text_of(source);
  const auto try_with = [&](const std::string& text) {
    std::ofstream(target / source.filename(), std::ios::binary) << text;
    if (const auto program = read_model(target / (source.extension() == ".pb" ? "saved_model.pb" : "model")))
      touch(**program);
  };
  const std::size_t step = std::max<std::size_t>(good.size() / 150, 1);
  for (std::size_t at = 0; at < good.size(); at += step) {
    try_with(good.substr(0, at));
    std::string bad = good;
    bad[at] = static_cast<char>(~bad[at]);
    try_with(bad);
  }
}

INSTANTIATE_TEST_SUITE_P(Fixtures, DamagedTest,
                         testing::Values("tf2/saved_model.pb", "tf1/saved_model.pb", "checkpoint/model.index",
                                         "checkpoint/model.meta", "checkpoint/model.data-00001-of-00002"));

}  // namespace
}  // namespace flowport::tf
