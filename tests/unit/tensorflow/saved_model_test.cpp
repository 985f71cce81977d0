#include <algorithm>
#include <cstring>
#include <map>

#include "models.h"

namespace flowport::tf {
namespace {

class SavedModelTest : public test::ModelTest {
 protected:
  static std::vector<float> floats(const Tensor& tensor) {
    std::vector<float> values(tensor.bytes.size() / sizeof(float));
    std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
  }

  /// A copy of a fixture that may be damaged.
  std::filesystem::path copy_of(std::string_view name) const {
    std::filesystem::copy(test::fixture(name), folder() / name, std::filesystem::copy_options::recursive);
    return folder() / name;
  }
};

TEST_F(SavedModelTest, ReadsSignatures) {
  const auto program = opened(read_model(test::fixture("tf2")));
  EXPECT_EQ(program->format(), Format::kSavedModel);
  EXPECT_EQ(program->tags(), std::vector<std::string>{"serve"});
  ASSERT_EQ(program->signatures().size(), 2U);
  EXPECT_EQ(program->signatures()[0].key, "count");
  const Signature& serving = program->signatures()[1];
  EXPECT_EQ(serving.key, "serving_default");
  EXPECT_EQ(serving.method, "tensorflow/serving/predict");
  ASSERT_EQ(serving.inputs.size(), 1U);
  EXPECT_EQ(serving.inputs[0].name, "x");
  EXPECT_EQ(serving.inputs[0].tensor, "serving_default_x:0");
  EXPECT_EQ(serving.inputs[0].dtype, DataType::kFloat);
  EXPECT_EQ(serving.inputs[0].dims, (std::vector<std::int64_t>{-1, 2}));
  EXPECT_EQ(serving.outputs[0].name, "y");
}

TEST_F(SavedModelTest, EveryFunctionResolves) {
  for (const char* name : {"tf2", "words", "counts"}) {
    const auto program = opened(read_model(test::fixture(name)));
    EXPECT_FALSE(program->function_names().empty());
    for (const std::string_view function_name : program->function_names()) {
      EXPECT_TRUE(function(*program, function_name).broken.empty()) << function_name;
    }
    EXPECT_TRUE(program->main().broken.empty());
  }
}

TEST_F(SavedModelTest, VariablesOfOneNameAreToldApart) {
  const auto program = opened(read_model(test::fixture("tf2")));
  std::vector<std::vector<std::int64_t>> shapes;
  for (const char* name : {"weight", "weight_1"}) {
    const auto tensor = program->variable(node(program->main(), name));
    ASSERT_TRUE(tensor) << tensor.error().what;
    EXPECT_NE(tensor->bytes.file(), nullptr);
    shapes.push_back(tensor->dims);
    EXPECT_EQ(floats(*tensor),
              tensor->dims.size() == 1 ? (std::vector<float>{10, 20, 30}) : (std::vector<float>{0, 1, 2, 3, 4, 5}));
  }
  EXPECT_NE(shapes[0].size(), shapes[1].size());
  const auto steps = program->variable(node(program->main(), "steps"));
  ASSERT_TRUE(steps);
  EXPECT_EQ(steps->dtype, DataType::kInt64);
  EXPECT_EQ(static_cast<int>(steps->bytes.data()[0]), 7);
}

TEST_F(SavedModelTest, OnlyWritingFunctionsWrite) {
  const auto program = opened(read_model(test::fixture("tf2")));
  for (const std::string_view name : program->function_names()) {
    const bool writes = name.find("count") != std::string_view::npos || name.find("restore") != std::string_view::npos;
    EXPECT_EQ(function(*program, name).may_write_state, writes) << name;
  }
}

TEST_F(SavedModelTest, AnAssetIsKnownContent) {
  const auto program = opened(read_model(test::fixture("words")));
  const Node& placeholder = node(program->main(), "asset_path_initializer");
  EXPECT_TRUE(program->is_asset(placeholder));
  EXPECT_FALSE(program->is_asset(node(program->main(), "Variable")));
  EXPECT_EQ(program->tensor_attr(placeholder, "value")->strings, std::vector<std::string>{"words.txt"});
  EXPECT_EQ(program->variable(node(program->main(), "Variable"))->strings, std::vector<std::string>{"words.txt"});
  EXPECT_EQ(program->asset("words.txt"), test::fixture("words") / "assets" / "words.txt");
  EXPECT_EQ(program->asset("/../../words.txt"), test::fixture("words") / "assets" / "words.txt");
  ASSERT_EQ(program->initializers().size(), 1U);
  EXPECT_EQ(program->main().nodes[static_cast<std::size_t>(program->initializers()[0])].op, "NoOp");
}

TEST_F(SavedModelTest, AMutableTableIsInTheCheckpoint) {
  const auto program = opened(read_model(test::fixture("counts")));
  const auto table = std::ranges::find(program->main().nodes, "MutableHashTableV2", &Node::op);
  ASSERT_NE(table, program->main().nodes.end());
  const auto content = program->table(*table);
  ASSERT_TRUE(content) << content.error().what;
  std::map<std::string, int> values;
  for (std::size_t i = 0; i < content->first.strings.size(); ++i) {
    values[content->first.strings[i]] = static_cast<int>(content->second.bytes.data()[i * sizeof(std::int64_t)]);
  }
  EXPECT_EQ(values, (std::map<std::string, int>{{"a", 3}, {"b", 5}}));
  const Problem problem = test::problem_of(program->table(program->main().nodes[0]));
  EXPECT_NE(problem.what.find("no content for the table"), std::string::npos);
}

TEST_F(SavedModelTest, ChoosesTheGraphByItsTags) {
  const auto serving = opened(read_model(test::fixture("tf1")));
  EXPECT_EQ(serving->tags(), std::vector<std::string>{"serve"});
  const auto training = opened(read_model(test::fixture("tf1"), {.tags = {"gpu", "train"}, .extra_ops = {}}));
  EXPECT_EQ(training->signatures()[0].outputs[0].tensor, "y_train:0");
  const Problem problem = test::problem_of(read_model(test::fixture("tf1"), {.tags = {"train"}, .extra_ops = {}}));
  EXPECT_EQ(problem.what, "the SavedModel has no graph with the tags 'train'");
  EXPECT_EQ(problem.next, "it has graphs with the tags 'serve' and 'train,gpu'");
  EXPECT_FALSE(read_model(test::fixture("tf2"), {.tags = {"train"}, .extra_ops = {}}));
}

TEST_F(SavedModelTest, ReadsTf1Models) {
  const auto program = opened(read_model(test::fixture("tf1")));
  ASSERT_EQ(program->signatures().size(), 2U);
  EXPECT_EQ(program->signatures()[0].inputs[0].name, "b");
  std::vector<std::string> names;
  for (const Endpoint& input : program->signatures()[1].inputs) names.push_back(input.name);
  EXPECT_EQ(names.size(), 3U);
  for (const char* name : {"s/indices", "s/values", "s/dense_shape"}) {
    EXPECT_NE(std::find(names.begin(), names.end(), name), names.end()) << name;
  }
  const auto w = program->variable(node(program->main(), "w"));
  ASSERT_TRUE(w) << w.error().what;
  EXPECT_EQ(floats(*w), (std::vector<float>{1, 2}));
  ASSERT_EQ(program->initializers().size(), 1U);
  EXPECT_EQ(program->main().nodes[static_cast<std::size_t>(program->initializers()[0])].name, "fill");
}

TEST_F(SavedModelTest, TheFileItselfStandsForItsFolder) {
  const auto program = opened(read_model(test::fixture("tf2") / "saved_model.pb"));
  EXPECT_EQ(program->format(), Format::kSavedModel);
  EXPECT_TRUE(program->variable(node(program->main(), "steps")));
}

TEST_F(SavedModelTest, ReadsTheTextForm) {
  proto::SavedModel model;
  ASSERT_TRUE(model.ParseFromString(text_of(test::fixture("tf1") / "saved_model.pb")));
  std::string text;
  google::protobuf::TextFormat::PrintToString(model, &text);
  file_with("saved_model.pbtxt", text);
  EXPECT_EQ(opened(read_model(folder()))->signatures().size(), 2U);
}

TEST_F(SavedModelTest, AMissingCheckpointIsToldWhenAVariableIsNeeded) {
  const auto path = copy_of("tf2");
  std::filesystem::remove(path / "variables" / "variables.index");
  const auto program = opened(read_model(path));
  const Problem problem = test::problem_of(program->variable(node(program->main(), "steps")));
  EXPECT_NE(problem.what.find("variable 'steps' cannot be read"), std::string::npos);
  EXPECT_EQ(problem.where, (path / "variables" / "variables.index").string());
}

TEST_F(SavedModelTest, ACutShardIsTold) {
  const auto path = copy_of("tf2");
  std::filesystem::resize_file(path / "variables" / "variables.data-00000-of-00001", 10);
  const auto program = opened(read_model(path));
  const Problem problem = test::problem_of(program->variable(node(program->main(), "steps")));
  EXPECT_NE(problem.what.find("lie outside of"), std::string::npos) << problem.what;
}

TEST_F(SavedModelTest, AFolderThatIsNoneIsRefused) {
  const Problem empty = test::problem_of(read_model(folder()));
  EXPECT_EQ(empty.what, "the folder is no SavedModel: it has no saved_model.pb");
  EXPECT_EQ(empty.next, "a SavedModel folder has a file saved_model.pb");
  const auto inner = copy_of("tf1");
  EXPECT_EQ(test::problem_of(read_model(folder())).next, "did you mean " + inner.string());
}

TEST_F(SavedModelTest, ADamagedFileIsRefused) {
  std::filesystem::create_directory(folder() / "m");
  for (const std::string& text :
       {std::string("\x08\x01\x12\x7f"), std::string("\x08\x01"), std::string("\x0a\x03\x0a\x01x")}) {
    file_with("m/saved_model.pb", text);
    const Problem problem = test::problem_of(read_model(folder() / "m"));
    EXPECT_EQ(problem.what, "the file is no SavedModel, or it is damaged or cut short");
  }
}

}  // namespace
}  // namespace flowport::tf
