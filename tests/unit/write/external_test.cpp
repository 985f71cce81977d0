#include <map>

#include "fixture.h"

namespace flowport::write {
namespace {

using ExternalData = WriteOptions::ExternalData;
using Files = std::vector<std::string>;

std::map<std::string, std::string> entries_of(const onnx::TensorProto& tensor) {
  std::map<std::string, std::string> entries;
  for (const auto& entry : tensor.external_data()) entries[entry.key()] = entry.value();
  return entries;
}

/// y = x + a + b + c + d: of 1020 bytes, of 1024, of 2 MiB and of 4000.
Builder four_weights() {
  Builder builder;
  ir::ValueId value = builder.input("x", {1});
  float seed = 0;
  for (const std::int64_t count : {255, 256, 1 << 19, 1000}) {
    value = builder.node("Add", {value, builder.weight(count, ++seed, "w" + std::to_string(count))});
  }
  builder.output(value, "y");
  return builder;
}

TEST_F(WriteTest, PutsWeightsIntoASecondFileAligned) {
  Builder builder = four_weights();
  const WriteSummary summary = write(builder.model, {.external_data = ExternalData::kAlways});
  const onnx::ModelProto proto = load();
  ASSERT_EQ(proto.graph().initializer_size(), 4);
  const onnx::TensorProto& inline_tensor = proto.graph().initializer(0);
  EXPECT_FALSE(inline_tensor.has_data_location());
  EXPECT_EQ(inline_tensor.raw_data().size(), 1020U);

  const std::string data = read_file(data_path());
  std::uint64_t end = 0;
  for (int i = 1; i < 4; ++i) {
    const onnx::TensorProto& tensor = proto.graph().initializer(i);
    EXPECT_EQ(tensor.data_location(), onnx::TensorProto::EXTERNAL);
    EXPECT_FALSE(tensor.has_raw_data());
    const auto entries = entries_of(tensor);
    EXPECT_EQ(entries.at("location"), "model.onnx.data");
    const std::uint64_t offset = std::stoull(entries.at("offset"));
    const std::uint64_t length = std::stoull(entries.at("length"));
    EXPECT_EQ(length, static_cast<std::uint64_t>(tensor.dims(0)) * sizeof(float));
    EXPECT_EQ(offset % (i == 2 ? 4096 : 64), 0U);
    EXPECT_GE(offset, end);
    EXPECT_LT(offset - end, 4096U);
    end = offset + length;
    ASSERT_LE(end, data.size());
    const std::string expected = [&] {
      const Bytes bytes = Builder::weight_constant(tensor.dims(0), static_cast<float>(i + 1))->bytes();
      return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    }();
    EXPECT_TRUE(data.substr(offset, length) == expected) << tensor.name();
  }
  EXPECT_EQ(end, data.size());
  EXPECT_EQ(summary.external_bytes, data.size());
  EXPECT_EQ(summary.data_path, data_path());
  EXPECT_EQ(summary.bytes, std::filesystem::file_size(path()));
  EXPECT_EQ(files(), (Files{"model.onnx", "model.onnx.data"}));
}

TEST_F(WriteTest, DoesSoByItselfOnlyWhenOneFileWouldBeTooLarge) {
  Builder builder = four_weights();
  const std::uint64_t size = write(builder.model).bytes;
  EXPECT_EQ(files(), Files{"model.onnx"});

  EXPECT_EQ(write(builder.model, {.one_file_limit = size}).external_bytes, 0U);
  const WriteSummary summary = write(builder.model, {.one_file_limit = size - 1});
  EXPECT_GT(summary.external_bytes, 0U);
  EXPECT_LT(summary.bytes, 4096U);
  EXPECT_EQ(files(), (Files{"model.onnx", "model.onnx.data"}));
}

TEST_F(WriteTest, RefusesAModelThatIsTooLargeForTheOnlyFile) {
  Builder builder = four_weights();
  const Problem problem = refused(builder.model, {.external_data = ExternalData::kNever, .one_file_limit = 10'000});
  EXPECT_EQ(problem.fault, Fault::kCheck);
  EXPECT_NE(problem.what.find("10000"), std::string::npos) << problem.what;
  EXPECT_NE(problem.next.find("--external-data"), std::string::npos);
  EXPECT_TRUE(files().empty());
}

TEST_F(WriteTest, RefusesAModelThatIsTooLargeWithoutItsWeights) {
  Builder builder = four_weights();
  const Problem problem = refused(builder.model, {.one_file_limit = 100});
  EXPECT_EQ(problem.fault, Fault::kCheck);
  EXPECT_TRUE(files().empty());
}

TEST_F(WriteTest, MakesNoSecondFileWhereNothingIsLargeEnough) {
  Builder builder;
  builder.output(builder.node("Add", {builder.input("x"), builder.floats({1, 2})}), "y");
  const WriteSummary summary = write(builder.model, {.external_data = ExternalData::kAlways});
  EXPECT_EQ(summary.external_bytes, 0U);
  EXPECT_EQ(files(), Files{"model.onnx"});
}

TEST_F(WriteTest, KeepsStringsAndTensorsOfAttributesInTheModel) {
  Builder builder;
  builder.output(builder.model.add_constant(ir::Constant::make_strings({1}, {std::string(5000, 's')})), "s");
  builder.output(builder.node("Constant", {}), "c");
  for (ir::Node& node : builder.model.graph.nodes) {
    if (node.op == "Constant") node.set("value", Builder::weight_constant(2000, 1));
  }
  EXPECT_EQ(write(builder.model, {.external_data = ExternalData::kAlways}).external_bytes, 0U);
  const onnx::ModelProto proto = load();
  EXPECT_EQ(proto.graph().initializer(0).string_data(0).size(), 5000U);
  EXPECT_EQ(proto.graph().node(0).attribute(0).t().raw_data().size(), 8000U);
}

TEST_F(WriteTest, GivesEqualDataForEqualModels) {
  Builder first = four_weights();
  Builder second = four_weights();
  write(first.model, {.external_data = ExternalData::kAlways});
  const std::string model = read_file(path());
  const std::string data = read_file(data_path());
  write(second.model, {.external_data = ExternalData::kAlways});
  EXPECT_TRUE(read_file(path()) == model);
  EXPECT_TRUE(read_file(data_path()) == data);
}

TEST_F(WriteTest, PutsTheDataBesideTheFileThatALinkNames) {
  std::filesystem::create_directory(folder_ / "real");
  std::filesystem::create_symlink(folder_ / "real" / "other.onnx", path());
  Builder builder = four_weights();
  const WriteSummary summary = write(builder.model, {.external_data = ExternalData::kAlways});
  EXPECT_TRUE(std::filesystem::is_symlink(path()));
  EXPECT_EQ(summary.data_path, folder_ / "real" / "other.onnx.data");
  EXPECT_TRUE(std::filesystem::exists(summary.data_path));
  EXPECT_EQ(entries_of(load().graph().initializer(1)).at("location"), "other.onnx.data");
}

TEST_F(WriteTest, RefusesALinkInPlaceOfTheDataFile) {
  std::filesystem::create_symlink(folder_ / "elsewhere", data_path());
  Builder builder = four_weights();
  const Problem problem = refused(builder.model, {.external_data = ExternalData::kAlways});
  EXPECT_EQ(problem.fault, Fault::kCheck);
  EXPECT_EQ(files(), Files{"model.onnx.data"});
}

}  // namespace
}  // namespace flowport::write
