// Whatever fails, no file appears and an older one stays.
#include <csignal>

#include <sys/resource.h>

#include "fixture.h"

namespace flowport::write {
namespace {

using ExternalData = WriteOptions::ExternalData;
using Files = std::vector<std::string>;

/// No file may grow beyond `bytes` while this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_ = {};
  void (*handler_)(int);
};

class FailureTest : public WriteTest {
 protected:
  FailureTest() { builder_.output(builder_.node("Add", {builder_.input("x", {1}), builder_.weight(300'000, 1)}), "y"); }

  void put_old_files() {
    std::ofstream(path()) << "old model";
    std::ofstream(data_path()) << "old data";
  }

  void expect_old_files() const {
    EXPECT_EQ(files(), (Files{"model.onnx", "model.onnx.data"}));
    EXPECT_EQ(read_file(path()), "old model");
    EXPECT_EQ(read_file(data_path()), "old data");
  }

  Builder builder_;
};

TEST_F(FailureTest, FullDisk) {
  put_old_files();
  for (const auto external : {ExternalData::kNever, ExternalData::kAlways}) {
    Problem problem;
    {
      const FileSizeLimit limit(100'000);
      problem = refused(builder_.model, {.external_data = external});
    }
    EXPECT_EQ(problem.fault, Fault::kCheck);
    EXPECT_FALSE(problem.where.empty());
    EXPECT_FALSE(problem.next.empty());
    expect_old_files();
  }
}

TEST_F(FailureTest, DiskThatIsFullAtTheLastByte) {
  const std::uint64_t size = write(builder_.model, {.provenance = false}).bytes;
  put_old_files();
  {
    const FileSizeLimit limit(size - 1);
    refused(builder_.model, {.provenance = false});
  }
  expect_old_files();
  const FileSizeLimit limit(size);
  write(builder_.model, {.provenance = false});
}

TEST_F(FailureTest, RefusalOfTheChecker) {
  put_old_files();
  builder_.model.graph.nodes[0].op = "Frobnicate";
  EXPECT_EQ(refused(builder_.model, {.external_data = ExternalData::kAlways}).fault, Fault::kCheck);
  expect_old_files();
}

TEST_F(FailureTest, FolderThatIsNotThere) {
  const Result<WriteSummary> result = write_model(builder_.model, folder_ / "no" / "model.onnx");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::kCheck);
  EXPECT_NE(result.error().where.find("model.onnx"), std::string::npos);
  EXPECT_TRUE(files().empty());
}

TEST_F(FailureTest, FolderThatCannotBeWritten) {
  const Result<WriteSummary> result = write_model(builder_.model, "/proc/model.onnx");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().fault, Fault::kCheck);
}

TEST_F(FailureTest, FolderInPlaceOfAFile) {
  std::filesystem::create_directory(path());
  EXPECT_EQ(refused(builder_.model).fault, Fault::kCheck);
  EXPECT_EQ(files(), Files{"model.onnx"});
  std::filesystem::remove(path());

  std::filesystem::create_directory(data_path());
  EXPECT_EQ(refused(builder_.model, {.external_data = ExternalData::kAlways}).fault, Fault::kCheck);
  EXPECT_EQ(files(), Files{"model.onnx.data"});
}

TEST_F(FailureTest, MalformedModels) {
  const auto expect_internal = [&](auto spoil) {
    Builder builder;
    builder.output(builder.node("Relu", {builder.input("x")}), "y");
    spoil(builder.model);
    EXPECT_EQ(refused(builder.model).fault, Fault::kInternal);
    EXPECT_TRUE(files().empty());
  };
  expect_internal([](ir::Model& model) { model.graph.nodes[0].inputs[0] = 99; });
  expect_internal([](ir::Model& model) { model.graph.nodes[0].outputs[0] = 99; });
  expect_internal([](ir::Model& model) { model.graph.nodes[0].origin = 99; });
  expect_internal([](ir::Model& model) { model.graph.outputs[0] = 0; });
  expect_internal([](ir::Model& model) { model.graph.inputs[0] = 0; });
  expect_internal([](ir::Model& model) { model.graph.nodes[0].inputs[0] = model.add_value({}); });
  expect_internal([](ir::Model& model) { model.graph.nodes[0].set("t", ir::ConstantPtr()); });
  expect_internal([](ir::Model& model) { model.graph.nodes[0].set("g", std::shared_ptr<ir::Graph>()); });
  expect_internal([](ir::Model& model) { model.graph.outputs[0] = model.add_value({}); });
}

}  // namespace
}  // namespace flowport::write
